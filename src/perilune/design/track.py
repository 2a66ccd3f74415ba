"""The planned track over the Moon, and how far true and onboard gravity differ on it."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.interpolate import CubicHermiteSpline

from perilune.design.course import Course
from perilune.design.orbit import Approach, Transfer
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import rotate
from perilune.truth.environment.ephemeris import Sky, pa_from_inertial

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
