"""The reference's integration against closed forms."""

import numpy as np
import pytest

from benchmarks.reference import POSITION, PROPELLANT, VELOCITY, Tick, compiled_rates, flown

LAG_S, WANTED_N, EXHAUST_M_S = 0.15, 3000.0, 3138.0
UP = np.array([0.0, 0.0, 1.0])
START = np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 800.0])


def tick(**changed):
    """Half a second from rest of thrust and turn, upright, 725 kg dry."""
    settings = {
        "start_s": 10.0,
        "span_s": 0.5,
        "wanted_n": WANTED_N,
        "thrust_n": 0.0,
        "lag_s": LAG_S,
        "attitude": np.array([1.0, 0.0, 0.0, 0.0]),
        "turn_rad": np.zeros(3),
        "along_body": np.stack([UP, UP]),
        "dry_kg": np.array([725.0, 725.0]),
        "exhaust_m_s": EXHAUST_M_S,
    }
    return Tick(**settings | changed)


@pytest.fixture(scope="module")
def in_free_space():
    return compiled_rates(lambda _time_s, _place_m: np.zeros(3))


def test_a_lagged_burn_uses_its_impulse_and_gains_the_speed_of_the_rocket_equation(in_free_space):
    end = flown(tick(), in_free_space, START)
    impulse_n_s = WANTED_N * (0.5 - LAG_S * (1.0 - np.exp(-0.5 / LAG_S)))
    assert START[PROPELLANT] - end[PROPELLANT] == pytest.approx(impulse_n_s / EXHAUST_M_S, rel=1e-9)
    gained_m_s = EXHAUST_M_S * np.log(1525.0 / (725.0 + end[PROPELLANT]))
    np.testing.assert_allclose(end[VELOCITY], START[VELOCITY] + gained_m_s * UP, rtol=1e-10)


def test_a_tail_of_thrust_is_integrated_however_long_the_tick(in_free_space):
    end = flown(tick(span_s=2.5, wanted_n=0.0, thrust_n=263.0), in_free_space, START)
    used_kg = 263.0 * LAG_S * (1.0 - np.exp(-2.5 / LAG_S)) / EXHAUST_M_S
    assert START[PROPELLANT] - end[PROPELLANT] == pytest.approx(used_kg, rel=1e-6)


def test_thrust_turns_with_the_vehicle(in_free_space):
    """About x by a right angle, at an even rate: the mean direction is (0, -2/pi, 2/pi)."""
    turning = tick(thrust_n=WANTED_N, turn_rad=np.array([np.pi / 2, 0.0, 0.0]), exhaust_m_s=1e9)
    gained_m_s = flown(turning, in_free_space, START)[VELOCITY] - START[VELOCITY]
    expected = WANTED_N / 1525.0 * 0.5 * 2.0 / np.pi * np.array([0.0, -1.0, 1.0])
    np.testing.assert_allclose(gained_m_s, expected, rtol=1e-6, atol=1e-9)


def test_a_pull_that_depends_on_time_is_asked_at_every_instant():
    """a = t along z from 10 s on: v gains the difference of t²/2, the place that of t³/6."""
    rates = compiled_rates(lambda time_s, _place_m: time_s * UP)
    end = flown(tick(wanted_n=0.0), rates, START)
    assert end[VELOCITY][2] - 3.0 == pytest.approx((10.5**2 - 10.0**2) / 2, rel=1e-12)
    fallen_m = (10.5**3 - 10.0**3) / 6 - 0.5 * 10.0**2 / 2
    assert end[POSITION][2] == pytest.approx(3.0 * 0.5 + fallen_m, rel=1e-12)
