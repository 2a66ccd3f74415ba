"""Margins against closed forms by hand, and against the loop stepped in time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.design.loop_margins import (
    Attitude,
    Drift,
    attitude_loop,
    drift_loop,
    margins,
    response,
    sink_loop,
)

SWEPT_RAD_S = np.geomspace(0.05, 30.0, 40)
TICK_S, DAMPING = 0.1, 0.8


def attitude(frequency_rad_s=1.0, lag_s=0.0, side_rad_s=np.inf, tick_s=TICK_S):
    return Attitude(
        frequency_rad_s=frequency_rad_s,
        damping_factor=DAMPING,
        lag_s=lag_s,
        side_frequency_rad_s=side_rad_s,
        tick_s=tick_s,
    )


def drift_of(gain_per_s):
    return Drift(drift_gain_per_s=gain_per_s, position_gain_per_s=0.25 * gain_per_s)


def double_integrator_deg(frequency_rad_s, damping):
    """(crossover, phase margin) of (w^2 + 2 z w s)/s^2 by hand.

    |L| = 1 where c^4 = w^4 + 4 z^2 w^2 c^2; there the phase is -180 deg + atan(2 z c / w).
    """
    ratio = np.sqrt(2.0 * damping**2 + np.sqrt(4.0 * damping**4 + 1.0))
    return ratio * frequency_rad_s, np.degrees(np.arctan(2.0 * damping * ratio))


@pytest.mark.parametrize("lag_s", [0.03, 0.08, 0.24])
def test_the_response_is_that_of_the_z_transform_by_hand(lag_s):
    """Step of 1/(s^2 (1 + T s)): t^2/2 - T t + T^2 (1 - exp(-t/T)), term by term by the tables."""
    z = np.exp(1j * SWEPT_RAD_S * TICK_S)
    kept = np.exp(-TICK_S / lag_s)
    held = (
        TICK_S**2 * (z + 1.0) / (2.0 * (z - 1.0) ** 2)
        - lag_s * TICK_S / (z - 1.0)
        + lag_s**2 * (1.0 - kept) / (z - kept)
    )
    law = 1.0 + 2.0 * DAMPING * (1.0 - 1.0 / z) / TICK_S
    found = response(attitude_loop(attitude(lag_s=lag_s)), SWEPT_RAD_S)
    np.testing.assert_allclose(found, law * held, rtol=1e-9)


def test_a_fast_double_integrator_has_the_phase_margin_worked_by_hand():
    crossover_rad_s, phase_deg = double_integrator_deg(1.0, DAMPING)
    found = margins(attitude_loop(attitude(tick_s=1e-3)))
    assert phase_deg == pytest.approx(69.9, abs=0.05)
    assert found.phase_margin_deg == pytest.approx(phase_deg, abs=0.1)
    assert found.crossover_rad_s == pytest.approx(crossover_rad_s, rel=1e-3)
    assert found.stable


@pytest.mark.parametrize("lag_s", [0.0, 0.08])
def test_hold_and_lag_cost_the_phase_of_their_delay(lag_s):
    """Half a tick to hold, half for the mean rate by its share of the law; the lag's arctangent."""
    crossover_rad_s, phase_deg = double_integrator_deg(1.0, DAMPING)
    by_rate = np.radians(phase_deg)  # the share of the law's phase that comes from the rate
    delay_s = 0.5 * TICK_S * (1.0 + np.sin(by_rate) ** 2)
    cost_deg = np.degrees(delay_s * crossover_rad_s + np.arctan(lag_s * crossover_rad_s))
    found = margins(attitude_loop(attitude(lag_s=lag_s)))
    assert found.phase_margin_deg == pytest.approx(phase_deg - cost_deg, abs=0.6)


def test_the_side_force_leaves_the_gain_margin_worked_by_hand():
    """k/s (1 - s^2/o^2) w^2/(s^2 + 2 z w s + w^2) turns by -180 deg at w, where it is
    k (1 + w^2/o^2)/(2 z w): at w = o the margin is z w/k, the most there is for a given k."""
    frequency, gain = 0.75, 0.02
    for side_rad_s in (0.75, 0.5, 1.5):
        loop = drift_loop(
            attitude(frequency, side_rad_s=side_rad_s, tick_s=1e-3),
            Drift(drift_gain_per_s=gain, position_gain_per_s=0.0),
        )
        by_hand = 2.0 * DAMPING * frequency / (gain * (1.0 + (frequency / side_rad_s) ** 2))
        assert margins(loop).gain_margin_db == pytest.approx(20.0 * np.log10(by_hand), abs=0.05)


def test_a_rate_held_by_thrust_has_the_phase_margin_worked_by_hand():
    """k/s with a lag T: atan(1/(T c)) with c = k/sqrt(1 + T^2 c^2), less half a tick."""
    gain, lag_s = 0.5, 0.6
    crossover = np.sqrt((np.sqrt(1.0 + 4.0 * (gain * lag_s) ** 2) - 1.0) / (2.0 * lag_s**2))
    by_hand = np.degrees(np.arctan2(1.0, lag_s * crossover) - 0.5 * TICK_S * crossover)
    found = margins(sink_loop(gain, 0.0, lag_s, TICK_S))
    assert found.phase_margin_deg == pytest.approx(by_hand, abs=0.1)
    assert found.crossover_rad_s == pytest.approx(crossover, rel=1e-3)


def late_over_early(loop, gain):
    """How much what is ordered, stepped in time with the law times a gain, grows or dies away."""
    state = np.zeros(len(loop.a))
    state[-1] = 1.0
    closed = loop.a - gain * np.outer(loop.b, loop.c)
    orders = []
    for _ in range(3_000):
        state = closed @ state
        orders.append(abs(loop.c @ state))
    return max(orders[-500:]) / max(orders[1_000:1_500])


@settings(max_examples=20)
@given(
    frequency=st.floats(0.2, 1.5),
    lag_s=st.floats(0.0, 0.3),
    side_rad_s=st.floats(0.4, 3.0),
    share=st.floats(0.1, 0.4),
)
def test_a_loop_stepped_in_time_swings_on_just_where_its_gain_margin_says(
    frequency, lag_s, side_rad_s, share
):
    drift = drift_of(share * min(frequency, side_rad_s))
    inside = attitude(frequency, lag_s, side_rad_s)
    for loop in (attitude_loop(inside), drift_loop(inside, drift)):
        found = margins(loop)
        if not found.stable:
            continue
        at = 10.0 ** (found.gain_margin_db / 20.0)
        assert late_over_early(loop, 0.95 * at) < 1.0
        assert late_over_early(loop, 1.05 * at) > 1.0


def test_a_loop_past_its_margin_is_said_to_be_unstable():
    assert not margins(drift_loop(attitude(1.2, 0.24, 0.75), drift_of(0.6))).stable
    assert not margins(attitude_loop(attitude(1.5, 1.5))).stable
