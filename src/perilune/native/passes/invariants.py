"""What is the same in every turn of a loop is computed once, before it."""

from dataclasses import replace

from perilune.native.program import Block, Constant, Equation, Term, Value, like
from perilune.native.rearrangements import GATHERED, VIEWS

SMALL = 24
"""Putting together an array of up to so many numbers costs nothing."""


def hoist(block: Block) -> Block:
    """The block with what its loops need not compute in every turn in front of them."""
    equations: list[Equation] = []
    for equation in block.equations:
        for inner in equation.blocks:
            hoist(inner)
        if equation.name in ("scan", "while"):
            for number in range(len(equation.blocks)):
                equations += _taken_out(equation, number)
        equations.append(equation)
    block.equations = equations
    return block


def _taken_out(loop: Equation, number: int) -> list[Equation]:
    """Take out of one of a loop's blocks what depends on nothing that changes; gives it."""
    block, consts = loop.blocks[number], loop.parameters["consts"]
    outside: dict[Value, Term] = dict(
        zip(block.parameters[:consts], loop.inputs[:consts], strict=True)
    )
    taken: list[Equation] = []
    worth: list[Value] = []
    kept: list[Equation] = []
    for equation in block.equations:
        is_fixed = all(isinstance(e, Constant) or e in outside for e in equation.inputs)
        if not is_fixed:
            kept.append(equation)
            continue
        inputs = [outside.get(e, e) if isinstance(e, Value) else e for e in equation.inputs]
        outputs = like(equation.outputs)
        copy = replace(equation, inputs=inputs, outputs=outputs)
        outside |= zip(equation.outputs, outputs, strict=True)
        taken.append(copy)
        if _is_cheap(equation):
            kept.append(equation)
        else:
            worth += equation.outputs
    _hand_in(loop, number, [(value, outside[value]) for value in worth])
    block.equations = kept
    return taken


def _is_cheap(equation: Equation) -> bool:
    """Whether it only shows numbers elsewhere: it stays, and costs nothing outside if unused."""
    if equation.name in GATHERED:
        return equation.outputs[0].size <= SMALL or equation.name == "iota"
    return equation.name in VIEWS or equation.name == "split"


def _hand_in(loop: Equation, number: int, values: list[tuple[Value, Term]]) -> None:
    """Give values from outside to one block of a loop, and to its others, which have no use."""
    at = loop.parameters["consts"]
    loop.inputs[at:at] = [term for _, term in values]
    for place, block in enumerate(loop.blocks):
        inner = [value for value, _ in values]
        block.parameters[at:at] = inner if place == number else like(inner)
    loop.parameters["consts"] = at + len(values)
