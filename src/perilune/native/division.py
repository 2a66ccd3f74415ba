"""Parts and remainders of numbers, whole ones without the traps of a processor."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from perilune.native.assembly import BOOL, Function, Operand, constant

Params = Mapping[str, Any]


def divide(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    """Of whole numbers, towards zero: by zero -1, all bits up; the least by -1 is itself."""
    one, other = operands
    if dtype.kind == "f":
        return to.operation("fdiv", dtype, one, other)
    is_zero, is_minus, safe = _divisor(to, other, dtype)
    parts = to.operation("sdiv" if dtype.kind == "i" else "udiv", dtype, one, safe)
    if safe is other:
        return parts
    parts = to.select(is_minus, to.operation("sub", dtype, constant(0, dtype), one), parts)
    return to.select(is_zero, constant(-1, dtype), parts)


def _whole_rem(to: Function, operands: list[Operand], dtype: np.dtype) -> Operand:
    """Of whole numbers: of division by zero, all of it."""
    one, other = operands
    is_zero, _, safe = _divisor(to, other, dtype)
    rest = to.operation("srem" if dtype.kind == "i" else "urem", dtype, one, safe)
    return rest if safe is other else to.select(is_zero, one, rest)


def _divisor(to: Function, other: Operand, dtype: np.dtype) -> tuple[Operand, Operand, Operand]:
    """Whether a divisor is 0, whether -1, and one that a processor divides by without a trap."""
    if other.constant is not None and int(other.constant) not in (0, -1):
        return constant(False, BOOL), constant(False, BOOL), other
    is_zero = to.operation("icmp eq", BOOL, other, constant(0, dtype))
    is_minus = constant(False, BOOL)
    if dtype.kind == "i":
        is_minus = to.operation("icmp eq", BOOL, other, constant(-1, dtype))
    traps = to.operation("or", BOOL, is_zero, is_minus)
    return is_zero, is_minus, to.select(traps, constant(1, dtype), other)


def remainder(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    """What is left of `one` after whole parts of `other`, with the sign of `one`.

    Exact while there are fewer than 2^53 whole parts (2^24 in float32); not-a-number beyond.
    """
    one, other = operands
    if dtype.kind != "f":
        return _whole_rem(to, operands, dtype)
    parts = to.intrinsic("trunc", dtype, to.operation("fdiv", dtype, one, other))
    rest = to.intrinsic("fma", dtype, to.operation("fneg", dtype, parts), other, one)
    whole = to.intrinsic("copysign", dtype, other, one)
    size, width = (to.intrinsic("fabs", dtype, each) for each in (rest, other))
    less = to.operation("fsub", dtype, rest, whole)
    rest = to.select(to.operation("fcmp oge", BOOL, size, width), less, rest)
    sign = to.intrinsic("copysign", dtype, constant(1, dtype), one)
    turned = to.operation("fmul", dtype, rest, sign)
    is_past = to.operation("fcmp olt", BOOL, turned, constant(0, dtype))
    rest = to.select(is_past, to.operation("fadd", dtype, rest, whole), rest)
    rest = to.intrinsic("copysign", dtype, rest, one)
    many = constant(2.0**53 if dtype.itemsize == 8 else 2.0**24, dtype)
    count = to.intrinsic("fabs", dtype, parts)
    known = to.select(to.operation("fcmp olt", BOOL, count, many), rest, constant(np.nan, dtype))
    endless = to.operation("fcmp oeq", BOOL, width, constant(np.inf, dtype))
    start = to.intrinsic("fabs", dtype, one)
    is_finite = to.operation("fcmp olt", BOOL, start, constant(np.inf, dtype))
    return to.select(to.operation("and", BOOL, endless, is_finite), one, known)
