"""Dead reckoning between measurements: strapdown integration and the growth of its errors."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.rotation import from_rotation_vector, multiply, normalize, rotate, to_matrix
from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    ATTITUDE,
    ERROR_COUNT,
    GYRO_BIAS,
    MAP_BIAS,
    POSITION,
    VELOCITY,
    Estimate,
)


class Pull(eqx.Module):
    """Believed gravity over a frame: the point mass and what is held of the rest."""

    gm_m3_s2: jax.Array
    perturbation_inertial_m_s2: jax.Array  # (3,)


def propagate(settings, estimate, imu, pull, over):
    """One tick on the IMU's increments: attitude, then velocity in mid-turn axes, then position.

    `over` is (tick_s, powered, map_variance_m2): the map's error is a first-order Gauss-Markov
    process along the ground with that variance. With the engine off the accelerometers are not listened to, since
    what they would add is their bias. Gravity is taken at both ends and the middle of the tick, so
    that a coast tick of a second stays good to a micrometre per second.
    """
    tick_s, powered, map_variance_m2 = over
    turn_rad = imu.rotation_increment_body_rad - estimate.gyro_bias_rad_s * tick_s
    gain_body = imu.velocity_increment_body_m_s - estimate.accelerometer_bias_m_s2 * tick_s
    gain_body = jnp.where(powered, gain_body, 0.0)
    halfway = multiply(estimate.inertial_from_body, from_rotation_vector(0.5 * turn_rad))
    attitude = normalize(multiply(estimate.inertial_from_body, from_rotation_vector(turn_rad)))
    gain = rotate(halfway, gain_body)
    start_m, speed = estimate.position_inertial_m, estimate.velocity_inertial_m_s
    first = point_mass_m_s2(pull.gm_m3_s2, start_m) + pull.perturbation_inertial_m_s2
    midway_m = start_m + 0.5 * tick_s * speed + 0.125 * tick_s * (gain + tick_s * first)
    middle = point_mass_m_s2(pull.gm_m3_s2, midway_m) + pull.perturbation_inertial_m_s2
    end_m = start_m + tick_s * speed + 0.5 * tick_s * (gain + tick_s * first)
    last = point_mass_m_s2(pull.gm_m3_s2, end_m) + pull.perturbation_inertial_m_s2
    pulled = tick_s * (first + 4.0 * middle + last) / 6.0
    fallen_m = tick_s**2 * (first + 2.0 * middle) / 6.0
    travelled_m = tick_s * jnp.linalg.norm(speed)
    decay = jnp.exp(-travelled_m / settings.map_mismatch_length_m)
    renewed = (decay, map_variance_m2 * (1.0 - decay**2))
    motion = (to_matrix(halfway), gain)
    covariance = grow(settings, estimate, motion, renewed, (pull, tick_s, powered))
    return Estimate(
        start_m + tick_s * (speed + 0.5 * gain) + fallen_m,
        speed + gain + pulled,
        attitude,
        estimate.gyro_bias_rad_s,
        estimate.accelerometer_bias_m_s2,
        decay * estimate.map_bias_m,
        estimate.camera_bias_m,
        covariance,
    )


def grow(settings, estimate, motion, renewed, over):
    """Covariance one tick on: F P F' + Q, by blocks of F = I + N, never as a full product."""
    tick_s, (decay, map_noise_m2) = over[1], renewed
    half = _advance(estimate, motion, decay, over)
    moved = half(half(estimate.covariance).T)
    noise = _noise(settings, map_noise_m2, tick_s)
    return 0.5 * (moved + moved.T) + jnp.diag(noise)


def _advance(estimate, motion, decay, over):
    """The map P -> F P on rows."""
    inertial_from_body, gain = motion
    pull, tick_s, powered = over
    heard_s = jnp.where(powered, tick_s, 0.0)
    position = estimate.position_inertial_m
    radius = jnp.linalg.norm(position)
    up = position / radius
    tidal = pull.gm_m3_s2 / radius**3 * (3.0 * up[:, None] * up[None, :] - jnp.eye(3))
    lever = -_skew(gain)

    def rows(matrix):
        spot, speed = matrix[POSITION], matrix[VELOCITY]
        tilt, drift, bias = matrix[ATTITUDE], matrix[GYRO_BIAS], matrix[ACCELEROMETER_BIAS]
        push = tick_s * _times(tidal, spot + 0.5 * tick_s * speed) + _times(lever, tilt)
        push = push - heard_s * _times(inertial_from_body, bias)
        return jnp.concatenate(
            [
                spot + tick_s * (speed + 0.5 * push),
                speed + push,
                tilt - tick_s * _times(inertial_from_body, drift),
                drift,
                bias,
                decay * matrix[MAP_BIAS : MAP_BIAS + 1],
                matrix[MAP_BIAS + 1 :],
            ]
        )

    return rows


def _noise(settings, map_noise_m2, tick_s):
    """Diagonal of Q, (18,)."""
    gravity = 2.0 * settings.gravity_mismatch_m_s2**2 * settings.gravity_mismatch_time_s
    walk = settings.velocity_walk_m_s_per_sqrt_s**2 + gravity
    speed = walk * tick_s * jnp.ones(3)
    return jnp.concatenate(
        [
            speed * tick_s**2 / 3.0,
            speed,
            settings.angle_walk_rad_per_sqrt_s**2 * tick_s * jnp.ones(3),
            jnp.zeros(6),
            map_noise_m2[None],
            jnp.zeros(ERROR_COUNT - MAP_BIAS - 1),
        ]
    )


def _times(small, rows):
    """A 3x3 times 3xN product, written as a sum: batched small matmuls are slow on CPU."""
    return jnp.sum(small[:, :, None] * rows[None, :, :], axis=1)


def _skew(vector):
    x, y, z = vector
    zero = jnp.zeros_like(x)
    return jnp.stack([jnp.stack([zero, -z, y]), jnp.stack([z, zero, -x]), jnp.stack([-y, x, zero])])
