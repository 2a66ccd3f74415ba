"""Equations that move numbers: views, arrays put together, places found on the way."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from perilune.native.assembly import INT64, Operand, constant
from perilune.native.emission import IN_REGISTERS, Emitter
from perilune.native.program import Equation
from perilune.native.rearrangements import GATHERED, VIEWS, concatenated_places, split_slices
from perilune.native.storage import (
    Buffer,
    Deferred,
    Form,
    Index,
    Place,
    Registers,
    Step,
    is_same,
    known,
)


def view(to: Emitter, equation: Equation) -> list[Form]:
    """An equation that shows one array in another way."""
    (output,) = equation.outputs
    rearrange = VIEWS[equation.name]
    form = at_hand(to, to.form(equation.inputs[0]))
    return [_seen(to, form, rearrange, equation.parameters, output.shape)]


def at_hand(to: Emitter, form: Form) -> Registers | Buffer:
    """An array whose numbers are there to be read, as often as need be."""
    return to.in_memory(form) if isinstance(form, Deferred) else form


def _seen(
    to: Emitter, form: Registers | Buffer, rearrange: Any, params: Any, shape: tuple[int, ...]
) -> Form:
    count = int(np.prod(shape, dtype=int))
    if isinstance(form, Registers):
        if count > IN_REGISTERS:
            form = to.in_memory(form)
        else:
            return Registers(rearrange([form.operands], params, shape), form.dtype)
    seen = form.seen(lambda array: rearrange([array], params, shape))
    if seen is not None:
        return seen
    packed = to.frame.new(form.shape, form.dtype, form.varying)
    to.copy(form, packed)
    return _seen(to, packed, rearrange, params, shape)


def split(to: Emitter, equation: Equation) -> list[Form]:
    """An array in parts along an axis."""
    form = at_hand(to, to.form(equation.inputs[0]))
    parts: list[Form] = []
    for place in split_slices(form.shape, equation.parameters):
        if isinstance(form, Registers):
            parts.append(Registers(form.operands[place], form.dtype))
        else:
            parts.append(_part(form, place))
    return parts


def gathered(to: Emitter, equation: Equation) -> list[Form]:
    """An array put together: of operands in registers, or part by part in memory."""
    (output,), params = equation.outputs, equation.parameters
    rearrange = GATHERED[equation.name]
    if equation.name == "iota":
        array = np.ascontiguousarray(rearrange([], params, output.shape))
        return (
            [known(array, output.dtype)] if array.size <= IN_REGISTERS else [to.module.table(array)]
        )
    forms = [to.form(each) for each in equation.inputs]
    if output.size <= IN_REGISTERS:
        operands = [to.registers(each).operands for each in forms]
        return [Registers(rearrange(operands, params, output.shape), output.dtype)]
    target = to.room(output)
    if equation.name == "pad":
        return [_padded(to, forms, params, target)]
    for form, place in zip(forms, concatenated_places(equation), strict=True):
        part = _part(target, place)
        if 0 not in form.shape and not (isinstance(form, Buffer) and is_same(form, part)):
            to.copy(form, part)
    return [to.renewed(target)]


def _padded(to: Emitter, forms: Sequence[Form], params: Any, target: Buffer) -> Buffer:
    form, fill = forms[0], to.registers(forms[1]).operands[()]
    to.for_each(target.shape, lambda place: to.store(target, place, fill))
    place = []
    for (low, _, between), count in zip(params["padding_config"], form.shape, strict=True):
        place.append(slice(low, low + (count - 1) * (between + 1) + 1, between + 1))
    to.copy(form, _part(target, tuple(place)))
    return to.renewed(target)


def _part(buffer: Buffer, place: tuple[Any, ...]) -> Buffer:
    part = buffer.seen(lambda array: array[*place, ...])  # `...`: a single number is a view too
    assert part is not None, "a slice is always a view"
    return part


def any_lane(to: Emitter, equation: Equation) -> list[Form]:
    """A flag of all lanes together."""
    flag = to.registers(to.form(equation.inputs[0])).operands[()]
    return [Registers(np.array(to.to.any_of(flag), object), equation.outputs[0].dtype)]


def room(to: Emitter, equation: Equation) -> list[Form]:
    """Memory that nothing has been written to."""
    return [to.frame.new(each.shape, each.dtype, each.varying) for each in equation.outputs]


def dynamic_slice(to: Emitter, equation: Equation) -> list[Form]:
    """Part of an array from a place found on the way, moved so that it lies within."""
    (output,), sizes = equation.outputs, equation.parameters["slice_sizes"]
    form, *starts = (at_hand(to, to.form(each)) for each in equation.inputs)
    begin = [to.registers(each).operands[()] for each in starts]
    ends = [count - size for count, size in zip(form.shape, sizes, strict=True)]
    corner = [clamped(to, each, end) for each, end in zip(begin, ends, strict=True)]

    def number(place: Place) -> Operand:
        return picked(to, form, [_sum(to, at, i) for at, i in zip(corner, place, strict=True)])

    if isinstance(form, Registers) and any(each.constant is None for each in corner):
        form = to.in_memory(form)
    return [filled(to, output.shape, output.dtype, number)]


def dynamic_update_slice(to: Emitter, equation: Equation) -> list[Form]:
    """An array with a part of it replaced, from a place found on the way or known."""
    form, part, *starts = (to.form(each) for each in equation.inputs)
    form, begin = at_hand(to, form), [to.registers(each).operands[()] for each in starts]
    ends = [count - size for count, size in zip(form.shape, part.shape, strict=True)]
    corner = [clamped(to, each, end) for each, end in zip(begin, ends, strict=True)]
    is_known = all(each.constant is not None for each in corner)
    if is_known and isinstance(form, Registers):
        return [_replaced(to, form, part, corner)]
    is_varying = form.varying or part.varying or any(each.varying for each in corner)
    target = to.given_up(equation, 0)
    if target is None or target.varying != is_varying:
        target = to.frame.new(form.shape, form.dtype, is_varying)
        to.copy(form, target)
    if is_known:  # whatever part reads, it is not this memory: that was not given up then
        to.copy(part, _part(target, _slices(corner, part.shape)))
        return [to.renewed(target)]

    numbers = to.in_memory(part)

    def put(place: Place) -> None:
        at = [_sum(to, one, i) for one, i in zip(corner, place, strict=True)]
        scattered(to, target, at, to.at(numbers, place), None)

    to.for_each(part.shape, put)
    return [to.renewed(target)]


def _replaced(to: Emitter, form: Registers, part: Form, corner: Sequence[Operand]) -> Registers:
    operands = form.operands.copy()
    operands[_slices(corner, part.shape)] = to.registers(part).operands
    return Registers(operands, form.dtype)


def _slices(corner: Sequence[Operand], shape: Sequence[int]) -> tuple[slice, ...]:
    starts = [int(each.constant) for each in corner]
    return tuple(slice(one, one + count) for one, count in zip(starts, shape, strict=True))


def filled(to: Emitter, shape: tuple[int, ...], dtype: np.dtype, number: Any) -> Form:
    """An array of what `number` gives at each place."""
    if int(np.prod(shape, dtype=int)) <= IN_REGISTERS:
        operands = np.empty(shape, object)
        for place in np.ndindex(shape):
            operands[place] = number(place)
        return Registers(operands, dtype)
    target: list[Buffer] = []

    def put(place: Place) -> None:
        operand = number(place)
        if not target:
            target.append(to.frame.new(shape, dtype, operand.varying))
        to.store(target[0], place, operand)

    to.for_each(shape, put)
    return target[0]


def clamped(to: Emitter, index: Operand, end: int) -> Operand:
    """An index moved into 0 … `end`."""
    wide = to.operation("convert_element_type", [index], INT64, {})
    raised = to.operation("max", [wide, constant(0, INT64)], INT64, {})
    return to.operation("min", [raised, constant(end, INT64)], INT64, {})


def _sum(to: Emitter, one: Operand, index: Index) -> Operand:
    other = wide(to, index)
    if other.constant is not None and other.constant == 0:
        return one
    return to.operation("add", [one, other], INT64, {})


def wide(to: Emitter, index: Index) -> Operand:
    """An index as a number."""
    if isinstance(index, Step):
        step = to.operation("mul", [index.turn, constant(index.scale, INT64)], INT64, {})
        return to.operation("add", [step, constant(index.offset, INT64)], INT64, {})
    return constant(index, INT64) if isinstance(index, int) else index


def picked(to: Emitter, form: Form, place: Sequence[Operand]) -> Operand:
    """The number of an array at a place which may differ from lane to lane."""
    if all(each.constant is not None for each in place):
        return to.at(form, [int(each.constant) for each in place])
    buffer = to.in_memory(form)
    if not any(each.varying for each in place):
        return to.load(buffer, place)
    return to.gather(buffer, flat_index(to, buffer, place))


def flat_index(to: Emitter, buffer: Buffer, place: Sequence[Operand]) -> Operand:
    """How many numbers after the first of a buffer a place is."""
    flat = constant(0, INT64)
    for index, stride in zip(place, buffer.strides, strict=True):
        step = to.operation("mul", [index, constant(stride, INT64)], INT64, {})
        flat = (
            step
            if flat.constant is not None and flat.constant == 0
            else to.operation("add", [flat, step], INT64, {})
        )
    return flat


def scattered(
    to: Emitter, target: Buffer, place: Sequence[Operand], number: Operand, flag: Operand | None
) -> None:
    """Write a number to a place that may differ from lane to lane, where the flag is up."""
    if not any(each.varying for each in place):
        if flag is not None:
            old = to.load(to.renewed(target), place)
            number = to.operation("select_n", [flag, old, number], number.dtype, {})
        to.store(target, place, number)
        return
    to.scatter(target, flat_index(to, target, place), number, flag)
