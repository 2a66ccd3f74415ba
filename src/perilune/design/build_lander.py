"""From a lander's numbers to truth's vehicle; compiled or not, drawn or not.

`lander` and `errors` are tables of `design.numbers`, arrays throughout.
"""

import jax.numpy as jnp

from perilune.truth.vehicle.vehicle import (
    BELL_POINT_COUNT,
    HULL_POINT_COUNT,
    LEG_COUNT,
    ContactPoints,
    Engine,
    MassModel,
    Thrusters,
    Vehicle,
)

NEVER_CRUSHES_N = 1e12
ABSENT_N_PER_M = 1e-3


def build_vehicle(lander, errors):
    """Truth's vehicle; lists are padded to their fixed sizes."""
    mass, tanks, engine = lander.mass, lander.tanks, lander.engine
    return Vehicle(
        MassModel(
            mass.dry_kg + mass.payload_kg,
            mass.dry_center_of_mass_m,
            mass.dry_inertia_kg_m2,
            jnp.stack([tank.propellant_fraction for tank in tanks]),
            jnp.stack([tank.bottom_height_m for tank in tanks]),
            jnp.stack([tank.radius_m for tank in tanks]),
            jnp.stack([tank.density_kg_m3 for tank in tanks]),
        ),
        Engine(
            engine.max_thrust_n,
            engine.min_thrust_n,
            engine.specific_impulse_s,
            engine.lag_s,
            engine.gimbal_limit_rad,
            engine.gimbal_lag_s,
            engine.pivot_height_m,
            errors.engine.pointing_rad,
        ),
        _thrusters(lander.thrusters),
        contact_points(lander),
    )


def _thrusters(thrusters):
    return Thrusters(
        thrusters.thrust_n,
        thrusters.specific_impulse_s,
        thrusters.min_pulse_s,
        jnp.stack([nozzle.position_m for nozzle in thrusters.nozzles]),
        _unit(jnp.stack([nozzle.direction for nozzle in thrusters.nozzles])),
    )


def _unit(directions):
    """Unit vectors again after a draw; none stays none."""
    size = jnp.linalg.norm(directions, axis=-1, keepdims=True)
    return directions / jnp.where(size > 0.0, size, 1.0)


def contact_points(lander):
    """Six footpads, five points on top of the hull, three below, and four on the bell's rim.

    Absent legs stand in the first one's place with next to no stiffness.
    """
    legs, hull, engine = lander.legs, lander.hull, lander.engine
    present = jnp.arange(float(LEG_COUNT)) < legs.count
    feet = _ring(LEG_COUNT, legs.tread_radius_m, 0.0, (legs.count, legs.first_azimuth_rad))
    feet = jnp.where(present[:, None], feet, feet[:1])
    top = _ring(5, hull.radius_m, hull.top_height_m)
    bottom = _ring(3, hull.radius_m, hull.bottom_height_m)
    bell = _ring(BELL_POINT_COUNT, engine.bell_radius_m, engine.bell_exit_height_m)

    def each(of_legs, of_hull):
        return jnp.concatenate(
            [of_legs * jnp.ones(LEG_COUNT), of_hull * jnp.ones(HULL_POINT_COUNT)]
        )

    return ContactPoints(
        jnp.concatenate([feet, top, bottom, bell]),
        each(jnp.where(present, legs.stiffness_n_per_m, ABSENT_N_PER_M), hull.stiffness_n_per_m),
        each(jnp.where(present, legs.damping_n_s_per_m, 0.0), hull.damping_n_s_per_m),
        each(legs.friction_factor, hull.friction_factor),
        each(legs.crush_force_n, NEVER_CRUSHES_N),
        each(legs.stroke_m, 0.0),
    )


def _ring(size, radius_m, height_m, spaced=None):
    """Points (size, 3) on a level circle; `spaced` is (how many go round, azimuth of the first)."""
    count, first_rad = spaced or (float(size), 0.0)
    azimuth = first_rad + 2.0 * jnp.pi * jnp.arange(float(size)) / count
    height = height_m * jnp.ones(size)
    return jnp.stack([radius_m * jnp.cos(azimuth), radius_m * jnp.sin(azimuth), height], axis=-1)
