"""The house's rules that a machine can guard: imports, the wall, names, sizes, clean text."""

import ast
import collections.abc
import dataclasses
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import equinox
import jax
import numpy as np
import pydantic
import pytest

import perilune
from perilune.mechanics.si_units import unit_of

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "perilune"
MODULES = sorted(PACKAGE.rglob("*.py"))

MODULE_LINES = 300
LOOP_LINES = 150

# Numbers that have no unit, by what they are. A name joins the list with its reason, or ends in
# a unit, `_fraction`, `_factor` or `_count`.
WITHOUT_A_UNIT = {
    r"([a-z]+_)*[a-z]+_from_[a-z]+": "a rotation: unit quaternion or matrix",
    r"([a-z]+_)*(direction|normal|boresight|beam|downrange|up|aim)(_[a-z]+)?": "a unit vector",
    r"([a-z]+_)*(valid|used|closed|touched|entered|mask|present|on|due)": "yes or no",
    r"([a-z]+_)*throttle": "the fraction of full thrust, by its usual name",
    r"([a-z]+_)*degree": "degree and order of a gravity field, a whole number",
    r"([a-z]+_)*(covariance|sigma)": "of a state whose parts have different units, in SI",
    r"([a-z]+_)*fractions": "several fractions, each beside its name",
    r"[a-z]+_per_[a-z]+": "one named thing per another, both in SI",
    r"law|attitude|pace|(event|ignition)_phases?": "whole numbers: places in a list",
    r"figures": "several numbers, each beside its name, which has its unit",
    r"value|slope|variance|innovation|gate": "of a scalar measurement, in its sensor's unit",
    r"bias|walk|limit|quantum": "of a triad, gyros or accelerometers, in the unit it measures",
    r"cosine|sine|c20": "normalised coefficients of a spherical harmonic series",
    r"row_values|terms": "rows whose class states what each column is, in SI",
    r"lines|first_column": "whole numbers: lines and columns of a text",
    r"coefficients": "of a series whose class states the unit of its sum",
    r"day": "whole days of an instant, beside its `second_s`",
    r"shape|source|schema": "whole numbers: rows and columns, an index, a version",
    r"mode|phase|tick|outcome|clock": "whole numbers: a state of a machine, a count of the clock",
    r"seed|run|key": "whole numbers that name a flight",
    r"consistency": "squared errors over their variance",
    r"normals|uniforms|chance": "of a signal: standard normal or uniform draws, or their shapes",
    r"[abc]": "matrices of a linear system; their class states its state and order",
    r"[a-z]+(_[a-z]+)*_db": "a ratio of amplitudes in decibels",
    r"faults|biases|bias_states|error_units": "by name, which ends in a unit",
    r"imu_in_use|powered|coasting": "yes or no",
    r"size|map_bias": "whole numbers: how many components, a place among the filter's errors",
    r"[a-z]+_gradient_[a-z]+": "metres per metre",
    r"margin": "of a criterion, in the unit its name ends in",
    r"(cycle|frame)(s|_rows)": "whole numbers: places in a table",
    r"runs|clean|flown(_clean)?|most|workers|core|batch_size": "whole numbers: flights, processes",
    r"require|probability|confidence|lo|hi": "probabilities, between 0 and 1",
    r"rank|ranks|part|left|score|p|inflation|log_density": "of a statistic, which has no unit",
    r"nodata|number_(scale|offset)": "of numbers as stored in a map file, as such files say",
    r"nodes": "of a lattice, compressed by asinh",
    r"batches": "by first run, a whole number",
    r"mirrors": "whole numbers: sums of row numbers that face each other across a pole",
    r"first|step": "of an axis of pixels, in the unit of its coordinate",
    r"nominal|low|high|values|scale": "of a drawn value, in the unit of its path",
    r"kind|address|name|active|place|cut|mix|edges|weights|correlation": (
        "of a row of dispersions: whole numbers, chances, correlations"
    ),
}


