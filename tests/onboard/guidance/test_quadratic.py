"""Quadratic guidance against the quartic that it follows, and Apollo's own figures."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.onboard.guidance import quadratic_approach, quadratic_braking
from perilune.onboard.guidance.quadratic import (
    Track,
    first_guess_s,
    quadratic_acceleration,
    time_to_go_s,
)
from perilune.onboard.guidance.situation import Situation
from perilune.onboard.guidance.view import View

FT = 0.3048
TARGET_M = FT * np.array([-10_678.52, 171.834])
TARGET_M_S = FT * np.array([-1.040, -105.877])
TARGET_M_S2 = FT * np.array([-9.10440, 0.62410])
JERK_M_S3 = FT * -0.0188268
"""Of P63 as flown on Apollo 11, downrange and up (AGCPadloadGenerator, flown pad load)."""
ENDING_M_S3 = np.array([JERK_M_S3, 0.002])
SNAP_M_S4 = np.array([-1.3e-5, -4.0e-6])
G_M_S2 = 1.625


def profile(time_s):
    """(place, velocity, acceleration) of a quartic `time_s` before its end at the target."""
    t = -time_s
    terms = (TARGET_M, TARGET_M_S, TARGET_M_S2, ENDING_M_S3, SNAP_M_S4)
    powers = [t**n / np.prod(np.arange(1.0, n + 1.0)) for n in range(5)]
    place = sum(a * p for a, p in zip(terms, powers, strict=True))
    velocity = sum(a * p for a, p in zip(terms[1:], powers, strict=False))
    return place, velocity, sum(a * p for a, p in zip(terms[2:], powers, strict=False))


def track_at(time_s):
    place, velocity, _ = profile(time_s)
    return Track(
        TARGET_M[0] - place[0], velocity[0], TARGET_M_S[0], TARGET_M_S2[0], np.array(JERK_M_S3)
    )


@pytest.mark.parametrize("time_s", [62.0, 200.0, 560.0])
def test_on_a_quartic_it_asks_for_the_acceleration_of_that_quartic(time_s):
    """Place, velocity and acceleration at the end, place and velocity now: one quartic, and no
    other, so that following the law leads to all three."""
    place, velocity, acceleration = profile(time_s)
    asked = quadratic_acceleration(TARGET_M - place, velocity, TARGET_M_S, TARGET_M_S2, time_s)
    np.testing.assert_allclose(asked, acceleration, rtol=1e-11)


@pytest.mark.parametrize("time_s", [62.0, 200.0, 560.0])
def test_the_time_to_go_is_solved_from_the_jerk_along_the_track(time_s):
    track = track_at(time_s)
    assert float(time_to_go_s(track, first_guess_s(track))) == pytest.approx(time_s, rel=1e-12)


def test_it_is_k_r_twelve_of_lus_family():
    """Thrust = (2/t)(1 - k/3)(v_f - v) + (k/t^2)(dr - v t) + (k/6 - 1) a_f + (k/6 - 2) g, where
    a_f is that of thrust alone (Lu 2019)."""
    random, k, time_s = np.random.default_rng(3), 12.0, 431.0
    to_go, now, then, ending = random.normal(size=(4, 3)) * [[5e5], [1e3], [50.0], [3.0]]
    gravity = np.array([0.0, 0.0, -G_M_S2])
    family = (
        2.0 / time_s * (1.0 - k / 3.0) * (then - now)
        + k / time_s**2 * (to_go - now * time_s)
        + (k / 6.0 - 1.0) * ending
        + (k / 6.0 - 2.0) * gravity
    )
    ours = quadratic_acceleration(to_go, now, then, ending + gravity, time_s) - gravity
    np.testing.assert_allclose(ours, family, rtol=1e-12)


@given(time_s=st.floats(40.0, 700.0), wrong=st.floats(0.7, 1.4))
def test_newtons_method_finds_the_time_from_any_guess_in_flight(time_s, wrong):
    """The last tick's answer is far closer; a third off is what an ignition would begin with."""
    found_s = float(time_to_go_s(track_at(time_s), jnp.asarray(wrong * time_s)))
    assert found_s == pytest.approx(time_s, rel=1e-9)


def test_where_there_is_no_time_it_counts_on():
    """Past the target and going away, nothing along the track ends with this jerk."""
    lost = Track(-5_000.0, 300.0, 0.0, 1.0, 1.0)
    assert float(time_to_go_s(lost, jnp.asarray(77.0))) == 77.0


