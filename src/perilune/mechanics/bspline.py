"""The smooth interpolation of a regular grid: a quadratic B-spline, nine coefficients a point."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int
from scipy import ndimage

from perilune.mechanics.array_types import AnyArray


def spline_coefficients(samples: Float[AnyArray, "row column"]) -> Float[np.ndarray, "row column"]:
    """The B-spline coefficients whose surface passes through every sample (host, NumPy).

    `samples` has shape (rows, columns); so has the result. The edges are mirrored. Recursive
    filter of Unser, Aldroubi and Eden (1993), degree 2, through `scipy.ndimage`.
    """
    return ndimage.spline_filter(np.asarray(samples, dtype=float), order=2, mode="mirror")


def spline_value(
    coefficients_flat: Float[AnyArray, " coefficient"],
    offset: Int[AnyArray, ""],
    shape: Int[AnyArray, "2"],
    row: Float[AnyArray, ""],
    column: Float[AnyArray, ""],
) -> Float[Array, ""]:
    """The value of one grid at a fractional (row, column), scalars.

    `coefficients_flat` (N,) holds one or more grids end to end; this one starts at `offset` and
    has `shape` (rows, columns), all of which may be traced. Once continuously differentiable
    inside. Within half a node of the edge, and outside, the value at the clip is held.
    """
    patch, row_part, column_part, _ = _patch(coefficients_flat, offset, shape, row, column)
    return _weights(row_part) @ patch @ _weights(column_part)


def spline_value_and_gradient(
    coefficients_flat: Float[AnyArray, " coefficient"],
    offset: Int[AnyArray, ""],
    shape: Int[AnyArray, "2"],
    row: Float[AnyArray, ""],
    column: Float[AnyArray, ""],
) -> tuple[Float[Array, ""], Float[Array, "2"]]:
    """As `spline_value`, with the derivative (2,) by row and by column, per node.

    The derivative across an edge is zero where the value is held.
    """
    patch, row_part, column_part, inside = _patch(coefficients_flat, offset, shape, row, column)
    across = patch @ _weights(column_part)
    value = _weights(row_part) @ across
    by_row = _slopes(row_part) @ across
    by_column = _weights(row_part) @ patch @ _slopes(column_part)
    return value, jnp.where(inside, jnp.stack([by_row, by_column]), 0.0)


def _patch(
    coefficients_flat: Float[Array, " n"],
    offset: Int[Array, ""],
    shape: Int[Array, "2"],
    row: Float[Array, ""],
    column: Float[Array, ""],
) -> tuple[Float[Array, "3 3"], Float[Array, ""], Float[Array, ""], Bool[Array, "2"]]:
    """The 3x3 coefficients around a point, its offsets from their middle, and what is inside."""
    place = jnp.stack([jnp.asarray(row), jnp.asarray(column)])
    count = jnp.stack([jnp.asarray(n, dtype=jnp.int32) for n in shape])
    held = jnp.clip(place, 0.5, count.astype(place.dtype) - 1.5)
    middle = jnp.clip(jnp.round(held).astype(jnp.int32), 1, count - 2)
    around = jnp.arange(-1, 2, dtype=jnp.int32)
    rows = (middle[0] + around) * count[1]
    columns = middle[1] + around
    index = offset + rows[:, None] + columns[None, :]
    patch = coefficients_flat.at[index].get(mode="promise_in_bounds")
    part = held - middle.astype(held.dtype)
    return patch, part[0], part[1], held == place


def _weights(part: Float[Array, ""]) -> Float[Array, "3"]:
    """The quadratic B-spline at the three nearest nodes; `part` in [-1/2, 1/2]."""
    return jnp.stack([0.5 * (0.5 - part) ** 2, 0.75 - part**2, 0.5 * (0.5 + part) ** 2])


def _slopes(part: Float[Array, ""]) -> Float[Array, "3"]:
    return jnp.stack([part - 0.5, -2.0 * part, part + 0.5])
