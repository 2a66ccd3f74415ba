"""A smooth function of time as Chebyshev segments: how they are fitted and evaluated."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Float
from numpy.polynomial import chebyshev

from perilune.mechanics.array_types import AnyArray


class ChebyshevTable(eqx.Module):
    """A vector function of time in equal segments; times are seconds after the flight's epoch.

    `coefficients` has shape (segment, coefficient, dimension); segment k covers
    `start_s + k * span_s` to `start_s + (k + 1) * span_s`.
    """

    start_s: Float[Array, ""]
    span_s: Float[Array, ""]
    coefficients: Float[Array, "segment coefficient dimension"]


def fit(
    function: Callable[[float], Float[np.ndarray, " dimension"]],
    start_s: float,
    stop_s: float,
    segment_s: float,
    degree: int,
) -> ChebyshevTable:
    """Interpolate a host function in Chebyshev nodes of the first kind; numpy, not traced.

    `function(t_s)` gives a vector of fixed length for a float, and is called in order of time. The
    span is cut into equal segments of at most `segment_s`. Equal to the function at `degree + 1`
    nodes a segment.
    """
    count = max(1, int(np.ceil((stop_s - start_s) / segment_s - 1e-12)))
    span_s = (stop_s - start_s) / count
    nodes = chebyshev.chebpts1(degree + 1)
    times_s = start_s + span_s * (np.arange(count)[:, None] + 0.5 * (nodes + 1.0))
    values = np.array([[function(float(t_s)) for t_s in row] for row in times_s])
    # Discrete orthogonality at these nodes: c_k = (2 - [k = 0]) / (d + 1) sum_j f(x_j) T_k(x_j).
    basis = chebyshev.chebvander(nodes, degree) * (2.0 / (degree + 1))
    basis[:, 0] *= 0.5
    coefficients = np.einsum("jk,sjd->skd", basis, values)
    fields = (start_s, span_s, coefficients)
    return ChebyshevTable(*(jnp.asarray(field, dtype=float) for field in fields))


def evaluate(
    table: ChebyshevTable, t_s: Float[AnyArray, "*times"], xp: ModuleType = jnp
) -> Float[AnyArray, "*times dimension"]:
    """The function at one time or many.

    Outside the table the first or last segment's polynomial goes on, so a few steps past the end
    cost nothing but accuracy that fades with the distance. One segment needs no gather.
    """
    coefficients, x = _segment(table, t_s, xp)
    count = coefficients.shape[-2]
    basis = [xp.ones_like(x), x]
    for _ in range(2, count):
        basis.append(2.0 * x * basis[-1] - basis[-2])
    return xp.sum(xp.stack(basis[:count], axis=-1)[..., None] * coefficients, axis=-2)


def evaluate_with_rate(
    table: ChebyshevTable, t_s: Float[ArrayLike, ""]
) -> tuple[Float[Array, " dimension"], Float[Array, " dimension"]]:
    """The function and its derivative in time at a scalar time, each of shape (dimension,)."""
    t_s = jnp.asarray(t_s, dtype=float)
    return jax.jvp(lambda at_s: evaluate(table, at_s), (t_s,), (jnp.ones_like(t_s),))


def derivative(table: ChebyshevTable) -> ChebyshevTable:
    """The table of the function's derivative in time, on the host."""
    slopes = chebyshev.chebder(np.asarray(table.coefficients), axis=1) * (2.0 / table.span_s)
    return ChebyshevTable(table.start_s, table.span_s, jnp.asarray(slopes))


def _segment(table: ChebyshevTable, t_s: Any, xp: ModuleType) -> tuple[AnyArray, AnyArray]:
    elapsed = (t_s - xp.asarray(table.start_s)) / xp.asarray(table.span_s)
    coefficients = xp.asarray(table.coefficients)
    count = coefficients.shape[0]
    if count == 1:
        return coefficients[0], 2.0 * elapsed - 1.0
    segment = xp.clip(xp.floor(elapsed), 0.0, count - 1.0)
    return coefficients[segment.astype(int)], 2.0 * (elapsed - segment) - 1.0
