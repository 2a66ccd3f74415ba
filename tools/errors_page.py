"""Writes docs/look-up/errors.md: every sentence that refuses an input, from the source itself.

python tools/errors_page.py

A sentence that is put together from parts (a likely cause, a cure, what came) is composed as
`tools/composed_texts.py` has it. What cannot be followed is a name in braces.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `tools` is no installed package

from tools.composed_texts import Scope, called_name, constant, expanded  # noqa: E402

SOURCE = ROOT / "src" / "perilune"
PAGE = ROOT / "docs" / "look-up" / "errors.md"
RAISED = {"InputError", "WrongEntryError", "PydanticCustomError", "_refused"}
REASON = "Why"
"""Half a sentence beside a field's bounds: `mission.explain` sets it behind the refusal."""
SAYING = re.compile(
    r"\b(must|cannot|needs?|keeps?|lacks?|holds?|is no|looks like|already|pointer|page)\b|; |, but "
)
"""What a refusal says: in modules that refuse, such a text counts wherever it is put together."""
REFUSING = ("interfaces", "mission", "data", "truth")
TELLING = {
    "campaign/statistics/sequential_test.py",
    "campaign/statistics/paired_tests.py",
    "mission/schema.py",
    "mission/show.py",
    "mission/validation_messages.py",
}
"""Modules whose other sentences tell of results, or are halves: only what they raise counts."""
LEAST_WORDS = 4
HEAD = """\
# Errors and their cures

Made by `tools/errors_page.py` from the source; do not edit. Every sentence with which Perilune
refuses an input, grouped by the module that says it. Words in braces are filled in. What follows
the semicolon, or the value that a thing "must" have, is the cure. On the command line each comes as
one line on standard error, and the exit code is 2; in Python it is the text of a
`perilune.InputError`. The place (file, table, `--set`) may stand before a sentence, and where a
mission has more mistakes than one, "(And 2 more; see `perilune check`.)" behind it.
"""


def page() -> str:
    """The whole page as text."""
    parts = []
    for path in sorted(SOURCE.rglob("*.py")):
        found = sorted(set(sentences(path)))
        if found:
            name = path.relative_to(SOURCE).as_posix()
            rows = "".join(f"- {sentence}\n" for sentence in found)
            parts.append(f"\n## `{name}`\n\n{_opening(path)}\n\n{rows}")
    return HEAD + "".join(parts)


def sentences(path: Path) -> Iterator[str]:
    """The templates of a module's refusals, each a whole sentence.

    Texts handed to an error, and in a module that refuses also those that a function returns,
    yields or keeps by a name until it does.
    """
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    name = path.relative_to(SOURCE)
    refuses = any(each in text for each in RAISED) or name.parts[0] in REFUSING
    refuses = refuses and name.parts[0] != "report" and name.as_posix() not in TELLING
    functions = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    top = Scope(tree, None, functions)
    for scope, node in _nodes(top, tree):
        for given, sure in _given(node, refuses):
            for words in expanded(given, scope):
                whole = _whole(" ".join(words.split("\n")), sure)
                if whole:
                    yield whole
        if isinstance(node, ast.Call) and called_name(node.func) == REASON:
            yield f"`{{key}}` must be {{bound}}, but is {{came}}: {constant(node.args[0])}."


def _nodes(scope: Scope, node: ast.AST) -> Iterator[tuple[Scope, ast.AST]]:
    """Every node below one, with the innermost function that it stands in."""
    for child in ast.iter_child_nodes(node):
        scopes = [scope]
        if isinstance(child, ast.FunctionDef):
            inside = scope.inside(child)
            scopes = [scope.inside(child, bound) for bound in inside.ways_called()]
        for here in scopes:
            yield here, child
            yield from _nodes(here, child)


def _whole(words: str, sure: bool) -> str | None:
    """A text as a sentence; None for what is none: a part of one, or no refusal."""
    if len(words.split()) < LEAST_WORDS or not (sure or _says(words)):
        return None
    if not sure:
        return words if words.endswith(".") and words[0] not in " ;,(" else None
    start = "`{key}` " if words.startswith("must ") else ""
    ends = (".", "?", ")") if start else (".", "?", ")", "}")
    return f"{start}{words}" if words.endswith(ends) else f"{start}{words}."


def _given(node: ast.AST, refuses: bool) -> Iterator[tuple[ast.expr, bool]]:
    """Expressions that may be a refusal's text, and whether they surely are."""
    if isinstance(node, ast.Call) and called_name(node.func) in RAISED:
        yield from ((each, True) for each in node.args if _is_text(each))
    elif refuses and isinstance(node, ast.Return | ast.Yield | ast.Assign | ast.AnnAssign):
        yield from ((each, False) for each in _texts(node.value))


def _texts(value: ast.expr | None) -> Iterator[ast.expr]:
    """The texts in a value: itself, either branch of a choice, entries of a list."""
    if isinstance(value, ast.IfExp):
        yield from (*_texts(value.body), *_texts(value.orelse))
    elif isinstance(value, ast.List | ast.Tuple):
        for each in value.elts:
            yield from _texts(each)
    elif isinstance(value, ast.Dict):
        for each in value.values:
            yield from _texts(each)
    elif value is not None and _is_text(value):
        yield value


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr | ast.BinOp | ast.Name) or bool(constant(value))


def _says(words: str) -> bool:
    return bool(SAYING.search(words)) and len(words.split()) > LEAST_WORDS


def _opening(path: Path) -> str:
    """The first sentence of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
