"""Covariances through made-up cycles, against closed forms."""

import numpy as np
import pytest

from perilune.campaign.covariance.believed_cycle import Flown, Step
from perilune.campaign.covariance.linear_flight import LinearFlight
from perilune.campaign.covariance.propagation import MAP_BIAS, GroundError, propagated
from perilune.campaign.covariance.true_cycle import Read, Travelled

STATES, CYCLES = 10, 400
Q, R = 0.3, 2.0
"""Variances of what a random walk moves in a cycle, and of the noise of a reading of it."""


def one_state(gain, cycles=CYCLES, place=0, moved_m=0.0):
    """A flight whose first error walks, is read once a cycle, and is corrected with this gain."""
    walk, slope, into = np.zeros((STATES, 2)), np.zeros((1, STATES)), np.zeros((STATES, 1))
    walk[0] = np.sqrt(0.5 * Q)
    slope[0, place], into[0, 0] = 1.0, gain
    still = np.eye(STATES)

    def every(each):
        return np.broadcast_to(each, (cycles, *np.shape(each)))

    steps = Step(
        every(still - into @ slope),
        {"unit": every(into)},
        {"unit": every(slope)},
        every(moved_m),
        every(still),
    )
    travelled = Travelled(
        every(still), np.zeros((cycles, STATES, 1)), {"imu": every(walk)}, Flown(0, 0, 0)
    )
    read = Read(np.ones((cycles, 1, 1)), np.full((cycles, 1, 1), np.sqrt(R)))
    return LinearFlight(travelled, steps, {"unit": read}, {"unit": np.arange(cycles)})


NOISES = {"walk": ("imu", slice(0, 1)), "reading": ("unit", slice(None))}


def first_variances(linear, noises=NOISES, grounds=None, start=0.0):
    """(by error, by noise, by ground) of the first state at the end."""
    began = np.zeros((STATES, 1))
    began[0] = start
    last = len(linear.steps.through) - 1
    (end,) = propagated(linear, began, noises, grounds or {}, np.array([last]))
    return end.by_error[0, 0], end.by_noise[:, 0, 0], end.by_ground[:, 0, 0]


def test_with_the_best_gain_two_noises_settle_at_the_variance_of_a_scalar_kalman_filter():
    before = 0.5 * Q + np.sqrt(0.25 * Q**2 + Q * R)  # the algebraic Riccati equation of a walk
    _, noise, _ = first_variances(one_state(before / (before + R)))
    assert noise.sum() == pytest.approx(before * R / (before + R), rel=1e-12)


@pytest.mark.parametrize("gain", [0.05, 0.4, 0.9])
def test_with_any_gain_each_noise_settles_at_its_own_share(gain):
    """P = (1 - K)^2 (P + Q) + K^2 R, for Q and for R apart."""
    _, (walk, reading), _ = first_variances(one_state(gain))
    left = 1.0 - (1.0 - gain) ** 2
    assert walk == pytest.approx((1.0 - gain) ** 2 * Q / left, rel=1e-12)
    assert reading == pytest.approx(gain**2 * R / left, rel=1e-12)


def test_an_error_that_is_in_every_reading_ends_in_the_estimate_as_it_is():
    error, _, _ = first_variances(one_state(0.3), start=7.0)
    assert error == pytest.approx(1.0, rel=1e-12)


def test_an_error_of_the_start_fades_by_one_less_the_gain_a_cycle():
    linear = one_state(0.1, cycles=20)
    silent = linear._replace(reads={"unit": Read(np.zeros((20, 1, 1)), np.zeros((20, 1, 1)))})
    error, _, _ = first_variances(silent, start=7.0)
    assert error == pytest.approx(7.0 * 0.9**20, rel=1e-12)


def test_a_source_that_is_left_out_takes_its_own_share_with_it_and_no_more():
    linear = one_state(0.4)
    _, both, _ = first_variances(linear)
    _, alone, _ = first_variances(linear, {"walk": NOISES["walk"]})
    assert alone == both[:1]


def test_ground_that_is_new_at_every_strike_is_as_white_noise():
    """The gain on the ground's error: K^2 w / (1 - (1 - K)^2) where the strikes are far apart."""
    gain, variance_m2 = 0.2, 9.0
    linear = one_state(gain, moved_m=1e6)
    into = linear.steps.into["unit"].copy()
    slope = linear.steps.slope["unit"].copy()
    slope[:, 0, MAP_BIAS] = 1.0
    steps = linear.steps._replace(slope={"unit": slope}, into={"unit": into})
    ground = {"map": GroundError(np.full(CYCLES, variance_m2), 1_000.0)}
    _, _, found = first_variances(linear._replace(steps=steps), {}, ground)
    left = 1.0 - (1.0 - gain) ** 2
    assert found[0] == pytest.approx(gain**2 * variance_m2 / left, rel=1e-9)


def test_ground_that_stays_below_the_beam_is_taken_for_height_one_to_one():
    linear = one_state(0.2)
    slope = linear.steps.slope["unit"].copy()
    slope[:, 0, MAP_BIAS] = 1.0
    steps = linear.steps._replace(slope={"unit": slope})
    ground = {"map": GroundError(np.full(CYCLES, 9.0), 1_000.0)}
    _, _, found = first_variances(linear._replace(steps=steps), {}, ground)
    assert found[0] == pytest.approx(9.0, rel=1e-9)