def situation(place, velocity, figures, entered=True, remaining_s=1.0, most_m_s2=1e3):
    up = jnp.array([0.0, 0.0, 1.0])
    view = View(
        position_site_m=jnp.asarray(place),
        velocity_site_m_s=jnp.asarray(velocity),
        gravity_site_m_s2=-G_M_S2 * up,
        up_site=up,
        height_m=jnp.asarray(place[2]),
        range_m=jnp.hypot(place[0], place[1]),
        site_from_inertial=jnp.array([1.0, 0.0, 0.0, 0.0]),
    )
    chart = type("Chart", (), {"downrange_site": jnp.array([-1.0, 0.0, 0.0])})()
    return Situation(
        plan=None,
        chart=chart,
        gains=None,
        figures=figures,
        view=view,
        most_m_s2=jnp.asarray(most_m_s2),
        exhaust_m_s=jnp.asarray(3e3),
        entered=jnp.array(entered),
        remaining_s=jnp.asarray(remaining_s),
    )


BRAKING = {
    "target_position_m": jnp.asarray(TARGET_M),
    "target_velocity_m_s": jnp.asarray(TARGET_M_S),
    "target_acceleration_m_s2": jnp.asarray(TARGET_M_S2),
    "target_jerk_m_s3": jnp.asarray(JERK_M_S3),
}
WEST = np.array([-1.0, 0.0, 0.0])
UP = np.array([0.0, 0.0, 1.0])


def level(planar):
    return planar[0] * WEST + planar[1] * UP


def flown(law, place, velocity, until_s, step_s=0.1):
    """Place and velocity where the law's acceleration has been followed until its time to go."""
    state, entered, left_s = np.concatenate([place, velocity]), True, 1.0

    @jax.jit
    def asked(place, velocity, entered, left_s):
        answer = law.command(situation(place, velocity, BRAKING, entered, left_s))
        return answer.thrust_acceleration_site_m_s2 - G_M_S2 * UP, answer.time_to_go_s

    while True:
        total, left = asked(state[:3], state[3:], jnp.array(entered), left_s)
        entered, left_s = False, float(left) - step_s
        if left_s < until_s:
            return state, np.asarray(total), float(left)
        mean = state[3:] + 0.5 * step_s * np.asarray(total)
        state = np.concatenate([state[:3] + step_s * mean, state[3:] + step_s * np.asarray(total)])


def test_closed_about_it_the_law_stays_on_the_profile_to_its_gate():
    """Sampled each tenth of a second from 500 s before the target to Apollo's high gate, 62 s."""
    place, velocity, _ = map(level, profile(500.0))
    state, total, left_s = flown(quadratic_braking, place, velocity, 62.0)
    wanted = [level(each) for each in profile(left_s)]
    np.testing.assert_allclose(state[:3], wanted[0], atol=5.0)
    np.testing.assert_allclose(state[3:], wanted[1], atol=0.1)
    np.testing.assert_allclose(total, wanted[2], atol=0.01)


def test_beside_the_track_the_frame_turns_and_the_way_across_is_a_fourth_power():
    """With place, velocity, acceleration and jerk across ending at zero (Klumpp's K = 1) the way
    across the turned track is a fourth power of the time to go, and so the track stays turned."""
    place, velocity, _ = map(level, profile(500.0))
    place = place + 2_000.0 * np.array([0.0, 1.0, 0.0])
    ahead = -(place + 125.0 * velocity)[:2]
    across = np.array([-ahead[1], ahead[0]]) / np.linalg.norm(ahead)
    state, _, left_s = flown(quadratic_braking, place, velocity, 62.0)
    begun_m = place[:2] @ across
    assert abs(begun_m) > 500.0
    assert state[:2] @ across == pytest.approx(begun_m * (left_s / 500.0) ** 4, abs=1.0)


def test_thrust_that_is_not_there_is_left_out_along_the_track_and_height_is_kept():
    place, velocity, _ = map(level, profile(200.0))
    free = quadratic_braking.command(situation(place, velocity, BRAKING))
    short = quadratic_braking.command(situation(place, velocity, BRAKING, most_m_s2=2.0))
    wanted, got = (np.asarray(each.thrust_acceleration_site_m_s2) for each in (free, short))
    assert np.linalg.norm(wanted) > 2.0
    assert np.linalg.norm(got) == pytest.approx(2.0)
    np.testing.assert_allclose(got[1:], wanted[1:], rtol=1e-12)
    assert 0.0 < got[0] < wanted[0]


def test_the_approach_counts_height_from_the_ground_below():
    place, velocity, _ = map(level, profile(100.0))
    now = situation(place, velocity, BRAKING)
    higher = situation(place + 50.0 * UP, velocity, BRAKING)
    moved = quadratic_approach.command(higher).thrust_acceleration_site_m_s2
    left_s = float(quadratic_approach.command(now).time_to_go_s)
    change = moved - quadratic_approach.command(now).thrust_acceleration_site_m_s2
    np.testing.assert_allclose(change, -12.0 * 50.0 / left_s**2 * UP, atol=1e-9)
