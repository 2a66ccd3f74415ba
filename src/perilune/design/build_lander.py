"""From a lander's numbers to truth's vehicle and instruments; compiled or not, drawn or not.

`lander` and `errors` are tables of `design.numbers`, arrays throughout.
"""

import jax.numpy as jnp

from perilune.design.flight_plan import SensorSuite
from perilune.truth.sensors.altimeter import Altimeter
from perilune.truth.sensors.camera import Camera
from perilune.truth.sensors.imu import Imu, TriadErrors
from perilune.truth.sensors.star_tracker import StarTracker
from perilune.truth.sensors.velocimeter import Velocimeter
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


def build_sensors(lander, errors):
    """Truth's instruments with their errors."""
    imu, tracker = lander.imu, lander.star_tracker
    return SensorSuite(
        Imu(
            _triad(
                errors.imu,
                "gyro",
                (imu.angle_random_walk_rad_per_sqrt_s, imu.gyro_limit_rad_s, imu.gyro_quantum_rad),
            ),
            _triad(
                errors.imu,
                "accelerometer",
                (
                    imu.velocity_random_walk_m_s_per_sqrt_s,
                    imu.accelerometer_limit_m_s2,
                    imu.accelerometer_quantum_m_s,
                ),
            ),
        ),
        StarTracker(
            _unit(tracker.boresight),
            tracker.cross_axis_rad,
            tracker.roll_rad,
            tracker.rate_limit_rad_s,
            errors.star_tracker.misalignment_rad,
        ),
        _altimeter(lander.altimeter, errors.altimeter),
        _velocimeter(lander.velocimeter, errors.velocimeter),
        _camera(lander.camera, errors.camera),
    )


def _triad(errors, kind, figures):
    """Three like instruments; no quantum is read as one below double precision."""
    walk, limit, quantum = figures
    bias = errors.gyro_bias_rad_s if kind == "gyro" else errors.accelerometer_bias_m_s2
    scale = getattr(errors, f"{kind}_scale_fraction")
    skew = getattr(errors, f"{kind}_misalignment_rad")
    return TriadErrors(bias, scale, skew, walk, limit, jnp.maximum(quantum, 1e-15))


def _altimeter(altimeter, errors):
    return Altimeter(
        altimeter_beams(altimeter.cant_rad),
        altimeter.mount_m,
        altimeter.noise_m,
        altimeter.noise_fraction,
        altimeter.min_range_m,
        altimeter.max_range_m,
        altimeter.incidence_limit_rad,
        altimeter.dropout_fraction,
        jnp.maximum(altimeter.quantum_m, 1e-9),
        errors.bias_m,
        errors.scale_fraction,
    )


def altimeter_beams(cant_rad):
    """Canted beam, then the one along -z; (2, 3) unit, body axes."""
    zero = jnp.zeros_like(cant_rad)
    canted = jnp.stack([jnp.sin(cant_rad), zero, -jnp.cos(cant_rad)])
    return jnp.stack([canted, jnp.array([0.0, 0.0, -1.0])])


def velocimeter_beams(half_angle_rad):
    """Three beams 120 degrees apart on a cone about -z; (3, 3) unit, body axes."""
    azimuth = 2.0 * jnp.pi * jnp.arange(3.0) / 3.0
    lean = jnp.sin(half_angle_rad)
    down = -jnp.cos(half_angle_rad) * jnp.ones(3)
    return jnp.stack([lean * jnp.cos(azimuth), lean * jnp.sin(azimuth), down], axis=-1)


def _velocimeter(velocimeter, errors):
    return Velocimeter(
        velocimeter_beams(velocimeter.half_angle_rad),
        velocimeter.mount_m,
        errors.bias_m_s,
        velocimeter.noise_m_s,
        velocimeter.min_range_m,
        velocimeter.max_range_m,
        velocimeter.speed_limit_m_s,
        velocimeter.incidence_limit_rad,
        velocimeter.dropout_fraction,
        errors.scale_fraction,
    )


def _camera(camera, errors):
    return Camera(
        camera.noise_m, errors.bias_m, camera.period_s, camera.min_height_m, camera.max_height_m
    )
