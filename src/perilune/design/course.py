"""The braking course: time to go and distance that keep the planned thrust inside its reserve."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from jaxtyping import Float

from perilune.design.course_refusals import Bounds, Flown, Kept, refuse
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg
from perilune.mission.mission import Descent, Mission
from perilune.mission.phase_events import ignition_of
from perilune.mission.propulsion import Propulsion
from perilune.onboard.guidance.polynomial import e_guidance, final_acceleration

STEP_COUNT, RANGE_COUNT, FINE_RANGE_COUNT, FINER = 320, 81, 2_001, 20
"""The last: by which times are closer where the range is settled."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """What braking begins with, as the search needs it."""

    mass_kg: float
    speed_m_s: float
    altitude_m: float
    gm_m3_s2: float
    site_height_m: float
    climb_m_s: float = 0.0
    """Up; `speed_m_s` is along the ground."""
    range_m: float | None = None
    """Where ignition is settled; else the search finds it."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """The course chosen; vectors are (downrange, up) at the site, as the search is planar."""

    braking_time_s: float
    ignition_range_m: float
    gate_m: tuple[float, float]
    gate_velocity_m_s: tuple[float, float]
    gate_deceleration_m_s2: float
    end_mass_kg: float
    peak_thrust_fraction: float
    least_clearance_m: float


CLOSED_FORM_LAWS = ("braking",)
"""Those whose course is a point of this grid; for others descents are rehearsed."""
GroundHeight = Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, " n"]]
"""Distance before the site, m, to height above the sphere, m."""
TIMES_TRIED = ((1.0, 1.6), (1.6, 2.6))
"""Of the shortest time; the longer ones, of weak engines, only where none of the others fits."""


def is_closed_form(mission: Mission) -> bool:
    """Whether the law of the braking phase follows a course of this grid."""
    phases = mission.descent.phases
    return phases[ignition_of(phases) or 0].law in CLOSED_FORM_LAWS


def find_course(start: Start, engine: Propulsion, descent: Descent, ground: GroundHeight) -> Course:
    """Least propellant among courses within peak thrust and clearance, by a grid of both choices.

    Where the mission asks for a time of braking, the grid is of the distance alone.
    Guidance follows a total acceleration linear in time whatever gravity does, so each candidate is
    flown in the plane through the site with a central field. InputError when no candidate fits.
    """
    for times in _tried(start, descent):
        times_s, ranges_m = _candidates(start, engine, descent, times)
        flown = _fly(start, engine, descent, times_s, ranges_m, ground)
        kept = _kept(flown, descent)
        if np.any(kept.both):
            break
    else:
        _refuse(start, engine, descent, ground)
    best = int(np.argmax(np.where(kept.both, flown.end_mass_kg, -np.inf)))
    gate, velocity = _gate(start, descent)
    return Course(
        braking_time_s=float(times_s[best]),
        ignition_range_m=float(ranges_m[best]),
        gate_m=tuple(gate),
        gate_velocity_m_s=tuple(velocity),
        gate_deceleration_m_s2=float(flown.end_deceleration_m_s2[best]),
        end_mass_kg=float(flown.end_mass_kg[best]),
        peak_thrust_fraction=float(flown.peak_thrust_fraction[best]),
        least_clearance_m=float(flown.clearance_m[best]),
    )


def _kept(flown: Flown, descent: Descent) -> Kept:
    return Kept(
        flown.peak_thrust_fraction <= descent.peak_thrust_fraction,
        flown.clearance_m >= descent.clearance_m,
    )


def _refuse(start: Start, engine: Propulsion, descent: Descent, ground: GroundHeight) -> NoReturn:
    """Why nothing fits, of all the times there are: the one that is asked for may be why."""
    free = descent.model_copy(update={"braking_time_s": 0.0})
    spans = [_candidates(start, engine, free, times) for times in TIMES_TRIED]
    times_s, ranges_m = (np.concatenate(each) for each in zip(*spans, strict=True))
    flown = _fly(start, engine, descent, times_s, ranges_m, ground)
    kept, bounds = _kept(flown, descent), Bounds(descent, engine.max_thrust_n, start.mass_kg)
    refuse(bounds, times_s, flown, kept)


def _tried(start: Start, descent: Descent) -> tuple[tuple[float, float], ...]:
    """The spans of times, one after the other; all at once where the range is settled."""
    if descent.braking_time_s > 0.0:
        return TIMES_TRIED[:1]
    return TIMES_TRIED if start.range_m is None else ((TIMES_TRIED[0][0], TIMES_TRIED[-1][1]),)


def _candidates(
    start: Start, engine: Propulsion, descent: Descent, times: tuple[float, float]
) -> tuple[Float[np.ndarray, " candidate"], Float[np.ndarray, " candidate"]]:
    """(times of braking, distances in which it is done): from a stop with all of the thrust on."""
    if descent.braking_time_s > 0.0:
        shares = np.linspace(0.25, 0.75, FINE_RANGE_COUNT)
        ranges_m = shares * start.speed_m_s * descent.braking_time_s
        if start.range_m is not None:
            ranges_m = np.array([start.range_m])
        return np.full(ranges_m.shape, descent.braking_time_s), ranges_m
    slack_m_s2 = descent.peak_thrust_fraction * engine.max_thrust_n / start.mass_kg
    drop_m = max(start.altitude_m - start.site_height_m - descent.gate_height_m, 0.0)
    stop_s, fall_s = start.speed_m_s / slack_m_s2, math.sqrt(6.0 * drop_m / slack_m_s2)
    shortest_s = max(0.7 * stop_s, fall_s)
    step_s = max(min(4.0, shortest_s / 100.0), shortest_s / 400.0)
    shares = np.linspace(0.25, 0.75, RANGE_COUNT)
    ranges_m = shares * start.speed_m_s * times[0] * shortest_s
    if start.range_m is not None:
        ranges_m, step_s = np.array([start.range_m]), step_s / FINER
    times_s, ranges_m = np.meshgrid(
        np.arange(times[0] * shortest_s, times[1] * shortest_s, step_s), ranges_m
    )
    return times_s.ravel(), ranges_m.ravel()


def _gate(start: Start, descent: Descent) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2"]]:
    """Where braking ends and how fast, (downrange, up) from the site."""
    site_radius_m = MOON_RADIUS_M + start.site_height_m
    angle = -descent.gate_range_m / MOON_RADIUS_M
    up = np.array([math.sin(angle), math.cos(angle)])
    ahead = np.array([math.cos(angle), -math.sin(angle)])
    gate = up * (site_radius_m + descent.gate_height_m) - np.array([0.0, site_radius_m])
    sink = descent.gate_descent_rate_m_s * up
    return gate, descent.gate_forward_speed_m_s * ahead - sink


def _fly(
    start: Start,
    engine: Propulsion,
    descent: Descent,
    times_s: Float[np.ndarray, " candidate"],
    ranges_m: Float[np.ndarray, " candidate"],
    ground: GroundHeight,
) -> Flown:
    """All candidates at once."""
    center = np.array([0.0, -(MOON_RADIUS_M + start.site_height_m)])[:, None]
    angle = -ranges_m / MOON_RADIUS_M
    radius_m = MOON_RADIUS_M + start.altitude_m
    place = radius_m * np.stack([np.sin(angle), np.cos(angle)]) + center
    speed = start.speed_m_s * np.stack([np.cos(angle), -np.sin(angle)])
    speed = speed + start.climb_m_s * np.stack([np.sin(angle), np.cos(angle)])
    gate, velocity = (vector[:, None] for vector in _gate(start, descent))
    ending = -final_acceleration(gate - place, speed, velocity, times_s)[0]
    mass_kg, peak = np.full(times_s.shape, start.mass_kg), np.zeros(times_s.shape)
    clearance_m, step_s = np.full(times_s.shape, np.inf), times_s / STEP_COUNT
    closest_m = np.zeros(times_s.shape)
    exhaust_m_s = exhaust_speed_m_s(engine.specific_impulse_s)
    for index in range(STEP_COUNT):
        wanted = np.asarray(e_guidance(gate - place, speed, velocity, times_s - index * step_s))
        down = place - center
        distance_m = np.linalg.norm(down, axis=0)
        thrust = np.linalg.norm(wanted + start.gm_m3_s2 * down / distance_m**3, axis=0)
        peak = np.maximum(peak, mass_kg * thrust / engine.max_thrust_n)
        before_m = -MOON_RADIUS_M * np.arctan2(down[0], down[1])
        clear_m = distance_m - MOON_RADIUS_M - ground(before_m)
        closer = (before_m > descent.clearance_until_m) & (clear_m < clearance_m)
        clearance_m = np.where(closer, clear_m, clearance_m)
        closest_m = np.where(closer, before_m, closest_m)
        place = place + step_s * speed + 0.5 * step_s**2 * wanted
        speed = speed + step_s * wanted
        mass_kg = mass_after_kg(mass_kg, thrust * step_s, exhaust_m_s, xp=np)
    return Flown(mass_kg, peak, clearance_m, ending, closest_m)
