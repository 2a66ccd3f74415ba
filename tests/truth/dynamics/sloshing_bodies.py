"""A hull with tanks whose liquid sways, and its momentum and energy summed up mass by mass."""

import dataclasses

import jax.numpy as jnp
import numpy as np

from perilune.mechanics.mass_properties import MassModel
from perilune.mechanics.rotation import cross, rotate
from perilune.truth.actuators.nozzles import Nozzles
from perilune.truth.dynamics.slosh import WALL_M_S2
from perilune.truth.dynamics.state import SloshState
from perilune.truth.vehicle.vehicle import Slosh, Vehicle
from validation import bodies, motion

RADIUS_M, DENSITY_KG_M3 = 0.55, 1141.0
FLOORS_M = ((0.3, -0.2, -0.6), (-0.4, 0.1, 0.5))


def tanks_of(dry_kg, inertia_kg_m2, floors_m=FLOORS_M):
    """A dry body at the origin and tanks as wide as those of Nova-C, one for each floor."""
    each = np.ones(len(floors_m))
    inertia = np.diag(inertia_kg_m2) if np.ndim(inertia_kg_m2) == 1 else inertia_kg_m2
    return MassModel(
        **bodies.named(
            dry_kg=dry_kg,
            dry_center_body_m=np.zeros(3),
            dry_inertia_kg_m2=inertia,
            tank_floor_body_m=floors_m,
            tank_radius_m=RADIUS_M * each,
            tank_density_kg_m3=DENSITY_KG_M3 * each,
        )
    )


def swaying(mass, baffle_damping_factor=0.0, viscosity_m2_s=1e-30):
    """The vehicle with an engine and feet as in `validation.motion`, its liquid on springs."""
    each = np.ones(len(mass.tank_radius_m))
    engines, none = bodies.engine(), jnp.zeros(0)
    draw = jnp.append(jnp.asarray(each) / len(each), 0.0)[None]
    return Vehicle(
        mass,
        dataclasses.replace(engines, draw_fraction=draw),
        Nozzles(
            thrust_n=none,
            specific_impulse_s=none,
            min_pulse_s=none,
            position_body_m=jnp.zeros((0, 3)),
            direction_body=jnp.zeros((0, 3)),
            draw_fraction=jnp.zeros((0, len(each) + 1)),
        ),
        motion.body().contact,
        Slosh(
            viscosity_m2_s=jnp.asarray(viscosity_m2_s * each),
            baffle_damping_factor=jnp.asarray(baffle_damping_factor * each),
        ),
    )


def loaded(vehicle, liquid_kg, out_m=0.0, speed_m_s=0.0, **changes):
    """At rest in free space, so much liquid in each tank, out of its place."""
    count = len(vehicle.mass.tank_radius_m)
    shape = (count, 2)
    return dataclasses.replace(
        bodies.at_rest(),
        tank_kg=jnp.append(jnp.broadcast_to(jnp.asarray(liquid_kg, float), (count,)), 0.0),
        slosh=SloshState(
            jnp.broadcast_to(jnp.asarray(out_m, float), shape),
            jnp.broadcast_to(jnp.asarray(speed_m_s, float), shape),
        ),
        **changes,
    )


def parts(vehicle, sway, state):
    """Mass, place and speed (inertial axes) of the hull and then of each point; (1 + T, ...)."""
    whole_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
    hull_kg = whole_kg - jnp.sum(sway.mass_kg)
    hull_m = -jnp.sum(sway.mass_kg[:, None] * sway.arm_body_m, axis=0) / hull_kg
    level = jnp.zeros((len(sway.mass_kg), 1))
    out_m = jnp.concatenate([state.slosh.out_m, level], axis=-1)
    against_m_s = jnp.concatenate([state.slosh.speed_m_s, level], axis=-1)
    arm_m = jnp.concatenate([hull_m[None], sway.arm_body_m + out_m])
    moves_m_s = jnp.concatenate([jnp.zeros((1, 3)), against_m_s])
    speed_m_s = cross(state.rate_body_rad_s[None], arm_m) + moves_m_s
    turn = state.inertial_from_body[None]
    return (
        jnp.append(hull_kg, sway.mass_kg),
        state.position_inertial_m + rotate(turn, arm_m),
        state.velocity_inertial_m_s + rotate(turn, speed_m_s),
        own_inertia_kg_m2(sway, hull_kg, hull_m),
    )


def own_inertia_kg_m2(sway, hull_kg, hull_m):
    """Of the hull about its own centre of mass."""
    shift = jnp.sum(hull_m**2) * jnp.eye(3) - hull_m[:, None] * hull_m
    return sway.hull_inertia_kg_m2 - hull_kg * shift


def momentum_n_s(vehicle, sway, state):
    """Linear, inertial axes."""
    kg, _, speed_m_s, _ = parts(vehicle, sway, state)
    return jnp.sum(kg[:, None] * speed_m_s, axis=0)


def spin_n_m_s(vehicle, sway, state):
    """Angular momentum about the inertial origin."""
    kg, place_m, speed_m_s, own_kg_m2 = parts(vehicle, sway, state)
    own = rotate(state.inertial_from_body, own_kg_m2 @ state.rate_body_rad_s)
    return own + jnp.sum(kg[:, None] * cross(place_m, speed_m_s), axis=0)


def kinetic_j(vehicle, sway, state):
    """Of hull and points."""
    kg, _, speed_m_s, own_kg_m2 = parts(vehicle, sway, state)
    rate = state.rate_body_rad_s
    return 0.5 * jnp.sum(kg * jnp.sum(speed_m_s**2, axis=-1)) + 0.5 * rate @ own_kg_m2 @ rate


def wall_j_kg(out_m, radius_m):
    """What a tank's wall has taken, for each kilogram of liquid this far out."""
    return WALL_M_S2 * radius_m / 10.0 * (out_m / radius_m) ** 10


def walls_j(sway, slosh):
    """What the tanks' walls hold of the liquid's energy."""
    out_m = jnp.linalg.norm(slosh.out_m, axis=-1)
    return jnp.sum(sway.mass_kg * wall_j_kg(out_m, 1.0 / sway.per_radius_m))
