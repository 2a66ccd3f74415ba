"""The limits of a touchdown, and what a summary has beside each of them.

The same lines judge one flight and a batch: every function here takes a summary whose leaves may
have leading axes, in NumPy or JAX.
"""

import math
from dataclasses import KW_ONLY
from types import ModuleType
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from perilune.flight.fly import FlightSummary
from perilune.flight.outcome import Outcome
from perilune.mechanics.array_types import AnyArray
from perilune.mission import Mission

NEARLY = 1.0 - 1e-9
"""A leg stops at its stroke: one that used all of it, to rounding, may have wanted more."""


class Measure(NamedTuple):
    """A criterion of each flight; its value is not-a-number where the flight never came to it."""

    value: Float[AnyArray, "..."]
    limit: float
    met: Bool[AnyArray, "..."]


class Limits(eqx.Module):
    """What makes a touchdown clean, by the lander; `miss_m`, the mission's own, does not."""

    _: KW_ONLY
    vertical_speed_m_s: float
    horizontal_speed_m_s: float
    tilt_rad: float
    body_rate_rad_s: float
    leg_stroke_m: float
    miss_m: float
    part_names: tuple[str, ...] = eqx.field(static=True, default=())  # the last points of the hull


def limits_of(mission: Mission) -> Limits:
    """The limits of a mission's lander and its own criteria."""
    limits, legs = mission.lander.limits, mission.lander.legs
    return Limits(
        vertical_speed_m_s=limits.vertical_speed_m_s,
        horizontal_speed_m_s=limits.horizontal_speed_m_s,
        tilt_rad=limits.tilt_rad,
        body_rate_rad_s=limits.body_rate_rad_s,
        leg_stroke_m=legs.stroke_m,
        miss_m=mission.criteria.miss_m,
        part_names=tuple(part.name for part in mission.lander.parts),
    )


def touched(summary: FlightSummary) -> Bool[AnyArray, "..."]:
    """Whether any part of the lander ever felt the ground."""
    return _numbers(summary).isfinite(summary.contact.vertical_speed_m_s)


def at_rest(summary: FlightSummary) -> Bool[AnyArray, "..."]:
    """Whether it came to rest before anything else ended the flight."""
    return upright_at_rest(summary) | (summary.outcome == int(Outcome.ON_ITS_HULL))


def upright_at_rest(summary: FlightSummary) -> Bool[AnyArray, "..."]:
    """At rest, and on nothing but its feet: the hull never felt the ground."""
    return summary.outcome == int(Outcome.LANDED)


def measures(summary: FlightSummary, limits: Limits) -> dict[str, Measure]:
    """The `Measure` of each criterion, by name.

    A value is met up to and including its limit, but a leg only below its stroke, where it stops.
    `at_rest` is 1 or 0 and must be 1.
    """
    numbers, down, rested = _numbers(summary), touched(summary), at_rest(summary)
    contact, degrees = summary.contact, 180.0 / math.pi

    def if_down(value: Float[AnyArray, "..."]) -> Float[AnyArray, "..."]:
        return numbers.where(down, value, numbers.nan)

    legs = summary.legs
    broken_count = numbers.sum(numbers.where(legs.broken, 1.0, 0.0), axis=-1)
    stroke_m = if_down(numbers.max(legs.stroke_m[..., 0, 0], axis=-1))
    most = {
        "vertical_speed_m_s": (contact.vertical_speed_m_s, limits.vertical_speed_m_s),
        "horizontal_speed_m_s": (contact.horizontal_speed_m_s, limits.horizontal_speed_m_s),
        "tilt_deg": (
            numbers.where(rested, degrees * summary.rest.tilt_rad, numbers.nan),
            degrees * limits.tilt_rad,
        ),
        "body_rate_deg_s": (degrees * contact.body_rate_rad_s, degrees * limits.body_rate_rad_s),
        "leg_stroke_m": (stroke_m, limits.leg_stroke_m),
        "broken_legs_count": (if_down(broken_count), 0.0),
        "hull_contact_n": (if_down(_hull_force_n(summary)), 0.0),
        "bell_contact_n": (if_down(_bell_force_n(summary)), 0.0),
        "miss_m": (numbers.where(rested, summary.miss_m, numbers.nan), limits.miss_m),
    }
    rows = {name: Measure(value, limit, value <= limit) for name, (value, limit) in most.items()}
    inside = stroke_m < NEARLY * limits.leg_stroke_m
    rows["leg_stroke_m"] = Measure(stroke_m, limits.leg_stroke_m, inside)
    rows["at_rest"] = Measure(numbers.where(rested, 1.0, 0.0), 1.0, rested)
    return rows


def clean_mask(summary: FlightSummary, limits: Limits) -> Bool[AnyArray, "..."]:
    """Whether each flight of a batch is clean: on its feet, whole, inside its lander's limits.

    `summary` is a `FlightSummary` with any leading axes; a bool of those axes. Fit for `jit`.
    """
    clean = upright_at_rest(summary)
    for name, (_, _, met) in measures(summary, limits).items():
        clean = clean & met if name != "miss_m" else clean
    return clean


def crushed_and_struck(summary: FlightSummary) -> dict[str, Float[AnyArray, "..."]]:
    """What else a reviewer of a touchdown asks of legs, soil and hull; not-a-number where none.

    The largest stroke of any secondary strut, how deep a pad sank, how hard hull or bells struck
    the ground at most, where in the body frame, and how far the lowest rim of an engine is over the
    ground at rest.
    """
    numbers, legs = _numbers(summary), summary.legs
    across_m = numbers.max(legs.stroke_m[..., 1:, :], axis=(-3, -2, -1), initial=0.0)
    struck_n = numbers.max(summary.peak_force_n[..., summary.leg_count :], axis=-1)
    place_m = summary.strike_body_m
    figures = {
        "secondary_stroke_m": across_m,
        "pad_sinkage_m": numbers.max(legs.deepest_m, axis=-1),
        "strike_n": numbers.where(struck_n > 0.0, struck_n, numbers.nan),
        **{f"strike_{axis}_m": place_m[..., at] for at, axis in enumerate("xyz")},
        "bell_clearance_m": numbers.where(at_rest(summary), summary.bell_clearance_m, numbers.nan),
    }
    return {
        name: numbers.where(touched(summary), each, numbers.nan) for name, each in figures.items()
    }


def part_forces_n(summary: FlightSummary, limits: Limits) -> dict[str, Float[AnyArray, "..."]]:
    """How hard each part of the lander struck the ground at most, by name; 0 where it did not.

    Not-a-number where nothing ever touched.
    """
    end = summary.peak_force_n.shape[-1] - summary.bell_count
    first, numbers = end - len(limits.part_names), _numbers(summary)
    return {
        name: numbers.where(touched(summary), summary.peak_force_n[..., first + at], numbers.nan)
        for at, name in enumerate(limits.part_names)
    }


def _bell_force_n(summary: FlightSummary) -> Float[AnyArray, "..."]:
    return _numbers(summary).max(summary.peak_force_n[..., -summary.bell_count :], axis=-1)


def _hull_force_n(summary: FlightSummary) -> Float[AnyArray, "..."]:
    hull = slice(summary.leg_count, -summary.bell_count)
    return _numbers(summary).max(summary.peak_force_n[..., hull], axis=-1)


def _numbers(summary: FlightSummary) -> ModuleType:
    """NumPy for what is on the host already, JAX else: one flight then costs no compiling."""
    return jnp if isinstance(summary.miss_m, jax.Array) else np
