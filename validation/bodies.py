"""Knows simple vehicles and grounds whose motion has a closed form."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.interfaces import quiet_command
from perilune.interfaces.commands import THRUSTER_COUNT
from perilune.truth.dynamics.contact import Ground, Held, contact_tick
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.state import TrueState, not_down, untouched
from perilune.truth.vehicle.vehicle import ContactPoints, Engine, MassModel, Thrusters

LUNAR_GRAVITY_M_S2 = 1.62
POINT_COUNT = 18
NEVER_CRUSHES_N = 1e12
ABSENT_N_PER_M = 1e-3


def numbers(*values):
    """Each as a float64 array."""
    return [jnp.asarray(value, dtype=jnp.float64) for value in values]


def rigid_mass(mass_kg, inertia_kg_m2, center_body_m=(0.0, 0.0, 0.0)):
    """A body without tanks."""
    none, some = np.zeros(2), np.ones(2)
    return MassModel(*numbers(mass_kg, center_body_m, inertia_kg_m2, none, none, some, some))


def engine(max_thrust_n=4000.0, min_thrust_n=1000.0, lag_s=0.15, pivot_height_m=-1.0):
    """An engine of Isp 320 s whose gimbal turns by 0.1 rad with a lag of 80 ms."""
    straight = np.zeros(2)
    return Engine(
        *numbers(max_thrust_n, min_thrust_n, 320.0, lag_s, 0.1, 0.08, pivot_height_m, straight)
    )


def no_thrusters():
    """Sixteen nozzles without thrust."""
    nowhere = np.zeros((THRUSTER_COUNT, 3))
    return Thrusters(*numbers(0.0, 165.0, 0.02, nowhere, nowhere))


def pads(places_body_m, stiffness_n_per_m, damping_n_s_per_m, friction_factor):
    """Contact points (n, 3) that never crush; the rest of the eighteen are next to nothing."""
    count = len(places_body_m)
    places = np.zeros((POINT_COUNT, 3))
    places[:count] = places_body_m
    real = np.arange(POINT_COUNT) < count
    return ContactPoints(
        *numbers(
            places,
            np.where(real, stiffness_n_per_m, ABSENT_N_PER_M),
            np.where(real, damping_n_s_per_m, 0.0),
            np.where(real, friction_factor, 0.0),
            np.full(POINT_COUNT, NEVER_CRUSHES_N),
            np.zeros(POINT_COUNT),
        )
    )


def at_rest(height_m=1.0):
    """The origin of the body on the z axis, upright, motionless, engine off, tanks empty."""
    still = jnp.zeros(3)
    upright = jnp.array([1.0, 0.0, 0.0, 0.0])
    place = jnp.array([0.0, 0.0, height_m])
    nothing = numbers(0.0, 0.0, 0.0)
    return TrueState(place, still, upright, still, *nothing, jnp.zeros(2), still, still)


def plane(normal=(0.0, 0.0, 1.0)):
    """Flat ground through the origin, at rest."""
    unit = np.asarray(normal) / np.linalg.norm(normal)
    ones = np.ones((POINT_COUNT, 1))
    return Ground(*numbers(0.0 * ones * unit, ones * unit, np.zeros(3)))


def slope(angle_rad):
    """Flat ground through the origin that falls away towards +x."""
    return plane((np.sin(angle_rad), 0.0, np.cos(angle_rad)))


def settle(vehicle, ground, state, tick_s, tick_count):
    """Ticks of contact under uniform lunar gravity along -z, engine off.

    Returns the history of (TrueState, ContactState) at the end of each tick, leading axis ticks.
    """
    command = quiet_command()
    pull = jnp.array([0.0, 0.0, -LUNAR_GRAVITY_M_S2])

    def tick(moving, _):
        around = surroundings(vehicle, moving[0], command, jnp.asarray(0.0), pull)
        moved, _ = contact_tick(vehicle, Held(around, ground, command), moving, tick_s)
        return moved, moved[:2]

    return jax.lax.scan(tick, (state, untouched(POINT_COUNT), not_down(state)), None, tick_count)[1]
