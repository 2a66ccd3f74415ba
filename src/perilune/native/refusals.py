"""What the native compiler has no row for, found before anything is compiled."""

from collections.abc import Callable, Mapping

import numpy as np
from jax.lax import GatherScatterMode

from perilune.native.assembly import BOOL, TYPES
from perilune.native.formulas import BY_NUMBER
from perilune.native.functions import FUNCTIONS
from perilune.native.operations import OPERATIONS
from perilune.native.program import Block, Equation, UnknownPrimitiveError
from perilune.native.rows import ROWS


def refuse_unknown(block: Block) -> None:
    """Raise `UnknownPrimitiveError`, which names it, for what no row of the tables stands for."""
    _refuse_types("an input", [each.dtype for each in block.parameters])
    _refuse_types("a result", [each.dtype for each in block.results])
    for equation in block.walk():
        terms = (*equation.inputs, *equation.outputs)
        _refuse_types(equation.name, [each.dtype for each in terms])
        if equation.name not in BY_NUMBER and equation.name not in ROWS:
            raise UnknownPrimitiveError(f"the primitive {equation.name}")
        reason = _USES.get(equation.name, _function)(equation)
        if reason is not None:
            raise UnknownPrimitiveError(f"the primitive {equation.name} {reason}")


def _refuse_types(what: str, dtypes: list[np.dtype]) -> None:
    for dtype in dtypes:
        if dtype not in TYPES:
            raise UnknownPrimitiveError(f"numbers of type {dtype}, of {what}")


def _function(equation: Equation) -> str | None:
    name, dtype = equation.name, equation.outputs[0].dtype if equation.outputs else BOOL
    is_known = name in OPERATIONS or name in ROWS or (name, dtype.name) in FUNCTIONS
    return None if is_known else f"of {dtype}"


def _scatter(equation: Equation) -> str | None:
    if equation.parameters["dimension_numbers"].operand_batching_dims:
        return "in batches"
    is_clip = equation.parameters["mode"] == GatherScatterMode.CLIP
    return "that moves places into bounds" if is_clip else None


def _pad(equation: Equation) -> str | None:
    takes_away = any(min(each) < 0 for each in equation.parameters["padding_config"])
    return "by less than nothing" if takes_away else None


def _bitcast(equation: Equation) -> str | None:
    sizes = {each.dtype.itemsize for each in (*equation.inputs, *equation.outputs)}
    return "to a type of another size" if len(sizes) > 1 else None


def _dot_general(equation: Equation) -> str | None:
    dtypes = {each.dtype for each in (*equation.inputs, *equation.outputs)}
    return (
        f"of {', '.join(sorted(map(str, dtypes)))}" if len(dtypes) > 1 or BOOL in dtypes else None
    )


_USES: Mapping[str, Callable[[Equation], str | None]] = {
    "bitcast_convert_type": _bitcast,
    "dot_general": _dot_general,
    "pad": _pad,
    "scatter": _scatter,
    "scatter-add": _scatter,
}
"""Rows that stand for some uses of a primitive: why another is refused, or None."""
