"""The ways in which a text of a module can read, by following its parts through the source.

Names are followed to what is assigned to them, parameters to what callers in the module give, calls
to what the function returns. What cannot be followed is a name in braces.
"""

import ast
import itertools
import re
from dataclasses import dataclass, field

from perilune.interfaces.quantities import EXAMPLES, wanted

MOST_WAYS = 24
"""A part that can read in more ways than these stays a name in braces."""
DEEPEST = 5


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
            if called_name(call.func) == self.function.name:
                pairs = [*zip(names, call.args, strict=False)]
                pairs += [(each.arg, each.value) for each in call.keywords]
                found.append({name: value for name, value in pairs if _literal(value)})
        return found or [{}]


def _literal(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr) or bool(constant(value))


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
    called = called_name(value.func)
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


def called_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def constant(value: ast.expr) -> str:
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return value.value if is_text else ""  # type: ignore[attr-defined]


def _filled_in(value: ast.expr) -> str:
    """A short name for what is filled in: the last word of a name, or the first name in it."""
    if isinstance(value, ast.Attribute):
        return value.attr.strip("_")
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    return names[-1].strip("_") if names else "…"
