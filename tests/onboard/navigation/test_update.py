import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rotation import from_rotation_vector, rotate
from perilune.onboard.navigation.estimate import POSITION, Estimate, correct, layout_of
from perilune.onboard.navigation.update import Residuals, update
from perilune.onboard.navigation.watch import unwatched
from tests.onboard.navigation.gates import gated

LAYOUT = layout_of(["imu", "camera", "velocimeter"])
ERROR_COUNT, MAP_BIAS = LAYOUT.count, LAYOUT.map_bias
RNG = np.random.default_rng(5)
SHAPE = RNG.normal(size=(ERROR_COUNT, ERROR_COUNT))
COVARIANCE = jnp.asarray(SHAPE @ SHAPE.T + np.eye(ERROR_COUNT))


def believed(covariance=COVARIANCE):
    zero = jnp.zeros(3)
    upright = jnp.array([1.0, 0.0, 0.0, 0.0])
    return Estimate(
        position_inertial_m=zero,
        velocity_inertial_m_s=zero,
        inertial_from_body=upright,
        biases={
            label: {name: jnp.zeros(place.stop - place.start) for name, place in of.items()}
            for label, of in LAYOUT.of.items()
        },
        map_bias_m=jnp.array(0.0),
        strike_direction=zero,
        map_variance_m2=jnp.array(0.0),
        covariance=covariance,
        watches={},
        trends=None,
        past=None,
        corrections=jnp.zeros(9),
    )


def updated(estimate, rows, factor):
    estimate, judged, _ = update(estimate, rows, gated(factor, rows))
    return estimate, judged


def measured(count=6, valid=None):
    slope = jnp.asarray(RNG.normal(size=(count, ERROR_COUNT)))
    value = jnp.asarray(0.5 * RNG.normal(size=count))
    valid = jnp.ones(count, dtype=bool) if valid is None else jnp.asarray(valid)
    variance = jnp.asarray(RNG.uniform(0.5, 2.0, count))
    return Residuals(value, slope, variance, valid)


def flat(estimate):
    """What changed, but for the attitude."""
    parts = (
        estimate.position_inertial_m,
        estimate.velocity_inertial_m_s,
        estimate.map_bias_m[None],
        estimate.biases["imu"]["gyro_bias_rad_s"],
        estimate.biases["imu"]["accelerometer_bias_m_s2"],
        estimate.biases["camera"]["bias_m"],
        estimate.biases["velocimeter"]["bias_m_s"],
    )
    return np.concatenate([np.asarray(part) for part in parts])


def test_scalar_after_scalar_is_kalman_s_batch_update():
    rows = measured()
    estimate, judged = updated(believed(), rows, 100.0)
    slope, prior = np.asarray(rows.slope), np.asarray(COVARIANCE)
    innovation = slope @ prior @ slope.T + np.diag(rows.variance)
    gain = prior @ slope.T @ np.linalg.inv(innovation)
    error = gain @ np.asarray(rows.value)
    np.testing.assert_allclose(estimate.covariance, prior - gain @ slope @ prior, atol=1e-10)
    np.testing.assert_allclose(flat(estimate), np.delete(error, [6, 7, 8]), atol=1e-10)
    assert bool(jnp.all(judged.used))


def test_a_row_past_its_gate_or_not_valid_changes_nothing():
    rows = measured(2, valid=[True, False])
    wild = dataclasses.replace(rows, value=rows.value.at[0].set(1e6))
    estimate, judged = updated(believed(), wild, 4.0)
    assert not np.any(judged.used)
    np.testing.assert_array_equal(estimate.covariance, COVARIANCE)
    np.testing.assert_array_equal(flat(estimate), 0.0)


def test_the_gate_is_a_factor_of_the_innovation_s_sigma():
    rows = measured(1)
    _, judged = updated(believed(), rows, 3.0)
    slope = np.asarray(rows.slope[0])
    sigma = np.sqrt(slope @ np.asarray(COVARIANCE) @ slope + float(rows.variance[0]))
    assert float(judged.gate[0]) == pytest.approx(3.0 * sigma)


