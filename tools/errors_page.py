"""Writes docs/look-up/errors.md: every sentence that refuses an input, from the source itself.

python tools/errors_page.py
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "perilune"
PAGE = ROOT / "docs" / "look-up" / "errors.md"
RAISED = {"InputError", "WrongEntryError", "PydanticCustomError", "Why", "_refused"}
SAYING = re.compile(
    r"\b(must|cannot|needs?|keeps?|lacks?|holds?|is no|looks like|already|pointer|page)\b|; |, but "
)
"""What a refusal says: in modules that refuse, such a text counts wherever it is put together."""
REFUSING = ("mission", "truth")
LEAST_WORDS = 4
HEAD = """\
# Errors and their cures

Made by `tools/errors_page.py` from the source; do not edit. Every sentence with which Perilune
refuses an input, grouped by the module that says it. Words in braces are filled in. What follows
the semicolon, or the value that a thing "must" have, is the cure. On the command line each comes as
one line on standard error, and the exit code is 2; in Python it is the text of a
`perilune.InputError`.
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
    """The templates of a module's refusals.

    Texts handed to an error, and in a module that refuses also those that a function returns,
    yields or keeps by a name until it does.
    """
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    room = path.relative_to(SOURCE).parts[0]
    refuses = any(name in text for name in RAISED) or room in REFUSING
    for node in ast.walk(tree):
        for given, sure in _given(node, refuses and room != "report"):
            words = _template(given)
            if words and len(words.split()) >= LEAST_WORDS and (sure or _says(words)):
                yield words


def _given(node: ast.AST, refuses: bool) -> Iterator[tuple[ast.expr, bool]]:
    """Expressions that may be a refusal's text, and whether they surely are."""
    if isinstance(node, ast.Call) and _name(node.func) in RAISED:
        yield from ((each, True) for each in node.args)
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
    elif value is not None:
        yield value


def _says(words: str) -> bool:
    return bool(SAYING.search(words)) and len(words.split()) > LEAST_WORDS


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _template(text: ast.expr) -> str | None:
    """A text with what is filled in named in braces; None where it is no text."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return _safe(text.value)
    if isinstance(text, ast.JoinedStr):
        return "".join(_part(each) for each in text.values)
    if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
        return "".join(filter(None, (_template(text.left), _template(text.right))))
    return None


def _part(piece: ast.expr) -> str:
    if isinstance(piece, ast.FormattedValue):
        return f"{{{_filled_in(piece.value)}}}"
    return _template(piece) or ""


def _filled_in(value: ast.expr) -> str:
    """A short name for what is filled in: the last word of a name, or the first name in it."""
    if isinstance(value, ast.Attribute):
        return value.attr.strip("_")
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    return names[-1].strip("_") if names else "…"


def _safe(text: str) -> str:
    """One line of a list."""
    return " ".join(text.split("\n"))


def _opening(path: Path) -> str:
    """The first sentence of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
