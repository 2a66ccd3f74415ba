"""What no result needs is left out, through loops and branches; what a loop only hands on too."""

from collections.abc import Sequence
from typing import TypeVar

from perilune.native.program import Block, Equation, Term, Value, substituted

Each = TypeVar("Each")


def without_dead_code(block: Block) -> Block:
    """The block with only those equations, carried values and inputs that its results need."""
    return _pruned(block, [True] * len(block.results))


def _pruned(block: Block, wanted: Sequence[bool]) -> Block:
    """Drop what is needed by none of the `wanted` results; parameters stay as they are."""
    block.results = _chosen(block.results, wanted)
    live = _values(block.results)
    kept = []
    for equation in reversed(block.equations):
        flags = [each in live for each in equation.outputs]
        if any(flags):
            _PRUNE.get(equation.name, _keep)(equation, flags)
            live |= _values(equation.inputs)
            kept.append(equation)
    block.equations = kept[::-1]
    return block


def _keep(_equation: Equation, _wanted: Sequence[bool]) -> None:
    pass


def _needed(block: Block, wanted: Sequence[bool]) -> list[bool]:
    """Which parameters the wanted results need."""
    live = _values(_chosen(block.results, wanted))
    for equation in reversed(block.equations):
        flags = [each in live for each in equation.outputs]
        if any(flags):
            taken = _TAKEN[equation.name](equation, flags) if equation.blocks else None
            live |= _values(equation.inputs if taken is None else _chosen(equation.inputs, taken))
    return [each in live for each in block.parameters]


def _scan_needs(equation: Equation, wanted: Sequence[bool]) -> list[bool]:
    """Which inputs of a scan the wanted outputs need; a carried value by what it turns into."""
    (body,), at, end = equation.blocks, *_carried(equation)
    flags = list(wanted)
    while True:
        needed = _needed(body, flags)
        carried = [a or b for a, b in zip(flags[: end - at], needed[at:end], strict=True)]
        if carried == flags[: end - at]:
            return [*needed[:at], *carried, *needed[end:]]
        flags[: end - at] = carried


def _while_needs(equation: Equation, wanted: Sequence[bool]) -> list[bool]:
    (condition, body), at, end = equation.blocks, *_carried(equation)
    asked = _needed(condition, [True])
    carried = [a or b for a, b in zip(wanted, asked[at:end], strict=True)]
    while True:
        needed = [a or b for a, b in zip(_needed(body, carried), asked, strict=True)]
        more = [a or b for a, b in zip(carried, needed[at:end], strict=True)]
        if more == carried:
            return [*needed[:at], *carried]
        carried = more


def _cond_needs(equation: Equation, wanted: Sequence[bool]) -> list[bool]:
    needs = [_needed(each, wanted) for each in equation.blocks]
    return [True, *(any(flags) for flags in zip(*needs, strict=True))]


def _prune_scan(equation: Equation, wanted: Sequence[bool]) -> None:
    (body,), at, end = equation.blocks, *_carried(equation)
    needs = _scan_needs(equation, wanted)
    flags = [*needs[at:end], *wanted[end - at :]]
    body.parameters = _chosen(body.parameters, needs)
    _pruned(body, flags)
    equation.outputs = _chosen(equation.outputs, flags)
    _drop_inputs(equation, needs)
    _hand_on(equation)


def _prune_while(equation: Equation, wanted: Sequence[bool]) -> None:
    at, end = _carried(equation)
    needs = _while_needs(equation, wanted)
    for block, flags in zip(equation.blocks, ([True], needs[at:end]), strict=True):
        block.parameters = _chosen(block.parameters, needs)
        _pruned(block, flags)
    equation.outputs = _chosen(equation.outputs, needs[at:end])
    _drop_inputs(equation, needs)
    _hand_on(equation)


def _prune_cond(equation: Equation, wanted: Sequence[bool]) -> None:
    needs = _cond_needs(equation, wanted)
    for block in equation.blocks:
        block.parameters = _chosen(block.parameters, needs[1:])
        _pruned(block, wanted)
    equation.inputs = _chosen(equation.inputs, needs)
    equation.outputs = _chosen(equation.outputs, wanted)


_TAKEN = {"scan": _scan_needs, "while": _while_needs, "cond": _cond_needs}
_PRUNE = {"scan": _prune_scan, "while": _prune_while, "cond": _prune_cond}


def _hand_on(equation: Equation) -> None:
    """A value that every turn of a loop hands on as it was becomes a constant of the loop."""
    body, (at, end) = equation.blocks[-1], _carried(equation)
    same = [body.results[i] is body.parameters[at + i] for i in range(end - at)]
    order = [*range(at), *(at + i for i in range(end - at) if same[i])]
    consts = len(order)
    order += [*(at + i for i in range(end - at) if not same[i]), *range(end, len(equation.inputs))]
    equation.parameters |= {"consts": consts, "carry": end - consts}
    handed = {equation.outputs[i]: equation.inputs[at + i] for i in range(end - at) if same[i]}
    equation.inputs = [equation.inputs[i] for i in order]
    for block in equation.blocks:
        block.parameters = [block.parameters[i] for i in order]
    changed = [not each for each in same] + [True] * (len(equation.outputs) - len(same))
    body.results = _chosen(body.results, changed)
    equation.outputs = _chosen(equation.outputs, changed)
    equation.parameters["handed"] = handed


def settle_handed(block: Block) -> Block:
    """Read what loops only handed on from where it came from."""
    replacement: dict[Value, Term] = {}
    for equation in block.equations:
        for inner in equation.blocks:
            settle_handed(inner)
        for output, given in equation.parameters.pop("handed", {}).items():
            replacement[output] = replacement.get(given, given)
    return substituted(block, replacement) if replacement else block


def _drop_inputs(equation: Equation, needs: Sequence[bool]) -> None:
    at, end = _carried(equation)
    equation.inputs = _chosen(equation.inputs, needs)
    equation.parameters |= {"consts": sum(needs[:at]), "carry": sum(needs[at:end])}


def _carried(equation: Equation) -> tuple[int, int]:
    """Where the carried values of a loop begin and end among its inputs."""
    consts = equation.parameters["consts"]
    return consts, consts + equation.parameters["carry"]


def _chosen(items: Sequence[Each], flags: Sequence[bool]) -> list[Each]:
    return [each for each, is_chosen in zip(items, flags, strict=True) if is_chosen]


def _values(terms: Sequence[Term]) -> set[Value]:
    return {each for each in terms if isinstance(each, Value)}
