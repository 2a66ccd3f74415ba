"""The estimate: nominal state, biases and the covariance of their errors."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from perilune.mechanics.rotation import from_rotation_vector, multiply, normalize

# The 21 errors, true minus estimated, in this order.
POSITION = slice(0, 3)  # m, inertial
VELOCITY = slice(3, 6)  # m/s, inertial
ATTITUDE = slice(6, 9)  # rad, true = exp(error) * estimated, inertial axes
GYRO_BIAS = slice(9, 12)  # rad/s, body
ACCELEROMETER_BIAS = slice(12, 15)  # m/s2, body
MAP_BIAS = 15  # m, true ground above the map's where the beam last struck, less the range's bias
CAMERA_BIAS = slice(16, 18)  # m, along and across the track
VELOCIMETER_BIAS = slice(18, 21)  # m/s, beam by beam
ERROR_COUNT = 21
SHOWN = np.array([*range(9), MAP_BIAS])
"""Errors whose covariance telemetry shows: position, velocity, attitude, the map's."""


class Estimate(eqx.Module):
    """What the filter believes."""

    position_inertial_m: jax.Array  # (3,)
    velocity_inertial_m_s: jax.Array  # (3,)
    inertial_from_body: jax.Array  # (4,)
    gyro_bias_rad_s: jax.Array  # (3,)
    accelerometer_bias_m_s2: jax.Array  # (3,)
    map_bias_m: jax.Array  # of the ground in `strike_direction`
    strike_direction: jax.Array  # (3,) Moon-fixed; zero before the first range
    map_variance_m2: jax.Array  # of the map's error hereabouts, as uploaded
    camera_bias_m: jax.Array  # (2,)
    velocimeter_bias_m_s: jax.Array  # (3,)
    covariance: jax.Array  # (21, 21)


def first_estimate(settings):
    """The upload's state with no known bias."""
    return Estimate(
        settings.start_position_inertial_m,
        settings.start_velocity_inertial_m_s,
        settings.start_inertial_from_body,
        jnp.zeros(3),
        jnp.zeros(3),
        jnp.array(0.0),
        jnp.zeros(3),
        settings.start_covariance[MAP_BIAS, MAP_BIAS],
        jnp.zeros(2),
        jnp.zeros(3),
        settings.start_covariance,
    )


def correct(estimate, error, covariance):
    """Move the nominal state by an estimated error (21,) and take the new covariance."""
    turn = from_rotation_vector(error[ATTITUDE])
    return dataclasses.replace(
        estimate,
        position_inertial_m=estimate.position_inertial_m + error[POSITION],
        velocity_inertial_m_s=estimate.velocity_inertial_m_s + error[VELOCITY],
        inertial_from_body=normalize(multiply(turn, estimate.inertial_from_body)),
        gyro_bias_rad_s=estimate.gyro_bias_rad_s + error[GYRO_BIAS],
        accelerometer_bias_m_s2=estimate.accelerometer_bias_m_s2 + error[ACCELEROMETER_BIAS],
        map_bias_m=estimate.map_bias_m + error[MAP_BIAS],
        camera_bias_m=estimate.camera_bias_m + error[CAMERA_BIAS],
        velocimeter_bias_m_s=estimate.velocimeter_bias_m_s + error[VELOCIMETER_BIAS],
        covariance=covariance,
    )
