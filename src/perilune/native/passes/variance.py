"""Which values may differ from lane to lane."""

from collections.abc import Sequence

from perilune.native.program import Block, Equation


def mark_varying(block: Block, flags: Sequence[bool]) -> list[bool]:
    """Mark every value of a block whose parameters vary by `flags`; gives which results vary."""
    for value, flag in zip(block.parameters, flags, strict=True):
        value.varying = flag
    for equation in block.equations:
        mark = _MARKS.get(equation.name, _any)
        marks = mark(equation, [each.varying for each in equation.inputs])
        for value, flag in zip(equation.outputs, marks, strict=True):
            value.varying = flag
    return [each.varying for each in block.results]


def _any(equation: Equation, inputs: Sequence[bool]) -> list[bool]:
    return [any(inputs)] * len(equation.outputs)


def _any_lane(_equation: Equation, _inputs: Sequence[bool]) -> list[bool]:
    return [False]


def _scan(equation: Equation, inputs: Sequence[bool]) -> list[bool]:
    (body,), consts = equation.blocks, equation.parameters["consts"]
    end = consts + equation.parameters["carry"]
    carried = list(inputs[consts:end])
    while True:
        results = mark_varying(body, [*inputs[:consts], *carried, *inputs[end:]])
        more = [a or b for a, b in zip(carried, results, strict=False)]
        if more == carried:
            return [*carried, *results[len(carried) :]]
        carried = more


def _while(equation: Equation, inputs: Sequence[bool]) -> list[bool]:
    """Where the condition varies, lanes leave the loop apart, and all that it carries varies."""
    (condition, body), consts = equation.blocks, equation.parameters["consts"]
    carried = list(inputs[consts:])
    while True:
        flags = [*inputs[:consts], *carried]
        (varies,) = mark_varying(condition, flags)
        results = mark_varying(body, flags)
        more = [a or b or varies for a, b in zip(carried, results, strict=True)]
        if more == carried:
            equation.parameters["varying"] = varies
            return carried
        carried = more


def _cond(equation: Equation, inputs: Sequence[bool]) -> list[bool]:
    results = [mark_varying(each, inputs[1:]) for each in equation.blocks]
    return [inputs[0] or any(flags) for flags in zip(*results, strict=True)]


_MARKS = {"any_lane": _any_lane, "scan": _scan, "while": _while, "cond": _cond}
