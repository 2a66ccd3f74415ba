"""The orbit that carries the site under it: plane, descent-orbit burn, state at the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.ellipse import (
    apolune_speed_m_s,
    half_revolution_s,
    perilune_speed_m_s,
)
from perilune.mechanics.gravity import GravityField
from perilune.mechanics.integration import rk4
from perilune.mechanics.rotation import rotate_back
from perilune.mechanics.track_gravity import TrackGravity
from perilune.truth.environment.ephemeris import Sky, fixed_from_inertial
from perilune.truth.environment.gravitation import acceleration_m_s2

STEP_COUNT = 360

Motion = tuple[Float[Array, "3"], Float[Array, "3"]]
"""Place, m, and velocity, m/s, inertial."""
Legs = tuple[Motion, Float[Array, "steps 3"]]
"""The motion at the end of a leg, and the places before each of its steps."""


class Fields(eqx.Module):
    """Truth's gravity: a field for everywhere, and what is tabulated above it along the track."""

    field: GravityField
    track: TrackGravity


@dataclass(frozen=True, kw_only=True)
class Approach:
    """Where and when the site is approached, and from which orbit; inertial axes."""

    up_direction: Float[np.ndarray, "3"]
    """At the site when it is reached."""
    motion_direction: Float[np.ndarray, "3"]
    """Level, over the site."""
    ignition_time_s: float
    ignition_range_m: float
    ignition_altitude_m: float
    """The perilune of the ellipse that leads to ignition."""
    perilune_m: float
    """Least altitude of the orbit before the descent-orbit burn."""
    apolune_m: float
    """Greatest altitude, where the burn is made."""
    burns: bool
    """Whether there is a descent-orbit burn; without one the orbit itself leads to ignition."""
    lead_time_s: float
    """From the start of the flight to the descent-orbit burn, or to ignition where none is."""
    descent_s: float
    """Planned, from the gate to the ground."""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """From the orbit to ignition; inertial axes, times after the flight's epoch."""

    start_position_m: Float[np.ndarray, "3"]
    start_velocity_m_s: Float[np.ndarray, "3"]
    deorbit_time_s: float
    """Minus infinity where there is no descent-orbit burn."""
    deorbit_velocity_m_s: Float[np.ndarray, "3"]
    """To be gained; zero where there is none."""
    ignition_time_s: float
    ignition_speed_m_s: float
    ignition_position_m: Float[np.ndarray, "3"]
    ignition_velocity_m_s: Float[np.ndarray, "3"]
    places_m: Float[np.ndarray, "n 3"]
    """From the start to ignition."""
    times_s: Float[np.ndarray, " n"]
    """When it is there."""


@jax.jit
def _site_and_pole(
    sky: Sky, time_s: Float[Array, ""], site_fixed: Float[Array, "3"]
) -> Float[Array, "2 3"]:
    """The site's and the pole's directions, (2, 3), inertial."""
    fixed = jnp.stack([site_fixed, jnp.array([0.0, 0.0, 1.0])])
    return rotate_back(fixed_from_inertial(sky, time_s)[None], fixed)


def site_direction(
    sky: Sky, time_s: float, site_fixed: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "3"]:
    """A direction fixed to the Moon, inertial, at a time."""
    return np.asarray(_site_and_pole(sky, jnp.asarray(time_s), jnp.asarray(site_fixed)))[0]


