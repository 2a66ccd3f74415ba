"""The planned track over the Moon, from the flight's start past the site, in principal axes."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.interpolate import CubicHermiteSpline

from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import rotate
from perilune.truth.world.ephemeris import pa_from_inertial

BRAKING_COUNT = 60
PAST_SITE_M = (2_000.0, 10_000.0, 20_000.0, 30_000.0)
"""Distances past the site that the track goes on for, for flights that go long."""


def track_pa_m(sky, transfer, course, approach, surveyed):
    """Places (n, 3) of the planned flight in MOON_PA, in flying order.

    Orbit and coast as propagated; braking as guidance steers it, a cubic in time because the
    acceleration asked for is linear in it; then on over the site at the gate's height.
    `approach` is (up, motion) at the site when it is reached, inertial.
    """
    site_radius_m = MOON_RADIUS_M + surveyed.terrain_report.site_height_m
    braking_s = np.linspace(0.0, course.braking_time_s, BRAKING_COUNT + 1)[1:]
    braking_m = _braking_m(transfer, course, site_radius_m, braking_s)
    past_m = [(past_m, course.gate_m[1]) for past_m in PAST_SITE_M]
    up, motion = approach
    in_plane_m = np.concatenate([braking_m, past_m]) + np.array([0.0, site_radius_m])
    places_m = np.concatenate([transfer.places_m, in_plane_m @ np.stack([motion, up])])
    flown_s = np.concatenate([braking_s, np.full(len(past_m), course.braking_time_s)])
    times_s = np.concatenate([transfer.times_s, transfer.ignition_time_s + flown_s])
    return np.asarray(_in_pa_m(sky, jnp.asarray(times_s), jnp.asarray(places_m)))


def _braking_m(transfer, course, site_radius_m, since_s):
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
def _in_pa_m(sky, times_s, places_m):
    turned = jax.vmap(lambda t_s, place_m: rotate(pa_from_inertial(sky, t_s), place_m))
    return turned(times_s, places_m)
