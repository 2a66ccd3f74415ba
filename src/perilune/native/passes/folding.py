"""What is known when a program is compiled is computed then, in loops and branches too."""

from collections.abc import Callable

import numpy as np

from perilune.native.operations import OPERATIONS, folded
from perilune.native.program import Block, Constant, Equation, Numbers, Term, Value
from perilune.native.rearrangements import GATHERED, VIEWS, split_slices

REARRANGEMENTS = {**VIEWS, **GATHERED}
LARGEST = 4096
"""Larger arrays are left to be computed."""


def fold(block: Block, given: dict[Value, Term] | None = None) -> Block:
    """The block with known values in place of equations, `given` ones among its parameters."""
    known: dict[Value, Term] = dict(given or {})
    kept: list[Equation] = []

    def read(term: Term) -> Term:
        return known.get(term, term) if isinstance(term, Value) else term

    def visit(equation: Equation) -> None:
        equation.inputs = [read(each) for each in equation.inputs]
        if equation.name == "cond" and isinstance(equation.inputs[0], Constant):
            _take_branch(equation, visit, known)
            return
        if equation.blocks:
            _INTO[equation.name](equation)
        values = _values(equation)
        if values is None:
            kept.append(equation)
        else:
            known.update(zip(equation.outputs, map(Constant, values), strict=True))

    for equation in block.equations:
        visit(equation)
    block.equations = kept
    block.results = [read(each) for each in block.results]
    return block


def _take_branch(
    equation: Equation, visit: Callable[[Equation], None], known: dict[Value, Term]
) -> None:
    number = int(np.clip(int(equation.inputs[0].array), 0, len(equation.blocks) - 1))  # type: ignore[union-attr]
    branch = equation.blocks[number]
    known.update(zip(branch.parameters, equation.inputs[1:], strict=True))
    for inner in branch.equations:
        visit(inner)
    for output, result in zip(equation.outputs, branch.results, strict=True):
        known[output] = known.get(result, result) if isinstance(result, Value) else result


def _into_loop(equation: Equation) -> None:
    """Constants of a loop that are known become part of its blocks."""
    consts = equation.parameters["consts"]
    given = equation.inputs[:consts]
    stay = [not isinstance(each, Constant) for each in given]
    for block in equation.blocks:
        fold(block, _known(block.parameters[:consts], given))
        block.parameters[:consts] = [p for p, s in zip(block.parameters, stay, strict=False) if s]
    equation.inputs[:consts] = [each for each, s in zip(given, stay, strict=True) if s]
    equation.parameters["consts"] = sum(stay)


def _into_branches(equation: Equation) -> None:
    given = equation.inputs[1:]
    stay = [not isinstance(each, Constant) for each in given]
    for block in equation.blocks:
        fold(block, _known(block.parameters, given))
        block.parameters = [p for p, s in zip(block.parameters, stay, strict=True) if s]
    equation.inputs[1:] = [each for each, s in zip(given, stay, strict=True) if s]


_INTO = {"scan": _into_loop, "while": _into_loop, "cond": _into_branches}


def _known(parameters: list[Value], given: list[Term]) -> dict[Value, Term]:
    pairs = zip(parameters, given, strict=True)
    return {value: term for value, term in pairs if isinstance(term, Constant)}


def _values(equation: Equation) -> list[Numbers] | None:
    """The outputs of an equation whose inputs are known; None where that is not to be had."""
    arrays = [each.array for each in equation.inputs if isinstance(each, Constant)]
    is_known = len(arrays) == len(equation.inputs)
    if not is_known or any(each.size > LARGEST for each in equation.outputs):
        return None
    name, output, params = equation.name, equation.outputs[0], equation.parameters
    if name == "split":
        return [np.array(arrays[0][s]) for s in split_slices(arrays[0].shape, params)]
    if name == "any_lane":
        return arrays
    value = None
    if name in REARRANGEMENTS:
        value = REARRANGEMENTS[name](arrays, params, output.shape)
    elif name in OPERATIONS:
        value = folded(name, arrays, output.dtype)
    return None if value is None else [np.array(np.broadcast_to(value, output.shape), order="C")]
