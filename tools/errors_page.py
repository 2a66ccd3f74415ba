"""Writes docs/look-up/errors.md: every sentence that refuses an input, from the source itself.

python tools/errors_page.py
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "perilune"
PAGE = ROOT / "docs" / "look-up" / "errors.md"
RAISED = {"InputError", "WrongEntryError", "PydanticCustomError"}
YIELDING = ("mission/contradictions.py", "mission/problems.py")
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
    """The templates of a module's refusals: texts handed to an error, or yielded by a check."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yields = path.relative_to(SOURCE).as_posix() in YIELDING
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and _name(node.func) in RAISED:
            texts = list(node.args)
        elif yields and isinstance(node, ast.Yield) and node.value:
            texts = [node.value]
        for text in texts:
            words = _template(text)
            if words and len(words.split()) >= LEAST_WORDS:
                yield words


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
