"""Strapdown against closed forms, and its errors' growth against a dense matrix and itself."""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces import ImuReading
from perilune.mechanics.constants import MOON_GM_M3_S2 as GM_M3_S2
from perilune.mechanics.rotation import (
    conjugate,
    from_rotation_vector,
    multiply,
    rotate,
    to_matrix,
    to_rotation_vector,
)
from perilune.onboard.navigation.estimate import correct
from perilune.onboard.navigation.imu import Belief, Carried, Inertial, hear
from perilune.onboard.navigation.propagate import (
    Cycle,
    HeldGravity,
    fading_length_m,
    grow,
    strapdown,
)

NOWHERE = HeldGravity(jnp.array(0.0), jnp.zeros(3))
POINT_MASS = HeldGravity(jnp.array(GM_M3_S2), jnp.zeros(3))
GYRO_BIAS_RAD_S = jnp.array([3e-6, -2e-6, 1e-6])
ACCELEROMETER_BIAS_M_S2 = jnp.array([2e-3, 1e-3, -3e-3])


def felt(velocity_m_s, rotation_rad, gyro_bias_rad_s=GYRO_BIAS_RAD_S):
    """Increments of a unit whose biases are those of the estimate."""
    return Inertial(
        velocity_increment_body_m_s=jnp.asarray(velocity_m_s, float),
        rotation_increment_body_rad=jnp.asarray(rotation_rad, float),
        rate_body_rad_s=jnp.zeros(3),
        gyro_bias_rad_s=jnp.asarray(gyro_bias_rad_s),
        accelerometer_bias_m_s2=ACCELEROMETER_BIAS_M_S2,
    )


