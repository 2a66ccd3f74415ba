"""Which sensor sees what along the planned descent: from which height, and how much of each phase.

The ground is taken level at the height below the lander and the attitude as commanded; ranges,
incidence, speed, heights and light are held against the sensor's own limits. Dropouts and the shape
of the ground are left to flights.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from perilune.design.flight_plan import FlightPlan
from perilune.design.light_report import PhaseLight, lightings, phase_light
from perilune.design.phase_budget import Steps
from perilune.interfaces import ranging, velocimeter
from perilune.interfaces.altimeter import AltimeterSpec
from perilune.interfaces.camera import LEAST_QUALITY, CameraSpec
from perilune.interfaces.descent_phase import BEAMS, Phase
from perilune.interfaces.optical_velocity import OpticalVelocitySpec, view_body
from perilune.interfaces.radar_altimeter import RadarAltimeterSpec
from perilune.interfaces.star_tracker import StarTrackerSpec
from perilune.interfaces.units import kind_of
from perilune.interfaces.velocimeter import VelocimeterSpec
from perilune.mechanics.glare import is_near, moon_is_near
from perilune.onboard.control.attitude import attitude_from_axes
from perilune.truth.environment.ephemeris import earth_position_m, sun_position_m
from perilune.truth.environment.lighting import Lighting, daylight_fraction
from perilune.truth.sensors import camera

TURN_ROW_COUNT = 5
"""A rate is that over so many steps."""


@dataclass(frozen=True, kw_only=True)
class Sights:
    """Where the lander is and how it lies at each step, in axes with z up."""

    height_m: Float[np.ndarray, " n"]
    level_from_body: Float[np.ndarray, "n 3 3"]  # along the track, across it to the left, up
    over_ground_m_s: Float[np.ndarray, "n 3"]
    turning_rad_s: Float[np.ndarray, " n"]
    axial_used: Bool[np.ndarray, " n"]  # the altimeter's beam in use
    lighting: Lighting  # of the ground below, rows of both
    place_level_m: Float[np.ndarray, "n 3"]  # from the Moon's centre
    sun_level_m: Float[np.ndarray, "n 3"]  # from the lander
    earth_level_m: Float[np.ndarray, "n 3"]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What one unit sees from ignition on; heights are of the pads."""

    label: str
    first_height_m: float | None  # None where it sees nothing
    last_height_m: float | None
    seen_fraction: tuple[tuple[str, float], ...]  # of each phase, by its name


def sights_of(steps: Steps, plan: FlightPlan) -> Sights:
    """From the rehearsed steps; the side axis lies across the track, as it is commanded."""
    falling = steps.falling
    place_m = np.asarray(falling.position_inertial_m)
    up = _unit(place_m)
    velocity_m_s = np.asarray(falling.velocity_inertial_m_s)
    left = _unit(np.cross(up[:1], velocity_m_s[:1])) * np.ones((len(up), 1))
    ahead = _unit(np.cross(left, up))
    inertial_from_level = np.stack([ahead, np.cross(up, ahead), up], axis=-1)
    thrust = np.asarray(falling.thrust_direction_inertial)
    inertial_from_body = np.asarray(
        jax.vmap(attitude_from_axes)(jnp.asarray(thrust), jnp.asarray(-left))
    )
    across_m_s = np.asarray(falling.horizontal_speed_m_s)
    down_m_s = np.asarray(falling.vertical_speed_m_s)
    apart = _unit(thrust[TURN_ROW_COUNT:]) - _unit(thrust[:-TURN_ROW_COUNT])
    span_s = falling.time_s[TURN_ROW_COUNT:] - falling.time_s[:-TURN_ROW_COUNT]
    rate = np.linalg.norm(apart, axis=-1) / np.asarray(span_s)
    phases = steps.mission.descent.phases
    seen = lightings(plan, falling.time_s, falling.position_inertial_m)
    axial = np.array([BEAMS.index(phase.altimeter_beam) == 1 for phase in phases])
    level_from_inertial = np.swapaxes(inertial_from_level, -1, -2)

    def seen_m(position_m: Callable[..., Any]) -> Float[np.ndarray, "n 3"]:
        there_m = jax.vmap(lambda time_s: position_m(plan.world.sky, time_s))(
            jnp.asarray(falling.time_s)
        )
        return _turned(level_from_inertial, np.asarray(there_m) - place_m)

    return Sights(
        height_m=np.asarray(falling.height_m),
        level_from_body=level_from_inertial @ inertial_from_body,
        over_ground_m_s=np.stack([across_m_s, 0.0 * across_m_s, -down_m_s], axis=-1),
        turning_rad_s=np.concatenate([rate, np.full(len(up) - len(rate), rate[-1])]),
        axial_used=axial[np.asarray(falling.progress.phase)],
        lighting=seen,
        place_level_m=_turned(level_from_inertial, place_m),
        sun_level_m=seen_m(sun_position_m),
        earth_level_m=seen_m(earth_position_m),
    )


