"""Vertical descent: the rate by height, and a drift towards the aim point while there is height."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.derivatives import length, root
from perilune.onboard.guidance.situation import GuidanceCommand, Situation

DRIFT_LIMIT_M_S = 1.0
FADING_FACTOR = 2.0
"""Time before the final height over which drift fades away times the gain on it."""
SLOWEST_RATE_M_S = 0.1
LEAST_STOP_S = 1e-3
LEAST_RATE_SHARE = 0.5
"""Of the final rate: a lander whose drift does not end comes down this slowly."""
TILT_LIMIT = 0.3  # tangent of the lean allowed


def command(now: Situation) -> GuidanceCommand:
    """Straight down, leaning no more than the limit."""
    thrust = _descend(now) - now.view.gravity_site_m_s2
    return GuidanceCommand(_lean_limited(thrust, now.view.up_site), now.remaining_s)


class Contour(NamedTuple):
    """The rate of descent that belongs to a height, and what it takes to follow it down."""

    rate_m_s: Float[Array, ""]
    slowing_m_s2: Float[Array, ""] | None  # None where no phase slows down evenly


def _contour(now: Situation) -> Contour:
    """By height to the final rate; by its root where the phase has a deceleration, fed forward."""
    figures, over_m = now.figures, now.view.height_m - now.figures["final_height_m"]
    final_m_s, most_m_s = figures["final_descent_rate_m_s"], figures["descent_rate_m_s"]
    by_height_m_s = final_m_s + now.gains.slowing_per_s * over_m
    if "deceleration_m_s2" not in figures:
        return Contour(jnp.clip(by_height_m_s, final_m_s, most_m_s), None)
    even_m_s2 = figures["deceleration_m_s2"]
    has_none = jnp.isnan(even_m_s2)
    by_root_m_s = root(final_m_s**2 + 2.0 * even_m_s2 * jnp.maximum(over_m, 0.0))
    asked_m_s = jnp.where(has_none, by_height_m_s, by_root_m_s)
    slows = ~has_none & (over_m > 0.0) & (by_root_m_s < most_m_s)
    return Contour(jnp.clip(asked_m_s, final_m_s, most_m_s), jnp.where(slows, even_m_s2, 0.0))


def _slow_enough_to_stop_m_s(now: Situation, rate_m_s: Float[Array, ""]) -> Float[Array, ""]:
    """The rate, held down so that the time to the final height is enough to stop a fast drift.

    The lean allowed takes its tangent times the weight off the drift, and at last the gain on the
    drift decides. No less than a share of the final rate is kept: propellant ends too.
    """
    figures, view = now.figures, now.view
    across_m_s = length(view.velocity_site_m_s.at[2].set(0.0))
    fast_m_s = jnp.maximum(across_m_s - DRIFT_LIMIT_M_S, 0.0)
    stop_s = fast_m_s / (TILT_LIMIT * length(view.gravity_site_m_s2))
    stop_s = stop_s + fast_m_s / (fast_m_s + DRIFT_LIMIT_M_S) / now.gains.drift_gain_per_s
    over_m = jnp.maximum(view.height_m - figures["final_height_m"], 0.0)
    most_m_s = jnp.maximum(
        over_m / jnp.maximum(stop_s, LEAST_STOP_S),
        LEAST_RATE_SHARE * figures["final_descent_rate_m_s"],
    )
    return jnp.where(fast_m_s > 0.0, jnp.minimum(rate_m_s, most_m_s), rate_m_s)


def _descend(now: Situation) -> Float[Array, "3"]:
    """Rate by height, drift towards the aim point that fades away before the final height."""
    figures, view, gains = now.figures, now.view, now.gains
    rate, slowing_m_s2 = _contour(now)
    rate = _slow_enough_to_stop_m_s(now, rate)
    off = view.position_site_m.at[2].set(0.0)
    drift = -gains.position_gain_per_s * off
    left_s = (view.height_m - figures["final_height_m"]) / jnp.maximum(rate, SLOWEST_RATE_M_S)
    fading = jnp.clip(left_s * gains.drift_gain_per_s / FADING_FACTOR, 0.0, 1.0)
    most_m_s = fading * DRIFT_LIMIT_M_S
    drift = drift * jnp.minimum(1.0, most_m_s / jnp.maximum(length(drift), 1e-6))
    short = drift - rate * view.up_site - view.velocity_site_m_s
    rise = jnp.sum(short * view.up_site) * view.up_site
    met = gains.sink_gain_per_s * rise + gains.drift_gain_per_s * (short - rise)
    return met if slowing_m_s2 is None else met + slowing_m_s2 * view.up_site


def _lean_limited(thrust: Float[Array, "3"], up: Float[Array, "3"]) -> Float[Array, "3"]:
    rise = jnp.maximum(jnp.sum(thrust * up), 0.2)
    lean = thrust - jnp.sum(thrust * up) * up
    size = length(lean)
    return rise * up + lean * jnp.minimum(1.0, TILT_LIMIT * rise / jnp.maximum(size, 1e-6))
