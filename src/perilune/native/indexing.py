"""Equations that read or write an array at places held in another: gather and scatter."""

from collections.abc import Callable

import numpy as np
from jax.lax import GatherScatterMode

from perilune.native.assembly import BOOL, INT64, Operand, constant
from perilune.native.emission import IN_REGISTERS, Emitter
from perilune.native.program import Equation
from perilune.native.storage import Form, Place, Registers
from perilune.native.structure import at_hand, clamped, filled, picked, scattered, wide

Target = Callable[[Place], tuple[list[Operand], Operand]]
"""From a place of the updates to that of the array, and whether it lies within."""


def gather(to: Emitter, equation: Equation) -> list[Form]:
    """Slices of an array from places in another."""
    (output,), params = equation.outputs, equation.parameters
    form, indices = (at_hand(to, to.form(each)) for each in equation.inputs)
    numbers, sizes = params["dimension_numbers"], params["slice_sizes"]
    taken = set(numbers.collapsed_slice_dims) | set(numbers.operand_batching_dims)
    window = [axis for axis in range(len(form.shape)) if axis not in taken]
    batch = [axis for axis in range(len(output.shape)) if axis not in numbers.offset_dims]
    fills = params["mode"] == GatherScatterMode.FILL_OR_DROP

    def number(place: Place) -> Operand:
        outer = [place[axis] for axis in batch]
        at: list[Operand] = [constant(0, INT64)] * len(form.shape)
        flag = constant(True, BOOL)
        for part, axis in enumerate(numbers.start_index_map):
            index = to.at(indices, [*outer, part])
            at[axis] = clamped(to, index, form.shape[axis] - sizes[axis])
            if fills:
                flag = _both(to, flag, _is_within(to, index, form.shape[axis] - sizes[axis]))
        pairs = zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True)
        for axis, outer_axis in pairs:
            at[axis] = wide(to, outer[outer_axis])
        for axis, place_axis in zip(window, numbers.offset_dims, strict=True):
            at[axis] = to.operation("add", [at[axis], wide(to, place[place_axis])], INT64, {})
        found = picked(to, form, at)
        fill = constant(_fill(params, output.dtype), output.dtype)
        return to.operation("select_n", [flag, fill, found], output.dtype, {}) if fills else found

    if isinstance(form, Registers) and not (isinstance(indices, Registers) and indices.is_known):
        form = to.in_memory(form)
    if output.size > IN_REGISTERS:
        form, indices = to.in_memory(form), to.in_memory(indices)
    return [filled(to, output.shape, output.dtype, number)]


def scatter(to: Emitter, equation: Equation) -> list[Form]:
    """An array with numbers put, or added, at places held in another; none outside it."""
    numbers = equation.parameters["dimension_numbers"]
    form, indices, updates = (at_hand(to, to.form(each)) for each in equation.inputs)
    if not _is_written_out(updates):
        indices = to.in_memory(indices)
    taken = set(numbers.inserted_window_dims)
    window = [axis for axis in range(len(form.shape)) if axis not in taken]
    outer_axes = [a for a in range(len(updates.shape)) if a not in numbers.update_window_dims]
    widths = dict(zip(window, (updates.shape[a] for a in numbers.update_window_dims), strict=True))

    def target_of(place: Place) -> tuple[list[Operand], Operand]:
        outer = [place[axis] for axis in outer_axes]
        at, flag = [constant(0, INT64)] * len(form.shape), constant(True, BOOL)
        for part, axis in enumerate(numbers.scatter_dims_to_operand_dims):
            index = to.at(indices, [*outer, part])
            end = form.shape[axis] - widths.get(axis, 1)
            flag = _both(to, flag, _is_within(to, index, end))
            at[axis] = clamped(to, index, end)
        for axis, place_axis in zip(window, numbers.update_window_dims, strict=True):
            at[axis] = to.operation("add", [at[axis], wide(to, place[place_axis])], INT64, {})
        return at, flag

    is_known = isinstance(indices, Registers) and indices.is_known
    adds = equation.name == "scatter-add"
    if is_known and updates.shape and int(np.prod(form.shape)) <= IN_REGISTERS:
        return [_in_registers(to, form, updates, target_of, adds)]
    return [_in_memory(to, form, updates, target_of, adds)]


def _in_registers(to: Emitter, form: Form, updates: Form, target_of: Target, adds: bool) -> Form:
    operands, given = to.registers(form).operands.copy(), to.registers(updates).operands
    for place in np.ndindex(given.shape):
        at, flag = target_of(place)
        if flag.constant:
            spot = tuple(int(each.constant) for each in at)
            number = given[place]
            if adds:
                number = to.operation("add", [operands[spot], number], form.dtype, {})
            operands[spot] = number
    return Registers(operands, form.dtype)


def _in_memory(to: Emitter, form: Form, updates: Form, target_of: Target, adds: bool) -> Form:
    # Whether it varies is known once a place and a number are; all lanes, then, if in doubt.
    target = to.frame.new(form.shape, form.dtype, True)
    to.copy(form, target)
    is_small = _is_written_out(updates)
    given = to.registers(updates) if is_small else to.in_memory(updates)

    def put(place: Place) -> None:
        at, flag = target_of(place)
        if flag.constant is not None and not flag.constant:
            return
        number = to.at(given, place)
        if adds:
            old = picked(to, to.renewed(target), at)
            number = to.operation("add", [old, number], form.dtype, {})
        scattered(to, target, at, number, None if flag.constant is not None else flag)

    if is_small:
        for place in np.ndindex(updates.shape):
            put(place)
    else:
        to.for_each(updates.shape, put)
    return to.renewed(target)


def _is_written_out(updates: Form) -> bool:
    """Whether each number of an update is written by instructions of its own, not in loops."""
    return int(np.prod(updates.shape, dtype=int)) <= 4 * IN_REGISTERS


def _is_within(to: Emitter, index: Operand, end: int) -> Operand:
    number = to.operation("convert_element_type", [index], INT64, {})
    low = to.operation("ge", [number, constant(0, INT64)], BOOL, {})
    return _both(to, low, to.operation("le", [number, constant(end, INT64)], BOOL, {}))


def _both(to: Emitter, one: Operand, other: Operand) -> Operand:
    return to.operation("and", [one, other], BOOL, {})


def _fill(params: dict, dtype: np.dtype) -> float | int:
    """What is read outside an array: as JAX has it."""
    if params["fill_value"] is not None:
        return params["fill_value"]
    if dtype.kind in "fb":
        return np.nan if dtype.kind == "f" else True
    return np.iinfo(dtype).min if dtype.kind == "i" else np.iinfo(dtype).max