def light_below(steps: Steps, sights: Sights, plan: FlightPlan) -> tuple[PhaseLight, ...]:
    """Of each phase with thrust."""
    found, tabulated = [], plan.world.light is not None
    for index, phase in enumerate(steps.mission.descent.phases):
        rows = steps.is_in(index)
        if phase.engine and rows.any():
            seen = Lighting(*(part[jnp.asarray(rows)] for part in sights.lighting))
            found.append(phase_light(phase.name, seen, tabulated))
    return tuple(found)


def coverage_of(steps: Steps, sights: Sights) -> tuple[Coverage, ...]:
    """Of each sensor that looks at ground or sky."""
    phases = steps.mission.descent.phases
    return tuple(
        _coverage(label, SEES[kind_of(label)](spec, sights), steps, phases)
        for label, spec in steps.mission.lander.sensors.items()
        if kind_of(label) in SEES
    )


def _coverage(
    label: str, seen: Bool[np.ndarray, " n"], steps: Steps, phases: Sequence[Phase]
) -> Coverage:
    heard = np.zeros(len(seen), bool)
    shares = []
    for index, phase in enumerate(phases):
        rows = steps.is_in(index)
        if phase.engine and rows.any():
            listens = not phase.sensors or bool({label, kind_of(label)} & set(phase.sensors))
            heard |= rows & seen & listens
            shares.append((phase.name, float(np.mean(heard[rows]))))
    height_m, places = np.asarray(steps.falling.height_m), np.flatnonzero(heard)
    return Coverage(
        label=label,
        first_height_m=float(height_m[places[0]]) if len(places) else None,
        last_height_m=max(float(height_m[places[-1]]), 0.0) if len(places) else None,
        seen_fraction=tuple(shares),
    )


def _altimeter(spec: AltimeterSpec, sights: Sights) -> Bool[np.ndarray, " n"]:
    canted, axial = np.asarray(ranging.beams_body(spec))
    beam_body = np.where(sights.axial_used[:, None], axial, canted)
    return _in_reach(spec, sights, beam_body[:, None])[:, 0]


def _radar_altimeter(spec: RadarAltimeterSpec, sights: Sights) -> Bool[np.ndarray, " n"]:
    """By the ray of its beam that is nearest to straight down."""
    canted, axial = np.asarray(ranging.beams_body(spec))
    axis_body = np.where(sights.axial_used[:, None], axial, canted)
    axis = np.einsum("nij,nj->ni", sights.level_from_body, axis_body)
    lean_rad = np.arccos(np.clip(-axis[:, 2], -1.0, 1.0)) - spec.half_angle_rad
    cosine = np.cos(np.clip(lean_rad, 0.0, np.pi))
    mount_m = np.einsum("nij,j->ni", sights.level_from_body, np.asarray(spec.mount_m))[:, 2]
    return _ranged(spec, (sights.height_m + mount_m)[:, None], cosine[:, None])[:, 0]


def _velocimeter(spec: VelocimeterSpec, sights: Sights) -> Bool[np.ndarray, " n"]:
    """All three beams: with fewer it knows no velocity whole."""
    beams_body = np.asarray(velocimeter.beams_body(spec))[None] * np.ones(
        (len(sights.height_m), 1, 1)
    )
    beams = np.einsum("nij,nbj->nbi", sights.level_from_body, beams_body)
    speed_m_s = np.abs(np.einsum("nbi,ni->nb", beams, sights.over_ground_m_s))
    in_reach = _in_reach(spec, sights, beams_body)
    return (in_reach & (speed_m_s < spec.speed_limit_m_s)).all(axis=-1)


