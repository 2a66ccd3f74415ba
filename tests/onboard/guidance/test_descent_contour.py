"""Vertical descent that slows down evenly, against the closed forms of constant deceleration."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.onboard.guidance.situation import Situation
from perilune.onboard.guidance.vertical_descent import command
from perilune.onboard.guidance.view import View
from perilune.onboard.upload import DescentGains

TICK_S, GRAVITY_M_S2 = 0.1, 1.62
FIGURES = {"descent_rate_m_s": 80.0, "final_descent_rate_m_s": 2.4, "final_height_m": 20.0}
GAINS = DescentGains(
    sink_gain_per_s=jnp.array(0.8),
    slowing_per_s=jnp.array(0.25),
    drift_gain_per_s=jnp.array(0.3),
    position_gain_per_s=jnp.array(0.08),
)
UP = jnp.array([0.0, 0.0, 1.0])


def push_m_s2(height_m, rate_m_s, **figures):
    """Thrust over mass, along up, above the aim point and with no drift."""
    return thrust_site_m_s2(height_m * UP, -rate_m_s * UP, **figures)[2]


def thrust_site_m_s2(position_site_m, velocity_site_m_s, **figures):
    """Thrust over mass."""
    height_m = position_site_m[2]
    view = View(
        position_site_m=position_site_m,
        velocity_site_m_s=velocity_site_m_s,
        gravity_site_m_s2=-GRAVITY_M_S2 * UP,
        up_site=UP,
        height_m=height_m,
        range_m=jnp.array(0.0),
        site_from_inertial=jnp.array([1.0, 0.0, 0.0, 0.0]),
    )
    asked = {name: jnp.asarray(value) for name, value in (FIGURES | figures).items()}
    now = Situation(
        plan=None,
        chart=None,
        gains=GAINS,
        figures=asked,
        view=view,
        most_m_s2=jnp.array(99.0),
        exhaust_m_s=jnp.array(3e3),
        entered=jnp.array(False),
        remaining_s=jnp.array(1.0),
    )
    return command(now).thrust_acceleration_site_m_s2


def descended(height_m, rate_m_s, deceleration_m_s2):
    """Rows of (height, rate, thrust over mass) of a point, until the final height is passed."""
    pushed = jax.jit(lambda h, v: push_m_s2(h, v, deceleration_m_s2=deceleration_m_s2))
    rows = []
    while height_m > FIGURES["final_height_m"]:
        push = float(pushed(jnp.asarray(height_m), jnp.asarray(rate_m_s)))
        rows.append((height_m, rate_m_s, push))
        gain_m_s = (push - GRAVITY_M_S2) * TICK_S
        height_m -= (rate_m_s - 0.5 * gain_m_s) * TICK_S
        rate_m_s -= gain_m_s
    return np.array(rows)


@pytest.mark.parametrize("deceleration_m_s2", [1.0, 4.0])
def test_it_takes_the_time_and_the_thrust_of_a_constant_deceleration(deceleration_m_s2):
    """From the contour: v = v_f + a t, h = h_f + (v^2 - v_f^2)/(2 a), thrust = g + a."""
    rate_m_s = 60.0
    final_m_s, final_m = FIGURES["final_descent_rate_m_s"], FIGURES["final_height_m"]
    height_m = final_m + (rate_m_s**2 - final_m_s**2) / (2.0 * deceleration_m_s2)
    rows = descended(height_m, rate_m_s, deceleration_m_s2)
    time_s = (rate_m_s - final_m_s) / deceleration_m_s2
    assert len(rows) * TICK_S == pytest.approx(time_s, rel=0.02)
    assert rows[-1, 1] == pytest.approx(final_m_s, abs=0.1 * deceleration_m_s2 + 0.3)
    early = rows[: len(rows) * 3 // 4, 2]
    np.testing.assert_allclose(early, GRAVITY_M_S2 + deceleration_m_s2, rtol=0.03)


def test_off_the_contour_the_rate_is_what_is_mended():
    """At a height one metre a second too fast adds the gain on the rate, whatever the contour."""
    on, fast = (
        float(push_m_s2(jnp.array(300.0), jnp.array(v), deceleration_m_s2=3.0))
        for v in (40.0, 41.0)
    )
    assert fast - on == pytest.approx(0.8)


def test_above_the_fastest_rate_and_below_the_final_height_nothing_is_fed_forward():
    """On the rate asked for, thrust is the weight."""
    for height_m, rate_m_s in ((5_000.0, 80.0), (15.0, 2.4)):
        there = jnp.array(height_m), jnp.array(rate_m_s)
        assert float(push_m_s2(*there, deceleration_m_s2=3.0)) == pytest.approx(GRAVITY_M_S2)


def test_a_phase_without_one_slows_down_by_height_as_where_no_phase_has_one():
    for height_m in (500.0, 40.0, 5.0):
        there = jnp.array(height_m), jnp.array(30.0)
        assert float(push_m_s2(*there, deceleration_m_s2=np.nan)) == float(push_m_s2(*there))


def flown_across(height_m, across_m_s):
    """(speed across, time) of a point at the final height, its thrust as asked for."""
    place_m, speed_m_s = height_m * UP, jnp.array([across_m_s, 0.0, -3.0])
    figures = {"descent_rate_m_s": 3.0, "final_descent_rate_m_s": 1.0, "final_height_m": 10.0}
    asked = jax.jit(lambda at, v: thrust_site_m_s2(at, v, **figures))
    time_s = 0.0
    while place_m[2] > figures["final_height_m"] and time_s < 300.0:
        gain_m_s2 = asked(place_m, speed_m_s) - GRAVITY_M_S2 * UP
        place_m = place_m + TICK_S * (speed_m_s + 0.5 * TICK_S * gain_m_s2)
        speed_m_s = speed_m_s + TICK_S * gain_m_s2
        time_s += TICK_S
    return abs(float(speed_m_s[0])), time_s


@pytest.mark.parametrize("across_m_s", [5.0, 15.0, 25.0])
def test_it_comes_down_no_faster_than_its_drift_can_be_stopped(across_m_s):
    """The lean allowed takes 0.3 g off the drift: 25 m/s need 51 s, and 3 m/s from 80 m gives 23.

    Once that time is gone the drift must be.
    """
    left_m_s, time_s = flown_across(80.0, across_m_s)
    assert left_m_s < 1.5
    assert time_s > (across_m_s - 1.5) / (0.3 * GRAVITY_M_S2)


def test_with_no_drift_to_stop_the_rate_is_the_contours():
    """70 m at 3 m/s, the last of them at the gain on the rate: the time of that alone."""
    _, time_s = flown_across(80.0, 0.0)
    slows_m = (3.0 - 1.0) / float(GAINS.slowing_per_s)
    expected_s = (70.0 - slows_m) / 3.0 + np.log(3.0) / float(GAINS.slowing_per_s)
    assert time_s == pytest.approx(expected_s, rel=0.1)
