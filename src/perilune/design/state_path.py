"""The path of a mission's state vector: where it leads, in all degrees of truth's field."""

import dataclasses
import math
from dataclasses import dataclass
from itertools import pairwise

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.data.spice_kernels import kernels
from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.design.build_track_gravity import no_track_gravity
from perilune.design.measured_data import to_degree
from perilune.design.orbit import Fields, propagate, site_direction
from perilune.errors import InputError
from perilune.mechanics.gravity import GravityField
from perilune.mechanics.time import Epoch, tdb_s
from perilune.mission.mission import Mission
from perilune.mission.state_vector import State
from perilune.mission.utc_instant import zulu
from perilune.mission.value_location import place
from perilune.truth.environment.ephemeris import Sky

SPICE_FRAMES = {"icrf": "J2000", "moon_me": "MOON_ME", "moon_pa": "MOON_PA"}
NEAR_DEGREE = 24
LONGEST_S, LEG_S, ROOM_S = 86_400.0, 3_600.0, 14_400.0
"""Between a state's epoch and the landing; carried at a time; tabulated on either side."""

Vector = Float[np.ndarray, "3"]


@dataclass(frozen=True)
class Moving:
    """Where something is and how fast, m and m/s, inertial, at a time after the path's epoch."""

    time_s: float
    position_m: Vector
    velocity_m_s: Vector

    @property
    def normal(self) -> Vector:
        """Of its plane, a unit vector."""
        normal = np.cross(self.position_m, self.velocity_m_s)
        return normal / np.linalg.norm(normal)

    @property
    def turning_rad_s(self) -> float:
        """About the Moon's centre."""
        spin = np.linalg.norm(np.cross(self.position_m, self.velocity_m_s))
        return float(spin / (self.position_m @ self.position_m))


@dataclass(frozen=True, kw_only=True)
class StatePath:
    """A state vector with the sky and the field that it moves in; times after its epoch."""

    epoch: Epoch
    state: Moving
    sky: Sky
    fields: Fields
    landing_s: float
    """As the mission asks for it."""
    aim_fixed: Vector
    near_fields: Fields
    """The same field in few degrees, for first guesses."""
    over: Moving
    """Where the path, without any burn, passes the site, at the pass nearest to the landing."""

    def site(self, time_s: float) -> Vector:
        """The direction of the site, inertial."""
        return site_direction(self.sky, time_s, self.aim_fixed)

    def at(self, time_s: float) -> Moving:
        """On the path before any burn."""
        return carried(self, self.fields, self.state, time_s)


def path_of(mission: Mission, field: GravityField, aim_fixed: Vector) -> StatePath | None:
    """The path of a mission's state vector; None where it is from an orbit.

    Raises InputError where the state is more than a day from the landing.
    """
    if mission.state is None:
        return None
    epoch = epoch_from_utc(zulu(mission.state.epoch_utc))
    landing_s = tdb_s(epoch_from_utc(zulu(mission.landing_utc))) - tdb_s(epoch)
    if abs(landing_s) > LONGEST_S:
        raise InputError(
            f"{place(mission, 'state.epoch_utc')} must be within a day of `landing_utc`, "
            f"{mission.landing_utc}, but is {mission.state.epoch_utc}; give a state nearer to it."
        )
    first_s, last_s = min(0.0, landing_s) - ROOM_S, max(0.0, landing_s) + ROOM_S
    state = inertial_state(mission.state, epoch)
    path = StatePath(
        epoch=epoch,
        state=state,
        sky=tabulate(epoch, last_s - first_s, first_s),
        fields=Fields(field, no_track_gravity()),
        landing_s=landing_s,
        aim_fixed=aim_fixed,
        near_fields=Fields(to_degree(field, NEAR_DEGREE), no_track_gravity()),
        over=state,
    )
    return dataclasses.replace(path, over=_over_site(path))


def inertial_state(state: State, epoch: Epoch) -> Moving:
    """A state vector in Moon-centred axes of the ICRF, by SPICE's rotation and its rate."""
    given = np.concatenate([state.position_m, state.velocity_m_s])
    with kernels() as spice:
        turn = spice.sxform(SPICE_FRAMES[state.frame], "J2000", tdb_s(epoch))
    turned = np.asarray(turn) @ given
    return Moving(0.0, turned[:3], turned[3:])


def carried(path: StatePath, fields: Fields, start: Moving, time_s: float) -> Moving:
    """From one time to another, either way, in steps of ten seconds at most."""
    legs = max(1, math.ceil(abs(time_s - start.time_s) / LEG_S))
    ends_s = np.linspace(start.time_s, time_s, legs + 1)
    motion = jnp.asarray(start.position_m), jnp.asarray(start.velocity_m_s)
    for span_s in pairwise(ends_s):
        motion, _ = propagate(fields, path.sky, motion, jnp.array(span_s))
    return Moving(time_s, *map(np.asarray, motion))


def ahead_rad(moving: Moving, site: Vector) -> float:
    """How far ahead of it, -pi to pi, a direction lies along its plane."""
    outward = moving.position_m / np.linalg.norm(moving.position_m)
    along = np.cross(moving.normal, outward)
    return math.atan2(float(site @ along), float(site @ outward))


def _over_site(path: StatePath) -> Moving:
    moving = path.at(path.landing_s)
    for _ in range(3):
        ahead = ahead_rad(moving, path.site(path.landing_s)) / moving.turning_rad_s
        moving = path.at(moving.time_s + ahead)
    return moving


def azimuth_rad(path: StatePath) -> float:
    """Of the motion over the site, clockwise from north, in axes that do not turn."""
    up = path.site(path.landing_s)
    pole = site_direction(path.sky, path.landing_s, np.array([0.0, 0.0, 1.0]))
    motion = np.cross(path.over.normal, up)
    east = np.cross(pole, up)
    return math.atan2(float(motion @ east), float(motion @ np.cross(up, east)))
