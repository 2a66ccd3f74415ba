"""Numbers as another type: converted, their bits as they are, and in the order of their bits."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from perilune.native.assembly import BOOL, Function, Operand, constant

Params = Mapping[str, Any]


def convert(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    """Floats become whole numbers towards zero, the nearest there is, not-a-number zero."""
    one = operands[0]
    kinds = one.dtype.kind, dtype.kind
    if dtype == BOOL and one.dtype != BOOL:
        code = "fcmp une" if kinds[0] == "f" else "icmp ne"
        return to.operation(code, BOOL, one, constant(0, one.dtype))
    if one.dtype == BOOL != dtype:
        return to.select(one, constant(1, dtype), constant(0, dtype))
    if "f" not in kinds:
        return _resized(to, one, dtype)
    if kinds == ("f", "f"):
        code = "fpext" if dtype.itemsize == 8 else "fptrunc"
        return one if one.dtype == dtype else to.convert(code, dtype, one)
    if kinds[1] == "f":
        return to.convert("sitofp" if kinds[0] == "i" else "uitofp", dtype, one)
    return _whole(to, one, dtype)


def _whole(to: Function, one: Operand, dtype: np.dtype) -> Operand:
    """A float as a whole number.

    What 32 bits cannot hold is cut off before it is converted: LLVM's own saturating conversion
    takes the lanes one by one.
    """
    signed = dtype.kind == "i"
    if dtype.itemsize == 8:
        return to.intrinsic("fptosi.sat" if signed else "fptoui.sat", dtype, one)
    wide = np.dtype(np.float64)
    if one.dtype != wide:
        one = to.convert("fpext", wide, one)
    ends = np.iinfo(dtype)
    low, high, none = (constant(each, wide) for each in (ends.min, ends.max, 0))
    held = to.select(to.operation("fcmp uno", BOOL, one, one), none, one)
    held = to.select(to.operation("fcmp olt", BOOL, held, high), held, high)
    held = to.select(to.operation("fcmp ogt", BOOL, held, low), held, low)
    return to.convert("fptosi" if signed else "fptoui", dtype, held)


def _resized(to: Function, one: Operand, dtype: np.dtype) -> Operand:
    """A whole number or a flag in more bits, in fewer, or as it is."""
    if one.dtype.itemsize == dtype.itemsize:
        return Operand(one.text, dtype, one.varying)
    if one.dtype.itemsize > dtype.itemsize:
        return to.convert("trunc", dtype, one)
    return to.convert("sext" if one.dtype.kind == "i" else "zext", dtype, one)


def bitcast(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    """The same bits as another type."""
    one = operands[0]
    if (one.dtype.kind == "f") == (dtype.kind == "f"):
        return Operand(one.text, dtype, one.varying)
    return to.convert("bitcast", dtype, one)


def converted(array: Any, new_dtype: np.dtype) -> Any:
    """Known numbers as another type; None where machines differ in what does not fit."""
    if array.dtype.kind == "f" and new_dtype.kind in "iu":
        return None
    return np.asarray(array).astype(new_dtype)[()]


def is_before(to: Function, operands: list[Operand], _: np.dtype, __: Params) -> Operand:
    """Whether one number is before another in the total order of IEEE 754, by their bits."""
    whole = np.dtype(f"i{operands[0].dtype.itemsize}")
    ordered = []
    for one in operands:
        bits = to.convert("bitcast", whole, one)
        ones = to.operation("ashr", whole, bits, constant(8 * whole.itemsize - 1, whole))
        mask = to.operation("lshr", whole, ones, constant(1, whole))
        ordered.append(to.operation("xor", whole, bits, mask))
    return to.operation("icmp slt", BOOL, *ordered)
