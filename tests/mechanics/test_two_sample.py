"""What two samples leave of coning and sculling, against an integration of the motion itself."""

import math

import numpy as np
import pytest
from scipy.integrate import trapezoid

from perilune.mechanics.two_sample import residual_drifts, residual_hz

ANGLE_RAD, FREQUENCY_HZ = 1e-4, 80.0
FINE = 4_000


@pytest.mark.parametrize("rate_hz", [300.0, 1000.0, 2000.0])
@pytest.mark.parametrize("phase", [0.0, 0.9])
def test_coning_leaves_what_the_true_integral_has_over_the_algorithm(rate_hz, phase):
    """True: half the integral of a x da/dt, by the trapezoidal rule on a fine grid."""
    w = 2.0 * math.pi * FREQUENCY_HZ

    def x(t):
        return ANGLE_RAD * np.cos(w * t + phase)

    def y(t):
        return ANGLE_RAD * np.sin(w * t + phase)

    t = np.linspace(0.0, 2.0 / rate_hz, FINE + 1)
    true = trapezoid(0.5 * w * ((x(t) - x(0.0)) * x(t) + (y(t) - y(0.0)) * y(t)), t)
    dx, dy = np.diff(x(np.arange(3) / rate_hz)), np.diff(y(np.arange(3) / rate_hz))
    left = (true - 2.0 / 3.0 * (dx[0] * dy[1] - dx[1] * dy[0])) * rate_hz / 2.0
    coning, _ = residual_drifts(FREQUENCY_HZ, rate_hz, ANGLE_RAD / math.sqrt(2.0), 1.0)
    assert float(coning) == pytest.approx(left, rel=2e-3)


@pytest.mark.parametrize("rate_hz", [300.0, 1000.0])
def test_sculling_leaves_what_the_true_integral_has_over_the_algorithm(rate_hz):
    """True: half the integral of a x f + v x w (Savage 1998), turning about x, swinging along y."""
    w, push_m_s2 = 2.0 * math.pi * FREQUENCY_HZ, 3.0

    def turn(t):
        return ANGLE_RAD * np.sin(w * t)

    def speed(t):
        return -push_m_s2 / w * np.cos(w * t)

    t = np.linspace(0.0, 2.0 / rate_hz, FINE + 1)
    a, v = turn(t) - turn(0.0), speed(t) - speed(0.0)
    push, rate = push_m_s2 * np.sin(w * t), ANGLE_RAD * w * np.cos(w * t)
    true = trapezoid(0.5 * (a * push - v * rate), t)
    da, dv = np.diff(turn(np.arange(3) / rate_hz)), np.diff(speed(np.arange(3) / rate_hz))
    left = (true - 2.0 / 3.0 * (da[0] * dv[1] - dv[0] * da[1])) * rate_hz / 2.0
    root = math.sqrt(2.0)
    _, sculling = residual_drifts(FREQUENCY_HZ, rate_hz, ANGLE_RAD / root, push_m_s2 / root)
    assert float(sculling) == pytest.approx(left, rel=2e-3)


def test_at_a_high_internal_rate_it_is_the_fourth_power_of_the_angle_between_samples():
    """Miller 1983: a^2 W (W h)^4 / 60."""
    w = 2.0 * math.pi * 20.0
    assert float(residual_hz(20.0, 1000.0)) == pytest.approx(w * (w / 1000.0) ** 4 / 60.0, rel=5e-3)


def test_it_is_in_proportion_to_the_square_of_the_angle_and_to_angle_times_push():
    one, other = (residual_drifts(100.0, 400.0, scale * 1e-4, 2.0) for scale in (1.0, 2.0))
    assert float(other[0] / one[0]) == pytest.approx(4.0)
    assert float(other[1] / one[1]) == pytest.approx(2.0)
