"""Means of innovations over a window: whether speed or height is wrong, and by how much."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.telemetry import UpdateResult
from perilune.onboard.navigation.trend import (
    LEAST_SIGMAS,
    WINDOW_S,
    Witness,
    followed,
    followed_speed,
    no_speed_trend,
    no_trend,
)

CYCLE_S, FACTOR, SIGMA_M = 0.2, 4.0, 0.5
SHARE = 1.0 - np.exp(-CYCLE_S / WINDOW_S)
NORMAL = np.sqrt(SHARE / (2.0 - SHARE))
STEP, SPEED_STEP = jax.jit(followed), jax.jit(followed_speed)


def of_sigmas(sigmas, gain=0.2, used=True):
    """A result with innovations of so many sigmas, of which a share moves the estimate."""
    value = SIGMA_M * jnp.atleast_1d(jnp.asarray(sigmas))
    gate = FACTOR * SIGMA_M * jnp.ones_like(value)
    return UpdateResult(value, gate, jnp.full(value.shape, used), (1.0 - gain) * value)


def shown(sigmas, strays=0.0, *, heard=True, left=True, used=True, gain=0.2):
    """The trend and the speeds found: `strays` is how far the witness goes for each metre."""
    trend, speeds, at_m = no_trend(), [], 3.0
    for each in sigmas:
        at_m += strays * gain * SIGMA_M * each
        witness = Witness(jnp.asarray(at_m), jnp.array(heard), jnp.array(left))
        result = of_sigmas(each, gain, used)
        trend, speed = STEP(trend, result, witness, jnp.asarray(FACTOR), jnp.asarray(CYCLE_S))
        speeds.append(float(speed))
    return trend, np.array(speeds)


def first_told():
    """After how many readings of one sigma each their mean is no chance."""
    counts = np.arange(1, 200)
    return int(counts[np.argmax(1.0 - (1.0 - SHARE) ** counts > LEAST_SIGMAS * NORMAL)])


def test_white_innovations_say_nothing():
    trend, speeds = shown(np.random.default_rng(5).normal(size=3_000))
    assert not speeds.any()
    assert not trend.distrusted
    assert not trend.speed_distrusted


def test_their_mean_has_the_spread_of_an_exponential_window():
    values = np.random.default_rng(6).normal(size=4_000)
    trend, means = no_trend(), []
    quiet = Witness(jnp.array(0.0), jnp.array(False), jnp.array(False))
    for each in values:
        result = of_sigmas(each)
        trend, _ = STEP(trend, result, quiet, jnp.asarray(FACTOR), jnp.asarray(CYCLE_S))
        means.append(float(trend.mean_factor))
    assert np.std(means[200:]) == pytest.approx(NORMAL, rel=0.2)


def test_two_heights_against_the_speed_tell_how_far_it_is_off():
    """Dragged by d a reading, the window holds d (1 - a)(1 - (1 - a)^n)/a of it."""
    count = first_told()
    trend, speeds = shown(np.ones(count))
    held = (1.0 - SHARE) * (1.0 - (1.0 - SHARE) ** count) / SHARE
    assert not speeds[:-1].any()
    assert speeds[-1] == pytest.approx(0.2 * SIGMA_M * held / WINDOW_S)
    assert trend.speed_distrusted
    assert not trend.distrusted


def test_the_window_begins_anew_with_what_it_said():
    trend, _ = shown(np.ones(first_told()))
    assert trend.mean_factor == 0.0
    assert trend.dragged_m == 0.0
    assert trend.witness_mean_m == 3.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_witness_that_goes_the_other_way_tells_that_the_altimeter_is_wrong(sign):
    trend, speeds = shown(sign * np.ones(first_told()), strays=-1.0)
    assert trend.distrusted
    assert not trend.speed_distrusted
    assert not speeds.any()


def test_a_witness_that_goes_the_same_way_is_against_the_speed():
    trend, _ = shown(np.ones(first_told()), strays=1.0)
    assert trend.speed_distrusted
    assert not trend.distrusted


def test_without_a_witness_nothing_is_said():
    trend, speeds = shown(np.ones(300), heard=False)
    assert not speeds.any()
    assert not trend.distrusted


def test_a_speed_that_agrees_with_the_inertial_units_is_not_distrusted():
    """The map drags two heights as well."""
    trend, speeds = shown(np.ones(300), left=False)
    assert not speeds.any()
    assert not trend.speed_distrusted


def test_refused_readings_drag_nothing():
    trend, _ = shown(np.ones(300), used=False)
    assert trend.mean_factor == 0.0
    assert trend.dragged_m == 0.0


def test_one_reading_says_nothing_however_loud_and_late():
    trend = dataclasses.replace(no_trend(), witnessed=jnp.array(True))
    witness = Witness(jnp.array(0.0), jnp.array(True), jnp.array(True))
    late_s = jnp.asarray(100.0 * WINDOW_S)
    trend, speed = STEP(trend, of_sigmas(1e6), witness, jnp.asarray(FACTOR), late_s)
    assert speed == 0.0
    assert not trend.distrusted


def speed_shown(sigmas, heard=(True, True, True), used=True):
    trend = no_speed_trend()
    for number, each in enumerate(sigmas):
        now_s = jnp.asarray(CYCLE_S * number)
        result, known = of_sigmas(np.broadcast_to(each, 3), used=used), jnp.asarray(heard)
        trend = SPEED_STEP(trend, result, known, jnp.asarray(FACTOR), jnp.asarray(CYCLE_S), now_s)
    return trend


def test_what_is_alike_in_three_beams_shows_sooner_than_in_one():
    three, one = speed_shown(np.ones(9)), speed_shown(np.ones(9), heard=(False, True, False))
    assert three.mean_factor == pytest.approx(np.sqrt(3.0) * one.mean_factor)
    assert one.mean_factor == pytest.approx(1.0 - (1.0 - SHARE) ** 9)


def test_a_speed_leaves_when_its_mean_is_no_chance():
    counts = np.arange(1, 200)
    mean = np.sqrt(3.0) * (1.0 - (1.0 - SHARE) ** counts)
    last = int(np.argmax(mean > LEAST_SIGMAS * NORMAL))
    assert speed_shown(np.ones(last)).left_s == -np.inf
    assert speed_shown(np.ones(last + 1)).left_s == pytest.approx(CYCLE_S * last)


def test_refused_speeds_count_as_they_are():
    assert speed_shown(4.0 * np.ones(30), used=False).left_s > 0.0


def test_white_speeds_do_not_leave():
    values = np.random.default_rng(7).normal(size=(3_000, 3))
    assert speed_shown(values).left_s == -np.inf
