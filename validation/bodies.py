"""Knows simple vehicles and grounds whose motion has a closed form."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from perilune.interfaces import quiet_command
from perilune.mechanics.mass_properties import MassModel
from perilune.truth.actuators.engines import Engines
from perilune.truth.actuators.nozzles import Nozzles
from perilune.truth.dynamics.contact import Held, contact_tick
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.ground_plane import Ground
from perilune.truth.dynamics.state import TrueState, not_down, untouched
from perilune.truth.vehicle.vehicle import ContactPoints, Legs

LUNAR_GRAVITY_M_S2 = 1.62
NEVER_CRUSHES_N = 1e12


def numbers(*values):
    """Each as a float64 array."""
    return [jnp.asarray(value, dtype=jnp.float64) for value in values]


def named(**values):
    """Each as a float64 array, by its name."""
    return dict(zip(values, numbers(*values.values()), strict=True))


def rigid_mass(mass_kg, inertia_kg_m2, center_body_m=(0.0, 0.0, 0.0)):
    """A body with three moments and a tank so small that what is in it has mass and no more."""
    small_m, dense_kg_m3 = 1e-6, 1e24
    inertia = np.diag(inertia_kg_m2) if np.ndim(inertia_kg_m2) == 1 else inertia_kg_m2
    return MassModel(
        **named(
            dry_kg=mass_kg,
            dry_center_body_m=center_body_m,
            dry_inertia_kg_m2=inertia,
            tank_floor_body_m=[center_body_m],
            tank_radius_m=[small_m],
            tank_density_kg_m3=[dense_kg_m3],
        )
    )


def engine(max_thrust_n=4000.0, min_thrust_n=1000.0, lag_s=0.15, pivot_height_m=-1.0):
    """One engine of Isp 320 s whose gimbal turns by 0.1 rad with a lag of 80 ms."""
    return Engines(
        **named(
            max_thrust_n=[max_thrust_n],
            min_thrust_n=[min_thrust_n],
            specific_impulse_s=[320.0],
            curve_throttle_fraction=[[1.0]],
            curve_impulse_factor=[[1.0]],
            lag_s=[lag_s],
            lag_down_s=[lag_s],
            gimbal_limit_rad=[0.1],
            gimbal_lag_s=[0.08],
            position_body_m=[[0.0, 0.0, pivot_height_m]],
            body_from_mount=[np.eye(3)],
            pointing_rad=[np.zeros(2)],
            draw_fraction=[[1.0, 0.0]],
        )
    )


def nozzles(thrust_n, min_pulse_s, places_body_m, directions_body):
    """Nozzles of Isp 165 s on cold gas, alike but for places and directions, (n, 3)."""
    each = np.ones(len(places_body_m))
    return Nozzles(
        thrust_n=jnp.asarray(thrust_n * each),
        specific_impulse_s=jnp.asarray(165.0 * each),
        min_pulse_s=jnp.asarray(min_pulse_s * each),
        position_body_m=jnp.asarray(places_body_m, float),
        direction_body=jnp.asarray(directions_body, float),
        draw_fraction=jnp.tile(jnp.array([0.0, 1.0]), (len(each), 1)),
    )


def no_nozzles():
    """None at all."""
    return nozzles(0.0, 0.02, np.zeros((0, 3)), np.zeros((0, 3)))


def pads(places_body_m, stiffness_n_per_m, damping_n_s_per_m, friction_factor):
    """Contact points (n, 3) that never crush, the first six of them or all that there are feet."""
    each = np.ones(len(places_body_m))
    legs = min(len(each), 6)
    return ContactPoints(
        **named(
            position_body_m=places_body_m,
            stiffness_n_per_m=stiffness_n_per_m * each,
            damping_n_s_per_m=damping_n_s_per_m * each,
            friction_factor=friction_factor * each,
        ),
        legs=simple_legs(legs),
        leg_count=legs,
        bell_count=0,
    )


def simple_legs(count, crush_n=NEVER_CRUSHES_N, stroke_m=0.0):
    """Legs that crush along body z at one force, never break and stand on rock."""
    each, never = np.ones(count), [NEVER_CRUSHES_N]
    return Legs(
        **named(
            crush_body_factor=np.tile([[0.0, 0.0, 1.0]], (count, 1, 1)),
            stage_end_m=np.tile([[[stroke_m], [0.0]]], (count, 1, 1, 1)),
            crush_force_n=np.tile([[[crush_n], never]], (count, 1, 1, 1)),
            ultimate_load_n=np.inf * each,
            bearing_depth_m=np.zeros((count, 1)),
            bearing_n=np.tile(never, (count, 1)),
            wedge_n_per_m2=0.0 * each,
            cohesion_n_per_m=0.0 * each,
            pushed_kg_per_m2=0.0 * each,
        )
    )


def at_rest(height_m=1.0):
    """The origin of the body on the z axis, upright, motionless, engine off, tanks empty."""
    still = jnp.zeros(3)
    return TrueState(
        position_inertial_m=jnp.array([0.0, 0.0, height_m]),
        velocity_inertial_m_s=still,
        inertial_from_body=jnp.array([1.0, 0.0, 0.0, 0.0]),
        rate_body_rad_s=still,
        tank_kg=jnp.zeros(2),
        thrust_n=jnp.zeros(1),
        gimbal_rad=jnp.zeros((1, 2)),
        sensed_velocity_body_m_s=still,
        sensed_rotation_body_rad=still,
    )


def plane(normal=(0.0, 0.0, 1.0)):
    """Flat ground through the origin, at rest; one row, good for every point."""
    unit = np.asarray(normal) / np.linalg.norm(normal)
    return Ground(*numbers(np.zeros((1, 3)), unit[None], np.zeros(3)))


def slope(angle_rad):
    """Flat ground through the origin that falls away towards +x."""
    return plane((np.sin(angle_rad), 0.0, np.cos(angle_rad)))


def spread(ground, vehicle):
    """The same ground with a row for each contact point, as the law of contact takes it."""
    shape = vehicle.contact.position_body_m.shape
    rows = [jnp.broadcast_to(each, shape) for each in (ground.point_m, ground.normal)]
    return dataclasses.replace(ground, point_m=rows[0], normal=rows[1])


def settle(vehicle, ground, state, tick_s, tick_count):
    """Ticks of contact under uniform lunar gravity along -z, engine off.

    Returns the history of (TrueState, ContactState) at the end of each tick, leading axis ticks.
    """
    command = quiet_command(len(vehicle.engines.lag_s), len(vehicle.nozzles.thrust_n))
    pull = jnp.array([0.0, 0.0, -LUNAR_GRAVITY_M_S2])

    ground = spread(ground, vehicle)
    fresh = untouched(vehicle.contact, 0 if ground.stops is None else len(ground.stops.height_m))

    def tick(moving, _):
        around = surroundings(vehicle, moving[0], command, jnp.asarray(0.0), pull)
        moved, _ = contact_tick(vehicle, Held(around, ground, command), moving, tick_s)
        return moved, moved[:2]

    return jax.lax.scan(tick, (state, fresh, not_down(state)), None, tick_count)[1]
