"""Dead reckoning between measurements: strapdown integration and the growth of its errors."""

import dataclasses
from collections.abc import Callable
from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.rotation import from_rotation_vector, multiply, normalize, rotate, to_matrix
from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    ATTITUDE,
    GYRO_BIAS,
    MOVING,
    POSITION,
    VELOCITY,
    Estimate,
)
from perilune.onboard.navigation.imu import Inertial
from perilune.onboard.navigation.misplaced import aside_m2, bent_factor
from perilune.onboard.upload import FilterSettings

NO_PUSH = np.zeros(3)


class HeldGravity(eqx.Module):
    """Believed gravity over a frame: the point mass and what is held of the rest."""

    gm_m3_s2: Float[Array, ""]
    perturbation_inertial_m_s2: Float[Array, "3"]


class Cycle(eqx.Module):
    """What has happened since the last cycle's readings."""

    _: KW_ONLY
    duration_s: Float[Array, ""]
    powered: Bool[Array, ""]
    gain_inertial_m_s: Float[Array, "3"]  # velocity from thrust
    held_gravity: HeldGravity
    imu_in_use: Bool[Array, " units"]
    range_m: Float[Array, ""]  # to the site, over the ground


def strapdown(
    estimate: Estimate,
    imu: Inertial,
    held_gravity: HeldGravity,
    tick_s: Float[Array, ""],
    powered: Bool[Array, ""],
    ordered_body_m_s: Float[AnyArray, "3"] = NO_PUSH,
) -> tuple[Estimate, Float[Array, "3"]]:
    """The estimate one tick on, and the velocity gained from thrust, (3,) inertial m/s.

    With the engine off the accelerometers are not listened to: they would add their bias. What the
    nozzles were ordered to add, `ordered_body_m_s`, stands in for what they would feel. Gravity is
    taken at both ends and the middle of the tick (Simpson), so that a coast tick of seconds is
    good to a micrometre per second.
    """
    turn_rad = imu.rotation_increment_body_rad - imu.gyro_bias_rad_s * tick_s
    gain_body = imu.velocity_increment_body_m_s - imu.accelerometer_bias_m_s2 * tick_s
    halfway = multiply(estimate.inertial_from_body, from_rotation_vector(0.5 * turn_rad))
    gain = rotate(halfway, jnp.where(powered, gain_body, ordered_body_m_s))
    start_m, speed = estimate.position_inertial_m, estimate.velocity_inertial_m_s

    def gravity(place_m: Float[Array, "3"]) -> Float[Array, "3"]:
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


def grow(
    settings: FilterSettings, estimate: Estimate, cycle: Cycle, strike_moved_m: Float[Array, ""]
) -> Estimate:
    """The estimate with its covariance one cycle on: F P F' + Q, by blocks of F, F = I + N.

    The map's error fades by how far the altimeter's strike has moved, and while an engine burns the
    accelerometers' biases walk: what grows with thrust changes as thrust does.
    """
    estimate = refer(settings, estimate, strike_moved_m)
    rows, covariance = _moving_rows(estimate, cycle), estimate.covariance
    beside = rows(covariance)
    corner, rest = rows(beside.T), beside[:, MOVING:]
    noise = jnp.diag(_moving_noise(settings, cycle.duration_s))
    covariance = with_part(covariance, 0.5 * (corner + corner.T) + noise, (0, 0))
    covariance = with_part(covariance, rest, (0, MOVING))
    covariance = with_part(covariance, rest.T, (MOVING, 0))
    burnt_s = jnp.where(cycle.powered, cycle.duration_s, 0.0)
    walked = burnt_s * jnp.diag(settings.accelerometer_walk_m_s2_per_sqrt_s**2)
    for biases in estimate.layout.inertial(ACCELEROMETER_BIAS):
        wider = covariance[biases, biases] + walked
        covariance = with_part(covariance, wider, (biases.start, biases.start))
    return dataclasses.replace(estimate, covariance=covariance)


def refer(
    settings: FilterSettings, estimate: Estimate, strike_moved_m: Float[Array, ""]
) -> Estimate:
    """The estimate with its map bias referred to another strike.

    It is a first-order Gauss-Markov process along the ground, of the variance in the estimate.
    """
    place = estimate.layout.map_bias
    decay = jnp.exp(-strike_moved_m / fading_length_m(settings, estimate))
    noise_m2 = estimate.map_variance_m2 * (1.0 - decay**2)
    covariance = estimate.covariance
    covariance = with_part(covariance, decay * covariance[place, None], (place, 0))
    column = (decay * covariance[:, place]).at[place].add(noise_m2)
    covariance = with_part(covariance, column[:, None], (0, place))
    return dataclasses.replace(
        estimate, map_bias_m=decay * estimate.map_bias_m, covariance=covariance
    )