def _in_reach(
    spec: AltimeterSpec | VelocimeterSpec, sights: Sights, beams_body: Float[np.ndarray, "n b 3"]
) -> Bool[np.ndarray, "n b"]:
    """Whether beams meet level ground within their ranges and not too obliquely."""
    beams = np.einsum("nij,nbj->nbi", sights.level_from_body, beams_body)
    mount_m = np.einsum("nij,j->ni", sights.level_from_body, np.asarray(spec.mount_m))[:, 2]
    return _ranged(spec, (sights.height_m + mount_m)[:, None], -beams[..., 2])


def _ranged(
    spec: AltimeterSpec | RadarAltimeterSpec | VelocimeterSpec,
    height_m: Float[np.ndarray, "n 1"],
    cosine: Float[np.ndarray, "n b"],
) -> Bool[np.ndarray, "n b"]:
    """Whether rays so far from straight down meet level ground within range and incidence."""
    with np.errstate(divide="ignore", invalid="ignore"):
        range_m = height_m / cosine
    oblique = cosine <= np.cos(spec.incidence_limit_rad)
    return ~oblique & (range_m > spec.min_range_m) & (range_m < spec.max_range_m)


def _camera(spec: CameraSpec, sights: Sights) -> Bool[np.ndarray, " n"]:
    """Where the light leaves it matches enough, one in twenty of those in full light."""
    inside = (sights.height_m > spec.min_height_m) & (sights.height_m < spec.max_height_m)
    quality = camera.quality_fraction(spec, sights.lighting, jnp.asarray(sights.height_m))
    return inside & (np.asarray(quality) >= LEAST_QUALITY)


def _optical_velocity(spec: OpticalVelocitySpec, sights: Sights) -> Bool[np.ndarray, " n"]:
    """Where its view is not too oblique, the ground slow enough and the light leaves it a part."""
    middle_body, across_body = (np.asarray(each) for each in view_body(jnp.asarray(spec.cant_rad)))
    cosine = -(sights.level_from_body @ middle_body)[:, 2]
    across = np.einsum("nij,bj->nbi", sights.level_from_body, across_body)
    speed_m_s = np.abs(np.einsum("nbi,ni->nb", across, sights.over_ground_m_s)).max(axis=-1)
    slow = speed_m_s * cosine < spec.flow_limit_rad_s * sights.height_m
    inside = (sights.height_m > spec.min_height_m) & (sights.height_m < spec.max_height_m)
    light = np.asarray(daylight_fraction(spec, sights.lighting)) >= LEAST_QUALITY
    return inside & slow & light & (cosine > np.cos(spec.tilt_limit_rad))


def _star_tracker(spec: StarTrackerSpec, sights: Sights) -> Bool[np.ndarray, " n"]:
    """Turning slowly, with neither Sun nor Earth nor the Moon's limb near its boresight."""
    axis = jnp.asarray(_turned(sights.level_from_body, np.asarray(spec.boresight)))
    dazzled = [
        jax.vmap(functools.partial(law, exclusion_rad=exclusion_rad))(axis, jnp.asarray(there_m))
        for law, there_m, exclusion_rad in (
            (is_near, sights.sun_level_m, spec.sun_exclusion_rad),
            (is_near, sights.earth_level_m, spec.earth_exclusion_rad),
            (moon_is_near, sights.place_level_m, spec.moon_exclusion_rad),
        )
    ]
    return (sights.turning_rad_s < spec.rate_limit_rad_s) & ~np.any(dazzled, axis=0)


SEES: dict[str, Callable[..., Bool[np.ndarray, " n"]]] = {
    "altimeter": _altimeter,
    "radar_altimeter": _radar_altimeter,
    "velocimeter": _velocimeter,
    "camera": _camera,
    "optical_velocity": _optical_velocity,
    "star_tracker": _star_tracker,
}
"""By the kind of sensor: at which steps it sees."""


def _unit(vectors: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _turned(
    rotations: Float[np.ndarray, "n 3 3"], vectors: Float[np.ndarray, "*n 3"]
) -> Float[np.ndarray, "n 3"]:
    return np.einsum("nij,nj->ni", rotations, np.broadcast_to(vectors, (len(rotations), 3)))
