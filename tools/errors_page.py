"""Writes docs/look-up/errors.md: every sentence that refuses an input, from the source itself.

python tools/errors_page.py

A sentence that is put together from parts (a likely cause, a cure, what came) is composed here as
the code composes it: names are followed to what is assigned to them, parameters to what callers in
the module give, calls to what the function returns. What cannot be followed is a name in braces.
"""

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perilune.interfaces.quantities import EXAMPLES, wanted

ROOT = Path(__file__).resolve().parents[1]
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
MOST_WAYS = 24
"""A part that can read in more ways than these stays a name in braces."""
DEEPEST = 5
HEAD = """\
# Errors and their cures

Made by `tools/errors_page.py` from the source; do not edit. Every sentence with which Perilune
refuses an input, grouped by the module that says it. Words in braces are filled in. What follows
the semicolon, or the value that a thing "must" have, is the cure. On the command line each comes as
one line on standard error, and the exit code is 2; in Python it is the text of a
`perilune.InputError`. The place (file, table, `--set`) may stand before a sentence, and where a
mission has more mistakes than one, "(And 2 more; see `perilune check`.)" behind it.
"""


@dataclass
class Scope:
    """What names mean in one function of a module, or at its top (`function` None)."""

    tree: ast.Module
    function: ast.FunctionDef | None = None
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    bound: dict[str, ast.expr] = field(default_factory=dict)

    def inside(self, function: ast.FunctionDef, bound: dict | None = None) -> "Scope":
        """The same module, seen from one of its functions, called so."""
        return Scope(self.tree, function, self.functions, bound or {})

    def assigned(self, name: str) -> list[ast.expr]:
        """What a name stands for: what a caller gave, or what is assigned, the innermost first."""
        if name in self.bound:
            return [self.bound[name]]
        for body in (self.function, self.tree):
            nodes = (
                ast.walk(body) if isinstance(body, ast.FunctionDef) else getattr(body, "body", ())
            )
            found = [each for node in nodes for each in _assigned_in(node, name)]
            if found:
                return found
        return []

    def ways_called(self) -> list[dict[str, ast.expr]]:
        """The texts that callers in the module give for the function's parameters, by call."""
        if self.function is None:
            return [{}]
        names = [each.arg for each in self.function.args.args]
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        found = []
        for call in calls:
            if _name(call.func) == self.function.name:
                pairs = [*zip(names, call.args, strict=False)]
                pairs += [(each.arg, each.value) for each in call.keywords]
                found.append({name: value for name, value in pairs if _literal(value)})
        return found or [{}]


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
        if isinstance(node, ast.Call) and _name(node.func) == REASON:
            yield f"`{{key}}` must be {{bound}}, but is {{came}}: {_constant(node.args[0])}."


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
    if isinstance(node, ast.Call) and _name(node.func) in RAISED:
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


def _literal(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr) or bool(_constant(value))


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr | ast.BinOp | ast.Name) or bool(_constant(value))


def _says(words: str) -> bool:
    return bool(SAYING.search(words)) and len(words.split()) > LEAST_WORDS


def expanded(value: ast.expr, scope: Scope, depth: int = 0) -> list[str]:
    """The ways in which a text can read; a name in braces where that cannot be followed."""
    unknown = [f"{{{_filled_in(value)}}}"]
    follow = FOLLOWED.get(type(value))
    if follow is None or depth > DEEPEST:
        return unknown
    ways = list(dict.fromkeys(follow(value, scope, depth + 1)))
    return ways if 0 < len(ways) <= MOST_WAYS else unknown


def _of_constant(value, _scope, _depth):
    return [] if value.value is None or isinstance(value.value, bool) else [str(value.value)]


def _of_joined(value, scope, depth):
    parts = [
        expanded(each.value, scope, depth) if isinstance(each, ast.FormattedValue) else [each.value]
        for each in value.values
    ]
    while len(parts) > 1 and _ways(parts) > MOST_WAYS:  # the part of most ways stays a name
        most = max(range(len(parts)), key=lambda index: len(parts[index]))
        parts[most] = [f"{{{_filled_in(value.values[most].value)}}}"]
    return ["".join(each) for each in itertools.product(*parts)]


