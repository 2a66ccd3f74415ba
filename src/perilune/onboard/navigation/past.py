"""Where the filter believes it was at the time tag of a message: its estimates of some cycles.

An estimate of the past is the one of then, with what has been corrected since. Between two cycles
it is interpolated: acceleration is that of the mean, and the rate changes evenly about its mean. A
measurement of the past is then compared with the state of its own time, and corrects the present
through the transition between the two, dx(then) = (I - lag d/dt) dx(now), of which position by
velocity matters: what noise and biases add over a lag of a second or less is left out (Larsen et
al. 1998, Proc. 37th IEEE CDC).
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.rotation import (
    conjugate,
    from_rotation_vector,
    multiply,
    to_rotation_vector,
)

KEPT_COUNT = 16
"""Cycles: 3.2 s in powered flight."""
LEAST_TIME_S = 1e-6
"""Times that differ by less are one: a time tag of now is not of the cycle before by rounding."""


class Instant(eqx.Module):
    """A believed state, and the sum of all corrections up to then."""

    _: KW_ONLY
    time_s: Float[Array, "..."]
    position_inertial_m: Float[Array, "... 3"]
    velocity_inertial_m_s: Float[Array, "... 3"]
    inertial_from_body: Float[Array, "... 4"]
    rate_body_rad_s: Float[Array, "... 3"]  # over the last tick
    moved_m: Float[Array, "... 3"]
    sped_m_s: Float[Array, "... 3"]
    turned_rad: Float[Array, "... 3"]


class Then(eqx.Module):
    """The believed state at a time tag."""

    _: KW_ONLY
    known: Bool[Array, ""]  # whether the time is within what is kept
    lag_s: Float[Array, ""]  # how long ago
    position_inertial_m: Float[Array, "3"]
    velocity_inertial_m_s: Float[Array, "3"]
    inertial_from_body: Float[Array, "4"]
    rate_body_rad_s: Float[Array, "3"]


def no_past() -> Instant:
    """Nothing is kept yet: no time is that late."""
    rows = (KEPT_COUNT, 3)
    return Instant(
        time_s=jnp.full(KEPT_COUNT, jnp.inf),
        position_inertial_m=jnp.zeros(rows),
        velocity_inertial_m_s=jnp.zeros(rows),
        inertial_from_body=jnp.zeros((KEPT_COUNT, 4)).at[:, 0].set(1.0),
        rate_body_rad_s=jnp.zeros(rows),
        moved_m=jnp.zeros(rows),
        sped_m_s=jnp.zeros(rows),
        turned_rad=jnp.zeros(rows),
    )


def remembered(past: Instant, now: Instant) -> Instant:
    """The past with one instant more, the newest first; the oldest is forgotten."""
    return jax.tree.map(lambda new, old: jnp.concatenate([new[None], old[:-1]]), now, past)


def at(past: Instant, now: Instant, time_s: Float[Array, ""]) -> Then:
    """The state at a time: `now` is the present, whose sums of corrections are the latest.

    The newest instant that is kept is the present one before its readings. A time beyond it, by an
    error of the time tag, is reached with velocity and rate.
    """
    late_enough = past.time_s <= time_s + LEAST_TIME_S
    place = jnp.argmax(late_enough)
    first = jax.tree.map(lambda rows: rows[place], past)
    second = jax.tree.map(lambda rows: rows[jnp.maximum(place - 1, 0)], past)
    span_s = second.time_s - first.time_s
    between, per_s = span_s > 0.0, 1.0 / jnp.maximum(span_s, LEAST_TIME_S)
    after_s = time_s - first.time_s
    push = per_s * (second.velocity_inertial_m_s - first.velocity_inertial_m_s)
    push = jnp.where(between, push, 0.0)
    turn = multiply(conjugate(first.inertial_from_body), second.inertial_from_body)
    mean = jnp.where(between, per_s * to_rotation_vector(turn), now.rate_body_rad_s)
    spun = jnp.where(between, per_s * (second.rate_body_rad_s - first.rate_body_rad_s), 0.0)
    lag_s = now.time_s - time_s
    sped_m_s = now.sped_m_s - first.sped_m_s
    moved_m = now.moved_m - first.moved_m - lag_s * sped_m_s
    speed = first.velocity_inertial_m_s
    turn = after_s * (mean + 0.5 * (after_s - span_s) * spun)
    turned = multiply(first.inertial_from_body, from_rotation_vector(turn))
    return Then(
        known=jnp.any(late_enough),
        lag_s=lag_s,
        position_inertial_m=first.position_inertial_m
        + after_s * (speed + 0.5 * after_s * push)
        + moved_m,
        velocity_inertial_m_s=speed + after_s * push + sped_m_s,
        inertial_from_body=multiply(
            from_rotation_vector(now.turned_rad - first.turned_rad), turned
        ),
        rate_body_rad_s=mean + (after_s - 0.5 * span_s) * spun,
    )
