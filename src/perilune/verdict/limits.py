"""What a touchdown is held against: a lander's limits, and what a summary says beside each.

The same few lines judge one flight and a batch: every function here takes a summary whose
leaves may have leading axes, NumPy's or JAX's.
"""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from perilune.flight.outcome import Outcome

NEARLY = 1.0 - 1e-9
"""A leg stops at its stroke: one that used all of it, to rounding, may have wanted more."""


class Limits(eqx.Module):
    """What makes a touchdown clean, by the lander; `miss_m`, the mission's own, does not."""

    vertical_speed_m_s: float
    horizontal_speed_m_s: float
    tilt_rad: float
    body_rate_rad_s: float
    leg_stroke_m: float
    miss_m: float


def limits_of(mission):
    """The limits of a mission's lander and its own criteria."""
    limits, legs = mission.lander.limits, mission.lander.legs
    return Limits(
        limits.vertical_speed_m_s,
        limits.horizontal_speed_m_s,
        limits.tilt_rad,
        limits.body_rate_rad_s,
        legs.stroke_m,
        mission.criteria.miss_m,
    )


def touched(summary):
    """Whether any part of the lander ever felt the ground."""
    return _numbers(summary).isfinite(summary.contact.vertical_speed_m_s)


def at_rest(summary):
    """Whether it came to rest before anything else ended the flight."""
    return upright_at_rest(summary) | (summary.outcome == int(Outcome.ON_ITS_HULL))


def upright_at_rest(summary):
    """At rest, and on nothing but its feet: the hull never felt the ground."""
    return summary.outcome == int(Outcome.LANDED)


def measures(summary, limits):
    """Each criterion's name → (value, limit, met); not-a-number where it never came to that.

    A value is met up to and including its limit, but a leg only below its stroke, where it stops.
    `at_rest` is 1 or 0 and must be 1.
    """
    numbers, down, rested = _numbers(summary), touched(summary), at_rest(summary)
    contact, degrees = summary.contact, 180.0 / math.pi

    def if_down(value):
        return numbers.where(down, value, numbers.nan)

    stroke_m = if_down(numbers.max(summary.stroke_m[..., : summary.leg_count], axis=-1))
    most = {
        "vertical_speed_m_s": (contact.vertical_speed_m_s, limits.vertical_speed_m_s),
        "horizontal_speed_m_s": (contact.horizontal_speed_m_s, limits.horizontal_speed_m_s),
        "tilt_deg": (
            numbers.where(rested, degrees * summary.rest.tilt_rad, numbers.nan),
            degrees * limits.tilt_rad,
        ),
        "body_rate_deg_s": (degrees * contact.body_rate_rad_s, degrees * limits.body_rate_rad_s),
        "leg_stroke_m": (stroke_m, limits.leg_stroke_m),
        "hull_contact_n": (if_down(_hull_force_n(summary)), 0.0),
        "bell_contact_n": (if_down(_bell_force_n(summary)), 0.0),
        "miss_m": (numbers.where(rested, summary.miss_m, numbers.nan), limits.miss_m),
    }
    rows = {name: (value, limit, value <= limit) for name, (value, limit) in most.items()}
    rows["leg_stroke_m"] = (stroke_m, limits.leg_stroke_m, stroke_m < NEARLY * limits.leg_stroke_m)
    rows["at_rest"] = (numbers.where(rested, 1.0, 0.0), 1.0, rested)
    return rows


def clean_mask(summary, limits):
    """Whether each flight of a batch is clean: on its feet, whole, inside its lander's limits.

    `summary` is a `FlightSummary` with any leading axes; a bool of those axes. Fit for `jit`.
    """
    clean = upright_at_rest(summary)
    for name, (_, _, met) in measures(summary, limits).items():
        clean = clean & met if name != "miss_m" else clean
    return clean


def _bell_force_n(summary):
    return _numbers(summary).max(summary.peak_force_n[..., -summary.bell_count :], axis=-1)


def _hull_force_n(summary):
    hull = slice(summary.leg_count, -summary.bell_count)
    return _numbers(summary).max(summary.peak_force_n[..., hull], axis=-1)


def _numbers(summary):
    """NumPy for what is on the host already, JAX else: one flight then costs no compiling."""
    return jnp if isinstance(summary.miss_m, jax.Array) else np