def _ways(parts):
    product = 1
    for each in parts:
        product *= len(each)
    return product


def _of_sum(value, scope, depth):
    if not isinstance(value.op, ast.Add):
        return []
    pairs = itertools.product(*(expanded(each, scope, depth) for each in (value.left, value.right)))
    ways = ["".join(each) for each in pairs]
    return ways if all(map(_is_wordy, ways)) else []


def _of_choice(value, scope, depth):
    return [*_of_any([value.body, value.orelse], scope, depth)]


def _of_name(value, scope, depth):
    """Every text assigned; a value that has no words of its own is left a name."""
    ways = _of_any(scope.assigned(value.id), scope, depth)
    unknown = f"{{{value.id.strip('_')}}}"
    return [way if _is_wordy(way) or way.isdigit() or not way else unknown for way in ways]


def _is_wordy(way):
    return bool(re.search(r"[A-Za-z]|[-+]$", re.sub(r"\{\w*…?\}", "", way)))


def _of_any(found, scope, depth):
    """All ways of several values; what cannot be followed in one of them is its own name."""
    return [way for each in found for way in expanded(each, scope, depth) if way != "{None}"]


def _of_call(value, scope, depth):
    called = _name(value.func)
    if called == "wanted":
        return [wanted(unit) for unit in EXAMPLES]
    if called == "format" and isinstance(value.func, ast.Attribute):
        (filled,) = expanded(value.args[0], scope, depth) if value.args else [""]
        return [each.replace("{}", filled) for each in expanded(value.func.value, scope, depth)]
    if called == "next" and isinstance(value.args[0], ast.GeneratorExp):
        return _first_of(value.args[0], scope, depth)
    function = scope.functions.get(called)
    if function is None or isinstance(value.func, ast.Attribute):
        return []
    given = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    ways = _of_any([each for each in given if each is not None], scope.inside(function), depth)
    return ways if all(_is_wordy(way) or not way for way in ways) else []


def _first_of(generator, scope, depth):
    """`next(words for words, is_so in table.items() if is_so)`: any key of the table, or value."""
    (loop,) = generator.generators
    if not (isinstance(loop.target, ast.Tuple) and isinstance(generator.elt, ast.Name)):
        return []
    names = [getattr(each, "id", None) for each in loop.target.elts]
    table = loop.iter.func.value if isinstance(loop.iter, ast.Call) else loop.iter
    held = scope.assigned(getattr(table, "id", "")) or [table]
    if generator.elt.id not in names or not isinstance(held[0], ast.Dict):
        return []
    kept = held[0].keys if names.index(generator.elt.id) == 0 else held[0].values
    return _of_any(kept, scope, depth)


def _of_entry(value, scope, depth):
    """An entry of a table that stands at the module's top: any of them, or the one named."""
    held = scope.assigned(value.value.id) if isinstance(value.value, ast.Name) else []
    if len(held) != 1 or not isinstance(held[0], ast.Dict):
        return []
    return _of_any(held[0].values, scope, depth)


FOLLOWED = {
    ast.Constant: _of_constant,
    ast.JoinedStr: _of_joined,
    ast.BinOp: _of_sum,
    ast.IfExp: _of_choice,
    ast.Name: _of_name,
    ast.Call: _of_call,
    ast.Subscript: _of_entry,
}


def _assigned_in(node: ast.AST, name: str) -> list[ast.expr]:
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return []
    if any(isinstance(each, ast.Name) and each.id == name for each in targets):
        return [node.value]
    for target in targets:  # one, other = "text", f"text"
        if isinstance(target, ast.Tuple):
            names = [getattr(each, "id", None) for each in target.elts]
            if name in names:
                values = node.value.elts if isinstance(node.value, ast.Tuple) else ()
                return [values[names.index(name)]] if values else [node.value]
    return []


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _constant(value: ast.expr) -> str:
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return value.value if is_text else ""  # type: ignore[attr-defined]


def _filled_in(value: ast.expr) -> str:
    """A short name for what is filled in: the last word of a name, or the first name in it."""
    if isinstance(value, ast.Attribute):
        return value.attr.strip("_")
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    return names[-1].strip("_") if names else "…"


def _opening(path: Path) -> str:
    """The first sentence of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
