"""Primitives that only put numbers elsewhere, as functions on NumPy arrays of anything.

The same function moves constants, names of values in registers, and, given the places of numbers
in memory, tells where each of them is to be found.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from perilune.native.program import Equation, Numbers

Arrays = Sequence[Numbers]
Rearrangement = Callable[[Arrays, Mapping[str, Any], tuple[int, ...]], Numbers]
"""From the inputs, a primitive's parameters and the shape of its output to the output."""


def _slice(arrays: Arrays, params: Mapping[str, Any], _shape: tuple[int, ...]) -> Numbers:
    starts, limits = params["start_indices"], params["limit_indices"]
    strides = params["strides"] or [1] * len(starts)
    return arrays[0][tuple(map(slice, starts, limits, strides))]


def _reshape(arrays: Arrays, _: Mapping[str, Any], shape: tuple[int, ...]) -> Numbers:
    return arrays[0].reshape(shape)


def _transpose(arrays: Arrays, params: Mapping[str, Any], _shape: tuple[int, ...]) -> Numbers:
    array, axes = arrays[0], tuple(params["permutation"])
    return array.transpose(*axes, *range(len(axes), array.ndim))


def _broadcast(arrays: Arrays, params: Mapping[str, Any], shape: tuple[int, ...]) -> Numbers:
    array, axes = arrays[0], tuple(params["broadcast_dimensions"])
    order = sorted(range(len(axes)), key=axes.__getitem__)
    array, axes = array.transpose(*order, *range(len(axes), array.ndim)), tuple(sorted(axes))
    inner = [1] * len(shape)
    for axis, count in zip((*axes, *range(len(axes), array.ndim)), array.shape, strict=True):
        inner[axis if axis < len(shape) else -1] = count
    return np.broadcast_to(array.reshape(inner), shape)


def _reverse(arrays: Arrays, params: Mapping[str, Any], _shape: tuple[int, ...]) -> Numbers:
    return np.flip(arrays[0], params["dimensions"])


def _concatenate(arrays: Arrays, params: Mapping[str, Any], _shape: tuple[int, ...]) -> Numbers:
    return np.concatenate(arrays, params["dimension"])


def _stack(arrays: Arrays, params: Mapping[str, Any], _shape: tuple[int, ...]) -> Numbers:
    return np.stack(arrays, params["axis"])


def _iota(_: Arrays, params: Mapping[str, Any], shape: tuple[int, ...]) -> Numbers:
    axis = params["dimension"]
    inner = [-1 if each == axis else 1 for each in range(len(shape))]
    row = np.arange(shape[axis]).astype(params["dtype"]).reshape(inner)
    return np.broadcast_to(row, shape)


def _pad(arrays: Arrays, params: Mapping[str, Any], shape: tuple[int, ...]) -> Numbers:
    array, fill = arrays
    padded = np.full(shape, fill[()], array.dtype)
    inner = []
    for (low, _, between), count in zip(params["padding_config"], array.shape, strict=True):
        inner.append(
            slice(low, low + (count - 1) * (between + 1) + 1 if count else low, between + 1)
        )
    padded[tuple(inner)] = array
    return padded


VIEWS: Mapping[str, Rearrangement] = {
    "broadcast_in_dim": _broadcast,
    "reshape": _reshape,
    "rev": _reverse,
    "slice": _slice,
    "squeeze": _reshape,
    "transpose": _transpose,
}
"""What shows the numbers of one array in another shape, order or number."""
GATHERED: Mapping[str, Rearrangement] = {
    "concatenate": _concatenate,
    "iota": _iota,
    "pad": _pad,
    "stack": _stack,
}
"""What puts together a new array."""


def concatenated_places(equation: Equation) -> list[tuple[Any, ...]]:
    """Where each input of a `concatenate` or `stack` lies in its output."""
    (output,), places, start = equation.outputs, [], 0
    axis = equation.parameters["axis" if equation.name == "stack" else "dimension"]
    for each in equation.inputs:
        place: list[Any] = [slice(None)] * len(output.shape)
        count = 1 if equation.name == "stack" else each.shape[axis]
        place[axis] = start if equation.name == "stack" else slice(start, start + count)
        places.append(tuple(place))
        start += count
    return places


def split_slices(shape: Sequence[int], params: Mapping[str, Any]) -> list[tuple[slice, ...]]:
    """Where each part of a `split` lies in its input."""
    axis, slices, start = params["axis"], [], 0
    for count in params["sizes"]:
        place = [slice(None)] * len(shape)
        place[axis] = slice(start, start + count)
        slices.append(tuple(place))
        start += count
    return slices
