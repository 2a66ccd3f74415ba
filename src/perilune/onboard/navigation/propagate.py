"""Dead reckoning between measurements: strapdown integration and the growth of its errors."""

import dataclasses

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
)

MOVING = 9
"""Position, velocity and attitude errors move; the biases after them only fade."""


class HeldGravity(eqx.Module):
    """Believed gravity over a frame: the point mass and what is held of the rest."""

    gm_m3_s2: jax.Array
    perturbation_inertial_m_s2: jax.Array  # (3,)


def strapdown(estimate, imu, held_gravity, tick_s, powered):
    """The estimate one tick on, and the velocity gained from thrust, (3,) inertial m/s.

    With the engine off the accelerometers are not listened to: they would add their bias. Gravity
    is taken at both ends and the middle of the tick (Simpson), so that a coast tick of seconds is
    good to a micrometre per second.
    """
    turn_rad = imu.rotation_increment_body_rad - estimate.gyro_bias_rad_s * tick_s
    gain_body = imu.velocity_increment_body_m_s - estimate.accelerometer_bias_m_s2 * tick_s
    halfway = multiply(estimate.inertial_from_body, from_rotation_vector(0.5 * turn_rad))
    gain = jnp.where(powered, rotate(halfway, gain_body), 0.0)
    start_m, speed = estimate.position_inertial_m, estimate.velocity_inertial_m_s

    def gravity(place_m):
        return (
            point_mass_m_s2(held_gravity.gm_m3_s2, place_m)
            + held_gravity.perturbation_inertial_m_s2
        )

    first = gravity(start_m)
    middle = gravity(start_m + 0.5 * tick_s * speed + 0.125 * tick_s * (gain + tick_s * first))
    last = gravity(start_m + tick_s * speed + 0.5 * tick_s * (gain + tick_s * middle))
    pulled = tick_s * (first + 4.0 * middle + last) / 6.0
    fallen_m = tick_s**2 * (first + 2.0 * middle) / 6.0
    moved = dataclasses.replace(
        estimate,
        position_inertial_m=start_m + tick_s * (speed + 0.5 * gain) + fallen_m,
        velocity_inertial_m_s=speed + gain + pulled,
        inertial_from_body=normalize(
            multiply(estimate.inertial_from_body, from_rotation_vector(turn_rad))
        ),
    )
    return moved, gain


def grow(settings, estimate, held_gravity, gain, over):
    """The estimate with its covariance one cycle on: F P F' + Q, by blocks of F, F = I + N.

    `over` is (cycle_s, powered, strike_moved_m); the map's error is a first-order Gauss-Markov
    process along the ground, of the variance in the estimate, and fades by how far the altimeter's
    strike has moved. `gain` is the cycle's velocity from thrust.
    """
    cycle_s, powered, strike_moved_m = over
    decay = jnp.exp(-strike_moved_m / settings.map_mismatch_length_m)
    fading = jnp.ones(ERROR_COUNT).at[MAP_BIAS].set(decay)
    covariance = estimate.covariance * fading[:, None] * fading[None, :]
    rows = _moving_rows(estimate, held_gravity, gain, (cycle_s, powered))
    beside = rows(covariance)
    corner = rows(beside.T)
    rest = beside[:, MOVING:]
    moved = jnp.concatenate(
        [
            jnp.concatenate([0.5 * (corner + corner.T), rest], axis=1),
            jnp.concatenate([rest.T, covariance[MOVING:, MOVING:]], axis=1),
        ]
    )
    noise = _noise(settings, estimate.map_variance_m2 * (1.0 - decay**2), cycle_s)
    return dataclasses.replace(
        estimate, map_bias_m=decay * estimate.map_bias_m, covariance=moved + jnp.diag(noise)
    )


def _moving_rows(estimate, held_gravity, gain, over):
    """The first nine rows of F times a matrix of 21 rows; the other rows of F only fade."""
    cycle_s, powered = over
    heard_s = jnp.where(powered, cycle_s, 0.0)
    inertial_from_body = to_matrix(estimate.inertial_from_body)
    position = estimate.position_inertial_m
    radius = jnp.linalg.norm(position)
    up = position / radius
    tidal = held_gravity.gm_m3_s2 / radius**3 * (3.0 * up[:, None] * up[None, :] - jnp.eye(3))
    lever = -_skew(gain)

    def rows(matrix):
        spot, speed = matrix[POSITION], matrix[VELOCITY]
        tilt, drift, bias = matrix[ATTITUDE], matrix[GYRO_BIAS], matrix[ACCELEROMETER_BIAS]
        push = cycle_s * _times(tidal, spot + 0.5 * cycle_s * speed) + _times(lever, tilt)
        push = push - heard_s * _times(inertial_from_body, bias)
        return jnp.concatenate(
            [
                spot + cycle_s * (speed + 0.5 * push),
                speed + push,
                tilt - cycle_s * _times(inertial_from_body, drift),
            ]
        )

    return rows


def _noise(settings, map_noise_m2, cycle_s):
    """Diagonal of Q, (21,)."""
    speed = settings.velocity_walk_m_s_per_sqrt_s**2 * cycle_s * jnp.ones(3)
    return jnp.concatenate(
        [
            speed * cycle_s**2 / 3.0,
            speed,
            settings.angle_walk_rad_per_sqrt_s**2 * cycle_s * jnp.ones(3),
            jnp.zeros(6),
            map_noise_m2[None],
            jnp.zeros(ERROR_COUNT - MAP_BIAS - 1),
        ]
    )


def _times(small, rows):
    """A 3x3 times 3xN product, written as a sum: batched small matmuls are slow on CPU."""
    first, second, third = (small[:, k, None] * rows[k] for k in range(3))
    return first + second + third


def _skew(vector):
    x, y, z = vector
    zero = jnp.zeros_like(x)
    return jnp.stack([jnp.stack([zero, -z, y]), jnp.stack([z, zero, -x]), jnp.stack([-y, x, zero])])