def approach_directions(
    sky: Sky,
    landing_time_s: float,
    site_fixed: Float[np.ndarray, "3"],
    heading: tuple[float, float],
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Inertial unit vectors at the site when it is reached: up, and along the motion.

    `heading` is the eastward and northward part of the motion, a unit vector.
    """
    up, pole = np.asarray(_site_and_pole(sky, landing_time_s, jnp.asarray(site_fixed)))
    level = pole - np.dot(pole, up) * up
    north = level / np.linalg.norm(level)
    motion = heading[0] * np.cross(north, up) + heading[1] * north
    return up, motion / np.linalg.norm(motion)


@jax.jit
def propagate(
    fields: Fields, sky: Sky, state: Motion, times_s: Float[Array, "2"]
) -> tuple[Motion, Float[Array, "steps 3"]]:
    """(position, velocity) carried over times_s = (from, to), and the place before each step."""
    step_s = (times_s[1] - times_s[0]) / STEP_COUNT

    def rate(current: Motion, t_s: Float[Array, ""]) -> Motion:
        return current[1], acceleration_m_s2(fields.field, sky, t_s, current[0], fields.track)

    def step(current: Motion, index: Float[Array, ""]) -> tuple[Motion, Float[Array, "3"]]:
        return rk4(rate, current, times_s[0] + index * step_s, step_s), current[0]

    return jax.lax.scan(step, state, jnp.arange(float(STEP_COUNT)))


def find_transfer(fields: Fields, sky: Sky, approach: Approach) -> Transfer:
    """Back from ignition, with truth's nominal gravity, to the burn and to the flight's start.

    The speed at ignition is found so that half a revolution earlier the altitude is that of the
    orbit's apolune. The burn is the difference to the orbit's velocity there, by vis-viva; where
    none is flown, the flight starts on the ellipse that was found.
    """
    gm = float(fields.field.gm_m3_s2)
    time_s = approach.ignition_time_s
    perilune_m = MOON_RADIUS_M + approach.ignition_altitude_m
    apolune_m = MOON_RADIUS_M + approach.apolune_m
    up, motion = approach.up_direction, approach.motion_direction
    angle = approach.ignition_range_m / MOON_RADIUS_M
    place = perilune_m * (np.cos(angle) * up - np.sin(angle) * motion)
    along = np.sin(angle) * up + np.cos(angle) * motion
    burn_time_s = time_s - half_revolution_s(gm, perilune_m, apolune_m)

    def back(speed_m_s: float, until_s: float) -> Legs:
        state = (jnp.asarray(place), jnp.asarray(speed_m_s * along))
        return propagate(fields, sky, state, jnp.array([time_s, until_s]))

    speed = perilune_speed_m_s(gm, perilune_m, apolune_m)
    per_speed = 4.0 * half_revolution_s(gm, perilune_m, apolune_m) / np.pi
    for _ in range(4):
        at_burn, coast = back(speed, burn_time_s)
        speed -= (float(np.linalg.norm(at_burn[0])) - apolune_m) / per_speed
    start_s = (burn_time_s if approach.burns else time_s) - approach.lead_time_s
    burn_m_s, leg_ends_s = np.zeros(3), [start_s, time_s]
    if approach.burns:
        high, fast = (np.asarray(each) for each in at_burn)
        orbital = _at_apolune_m_s(gm, high, fast, MOON_RADIUS_M + approach.perilune_m)
        burn_m_s, leg_ends_s = fast - orbital, [start_s, burn_time_s, time_s]
        state = (jnp.asarray(high), jnp.asarray(orbital))
        (start, velocity), before = propagate(fields, sky, state, jnp.array([burn_time_s, start_s]))
        places = [[start], before[::-1], coast[::-1]]
    else:
        (start, velocity), coast = back(speed, start_s)
        places = [[start], coast[::-1]]
    times_s = _times_s(leg_ends_s)
    moving = np.append(np.diff(times_s) > 0.0, True)  # no way where the flight starts at ignition
    return Transfer(
        start_position_m=np.asarray(start),
        start_velocity_m_s=np.asarray(velocity),
        deorbit_time_s=burn_time_s if approach.burns else np.inf,
        deorbit_velocity_m_s=burn_m_s,
        ignition_time_s=time_s,
        ignition_speed_m_s=speed,
        ignition_position_m=place,
        ignition_velocity_m_s=speed * along,
        places_m=np.concatenate(places)[moving],
        times_s=times_s[moving],
    )


def _at_apolune_m_s(
    gm_m3_s2: float,
    place_m: Float[np.ndarray, "3"],
    motion_m_s: Float[np.ndarray, "3"],
    perilune_m: float,
) -> Float[np.ndarray, "3"]:
    """Velocity on the orbit with its apolune at a place and this perilune, along a motion there."""
    radius_m = float(np.linalg.norm(place_m))
    outward = place_m / radius_m
    level = motion_m_s - np.dot(motion_m_s, outward) * outward
    return apolune_speed_m_s(gm_m3_s2, perilune_m, radius_m) * level / np.linalg.norm(level)


def _times_s(ends_s: Sequence[float]) -> Float[np.ndarray, " places"]:
    """Times of the places met: the start, then the steps' beginnings of each leg, turned round."""
    shares = np.arange(1, STEP_COUNT + 1) / STEP_COUNT
    legs = [begin_s + shares * (end_s - begin_s) for begin_s, end_s in pairwise(ends_s)]
    return np.concatenate([[ends_s[0]], *legs])
