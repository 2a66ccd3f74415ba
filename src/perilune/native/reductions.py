"""Equations that sum up: along axes, and products of arrays; each in one fixed order."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from perilune.native.assembly import BOOL, Operand, constant
from perilune.native.emission import IN_REGISTERS, Emitter, within
from perilune.native.program import Equation
from perilune.native.storage import Deferred, Form, Index, Place, Registers
from perilune.native.structure import at_hand, filled

COMBINED = {
    "reduce_and": "and",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_or": "or",
    "reduce_prod": "mul",
    "reduce_sum": "add",
}
"""What combines two numbers of a reduction."""
UNROLLED = 64
"""Sums of up to so many numbers are written out."""


def reduce(to: Emitter, equation: Equation) -> list[Form]:
    """An array combined along some axes, the last axis quickest."""
    (output,), axes = equation.outputs, equation.parameters["axes"]
    form = to.form(equation.inputs[0])
    kept = [axis for axis in range(len(form.shape)) if axis not in axes]
    name = COMBINED[equation.name]
    if isinstance(form, Registers) and math.prod(form.shape) > IN_REGISTERS:
        form = to.in_memory(form)

    def term(place: Place, inner: Place) -> Operand:
        at: list[Index] = [0] * len(form.shape)
        for axis, index in (*zip(kept, place, strict=True), *zip(axes, inner, strict=True)):
            at[axis] = index
        return to.at(form, at)

    def combine(total: Operand, place: Place, inner: Place) -> Operand:
        return to.operation(name, [total, term(place, inner)], output.dtype, {})

    counts = [form.shape[axis] for axis in axes]
    first = _start(to, _first_of(name, output.dtype), form.varying)
    sums = _sums(to, counts, term, combine, first)
    return [filled(to, output.shape, output.dtype, sums)]


def sum_of_products(to: Emitter, equation: Equation) -> list[Form]:
    """Products of two arrays of one shape, summed along some axes, each product not rounded."""
    (output,), axes = equation.outputs, equation.parameters["axes"]
    forms = [to.form(each) for each in equation.inputs]
    shape = np.broadcast_shapes(*(each.shape for each in forms))
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    counts = [shape[axis] for axis in axes]
    if _is_in_loops(output.size, math.prod(counts)):
        forms = [
            to.in_memory(each) if isinstance(each, Registers) and each.shape else each
            for each in forms
        ]
    forms = [
        to.in_memory(each) if isinstance(each, Deferred) and each.shape != shape else each
        for each in forms
    ]

    def factors(place: Place, inner: Place) -> list[Operand]:
        at: list[Index] = [0] * len(shape)
        for axis, index in (*zip(kept, place, strict=True), *zip(axes, inner, strict=True)):
            at[axis] = index
        return [to.at(each, within(at, each.shape)) for each in forms]

    return [_of_products(to, equation, forms, counts, factors)]


def _is_in_loops(size: int, terms: int) -> bool:
    """Whether so many sums of so many terms are computed in loops, which ask for moving places."""
    return size > IN_REGISTERS or size * terms > 4 * UNROLLED


def dot_general(to: Emitter, equation: Equation) -> list[Form]:
    """Sums of products of two arrays, multiplied and added at once: each product is not rounded."""
    (output,), numbers = equation.outputs, equation.parameters["dimension_numbers"]
    one, other = (at_hand(to, to.form(each)) for each in equation.inputs)
    (one_summed, other_summed), (one_batch, other_batch) = numbers
    one_free = _rest(one.shape, one_summed, one_batch)
    other_free = _rest(other.shape, other_summed, other_batch)
    counts = [one.shape[axis] for axis in one_summed]
    if _is_in_loops(output.size, math.prod(counts)):
        one, other = to.in_memory(one), to.in_memory(other)

    def factors(place: Place, inner: Place) -> list[Operand]:
        batch, rest = place[: len(one_batch)], place[len(one_batch) :]
        at = _placed(one, (one_batch, batch), (one_free, rest), (one_summed, inner))
        right = rest[len(one_free) :]
        at_other = _placed(other, (other_batch, batch), (other_free, right), (other_summed, inner))
        return [to.at(one, at), to.at(other, at_other)]

    return [_of_products(to, equation, [one, other], counts, factors)]


def _of_products(
    to: Emitter,
    equation: Equation,
    forms: Sequence[Form],
    counts: Sequence[int],
    factors: Callable[[Place, Place], list[Operand]],
) -> Form:
    """Sums of products of what `factors` gives at a place and a place of the sum."""
    (output,) = equation.outputs

    def term(place: Place, inner: Place) -> Operand:
        return to.operation("mul", factors(place, inner), output.dtype, {})

    def combine(total: Operand, place: Place, inner: Place) -> Operand:
        if output.dtype.kind == "f":
            return to.operation("fma", [*factors(place, inner), total], output.dtype, {})
        return to.operation("add", [total, term(place, inner)], output.dtype, {})

    is_varying = any(each.varying for each in forms)
    sums = _sums(to, counts, term, combine, _start(to, constant(0, output.dtype), is_varying))
    return filled(to, output.shape, output.dtype, sums)


def _sums(
    to: Emitter,
    counts: Sequence[int],
    term: Callable[[Place, Place], Operand],
    combine: Callable[[Operand, Place, Place], Operand],
    first: Operand,
) -> Callable[[Place], Operand]:
    """The sum at a place: written out where it is short, else in loops over all but its start."""

    def written_out(place: Place) -> Operand:
        total = None
        for inner in np.ndindex(*counts):
            total = term(place, inner) if total is None else combine(total, place, inner)
        return first if total is None else total

    def looped(place: Place) -> Operand:
        def nest(outer: list[Index], total: Operand) -> Operand:
            if len(outer) == len(counts):
                return combine(total, place, outer)

            def body(turn: Operand, totals: list[Operand]) -> list[Operand]:
                return [nest([*outer, turn], totals[0])]

            return to.to.loop(counts[len(outer)], [total], body)[0]

        return nest([], first)

    return written_out if math.prod(counts) <= UNROLLED else looped


def _start(to: Emitter, first: Operand, is_varying: bool) -> Operand:
    return to.to.in_lanes(first) if is_varying else first


def _first_of(name: str, dtype: np.dtype) -> Operand:
    """What a reduction begins with."""
    if name in ("add", "mul", "and", "or"):
        return constant({"add": 0, "mul": 1, "and": -1, "or": 0}[name], dtype)
    least = name == "max"
    if dtype == BOOL:
        return constant(not least, dtype)
    if dtype.kind == "f":
        return constant(-np.inf if least else np.inf, dtype)
    return constant(np.iinfo(dtype).min if least else np.iinfo(dtype).max, dtype)


def _rest(shape: Sequence[int], *taken: Sequence[int]) -> list[int]:
    return [axis for axis in range(len(shape)) if not any(axis in each for each in taken)]


def _placed(form: Form, *parts: tuple[Sequence[int], Place]) -> list[Index]:
    at: list[Index] = [0] * len(form.shape)
    for axes, indices in parts:
        for axis, index in zip(axes, indices, strict=False):
            at[axis] = index
    return at
