"""The house's rules on its text: sizes, types, the environment, clean files."""

import ast
import re
import subprocess
import sys

import pytest

from tests.source_tree import MODULES, PACKAGE, ROOT

MODULE_LINES = 300
LOOP_LINES = 150


def tracked_files():
    """The text files of the repository, as git lists them."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix not in {".png", ".npz", ".tif"} and path.exists()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_small_and_opens_with_what_it_knows(path):
    text = path.read_text()
    limit = LOOP_LINES if path.relative_to(PACKAGE).as_posix() == "flight/loop.py" else MODULE_LINES
    assert len(text.splitlines()) <= limit
    assert text.startswith('"""')


def is_annotated(function):
    """Whether each argument and the result of a function has a type."""
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return function.returns is not None and all(
        each is None or each.annotation is not None or each.arg in ("self", "cls")
        for each in arguments
    )


def functions(tree):
    """Every function and method of a module, private ones and those inside others too."""
    return [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]


def test_every_function_is_annotated():
    bare = [
        f"{path.relative_to(PACKAGE)}: {each.name}"
        for path in MODULES
        for each in functions(ast.parse(path.read_text()))
        if not is_annotated(each)
    ]
    assert not bare


@pytest.mark.parametrize(
    "text",
    [
        "def f(a: int): ...",
        "def f(a) -> int: ...",
        "class A:\n    def _f(self): ...",
        "def f() -> int:\n    def g(b): ...",
    ],
)
def test_a_function_without_all_its_types_is_noticed(text):
    assert not all(map(is_annotated, functions(ast.parse(text))))


def annotations(tree):
    """Every annotation of a module: of arguments, of results, of fields."""
    for each in ast.walk(tree):
        if isinstance(each, ast.arg | ast.AnnAssign):
            yield each.annotation
        elif isinstance(each, ast.FunctionDef):
            yield each.returns


ARRAYS = {
    *("numpy.ndarray", "jax.Array", "jax.numpy.ndarray", "jaxtyping.Array"),
    *("jax.typing.ArrayLike", "numpy.typing.ArrayLike", "numpy.typing.NDArray"),
}


def full_names(tree):
    """What each imported name stands for: `np` is numpy, `Array` may be jaxtyping's."""
    names = {}
    for each in ast.walk(tree):
        if isinstance(each, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in each.names}
        elif isinstance(each, ast.ImportFrom):
            named = {alias.asname or alias.name: alias.name for alias in each.names}
            names |= {name: f"{each.module}.{own}" for name, own in named.items()}
    return names


def arrays_without_shape(tree):
    """Arrays in annotations that stand in no shape of jaxtyping, as in `Float[Array, "3"]`."""
    names = full_names(tree)

    def bare(node):
        if isinstance(node, ast.Subscript) and full(node.value).startswith("jaxtyping."):
            return
        if full(node) in ARRAYS:
            yield ast.unparse(node)
        for child in ast.iter_child_nodes(node):
            yield from bare(child)

    def full(node):
        first, dot, rest = ast.unparse(node).partition(".")
        return names.get(first, first) + dot + rest

    return [each for one in annotations(tree) if one is not None for each in bare(one)]


def test_every_array_in_an_annotation_has_a_shape():
    found = {
        path.relative_to(PACKAGE).as_posix(): arrays_without_shape(ast.parse(path.read_text()))
        for path in MODULES
    }
    assert {path: arrays for path, arrays in found.items() if arrays} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("import numpy as np\ndef f(a: np.ndarray) -> None: ...", 1),
        ("from jaxtyping import Array\ndef f(a) -> tuple[Array, Array]: ...", 2),
        ("import jax\nclass A:\n    _a: dict[str, jax.Array]", 1),
        ("from jaxtyping import Array, Float\ndef f(a: Float[Array, '3']) -> None: ...", 0),
        ("from tomlkit.items import Array\ndef f(a: Array) -> None: ...", 0),
    ],
)
def test_an_array_without_a_shape_is_noticed(text, count):
    assert len(arrays_without_shape(ast.parse(text))) == count


READS_THE_ENVIRONMENT = {
    "environment_variables.py": "the folders that a user names",
    "flight/compile_cache.py": "XLA and JAX read theirs in each process that compiles",
    "compiler_flags.py": "XLA takes an option by XLA_FLAGS alone",
    "data/maps/geotiff.py": "GDAL finds its table of units by PROJ_DATA alone",
    "report/terminal_width.py": "the width of the terminal",
}


def names_the_environment(tree):
    """Whether a module uses `os.environ`, `os.getenv` or `os.putenv`, by whatever import."""
    words = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in words)
        or (isinstance(node, ast.alias) and node.name in words)
        for node in ast.walk(tree)
    )


def test_environment_variables_are_read_at_the_front_door_alone():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if names_the_environment(ast.parse(path.read_text()))
    }
    inside_app = {name for name in found if name.startswith("app/")}
    assert found - inside_app == set(READS_THE_ENVIRONMENT)


@pytest.mark.parametrize(
    "text", ["import os\nos.environ['A']", "from os import getenv", "import os as o\no.getenv('A')"]
)
def test_a_module_that_reads_the_environment_is_noticed(text):
    assert names_the_environment(ast.parse(text))


def test_no_tracked_file_names_a_registry_or_a_place_on_one_machine():
    hosts = ["pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "crates" + ".io"]
    places = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/", "/o" + "pt/"]
    anywhere = [re.escape(host) for host in hosts] + [rf"(?<![\w.}}]){place}\w" for place in places]
    pattern = re.compile("|".join(anywhere))
    found = {
        str(path.relative_to(ROOT)): match.group()
        for path in tracked_files()
        if (match := pattern.search(path.read_text(errors="ignore")))
    }
    assert not found


def test_ruff_finds_nothing():
    """Format, lint, and with them the budgets of statements, arguments and branches."""
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["check", "--quiet", "."], ["format", "--check", "--quiet", "."]):
        found = subprocess.run(
            [*ruff, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stdout + found.stderr
