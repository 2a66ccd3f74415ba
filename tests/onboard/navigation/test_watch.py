"""Noise as it is seen, and when what was refused is taken after all."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.telemetry import UpdateResult
from perilune.onboard.navigation.watch import (
    LARGEST_INFLATION,
    LEAST_COUNT,
    LEAST_TIME_S,
    NOISY_FACTOR,
    agree,
    excess_variance,
    inflated,
    is_in_use,
    persists,
    unwatched,
    watched,
)

SIGMA, GATE = 2.0, 8.0
CYCLE_S = 0.2
STEP = jax.jit(watched)
FREE = jnp.asarray(jnp.inf)


def one(value):
    return jnp.asarray([value])


def shown(innovations, *, valid=True, watch=None, start_s=0.0, period_s=CYCLE_S):
    """The watch after readings with these innovations, of which none moves the estimate."""
    watch = unwatched(1) if watch is None else watch
    for number, value in enumerate(innovations):
        result = UpdateResult(one(value), one(GATE), one(abs(value) < GATE), one(value))
        time_s = jnp.asarray(start_s + period_s * number)
        watch = STEP(watch, result, one(valid), one(SIGMA**2), time_s)
    return watch


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("factor", [1.0, 5.0, 100.0])
def test_noise_is_seen_whatever_the_estimate_is_off_by(factor, offset):
    """Half the mean square of changes; its own spread is a third, over 400 means a fiftieth."""
    noise = factor * SIGMA * np.random.default_rng(3).normal(size=600)
    seen, watch = [], unwatched(1)
    for number, value in enumerate(noise):
        watch = shown([offset + value], watch=watch, start_s=number * CYCLE_S)
        seen.append(float(watch.scatter_factor[0]))
    assert np.mean(seen[200:]) == pytest.approx(factor**2, rel=0.15)


def test_noise_a_hundred_times_as_large_is_known_after_25_readings():
    values = 100.0 * SIGMA * np.array([1.0, -1.0] * 13)
    assert float(shown(values).scatter_factor[0]) > 50.0**2


def test_one_spike_in_twenty_readings_counts_as_little_noise():
    values = SIGMA * np.random.default_rng(4).normal(size=400)
    values[::20] += 1e5
    assert float(shown(values).scatter_factor[0]) < 4.0**2


def test_noise_that_falls_as_it_is_assumed_to_is_no_excess():
    """By a hundred times over 400 readings, as a camera's on the way down."""
    sigmas = SIGMA * np.geomspace(100.0, 1.0, 400)
    watch, seen = unwatched(1), []
    for number, (sigma, draw) in enumerate(
        zip(sigmas, np.random.default_rng(5).normal(size=400), strict=True)
    ):
        value = sigma * draw
        result = UpdateResult(one(value), one(4.0 * sigma), one(abs(draw) < 4.0), one(value))
        watch = STEP(watch, result, one(True), one(sigma**2), jnp.asarray(CYCLE_S * number))
        seen.append(float(watch.scatter_factor[0]))
    assert np.mean(seen) == pytest.approx(1.0, abs=0.15)


def test_noise_is_added_only_beyond_what_chance_explains():
    variance = jnp.asarray(4.0)
    assert float(excess_variance(NOISY_FACTOR * variance, variance)) == 0.0
    assert float(excess_variance(jnp.asarray(40.0), variance)) == pytest.approx(36.0)


def test_steady_refused_readings_persist_once_there_are_enough_and_long_enough():
    count = int(LEAST_TIME_S / CYCLE_S)
    assert not bool(persists(shown([100.0] * count), jnp.asarray(CYCLE_S * (count - 1)))[0])
    assert bool(persists(shown([100.0] * (count + 1)), jnp.asarray(LEAST_TIME_S + 1e-9))[0])


def test_few_readings_do_not_persist_however_long_they_take():
    few = int(LEAST_COUNT) - 1
    assert not bool(persists(shown([100.0] * few, period_s=60.0), jnp.asarray(600.0))[0])
    assert bool(persists(shown([100.0] * (few + 1), period_s=60.0), jnp.asarray(600.0))[0])


