"""Orders within limits that make what is wanted, or the nearest to it that can be had."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.matrices import gram, solved

ROUND_COUNT = 3
STEP_COUNT = 12
SLACK = 1e-6
LENGTHS = (1.0, 0.7, 0.4, 0.2, 0.1, 0.04, 0.01)
"""Shares of a Newton step that are tried; the best is taken."""


class Wanted(NamedTuple):
    """What the orders x are for: rows x = made, within low <= x <= high, near to `preferred`."""

    rows: Float[Array, "m n"]
    made: Float[Array, " m"]
    low: Float[Array, " n"]
    high: Float[Array, " n"]
    preferred: Float[Array, " n"]


class Orders(NamedTuple):
    """Those that are free, by equations that leave out the limits; the others are at theirs."""

    x: Float[Array, " n"]
    free: Bool[Array, " n"]


def boxed_least_squares(
    rows: Float[Array, "m n"],
    wanted: Float[Array, " m"],
    low: Float[Array, " n"],
    high: Float[Array, " n"],
    preferred: Float[Array, " n"],
) -> Float[Array, " n"]:
    """The x of least |rows x - wanted|^2 + SLACK |x - preferred|^2 within low <= x <= high.

    Of all orders that make what is wanted that one nearest to `preferred`; where limits forbid it,
    the least-squares answer within them, weighted as the rows are. Without the limits m equations
    give it. What is beyond a limit is put there and the rest solved again, as a redistributed
    pseudo-inverse does (Virnig and Bodden, AIAA 94-3542): that is the answer where everything at a
    limit is pushed against it. If it is not, a projected Newton method finds the answer. Scale x so
    that its limits are of the order of 1.
    """
    sought = Wanted(rows, wanted, low, high, preferred)
    free = low < high
    direct = _solved(sought, Orders(jnp.where(free, preferred, low), free))
    beyond = jnp.any((direct.x < low) | (direct.x > high))
    return if_any_lane(beyond, lambda _: _within(sought, direct), direct.x)


def _solved(sought: Wanted, orders: Orders) -> Orders:
    """The free ones nearest to `preferred` that make what the others leave to be made."""
    base = jnp.where(orders.free, sought.preferred, orders.x)
    fits = jnp.where(orders.free, sought.rows, 0.0)
    square = gram(fits) + SLACK * jnp.eye(len(sought.made))
    x = base + fits.T @ solved(square, sought.made - sought.rows @ base)
    return Orders(x, orders.free)


def _within(sought: Wanted, direct: Orders) -> Float[Array, " n"]:
    """Round by round with what is beyond its limits put there; by Newton's method if need be."""
    orders = direct
    for _ in range(ROUND_COUNT):
        kept = jnp.clip(orders.x, sought.low, sought.high)
        orders = _solved(sought, Orders(kept, orders.free & (kept == orders.x)))
    x = jnp.clip(orders.x, sought.low, sought.high)
    slope = sought.rows.T @ (sought.rows @ x - sought.made) + SLACK * (x - sought.preferred)
    held = ((x <= sought.low) & (slope >= 0.0)) | ((x >= sought.high) & (slope <= 0.0))
    best = jnp.all((orders.free & (x == orders.x)) | held)
    return if_any_lane(~best, lambda _: _by_newton(sought), x)


def _by_newton(sought: Wanted) -> Float[Array, " n"]:
    """By projected Newton steps (Bertsekas 1982, SIAM J. Control 20(2)), a fixed number of them.

    What is at a limit and pushed against it stays, the rest takes a Newton step, cut at the limits,
    of the best of a few lengths.
    """
    rows, wanted, low, high, preferred = sought
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