def lint_imports(source):
    """Run the contracts of pyproject.toml on the package below a source folder."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import importlinter.cli as c; raise SystemExit(c.lint_imports(no_cache=True))",
        ],
        cwd=ROOT,
        env={"PYTHONPATH": str(source), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def modules_of(package):
    """Every module below a package, imported."""
    names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [importlib.import_module(name) for name in names]


def data_classes():
    """Every class of ours that holds data, with each of its fields and the field's type.

    The report is left out: an axis of a figure carries its unit in its title. So are the models of
    `campaign.json`: a statistic is in the unit of the figure or input that is named beside it.
    """
    modules = [m for m in modules_of(perilune) if not m.__name__.startswith("perilune.report")]
    for module in modules:
        if module.__name__.endswith(("_document", "_documents")):
            continue
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ != module.__name__:
                continue
            if issubclass(cls, pydantic.BaseModel):
                names = list(cls.model_fields)
            elif issubclass(cls, equinox.Module) or dataclasses.is_dataclass(cls):
                names = [field.name for field in dataclasses.fields(cls)]
            else:
                continue
            hints = typing.get_type_hints(cls)
            yield from ((cls, name, hints[name]) for name in names)


def is_number(hint):
    """Whether a field of this type holds numbers (a bool is none)."""
    if hint in {float, int, complex, jax.Array, np.ndarray}:
        return True
    if typing.get_origin(hint) in {typing.Literal, collections.abc.Callable}:
        return False
    if hasattr(hint, "array_type"):
        return True
    return any(is_number(inner) for inner in typing.get_args(hint))


def names_its_unit(name):
    """Whether a name ends in a unit or is listed as having none."""
    try:
        unit_of(name)
    except LookupError:
        return any(re.fullmatch(pattern, name) for pattern in WITHOUT_A_UNIT)
    return True


def tracked_files():
    """The text files of the repository, as git lists them."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix not in {".png", ".npz", ".tif"} and path.exists()]


def test_no_arrow_points_up_and_none_crosses_the_wall():
    done = lint_imports(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("onboard", "perilune.truth"),
        ("truth", "perilune.onboard"),
        ("mission", "perilune.truth"),
        ("mechanics", "perilune.interfaces"),
        ("flight", "perilune.onboard.memory"),
    ],
)
def test_a_hole_in_the_wall_is_noticed(tmp_path, room, forbidden):
    shutil.copytree(PACKAGE, tmp_path / "perilune")
    with (tmp_path / "perilune" / room / "hole.py").open("w") as hole:
        hole.write(f"import {forbidden}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert f"perilune.{room}.hole -> {forbidden}" in done.stdout


def test_the_flight_software_loads_where_there_is_no_truth():
    blind = """
import importlib, pkgutil, sys
for room in ("truth", "mission", "design", "flight"):
    sys.modules["perilune." + room] = None
import perilune.onboard
found = list(pkgutil.walk_packages(perilune.onboard.__path__, "perilune.onboard."))
for module in found:
    importlib.import_module(module.name)
print(len(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", blind], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_a_flight_knows_nothing_of_the_flight_software_but_its_port_and_its_upload():
    """What the contract cannot say: that a new module of `onboard` is not reached either."""
    allowed = {"perilune.onboard.port", "perilune.onboard.upload"}
    reached = {
        name
        for path in (PACKAGE / "flight").glob("*.py")
        for name in imported_names(ast.parse(path.read_text()))
        if name.startswith("perilune.onboard")
    }
    assert reached
    assert not {
        name for name in reached if not any(f"{name}.".startswith(f"{port}.") for port in allowed)
    }


def imported_names(tree):
    """Every module, or name of one, that a source file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_number_in_a_data_class_names_its_unit():
    numbers = [(cls, name) for cls, name, hint in data_classes() if is_number(hint)]
    nameless = [
        f"{cls.__module__}.{cls.__name__}.{name}"
        for cls, name in numbers
        if not names_its_unit(name)
    ]
    assert len(numbers) > 100
    assert not nameless, "end these in a unit, or list why they have none: " + ", ".join(nameless)


@pytest.mark.parametrize("name", ["height", "velocity_site", "mass_pounds", "thrust_kn", "speed"])
def test_a_number_that_names_no_unit_is_refused(name):
    assert not names_its_unit(name)


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


def public_functions(tree, inside=""):
    """(name, function) of each function and method of a module that others may call."""
    for each in tree.body:
        if isinstance(each, ast.ClassDef) and each.name[0] != "_":
            yield from public_functions(each, f"{each.name}.")
        elif isinstance(each, ast.FunctionDef) and (each.name[0] != "_" or each.name[:2] == "__"):
            yield inside + each.name, each


def test_every_public_function_is_annotated():
    bare = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in MODULES
        for name, each in public_functions(ast.parse(path.read_text()))
        if not is_annotated(each)
    ]
    assert not bare


@pytest.mark.parametrize("text", ["def f(a: int): ...", "def f(a) -> int: ...", "def f(): ..."])
def test_a_function_without_all_its_types_is_noticed(text):
    assert not is_annotated(ast.parse(text).body[0])


MOST_BY_PLACE = 5


def test_a_record_of_six_fields_and_more_is_constructed_by_keyword():
    by_place = {
        f"{cls.__module__}.{cls.__name__}"
        for cls in {cls for cls, _, _ in data_classes() if dataclasses.is_dataclass(cls)}
        if sum(not each.kw_only for each in dataclasses.fields(cls)) > MOST_BY_PLACE
    }
    assert not by_place


READS_THE_ENVIRONMENT = {
    "environment_variables.py": "the folders that a user names",
    "flight/compile_cache.py": "XLA and JAX read theirs in each process that compiles",
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


def test_every_folder_of_modules_is_a_package_that_the_contracts_see():
    folders = {path.parent for path in MODULES}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]


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
