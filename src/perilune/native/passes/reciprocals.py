"""Arrays divided by one number, or by known ones, are multiplied by its reciprocal.

A division takes a processor as long as some ten products. Like the rule of `contraction`, this one
looks at a division and the equation that gave its divisor, and at nothing else. A quotient so made
may be off by one unit of the last place more. Single numbers are divided as they are, but by
constants of an array's formula.
"""

import numpy as np

from perilune.native.program import Block, Constant, Equation, Term, Value

LARGEST = 1e300
"""Of a known divisor and its inverse: beyond it a reciprocal may lose digits."""


def multiply_by_reciprocals(block: Block) -> Block:
    """The block with products in place of divisions of arrays by one number."""
    producers = {equation.outputs[0]: equation for equation in block.equations}
    known: dict[Value, Value] = {}
    equations: list[Equation] = []
    for equation in block.equations:
        for inner in equation.blocks:
            multiply_by_reciprocals(inner)
        equations += _multiplied(equation, producers, known)
    block.equations = equations
    return block


def _multiplied(
    equation: Equation, producers: dict[Value, Equation], known: dict[Value, Value]
) -> list[Equation]:
    output = equation.outputs[0]
    if equation.name != "div" or output.dtype.kind != "f" or output.size < 2:
        return [equation]
    number, divisor = equation.inputs
    if isinstance(divisor, Constant):
        reciprocal = _reciprocal(divisor)
        made = [] if reciprocal is None else [_product(number, reciprocal, output)]
        return made or [equation]
    source = _single(divisor, producers)
    if not isinstance(source, Value) or source.size == output.size:
        return [equation]
    before: list[Equation] = []
    if divisor not in known:
        known[divisor], before = _inverted(divisor, source, producers)
    return [*before, _product(number, known[divisor], output)]


def _single(divisor: Value, producers: dict[Value, Equation]) -> Term:
    """What a divisor repeats, if it does; else itself."""
    spread = producers.get(divisor)
    return spread.inputs[0] if spread and spread.name == "broadcast_in_dim" else divisor


def _inverted(
    divisor: Value, source: Value, producers: dict[Value, Equation]
) -> tuple[Value, list[Equation]]:
    """The reciprocal in place of a divisor, and the equations that make it."""
    one = Constant(np.ones(source.shape, source.dtype))
    small = Value(source.shape, source.dtype)
    made = [Equation("div", [one, source], [small])]
    if source is divisor:
        return small, made
    spread, wide = producers[divisor], Value(divisor.shape, divisor.dtype)
    repeat = Equation(spread.name, [small, *spread.inputs[1:]], [wide], spread.parameters)
    return wide, [*made, repeat]


def _product(number: Term, factor: Term, output: Value) -> Equation:
    return Equation("mul", [number, factor], [output])


def _reciprocal(divisor: Constant) -> Constant | None:
    size = np.abs(divisor.array)
    if not np.all((size < LARGEST) & (size > 1.0 / LARGEST)):
        return None
    return Constant(np.asarray(1.0 / divisor.array, divisor.dtype))
