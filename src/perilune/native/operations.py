"""The table of primitives that work number by number: how each is written, how it is folded.

A fold gives what the processor would, to the bit, on whatever machine compiles: only operations
that IEEE 754 rounds correctly and those on whole numbers have one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.native.assembly import BOOL, Function, Operand, constant
from perilune.native.conversions import bitcast, convert, converted, is_before
from perilune.native.division import divide, remainder

Params = Mapping[str, Any]
Emit = Callable[[Function, list[Operand], np.dtype, Params], Operand]
Fold = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """One row: how it is written, and its value on known numbers, NumPy scalars or arrays."""

    emit: Emit
    fold: Fold | None = None


def _coded(on_floats: str, on_ints: str, on_unsigned: str | None = None) -> Emit:
    """One instruction, by the kind of number that it works on."""

    def emit(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
        kind = operands[0].dtype.kind
        code = on_floats if kind == "f" else on_ints if kind == "i" else on_unsigned or on_ints
        return to.operation(code, dtype, *operands)

    return emit


def _called(name: str) -> Emit:
    def emit(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
        return to.intrinsic(name, dtype, *operands)

    return emit


def _compared(ordered: str, signed: str, unsigned: str) -> Operation:
    folds = {"oeq": np.equal, "une": np.not_equal, "olt": np.less, "ole": np.less_equal}
    folds |= {"ogt": np.greater, "oge": np.greater_equal}
    emit = _coded(f"fcmp {ordered}", f"icmp {signed}", f"icmp {unsigned}")
    return Operation(emit, folds[ordered])


def _neg(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    if dtype.kind == "f":
        return to.operation("fneg", dtype, operands[0])
    return to.operation("sub", dtype, constant(0, dtype), operands[0])


def _abs(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    if dtype.kind == "f":
        return to.intrinsic("fabs", dtype, operands[0])
    return to.intrinsic("abs", dtype, operands[0], extra="i1 false")


def _sign(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    """Zero with its sign and not-a-number are given as they are."""
    (one,), zero = operands, constant(0, dtype)
    above = GREATER.emit(to, [one, zero], BOOL, {})
    below = LESS.emit(to, [one, zero], BOOL, {})
    return to.select(above, constant(1, dtype), to.select(below, constant(-1, dtype), one))


def _extreme(compare: str) -> Emit:
    """The larger or smaller of two; not-a-number where either is; of -0 and 0 either, not by sign.

    XLA has -0 before 0. Which one is chosen here is the same on every processor.
    """

    def emit(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
        one, other = operands
        if dtype.kind != "f":
            row = GREATER if compare == "ogt" else LESS
            return to.select(row.emit(to, [one, other], BOOL, {}), one, other)
        if other.constant is not None:
            one, other = other, one  # what is chosen if they cannot be compared is the second
        best = to.select(to.operation(f"fcmp {compare}", BOOL, one, other), one, other)
        if one.constant is not None and one.constant == one.constant:
            return best
        return to.select(to.operation("fcmp uno", BOOL, one, one), one, best)

    return emit


def _clamp(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    low, one, high = operands
    raised = _extreme("ogt")(to, [low, one], dtype, {})
    return _extreme("olt")(to, [raised, high], dtype, {})


def _not(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    return to.operation("xor", dtype, operands[0], constant(True if dtype == BOOL else -1, dtype))


def _select_n(to: Function, operands: list[Operand], _: np.dtype, __: Params) -> Operand:
    which, *cases = operands
    chosen = cases[0]
    for number, case in enumerate(cases[1:], 1):
        flag = which
        if which.dtype != BOOL:
            flag = to.operation("icmp sge", BOOL, which, constant(number, which.dtype))
        chosen = case if case == chosen else to.select(flag, case, chosen)
    return chosen


def _is_finite(to: Function, operands: list[Operand], _: np.dtype, __: Params) -> Operand:
    one = operands[0]
    size = to.intrinsic("fabs", one.dtype, one)
    return to.operation("fcmp olt", BOOL, size, constant(np.inf, one.dtype))


def _round(to: Function, operands: list[Operand], dtype: np.dtype, params: Params) -> Operand:
    is_to_even = int(params["rounding_method"]) == 1
    return to.intrinsic("roundeven" if is_to_even else "round", dtype, operands[0])


def _shift(code: str) -> Emit:
    """By as many bits as there are, or more, as by one after another; by less than none too."""

    def emit(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
        bits = 8 * dtype.itemsize
        by = operands[1]
        if by.constant is not None and 0 <= int(by.constant) < bits:
            return to.operation(code, dtype, *operands)
        is_short = to.operation("icmp ult", BOOL, by, constant(bits, dtype))
        if code == "ashr":
            by = to.select(is_short, by, constant(bits - 1, dtype))
            return to.operation(code, dtype, operands[0], by)
        shifted = to.operation(code, dtype, *operands)
        return to.select(is_short, shifted, constant(0, dtype))

    return emit


def _integer_pow(to: Function, operands: list[Operand], dtype: np.dtype, params: Params) -> Operand:
    """By repeated squaring, the lowest bit of the exponent first; a negative one inverts."""
    power, square, result = abs(int(params["y"])), operands[0], None
    while power:
        if power & 1:
            result = square if result is None else MULTIPLY.emit(to, [result, square], dtype, {})
        power >>= 1
        if power:
            square = MULTIPLY.emit(to, [square, square], dtype, {})
    one = constant(1, dtype)
    if result is None:
        return one
    return DIVIDE.emit(to, [one, result], dtype, {}) if int(params["y"]) < 0 else result


def _square(to: Function, operands: list[Operand], dtype: np.dtype, _: Params) -> Operand:
    return MULTIPLY.emit(to, [operands[0], operands[0]], dtype, {})


def _logic(code: str, fold: Fold) -> Operation:
    return Operation(_coded("", code), fold)


ADD = Operation(_coded("fadd", "add"), np.add)
MULTIPLY = Operation(_coded("fmul", "mul"), np.multiply)
DIVIDE = Operation(divide)
NOT_EQUAL = _compared("une", "ne", "ne")
LESS = _compared("olt", "slt", "ult")
GREATER = _compared("ogt", "sgt", "ugt")

OPERATIONS: Mapping[str, Operation] = {
    "abs": Operation(_abs, np.abs),
    "add": ADD,
    "add_any": ADD,
    "and": _logic("and", np.bitwise_and),
    "bitcast_convert_type": Operation(bitcast),
    "ceil": Operation(_called("ceil"), np.ceil),
    "clamp": Operation(_clamp),
    "convert_element_type": Operation(convert),
    "div": DIVIDE,
    "eq": _compared("oeq", "eq", "eq"),
    "floor": Operation(_called("floor"), np.floor),
    "fma": Operation(_called("fma")),
    "ge": _compared("oge", "sge", "uge"),
    "gt": GREATER,
    "integer_pow": Operation(_integer_pow),
    "is_finite": Operation(_is_finite, np.isfinite),
    "le": _compared("ole", "sle", "ule"),
    "lt": LESS,
    "lt_to": Operation(is_before),
    "max": Operation(_extreme("ogt")),
    "min": Operation(_extreme("olt")),
    "mul": MULTIPLY,
    "ne": NOT_EQUAL,
    "neg": Operation(_neg, np.negative),
    "not": Operation(_not, np.invert),
    "or": _logic("or", np.bitwise_or),
    "rem": Operation(remainder),
    "round": Operation(_round),
    "select_n": Operation(_select_n),
    "shift_left": Operation(_shift("shl")),
    "shift_right_arithmetic": Operation(_shift("ashr")),
    "shift_right_logical": Operation(_shift("lshr")),
    "sign": Operation(_sign),
    "sqrt": Operation(_called("sqrt"), np.sqrt),
    "square": Operation(_square),
    "stop_gradient": Operation(lambda _to, operands, _dtype, _params: operands[0]),
    "sub": Operation(_coded("fsub", "sub"), np.subtract),
    "xor": _logic("xor", np.bitwise_xor),
}


def folded(name: str, numbers: list[Any], dtype: np.dtype) -> Any:
    """The value of an operation on known numbers, NumPy arrays or scalars; None if it has none."""
    with np.errstate(all="ignore"):
        if name == "convert_element_type":
            return converted(numbers[0], dtype)
        if name == "select_n" and np.asarray(numbers[0]).dtype == BOOL:
            return np.where(numbers[0], numbers[2], numbers[1])[()]
        if name in ("max", "min") and dtype.kind != "f":
            return (np.maximum if name == "max" else np.minimum)(*numbers)
        fold = OPERATIONS[name].fold if name in OPERATIONS else None
        return None if fold is None else np.asarray(fold(*numbers)).astype(dtype)[()]


def simplified(name: str, operands: list[Operand], dtype: np.dtype) -> Operand | None:
    """One of the operands, where the result is that to the bit; else None."""
    known = [each.constant for each in operands]
    if name == "select_n" and known[0] is not None:
        return operands[1 + min(max(int(known[0]), 0), len(operands) - 2)]
    if name == "sub" and known[1] is not None and known[1] == 0 and not np.signbit(known[1]):
        return operands[0]
    neutral = {"mul": 1} if dtype.kind == "f" else {}
    neutral |= {"and": True, "or": False} if dtype == BOOL else {}
    if name in neutral:
        for number, other in ((known[0], operands[1]), (known[1], operands[0])):
            if number is not None and number == neutral[name]:
                return other
    return None
