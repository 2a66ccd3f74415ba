"""This run's plan: what lasts a flight is drawn once; the upload keeps the nominal belief."""

import dataclasses

import jax.numpy as jnp

from perilune.mechanics.randomness import normals, stream
from perilune.mechanics.rotation import from_rotation_vector, multiply

ONCE = 0


def draw(plan, key):
    """A plan with this run's errors in it; compiled or not, batched or not.

    Truth only: the start departs from the upload's by the covariance the filter starts with.
    """
    return dataclasses.replace(
        plan,
        start=_start(plan, key),
        vehicle=_vehicle(plan, key),
        sensors=_sensors(plan, key),
    )


def _start(plan, key):
    state = normals(stream(key, "start", ONCE), 10)
    start_kg = plan.vehicle.mass.dry_kg + plan.start.cold_gas_kg + plan.start.propellant_kg
    shift = plan.spread.start_sigma @ state[:6]
    turn = from_rotation_vector(plan.spread.attitude_rad * state[6:9])
    return dataclasses.replace(
        plan.start,
        position_inertial_m=plan.start.position_inertial_m + shift[:3],
        velocity_inertial_m_s=plan.start.velocity_inertial_m_s + shift[3:],
        inertial_from_body=multiply(turn, plan.start.inertial_from_body),
        propellant_kg=plan.start.propellant_kg + plan.spread.mass_fraction * state[9] * start_kg,
    )


def _vehicle(plan, key):
    spread, vehicle = plan.spread, plan.vehicle
    thrust, impulse = normals(stream(key, "vehicle", ONCE), 2)
    stronger = 1.0 + spread.max_thrust_fraction * thrust
    engine = dataclasses.replace(
        vehicle.engine,
        max_thrust_n=vehicle.engine.max_thrust_n * stronger,
        min_thrust_n=vehicle.engine.min_thrust_n * stronger,
        specific_impulse_s=vehicle.engine.specific_impulse_s
        * (1.0 + spread.specific_impulse_fraction * impulse),
    )
    return dataclasses.replace(vehicle, engine=engine)


def _sensors(plan, key):
    spread, sensors = plan.spread, plan.sensors
    gyro = normals(stream(key, "gyro", ONCE), (3, 3))
    accelerometer = normals(stream(key, "accelerometer", ONCE), (3, 3))
    imu = dataclasses.replace(
        sensors.imu,
        gyro=_triad(
            sensors.imu.gyro,
            gyro,
            (spread.gyro_bias_rad_s, spread.gyro_scale_fraction, spread.gyro_misalignment_rad),
        ),
        accelerometer=_triad(
            sensors.imu.accelerometer,
            accelerometer,
            (
                spread.accelerometer_bias_m_s2,
                spread.accelerometer_scale_fraction,
                spread.accelerometer_misalignment_rad,
            ),
        ),
    )
    beams = spread.velocimeter_bias_m_s * normals(stream(key, "velocimeter", ONCE), 3)
    fix_m = spread.camera_bias_m * normals(stream(key, "camera", ONCE), 2)
    return dataclasses.replace(
        sensors,
        imu=imu,
        velocimeter=dataclasses.replace(sensors.velocimeter, bias_m_s=beams),
        camera=dataclasses.replace(sensors.camera, bias_m=fix_m),
    )


def _triad(triad, draws, sizes):
    bias, scale, skew = sizes
    return dataclasses.replace(
        triad,
        bias=bias * draws[0],
        scale_fraction=scale * draws[1],
        misalignment_rad=skew * draws[2],
    )


def noise_of(plan, key, component, tick, shape):
    """Standard normals of one component at one tick, or zeros when every draw is off."""
    return plan.spread.noise_factor * normals(stream(key, component, tick), shape)


def chance_of(plan, draws):
    """Uniforms that decide dropouts; all one, so that none happens, when every draw is off."""
    return jnp.where(plan.spread.noise_factor > 0.0, draws, 1.0)
