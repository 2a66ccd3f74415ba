"""From a lander's file to truth's vehicle and instruments, every drawn error still zero."""

import numpy as np

from perilune.design.arrays import as_arrays
from perilune.design.flight_plan import SensorSuite
from perilune.messages.commands import THRUSTER_COUNT
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


def build_vehicle(lander):
    """Truth's vehicle; lists are padded to their fixed sizes."""
    mass, tanks, engine = lander.mass, lander.tanks, lander.engine
    vehicle = Vehicle(
        MassModel(
            mass.dry_kg + mass.payload_kg,
            mass.dry_center_of_mass_m,
            mass.dry_inertia_kg_m2,
            [tank.propellant_fraction for tank in tanks],
            [tank.bottom_height_m for tank in tanks],
            [tank.radius_m for tank in tanks],
            [tank.density_kg_m3 for tank in tanks],
        ),
        Engine(
            engine.max_thrust_n,
            engine.min_thrust_n,
            engine.specific_impulse_s,
            engine.lag_s,
            engine.gimbal_limit_rad,
            engine.gimbal_lag_s,
            engine.pivot_height_m,
            np.zeros(2),
        ),
        _thrusters(lander.thrusters),
        contact_points(lander),
    )
    return as_arrays(vehicle)


def _thrusters(thrusters):
    places, directions = np.zeros((THRUSTER_COUNT, 3)), np.zeros((THRUSTER_COUNT, 3))
    for index, nozzle in enumerate(thrusters.nozzles):
        places[index], directions[index] = nozzle.position_m, nozzle.direction
    return Thrusters(
        thrusters.thrust_n,
        thrusters.specific_impulse_s,
        thrusters.min_pulse_s,
        places,
        directions,
    )


def contact_points(lander):
    """Six footpads, five points on top of the hull, three below, and four on the bell's rim.

    Absent legs stand in the first one's place with next to no stiffness.
    """
    legs, hull = lander.legs, lander.hull
    feet = _ring(legs.count, legs.tread_radius_m, 0.0, legs.first_azimuth_rad)
    present = np.arange(LEG_COUNT) < legs.count
    feet = np.concatenate([feet, np.repeat(feet[:1], LEG_COUNT - legs.count, axis=0)])
    top = _ring(5, hull.radius_m, hull.top_height_m, 0.0)
    bottom = _ring(3, hull.radius_m, hull.bottom_height_m, 0.0)
    engine = lander.engine
    bell = _ring(BELL_POINT_COUNT, engine.bell_radius_m, engine.bell_exit_height_m, 0.0)
    leg_stiffness = np.where(present, legs.stiffness_n_per_m, ABSENT_N_PER_M)
    leg_damping = np.where(present, legs.damping_n_s_per_m, 0.0)
    stiff = [*leg_stiffness] + [hull.stiffness_n_per_m] * HULL_POINT_COUNT
    damping = [*leg_damping] + [hull.damping_n_s_per_m] * HULL_POINT_COUNT
    friction = [legs.friction_factor] * LEG_COUNT + [hull.friction_factor] * HULL_POINT_COUNT
    crush = [legs.crush_force_n] * LEG_COUNT + [NEVER_CRUSHES_N] * HULL_POINT_COUNT
    stroke = [legs.stroke_m] * LEG_COUNT + [0.0] * HULL_POINT_COUNT
    places = np.concatenate([feet, top, bottom, bell])
    return as_arrays(ContactPoints(places, stiff, damping, friction, crush, stroke))


def _ring(count, radius_m, height_m, first_azimuth_rad):
    azimuth = first_azimuth_rad + 2.0 * np.pi * np.arange(count) / count
    height = np.full(count, height_m)
    return np.stack([radius_m * np.cos(azimuth), radius_m * np.sin(azimuth), height], axis=-1)


def build_sensors(lander):
    """Truth's instruments with no drawn error yet."""
    imu, tracker = lander.imu, lander.star_tracker
    suite = SensorSuite(
        Imu(
            _triad(
                imu.angle_random_walk_rad_per_sqrt_s, imu.gyro_limit_rad_s, imu.gyro_quantum_rad
            ),
            _triad(
                imu.velocity_random_walk_m_s_per_sqrt_s,
                imu.accelerometer_limit_m_s2,
                imu.accelerometer_quantum_m_s,
            ),
        ),
        StarTracker(
            tracker.boresight,
            tracker.cross_axis_rad,
            tracker.roll_rad,
            tracker.rate_limit_rad_s,
            np.zeros(3),
        ),
        _altimeter(lander.altimeter),
        _velocimeter(lander.velocimeter),
        _camera(lander.camera),
    )
    return as_arrays(suite)


def _triad(walk, limit, quantum):
    none = np.zeros(3)
    smallest = max(quantum, 1e-15)  # no quantum is read as one below double precision
    return TriadErrors(none, none, none, walk, limit, smallest)


def _altimeter(altimeter):
    return Altimeter(
        altimeter_beams(altimeter.cant_rad),
        altimeter.mount_m,
        altimeter.noise_m,
        altimeter.noise_fraction,
        altimeter.min_range_m,
        altimeter.max_range_m,
        altimeter.incidence_limit_rad,
        altimeter.dropout_fraction,
        max(altimeter.quantum_m, 1e-9),
        0.0,
        0.0,
    )


def altimeter_beams(cant_rad):
    """Canted beam, then the one along -z; (2, 3) unit, body axes."""
    return np.array([[np.sin(cant_rad), 0.0, -np.cos(cant_rad)], [0.0, 0.0, -1.0]])


def velocimeter_beams(half_angle_rad):
    """Three beams 120 degrees apart on a cone about -z; (3, 3) unit, body axes."""
    azimuth = 2.0 * np.pi * np.arange(3) / 3.0
    lean = np.sin(half_angle_rad)
    down = np.full(3, -np.cos(half_angle_rad))
    return np.stack([lean * np.cos(azimuth), lean * np.sin(azimuth), down], axis=-1)


def _velocimeter(velocimeter):
    return Velocimeter(
        velocimeter_beams(velocimeter.half_angle_rad),
        velocimeter.mount_m,
        np.zeros(3),
        velocimeter.noise_m_s,
        velocimeter.min_range_m,
        velocimeter.max_range_m,
        velocimeter.speed_limit_m_s,
        velocimeter.incidence_limit_rad,
        velocimeter.dropout_fraction,
        0.0,
    )


def _camera(camera):
    return Camera(
        camera.noise_m, np.zeros(2), camera.period_s, camera.min_height_m, camera.max_height_m
    )
