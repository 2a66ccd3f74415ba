"""What is felt of thrust and torque, against first-order lags and filters in closed form."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.onboard.navigation.disturbance import (
    LARGEST_LEAN,
    LEAST_SHARE,
    MOST_SHARE,
    Effort,
    Felt,
    Lags,
    as_believed,
    felt_torque_nm,
    observe,
)

TICK_S, THRUST_N, FILTER_S = 0.1, 2_000.0, 5.0
ORDERED = Effort(jnp.array(THRUST_N), jnp.array([30.0, -20.0, 5.0]))
AT_ONCE = Lags(thrust_s=jnp.array(0.0), torque_s=jnp.zeros(3), filter_s=jnp.array(FILTER_S))
NOTHING = Effort(jnp.array(0.0), jnp.zeros(3))
BURNING, OFF = jnp.array(True), jnp.array(False)
FACTOR, ARM_M = np.array([0.05, -0.02, 0.93]), np.array([0.03, -0.01, 0.002])
observed = jax.jit(observe)


def felt(force_n, torque_nm):
    return Felt(
        force_n=jnp.asarray(force_n), torque_n_m=jnp.asarray(torque_nm), tick_s=jnp.asarray(TICK_S)
    )


def after(ticks, each, known=None, lags=AT_ONCE, burning=BURNING, ordered=ORDERED, present=None):
    """The estimate after so many ticks; `each` (tick) gives what is felt of it."""
    known = replace(known or as_believed(), ordered=ordered, present=present or ordered)
    for tick in range(ticks):
        known = observed(known, each(tick), lags, jnp.array(500.0), burning)
    return known


def steady(_):
    """Thrust less and leaning, with a torque besides the one ordered."""
    return felt(FACTOR * THRUST_N, np.asarray(ORDERED.torque_n_m) + ARM_M * THRUST_N)


def test_what_is_felt_is_approached_with_the_filters_time_constant():
    for ticks in (1, 20, 100):
        found, left = after(ticks, steady), np.exp(-ticks * TICK_S / FILTER_S)
        expected = FACTOR + left * (np.array([0.0, 0.0, 1.0]) - FACTOR)
        np.testing.assert_allclose(found.thrust_factor, expected, atol=1e-12)
        np.testing.assert_allclose(found.arm_body_m, (1.0 - left) * ARM_M, atol=1e-12)


def test_a_lag_that_is_believed_is_no_disturbance():
    """Thrust and torque that rise as their lags say, felt as the mean over each tick."""
    lags = Lags(
        thrust_s=jnp.array(0.4), torque_s=jnp.array([0.4, 0.4, 0.0]), filter_s=jnp.array(0.5)
    )

    def rising(tick):
        times_s = TICK_S * (tick + (np.arange(1_000) + 0.5) / 1_000)
        share = np.mean(1.0 - np.exp(-times_s / 0.4))
        torque = np.asarray(ORDERED.torque_n_m) * np.array([share, share, 1.0])
        return felt([0.0, 0.0, share * THRUST_N], torque)

    found = after(60, rising, lags=lags, present=NOTHING)
    np.testing.assert_allclose(found.thrust_factor, [0.0, 0.0, 1.0], atol=1e-6)
    np.testing.assert_allclose(found.arm_body_m, 0.0, atol=1e-8)
    assert float(found.present.force_n) == pytest.approx(THRUST_N * (1.0 - np.exp(-6.0 / 0.4)))


def test_with_the_engines_off_or_barely_up_nothing_is_learnt():
    known = after(50, steady)
    for burning, ordered in ((OFF, ORDERED), (BURNING, Effort(jnp.array(200.0), jnp.zeros(3)))):
        later = after(30, steady, known, burning=burning, ordered=ordered)
        np.testing.assert_array_equal(later.thrust_factor, known.thrust_factor)
        np.testing.assert_array_equal(later.arm_body_m, known.arm_body_m)


@pytest.mark.parametrize(
    ("force_n", "along"), [([0.0, 0.0, 0.0], LEAST_SHARE), ([0.0, 0.0, 9_000.0], MOST_SHARE)]
)
def test_silent_or_wild_accelerometers_are_followed_no_further_than_an_engine_can_be_off(
    force_n, along
):
    found = after(500, lambda _: felt(force_n, np.zeros(3)))
    assert float(found.thrust_factor[2]) == pytest.approx(along)
    aside = after(500, lambda _: felt([5_000.0, 0.0, THRUST_N], np.zeros(3)))
    np.testing.assert_allclose(aside.thrust_factor, [LARGEST_LEAN, 0.0, 1.0], atol=1e-9)


def test_the_torque_felt_is_that_of_eulers_equation():
    """A symmetric top turning freely: its rate coasts about z at (1 - C/A) w, torque is none."""
    inertia = np.diag([1_200.0, 1_200.0, 500.0])
    precession = (1.0 - 500.0 / 1_200.0) * 0.2

    def rate(time_s):
        angle = -precession * time_s
        return jnp.array([0.05 * np.cos(angle), 0.05 * np.sin(angle), 0.2])

    tick_s = 1e-4
    torque = felt_torque_nm(inertia, rate(1.0), rate(1.0 - tick_s), jnp.asarray(tick_s))
    largest_nm = 1_200.0 * 0.05 * precession
    np.testing.assert_allclose(torque, 0.0, atol=1e-4 * largest_nm)
