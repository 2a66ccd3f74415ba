"""The planned track over the Moon, and how far true and onboard gravity differ on it."""

from dataclasses import dataclass
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.interpolate import CubicHermiteSpline

from perilune.design.course import Course
from perilune.design.map_belief import knots_m
from perilune.design.orbit import Approach, Fields, Transfer
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import GravityField, harmonics_m_s2
from perilune.mechanics.rotation import rotate
from perilune.truth.environment.ephemeris import Sky, pa_from_inertial
from perilune.truth.environment.track_gravity import track_gravity_m_s2

BRAKING_COUNT, DESCENT_COUNT = 120, 20
PAST_SITE_M = (2_000.0, 10_000.0, 20_000.0, 30_000.0)
"""Distances past the site that the table's track extends to, for flights that land long."""
BAND_EDGES_M = (0.0, 4e3, 15e3, 50e3, 150e3, 400e3, 780e3, 1_000e3, 1_500e3)
LEAST_MISMATCH_M_S2 = 1e-5


@dataclass(frozen=True)
class PlannedTrack:
    """From the flight's start to the ground, in flying order, and what lies beyond the site."""

    times_s: Float[np.ndarray, " n"]
    places_pa_m: Float[np.ndarray, "n 3"]
    past_pa_m: Float[np.ndarray, "4 3"]
    """Over the ground past the site, at the gate's height."""


def planned_track(
    sky: Sky,
    transfer: Transfer,
    course: Course,
    approach: Approach,
    site_radius_m: float,
) -> PlannedTrack:
    """The `PlannedTrack` of a flight.

    Orbit and coast are as propagated; braking is as guidance steers it, a cubic in time because the
    acceleration asked for is linear in it; then straight to the ground.
    """
    descent_s = approach.descent_s
    gate_s = transfer.ignition_time_s + course.braking_time_s
    braking_s = np.linspace(0.0, course.braking_time_s, BRAKING_COUNT + 1)[1:]
    braking_m = _braking_m(transfer, course, site_radius_m, braking_s)
    shares = np.linspace(0.0, 1.0, DESCENT_COUNT + 1)[1:]
    descent_m = np.outer(1.0 - shares, course.gate_m)
    past_m = [(past_m, course.gate_m[1]) for past_m in PAST_SITE_M]
    up, motion = approach.up_direction, approach.motion_direction
    in_plane_m = np.concatenate([braking_m, descent_m, past_m]) + np.array([0.0, site_radius_m])
    places_m = np.concatenate([transfer.places_m, in_plane_m @ np.stack([motion, up])])
    flown_s = (transfer.ignition_time_s + braking_s, gate_s + shares * descent_s)
    times_s = np.concatenate([transfer.times_s, *flown_s])
    asked_s = np.concatenate([times_s, np.full(len(past_m), times_s[-1])])
    places_pa_m = np.asarray(_in_pa_m(sky, jnp.asarray(asked_s), jnp.asarray(places_m)))
    return PlannedTrack(times_s, places_pa_m[: len(times_s)], places_pa_m[len(times_s) :])


def gravity_walk_m_s_per_sqrt_s(
    fields: Fields, onboard: GravityField, track: PlannedTrack
) -> Float[np.ndarray, " knots"]:
    """Velocity random walk that stands for the gravity left out on board, at the `knots_m`.

    In each band of `BAND_EDGES_M`, the last of which reaches back to the start: the root mean
    square s of an axis of the difference along the planned track, and the time T in which it
    changes by its own size, at most half the time spent in the band; the walk is s sqrt(2 T),
    interpolated between the middles of bands.
    """
    apart_m_s2 = np.asarray(_apart_m_s2(fields, onboard, jnp.asarray(track.places_pa_m)))
    site = track.places_pa_m[-1] / np.linalg.norm(track.places_pa_m[-1])
    toward = track.places_pa_m / np.linalg.norm(track.places_pa_m, axis=1)[:, None]
    range_m = MOON_RADIUS_M * np.arctan2(
        np.linalg.norm(np.cross(toward, site), axis=1), toward @ site
    )
    edges_m = (*BAND_EDGES_M[:-1], np.inf)
    bands = [(range_m >= near_m) & (range_m <= far_m) for near_m, far_m in pairwise(edges_m)]
    walks = [_walk(apart_m_s2[band], track.times_s[band]) for band in bands]
    middles_m = 0.5 * (np.array(BAND_EDGES_M[1:]) + BAND_EDGES_M[:-1])
    return np.interp(knots_m(), middles_m, walks)


def _walk(apart_m_s2: Float[np.ndarray, "n 3"], times_s: Float[np.ndarray, " n"]) -> float:
    """Velocity random walk of a pull met at rising times."""
    if len(times_s) < 3:
        return LEAST_MISMATCH_M_S2
    weights = np.gradient(times_s)[:, None] / (times_s[-1] - times_s[0])
    size = float(np.sqrt(np.sum(weights * apart_m_s2**2) / np.sum(weights) / 3.0))
    rate = np.diff(apart_m_s2, axis=0) / np.diff(times_s)[:, None]
    change = float(np.sqrt(np.sum(np.diff(times_s)[:, None] * rate**2) / np.ptp(times_s) / 3.0))
    time_s = min(size / change if change > 0.0 else np.inf, 0.5 * np.ptp(times_s))
    return max(size, LEAST_MISMATCH_M_S2) * np.sqrt(2.0 * time_s)


@jax.jit
def _apart_m_s2(
    fields: Fields, onboard: GravityField, places_pa_m: Float[Array, "n 3"]
) -> Float[Array, "n 3"]:
    def apart(place_pa_m: Float[Array, "3"]) -> Float[Array, "3"]:
        above_m_s2 = track_gravity_m_s2(fields.track, place_pa_m)
        true_m_s2 = harmonics_m_s2(fields.field, place_pa_m) + above_m_s2
        return true_m_s2 - harmonics_m_s2(onboard, place_pa_m)

    return jax.lax.map(apart, places_pa_m, batch_size=64)


def _braking_m(
    transfer: Transfer, course: Course, site_radius_m: float, since_s: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n 2"]:
    """(downrange, up) from the site, m, at times after ignition."""
    angle = -course.ignition_range_m / MOON_RADIUS_M
    up, ahead = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    place_m = np.linalg.norm(transfer.places_m[-1]) * up - np.array([0.0, site_radius_m])
    return CubicHermiteSpline(
        [0.0, course.braking_time_s],
        [place_m, course.gate_m],
        [transfer.ignition_speed_m_s * ahead, course.gate_velocity_m_s],
    )(since_s)


@jax.jit
def _in_pa_m(
    sky: Sky, times_s: Float[Array, " n"], places_m: Float[Array, "n 3"]
) -> Float[Array, "n 3"]:
    turned = jax.vmap(lambda t_s, place_m: rotate(pa_from_inertial(sky, t_s), place_m))
    return turned(times_s, places_m)