def test_a_measurement_never_makes_it_less_sure():
    estimate, _ = jax.jit(updated)(believed(), measured(12), 100.0)
    gained = np.asarray(COVARIANCE - estimate.covariance)
    assert np.min(np.linalg.eigvalsh(0.5 * (gained + gained.T))) > -1e-9
    assert np.min(np.linalg.eigvalsh(np.asarray(estimate.covariance))) > 0.0


def test_a_correction_turns_the_attitude_in_inertial_axes():
    error = jnp.zeros(ERROR_COUNT).at[6:9].set(jnp.array([0.0, 0.0, 0.1]))
    turned = correct(believed(), error, COVARIANCE).inertial_from_body
    seen = rotate(turned, jnp.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(seen, [np.cos(0.1), np.sin(0.1), 0.0], atol=1e-15)
    np.testing.assert_allclose(turned, from_rotation_vector(error[6:9]), atol=1e-15)


def test_a_direct_look_at_one_error_moves_only_what_is_tied_to_it():
    alone = jnp.diag(jnp.full(ERROR_COUNT, 4.0))
    slope = jnp.zeros((1, ERROR_COUNT)).at[0, MAP_BIAS].set(1.0)
    ones = jnp.ones(1)
    estimate, _ = updated(believed(alone), Residuals(ones, slope, ones, ones > 0.0), 9.0)
    assert float(estimate.map_bias_m) == pytest.approx(0.8)
    assert float(estimate.covariance[MAP_BIAS, MAP_BIAS]) == pytest.approx(0.8)
    np.testing.assert_array_equal(estimate.covariance[POSITION, POSITION], 4.0 * np.eye(3))


def test_a_row_kept_to_height_leaves_the_covariance_of_the_gain_it_really_used():
    """Against Joseph's form, (I - K H) P (I - K H)' + K R K', worked out densely."""
    place = jnp.array([3e5, -1e6, 1.4e6])
    estimate, rows = dataclasses.replace(believed(), position_inertial_m=place), measured(1)
    after, _ = updated(estimate, dataclasses.replace(rows, height_alone=True), 1e6)
    slope, covariance = np.asarray(rows.slope), np.asarray(estimate.covariance)
    up = np.asarray(estimate.position_inertial_m)
    up = up / np.linalg.norm(up)
    best = covariance @ slope[0] / (slope[0] @ covariance @ slope[0] + rows.variance[0])
    gain = np.zeros(ERROR_COUNT)
    gain[:3], gain[3:6] = up * (up @ best[:3]), up * (up @ best[3:6])
    gain[MAP_BIAS], gain[13:16] = best[MAP_BIAS], best[13:16]
    left = np.eye(ERROR_COUNT) - np.outer(gain, slope[0])
    joseph = left @ covariance @ left.T + float(rows.variance[0]) * np.outer(gain, gain)
    np.testing.assert_allclose(after.covariance, joseph, rtol=1e-9, atol=1e-9)


def test_each_error_has_a_place_of_its_own_in_the_order_of_the_filters_blocks():
    assert LAYOUT.of["imu"] == {
        "gyro_bias_rad_s": slice(10, 13),
        "accelerometer_bias_m_s2": slice(13, 16),
    }
    assert MAP_BIAS == 9
    assert LAYOUT.of["camera"]["bias_m"] == slice(16, 19)
    assert LAYOUT.of["velocimeter"]["bias_m_s"] == slice(19, 22)
    assert ERROR_COUNT == 22


def test_two_inertial_units_have_biases_of_their_own():
    layout = layout_of(["imu.b", "imu.a", "star_tracker", "altimeter"])
    assert layout.of["imu.a"]["gyro_bias_rad_s"] == slice(10, 13)
    assert layout.of["imu.b"]["accelerometer_bias_m_s2"] == slice(19, 22)
    assert layout.map_bias == 9
    assert layout.count == 25


@pytest.mark.parametrize("height_alone", [False, True])
def test_a_lane_with_nothing_valid_keeps_its_estimate_to_the_bit_beside_one_that_hears(
    height_alone,
):
    """Its slopes may be not-a-number: nothing of them reaches the covariance."""
    rows = dataclasses.replace(measured(), height_alone=height_alone)
    deaf = dataclasses.replace(
        rows, valid=jnp.zeros(6, bool), slope=jnp.full_like(rows.slope, jnp.nan)
    )
    both = jax.tree.map(lambda a, b: jnp.stack([a, b]), rows, deaf)
    begun = dataclasses.replace(believed(), position_inertial_m=jnp.array([1.7e6, 2e5, -3e5]))
    after, results = jax.vmap(lambda one: updated(begun, one, 1e9))(both)
    assert np.all(np.isfinite(after.covariance[0]))
    assert not np.array_equal(after.covariance[0], begun.covariance)
    for new, old in zip(jax.tree.leaves(after), jax.tree.leaves(begun), strict=True):
        np.testing.assert_array_equal(new[1], old)
    assert not np.any(results.used[1])


def persisting(count, value):
    """The watch of a unit whose scalars have been refused, all by as much."""
    return dataclasses.replace(
        unwatched(count),
        residual=jnp.full(count, value),
        scatter_factor=jnp.ones(count),
        refused_count=jnp.full(count, 30.0),
        refused_mean=jnp.full(count, value),
    )


def test_what_was_refused_for_long_is_taken_and_the_covariance_grows_first():
    rows = measured(1)
    wild = dataclasses.replace(rows, value=jnp.array([1e3]))
    refused, judged, _ = update(believed(), wild, gated(4.0, wild))
    assert not bool(judged.used[0])
    gate = gated(4.0, wild, persisting(1, 1e3), time_s=60.0)
    taken, judged, watch = update(believed(), wild, gate)
    assert bool(judged.used[0])
    assert float(watch.refused_count[0]) == 0.0
    assert abs(float(judged.residual[0])) < 20.0
    np.testing.assert_array_equal(flat(refused), 0.0)
    slope = np.asarray(rows.slope[0])
    left = np.sqrt(slope @ np.asarray(taken.covariance) @ slope)
    assert left < 1.01 * float(rows.variance[0]) ** 0.5
    may_not = dataclasses.replace(gate, may_reopen=jnp.array(False))
    assert not bool(update(believed(), wild, may_not)[1].used[0])


def test_noise_that_is_seen_widens_the_gate_and_lowers_the_gain():
    rows = measured(1)
    loud = dataclasses.replace(unwatched(1), scatter_factor=1e6 / rows.variance)
    healthy, quiet, _ = update(believed(), rows, gated(4.0, rows))
    wary, judged, _ = update(believed(), rows, gated(4.0, rows, loud))
    assert float(judged.gate[0]) == pytest.approx(4.0 * 1e3, rel=1e-9)
    assert np.max(np.abs(flat(wary))) < 1e-3 * np.max(np.abs(flat(healthy)))
    assert float(quiet.gate[0]) < 100.0


def test_the_residual_is_what_all_rows_together_leave():
    rows = measured(4)
    estimate, judged = updated(believed(), rows, 100.0)
    moved = np.zeros(ERROR_COUNT)
    moved[[i for i in range(ERROR_COUNT) if i not in (6, 7, 8)]] = flat(estimate)
    turned = 2.0 * np.asarray(estimate.inertial_from_body)[1:]
    moved[6:9] = turned
    expected = np.asarray(rows.value) - np.asarray(rows.slope) @ moved
    np.testing.assert_allclose(judged.residual, expected, atol=2e-3)
