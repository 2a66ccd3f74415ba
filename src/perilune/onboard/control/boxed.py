"""Orders within limits that make what is wanted, or the nearest to it that can be had."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.matrices import solved

STEP_COUNT = 12
SLACK = 1e-6
LENGTHS = (1.0, 0.7, 0.4, 0.2, 0.1, 0.04, 0.01)
"""Shares of a Newton step that are tried; the best is taken."""


def boxed_least_squares(
    rows: Float[Array, "m n"],
    wanted: Float[Array, " m"],
    low: Float[Array, " n"],
    high: Float[Array, " n"],
    preferred: Float[Array, " n"],
) -> Float[Array, " n"]:
    """The x of least |rows x - wanted|^2 + SLACK |x - preferred|^2 within low <= x <= high.

    Of all orders that make what is wanted that one nearest to `preferred`; where limits forbid it,
    the least-squares answer within them, weighted as the rows are. A projected Newton method
    (Bertsekas 1982, SIAM J. Control 20(2)) of a fixed number of steps: what is at a limit and
    pushed against it stays, the rest takes a Newton step, cut at the limits, of the best of a few
    lengths. Scale x so that its limits are of the order of 1.
    """
    curvature = rows.T @ rows + SLACK * jnp.eye(len(low))
    target = rows.T @ wanted + SLACK * preferred

    def cost(x: Float[Array, " n"]) -> Float[Array, ""]:
        return 0.5 * x @ (curvature @ x) - target @ x

    def step(x: Float[Array, " n"], _: None) -> tuple[Float[Array, " n"], None]:
        slope = curvature @ x - target
        held = ((x <= low) & (slope > 0.0)) | ((x >= high) & (slope < 0.0))
        free = jnp.where(held, 0.0, 1.0)
        system = free[:, None] * curvature * free + jnp.diag(1.0 - free)
        along = solved(system, -free * slope)
        tried = jnp.clip(x + jnp.asarray(LENGTHS)[:, None] * along, low, high)
        return tried[jnp.argmin(jax.vmap(cost)(tried))], None

    return jax.lax.scan(step, jnp.clip(preferred, low, high), None, STEP_COUNT)[0]