def test_readings_that_grow_persist_and_those_that_scatter_do_not():
    """A gyro that drifts makes innovations that grow; a wrong map makes ones at random."""
    growing = shown(10.0 * np.arange(1, 21))
    scattered = shown(100.0 * np.array([1.0, -1.0, 1.0, 2.0, -1.0, 1.0, -3.0, 1.0] * 2))
    assert bool(persists(growing, jnp.asarray(10.0))[0])
    assert not bool(persists(scattered, jnp.asarray(10.0))[0])


def test_a_reading_that_is_used_ends_the_row_of_refused_ones():
    watch = shown([0.0], watch=shown([100.0] * 20), start_s=4.0)
    assert float(watch.refused_count[0]) == 0.0
    assert float(watch.refused_mean[0]) == 0.0
    assert bool(is_in_use(watch, jnp.asarray(5.0)))
    assert not bool(is_in_use(watch, jnp.asarray(4.0 + LEAST_TIME_S)))
    assert not bool(is_in_use(shown([100.0]), jnp.asarray(0.0)))


def test_what_is_not_valid_changes_nothing():
    before = shown([1.0, 100.0, 100.0])
    after = shown([5.0, 1e6], watch=before, valid=False)
    for name in vars(before):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


@pytest.mark.parametrize(
    ("innovations", "jumped"),
    [
        ([1.0, 300.0, 300.0, 310.0, 290.0], True),
        ([1.0, 300.0, 600.0, 900.0, 1_000.0], False),
        ([1.0, 4.0, 7.0, 9.0, 12.0], False),
        ([300.0, 300.0], False),
        ([1.0, 300.0, 1.0, 4.0, 7.0, 9.0], False),
    ],
    ids=["at once", "a slope", "grown", "first of all", "back and then grown"],
)
def test_a_jump_is_a_change_at_once_of_a_unit_that_was_in_use(innovations, jumped):
    assert bool(shown(innovations).jumped[0]) is jumped


@pytest.mark.parametrize(("other", "alike"), [(-310.0, True), (-390.0, False), (300.0, False)])
def test_units_agree_that_jump_by_the_same(other, alike):
    mine, theirs = shown([0.0] + [-300.0] * 6), shown([0.0] + [other] * 6)
    assert bool(agree(mine, theirs)) is alike
    assert not bool(agree(mine, shown([0.0] + [-300.0] * 4)))


def test_the_covariance_grows_in_the_states_that_a_scalar_depends_on():
    """Two states of one scalar and one that has nothing to do with it, correlated or not."""
    covariance = jnp.diag(jnp.array([4.0, 1.0, 9.0]))
    slope = jnp.array([1.0, 0.0, 0.0])
    spread = covariance @ slope
    wider = inflated(covariance, spread, slope @ spread, jnp.asarray(400.0), FREE)
    np.testing.assert_allclose(jnp.diagonal(wider), [400.0, 1.0, 9.0], rtol=1e-12)


def test_a_correlated_state_grows_by_its_correlation_and_the_covariance_stays_one():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(6, 6))
    covariance, slope = jnp.asarray(root @ root.T), jnp.asarray(rng.normal(size=6))
    spread = covariance @ slope
    known = slope @ spread
    wider = np.asarray(inflated(covariance, spread, known, 25.0 * known, FREE))
    correlation = np.abs(spread) / np.sqrt(np.diag(covariance) * known)
    growth = np.sqrt(np.diag(wider) / np.diag(covariance))
    np.testing.assert_allclose(growth, 1.0 + 4.0 * correlation, rtol=1e-9)
    assert np.min(np.linalg.eigvalsh(wider)) > 0.0


def test_one_reacquisition_widens_only_so_far():
    covariance = jnp.eye(1)
    wider = inflated(covariance, jnp.ones(1), jnp.asarray(1.0), jnp.asarray(1e12), FREE)
    assert float(wider[0, 0]) == pytest.approx(LARGEST_INFLATION)


def test_no_state_grows_beyond_what_is_left_to_it():
    covariance = jnp.diag(jnp.array([4.0, 9.0]))
    slope = jnp.array([1.0, 1.0])
    spread = covariance @ slope
    most = jnp.array([3.0, 1.0])
    wider = inflated(covariance, spread, slope @ spread, jnp.asarray(1e6), most)
    np.testing.assert_allclose(jnp.diagonal(wider), [9.0, 9.0], rtol=1e-12)