def fading_length_m(settings: FilterSettings, estimate: Estimate) -> Float[Array, ""]:
    """Over which the varying error of the map fades from strike to strike.

    Processes act on what is slower than all of them as one does of the sum of their variances and
    the mean of their lengths weighted by these: of the map between its points, of its waves, and of
    what bends away from its slope over the width that the place is unsure.
    """
    variance_m2, unsure_m2 = estimate.map_variance_m2, aside_m2(estimate)
    short_m, long_m = settings.map_mismatch_length_m, settings.waves_independent_m
    bent = bent_factor(settings, unsure_m2)
    of_map_m2 = variance_m2 - settings.waves_m**2 - settings.relief_m**2
    bent_m2 = of_map_m2 * bent / (1.0 + bent)
    more = settings.waves_m**2 * (long_m - short_m) + bent_m2 * jnp.sqrt(unsure_m2)
    return short_m + more / variance_m2


def with_part(
    matrix: Float[Array, "n n"], part: Float[Array, "rows columns"], corner: tuple[int, int]
) -> Float[Array, "n n"]:
    """A matrix with a part of it replaced, from its upper left corner on; the rest is not moved."""
    return jax.lax.dynamic_update_slice(matrix, part, corner)


def _moving_rows(
    estimate: Estimate, cycle: Cycle
) -> Callable[[Float[Array, "errors n"]], Float[Array, "moving n"]]:
    """The first nine rows of F times a matrix; the other rows of F only fade."""
    cycle_s, in_use = cycle.duration_s, cycle.imu_in_use
    layout = estimate.layout
    heard_s = jnp.where(cycle.powered, cycle_s, 0.0)
    inertial_from_body = to_matrix(estimate.inertial_from_body)
    position = estimate.position_inertial_m
    radius = jnp.linalg.norm(position)
    up = position / radius
    tidal = cycle.held_gravity.gm_m3_s2 / radius**3 * (3.0 * up[:, None] * up[None, :] - jnp.eye(3))
    lever = -_skew(cycle.gain_inertial_m_s)

    def rows(matrix: Float[Array, "errors n"]) -> Float[Array, "moving n"]:
        spot, speed = matrix[POSITION], matrix[VELOCITY]
        tilt = matrix[ATTITUDE]
        drift = _in_use(matrix, layout.inertial(GYRO_BIAS), in_use)
        bias = _in_use(matrix, layout.inertial(ACCELEROMETER_BIAS), in_use)
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


def _in_use(
    matrix: Float[Array, "errors n"], places: list[slice], in_use: Bool[Array, " units"]
) -> Float[Array, "3 n"]:
    """The rows of the inertial unit in use; there is no choice where there is one."""
    rows = [matrix[place] for place in places]
    if len(rows) == 1:
        return rows[0]
    used = (jnp.where(yes, each, 0.0) for yes, each in zip(in_use, rows, strict=True))
    return sum(used, jnp.zeros_like(rows[0]))


def _moving_noise(settings: FilterSettings, cycle_s: Float[Array, ""]) -> Float[Array, " moving"]:
    """Diagonal of Q for what moves."""
    speed = settings.velocity_walk_m_s_per_sqrt_s**2 * cycle_s * jnp.ones(3)
    turn = settings.angle_walk_rad_per_sqrt_s**2 * cycle_s * jnp.ones(3)
    return jnp.concatenate([speed * cycle_s**2 / 3.0, speed, turn])


def _times(small: Float[Array, "3 3"], rows: Float[Array, "3 n"]) -> Float[Array, "3 n"]:
    """A 3x3 times 3xN product, written as a sum: batched small matmuls are slow on CPU."""
    first, second, third = (small[:, k, None] * rows[k] for k in range(3))
    return first + second + third


def _skew(vector: Float[Array, "3"]) -> Float[Array, "3 3"]:
    x, y, z = vector
    zero = jnp.zeros_like(x)
    return jnp.stack([jnp.stack([zero, -z, y]), jnp.stack([z, zero, -x]), jnp.stack([-y, x, zero])])