SILENT = felt([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
BURNING = felt([0.02, -0.01, 0.3], [2e-3, -1e-3, 5e-4])
AT_CENTER = Belief(
    mount_body_m=jnp.zeros(3),
    angle_walk_rad_per_sqrt_s=jnp.array(0.0),
    velocity_walk_m_s_per_sqrt_s=jnp.array(0.0),
)
STEADY = Carried(jnp.array(0.1), jnp.zeros(3), jnp.zeros(3))
ONE_UNIT = jnp.array([True])
READ = BURNING.velocity_increment_body_m_s, BURNING.rotation_increment_body_rad
ON, OFF = jnp.array(True), jnp.array(False)
TICK_S, CYCLE_S = 0.1, 0.2


@pytest.fixture
def estimate(estimate_at):
    """Braking at 10 km with a bias believed of every sort."""
    placed = estimate_at([0.0, 80_000.0, 9_000.0], [0.0, -700.0, -40.0])
    return dataclasses.replace(
        placed,
        biases=placed.biases
        | {
            "imu": {
                "gyro_bias_rad_s": GYRO_BIAS_RAD_S,
                "accelerometer_bias_m_s2": ACCELEROMETER_BIAS_M_S2,
            }
        },
        map_bias_m=jnp.array(7.0),
    )


@functools.partial(jax.jit, static_argnames="count")
def fly(estimate, imu, pull, tick_s, count, powered):
    def one(now, _):
        return strapdown(now, imu, pull, tick_s, powered)

    return jax.lax.scan(one, estimate, None, count)


def over_a_cycle(estimate, pull=POINT_MASS):
    """Two ticks of braking: the estimate after them and the velocity gained."""
    reading = {"imu": ImuReading(*READ, jnp.array(True))}
    imu, _ = hear({"imu": AT_CENTER}, estimate, reading, STEADY)
    moved, gains = fly(estimate, imu, pull, TICK_S, 2, ON)
    return moved, jnp.sum(gains, axis=0)


@jax.jit
def grown(settings, estimate, pull, gain, powered, strike_moved_m):
    return grow(settings, estimate, a_cycle(pull, gain, powered), strike_moved_m)


def a_cycle(pull, gain, powered):
    return Cycle(
        duration_s=CYCLE_S,
        powered=powered,
        gain_inertial_m_s=gain,
        held_gravity=pull,
        imu_in_use=ONE_UNIT,
        range_m=jnp.array(0.0),
    )


def test_a_coast_keeps_keplers_ellipse_for_half_a_revolution(estimate):
    low_m, high_m, count = 1_752_400.0, 1_837_400.0, 1_361
    axis_m = 0.5 * (low_m + high_m)
    half_s = math.pi * math.sqrt(axis_m**3 / GM_M3_S2)
    fast_m_s, slow_m_s = (
        math.sqrt(GM_M3_S2 * (2.0 / r_m - 1.0 / axis_m)) for r_m in (low_m, high_m)
    )
    start = dataclasses.replace(
        estimate,
        position_inertial_m=jnp.array([high_m, 0.0, 0.0]),
        velocity_inertial_m_s=jnp.array([0.0, slow_m_s, 0.0]),
    )
    end, _ = fly(start, BURNING, POINT_MASS, half_s / count, count, OFF)
    assert half_s / count == pytest.approx(2.5, rel=0.01)
    np.testing.assert_allclose(end.position_inertial_m, [-low_m, 0.0, 0.0], atol=0.02)
    np.testing.assert_allclose(end.velocity_inertial_m_s, [0.0, -fast_m_s, 0.0], atol=2e-5)


def test_steady_thrust_in_empty_space_gives_half_a_t_squared(estimate):
    start = dataclasses.replace(
        estimate,
        position_inertial_m=jnp.ones(3),
        velocity_inertial_m_s=jnp.zeros(3),
        inertial_from_body=jnp.array([1.0, 0.0, 0.0, 0.0]),
    )
    steady = felt(BURNING.velocity_increment_body_m_s, jnp.zeros(3), jnp.zeros(3))
    end, gains = fly(start, steady, NOWHERE, TICK_S, 100, ON)
    push = np.asarray(steady.velocity_increment_body_m_s / TICK_S - ACCELEROMETER_BIAS_M_S2)
    np.testing.assert_allclose(end.velocity_inertial_m_s, push * 10.0, rtol=1e-12)
    np.testing.assert_allclose(end.position_inertial_m - 1.0, 0.5 * push * 100.0, rtol=1e-12)
    np.testing.assert_allclose(jnp.sum(gains, axis=0), push * 10.0, rtol=1e-12)


def test_a_steady_turn_adds_up_to_its_angle_less_the_bias(estimate):
    end, _ = fly(estimate, BURNING, NOWHERE, TICK_S, 50, ON)
    turned = to_rotation_vector(
        multiply(conjugate(estimate.inertial_from_body), end.inertial_from_body)
    )
    rate = BURNING.rotation_increment_body_rad / TICK_S - GYRO_BIAS_RAD_S
    np.testing.assert_allclose(turned, 5.0 * rate, rtol=1e-12, atol=1e-15)


def test_with_the_engine_off_the_accelerometers_are_not_listened_to(estimate):
    quiet, nothing = strapdown(estimate, SILENT, POINT_MASS, TICK_S, OFF)
    noisy, gain = strapdown(
        estimate,
        dataclasses.replace(SILENT, velocity_increment_body_m_s=jnp.array([9.0, 9.0, 9.0])),
        POINT_MASS,
        TICK_S,
        OFF,
    )
    np.testing.assert_array_equal(quiet.velocity_inertial_m_s, noisy.velocity_inertial_m_s)
    np.testing.assert_array_equal(quiet.position_inertial_m, noisy.position_inertial_m)
    assert not np.any(gain)
    assert not np.any(nothing)


def test_with_the_engine_off_what_the_nozzles_were_ordered_to_add_is_added(estimate):
    """In the attitude half-way through the tick; with it on the accelerometers feel it."""
    ordered = jnp.array([0.02, -0.03, 0.01])
    quiet, _ = strapdown(estimate, SILENT, POINT_MASS, TICK_S, OFF)
    pushed, gain = strapdown(estimate, SILENT, POINT_MASS, TICK_S, OFF, ordered)
    still = dataclasses.replace(
        SILENT, rotation_increment_body_rad=jnp.zeros(3), gyro_bias_rad_s=jnp.zeros(3)
    )
    _, straight = strapdown(estimate, still, POINT_MASS, TICK_S, OFF, ordered)
    np.testing.assert_allclose(
        straight, rotate(estimate.inertial_from_body, ordered), rtol=1e-12, atol=1e-15
    )
    gained = pushed.velocity_inertial_m_s - quiet.velocity_inertial_m_s
    np.testing.assert_allclose(gained, gain, atol=1e-6)
    felt, _ = strapdown(estimate, BURNING, POINT_MASS, TICK_S, ON)
    felt_alone, _ = strapdown(estimate, BURNING, POINT_MASS, TICK_S, ON, ordered)
    np.testing.assert_array_equal(felt.velocity_inertial_m_s, felt_alone.velocity_inertial_m_s)


def dense_transition(estimate, gain):
    """F of one cycle of powered flight, but for the map's fading."""
    place = np.asarray(estimate.position_inertial_m)
    radius_m = np.linalg.norm(place)
    tidal = GM_M3_S2 * (3.0 * np.outer(place, place) / radius_m**5 - np.eye(3) / radius_m**3)
    turn = np.asarray(to_matrix(estimate.inertial_from_body))
    x, y, z = gain
    lever = -np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    push = np.zeros((3, estimate.layout.count))
    push[:, 0:3], push[:, 3:6] = CYCLE_S * tidal, 0.5 * CYCLE_S**2 * tidal
    push[:, 6:9], push[:, 13:16] = lever, -CYCLE_S * turn
    transition = np.eye(estimate.layout.count)
    transition[0:3, 3:6] += CYCLE_S * np.eye(3)
    transition[0:3] += 0.5 * CYCLE_S * push
    transition[3:6] += push
    transition[6:9, 10:13] -= CYCLE_S * turn
    return transition


def dense_noise(estimate, settings, map_noise_m2):
    """The diagonal of Q of one cycle."""
    speed_noise = settings.velocity_walk_m_s_per_sqrt_s**2 * CYCLE_S
    noise = np.zeros(estimate.layout.count)
    noise[0:3], noise[3:6] = speed_noise * CYCLE_S**2 / 3.0, speed_noise
    noise[6:9] = settings.angle_walk_rad_per_sqrt_s**2 * CYCLE_S
    noise[9] = map_noise_m2
    noise[13:16] = settings.accelerometer_walk_m_s2_per_sqrt_s**2 * CYCLE_S
    return noise


def test_growth_by_blocks_is_the_dense_product(upload, estimate, tangled_covariance):
    """F P F' + Q with F and Q written out in numpy."""
    estimate = dataclasses.replace(estimate, covariance=tangled_covariance)
    gain, variance_m2, moved_m = jnp.array([0.3, -0.5, 0.1]), 140.0, 90.0
    estimate = dataclasses.replace(estimate, map_variance_m2=jnp.asarray(variance_m2))
    after = grown(upload.filter, estimate, POINT_MASS, gain, ON, jnp.asarray(moved_m))
    decay = math.exp(-moved_m / float(fading_length_m(upload.filter, estimate)))
    transition = dense_transition(estimate, np.asarray(gain))
    transition[9, 9] = decay
    noise = dense_noise(estimate, upload.filter, variance_m2 * (1.0 - decay**2))
    dense = transition @ np.asarray(tangled_covariance) @ transition.T + np.diag(noise)
    size = np.sqrt(np.outer(np.diag(dense), np.diag(dense)))
    np.testing.assert_allclose(after.covariance / size, dense / size, atol=1e-12)
    assert float(after.map_bias_m) == pytest.approx(7.0 * decay, rel=1e-12)


@pytest.mark.parametrize("error", [*range(9), *range(10, 16)])  # all but the map's
def test_growth_carries_an_error_as_strapdown_does(upload, estimate, error):
    """One error at a time: two strapdowns that differ by it, and a covariance of it alone."""
    size = [30.0] * 3 + [0.1] * 3 + [1e-4] * 3 + [0.0] + [1e-5] * 3 + [1e-3] * 3
    start = np.zeros(estimate.layout.count)
    start[error] = size[error]
    believed, gain = over_a_cycle(estimate)
    true, _ = over_a_cycle(correct(estimate, jnp.asarray(start), estimate.covariance))
    turn = multiply(true.inertial_from_body, conjugate(believed.inertial_from_body))
    carried = np.concatenate(
        [
            true.position_inertial_m - believed.position_inertial_m,
            true.velocity_inertial_m_s - believed.velocity_inertial_m_s,
            to_rotation_vector(turn),
        ]
    )

    def spread(covariance):
        placed = dataclasses.replace(believed, covariance=covariance)
        return grown(upload.filter, placed, POINT_MASS, gain, ON, jnp.array(0.0)).covariance

    told = spread(jnp.asarray(np.outer(start, start))) - spread(jnp.zeros_like(estimate.covariance))
    unit = np.repeat([30.0, 0.1, 1e-4], 3)
    np.testing.assert_allclose(
        told[:9, :9] / np.outer(unit, unit),
        np.outer(carried, carried) / np.outer(unit, unit),
        atol=3e-4,
    )


def test_white_noise_grows_as_the_closed_form_says(upload, estimate):
    """Without gravity and attitude error: variances q t of speed, q t^3/3 of place.

    A cycle's own noise of place and of speed are taken as independent, which leaves 3/2 in the
    number of cycles of the variance of place out.
    """
    settings, count = upload.filter, 400
    start = dataclasses.replace(estimate, covariance=jnp.zeros_like(estimate.covariance))

    def one(now, _):
        return grow(settings, now, a_cycle(NOWHERE, jnp.zeros(3), OFF), jnp.array(0.0)), None

    end, _ = jax.jit(lambda now: jax.lax.scan(one, now, None, count))(start)
    rate, time_s = settings.velocity_walk_m_s_per_sqrt_s**2, CYCLE_S * count
    place = rate * time_s**3 / 3.0 * (1.0 - 1.5 / count)
    np.testing.assert_allclose(np.diag(end.covariance)[3:6], rate * time_s, rtol=1e-9)
    np.testing.assert_allclose(np.diag(end.covariance)[0:3], place, rtol=1e-5)


def test_biases_of_the_accelerometers_walk_while_an_engine_burns_and_rest_in_a_coast(
    upload, estimate
):
    """By the root of the time."""
    start = dataclasses.replace(estimate, covariance=jnp.zeros_like(estimate.covariance))

    def after(time_s, powered):
        count = round(time_s / CYCLE_S)

        def one(now, _):
            cycle = a_cycle(POINT_MASS, jnp.zeros(3), powered)
            return grow(upload.filter, now, cycle, jnp.array(0.0)), None

        end, _ = jax.jit(lambda now: jax.lax.scan(one, now, None, count))(start)
        return np.sqrt(np.diag(end.covariance)[13:16])

    per_root_s = np.asarray(upload.filter.accelerometer_walk_m_s2_per_sqrt_s)
    assert np.all(per_root_s > 0.0)
    np.testing.assert_allclose(after(100.0, ON), 10.0 * per_root_s, rtol=1e-6)
    np.testing.assert_array_equal(after(100.0, OFF), 0.0)


def test_a_faded_map_error_keeps_the_variance_it_is_told(upload, estimate):
    """First-order Gauss-Markov: told its own variance it neither grows nor shrinks."""
    variance_m2 = 150.0
    covariance = jnp.zeros_like(estimate.covariance).at[9, 9].set(variance_m2)
    start = dataclasses.replace(
        estimate, covariance=covariance, map_variance_m2=jnp.asarray(variance_m2)
    )
    after = grown(upload.filter, start, POINT_MASS, jnp.zeros(3), OFF, jnp.asarray(90.0))
    assert float(after.covariance[9, 9]) == pytest.approx(variance_m2, rel=1e-12)
    assert float(after.map_bias_m) < 7.0


def test_a_small_turn_is_applied_on_the_inertial_side(estimate):
    error = jnp.zeros(estimate.layout.count).at[6:9].set(jnp.array([1e-3, -2e-3, 5e-4]))
    turned = correct(estimate, error, estimate.covariance).inertial_from_body
    expected = multiply(from_rotation_vector(error[6:9]), estimate.inertial_from_body)
    np.testing.assert_allclose(turned, expected, atol=1e-15)
