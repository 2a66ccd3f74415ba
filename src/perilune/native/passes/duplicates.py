"""Equal equations of a block are computed once."""

from typing import Any

from perilune.native.program import Block, Constant, Equation, Term, Value, substituted


def without_duplicates(block: Block) -> Block:
    """The block with one of each equation, those of inner blocks among themselves."""
    seen: dict[Any, Equation] = {}
    replacement: dict[Value, Term] = {}
    kept = []
    for equation in block.equations:
        equation.inputs = [
            replacement.get(each, each) if isinstance(each, Value) else each
            for each in equation.inputs
        ]
        if equation.blocks:
            _merge_inputs(equation)
        for inner in equation.blocks:
            without_duplicates(inner)
        key = _key(equation)
        first = equation if key is None else seen.setdefault(key, equation)
        if first is equation:
            kept.append(equation)
        else:
            replacement |= zip(equation.outputs, first.outputs, strict=True)
    block.equations = kept
    return substituted(block, replacement)


def _merge_inputs(equation: Equation) -> None:
    """Hand a value to the blocks of an equation once, where they only read it."""
    begin = 1 if equation.name == "cond" else 0
    end = len(equation.inputs) if begin else equation.parameters["consts"]
    first: dict[Term, int] = {}
    stay = [True] * len(equation.inputs)
    for number in range(begin, end):
        term = equation.inputs[number]
        if first.setdefault(term, number) != number:
            stay[number] = False
            for block in equation.blocks:
                replaced = block.parameters[number - begin], block.parameters[first[term] - begin]
                substituted(block, dict([replaced]))
    for block in equation.blocks:
        pairs = zip(block.parameters, stay[begin:], strict=True)
        block.parameters = [value for value, is_kept in pairs if is_kept]
    equation.inputs = [each for each, is_kept in zip(equation.inputs, stay, strict=True) if is_kept]
    if not begin:
        equation.parameters["consts"] = sum(stay[:end])


def _key(equation: Equation) -> Any:
    """What two equal equations have in common; None for one that holds blocks."""
    if equation.blocks:
        return None
    inputs = tuple(
        (each.array.tobytes(), each.dtype.str, each.shape)
        if isinstance(each, Constant)
        else id(each)
        for each in equation.inputs
    )
    output = equation.outputs[0]
    parameters = tuple(f"{name}={value}" for name, value in sorted(equation.parameters.items()))
    return equation.name, inputs, output.shape, output.dtype.str, parameters
