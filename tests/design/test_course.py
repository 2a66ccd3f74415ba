"""The braking course, flown again by another integrator, and what happens where there is none."""

import dataclasses
import math
import re

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from perilune.design.course import Start, find_course
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_GM_M3_S2 as GM_M3_S2
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.onboard.guidance.polynomial import time_to_go_s

EXHAUST_M_S = 320.0 * 9.80665


@pytest.fixture(scope="module")
def start():
    return Start(
        mass_kg=1_617.0,
        speed_m_s=1_692.0,
        altitude_m=15_000.0,
        gm_m3_s2=GM_M3_S2,
        site_height_m=5_300.0,
    )


@pytest.fixture(scope="module")
def level():
    """Ground as high as the site all along."""
    return lambda before_m: np.full_like(before_m, 5_300.0)


@pytest.fixture(scope="module")
def course(athena, start, level):
    return find_course(start, athena.lander.engine, athena.descent, level)


@pytest.fixture(scope="module")
def flown(start, course):
    """The course again: acceleration linear in time from its two ends, central gravity, scipy."""
    angle = -course.ignition_range_m / MOON_RADIUS_M
    site_m, radius_m = MOON_RADIUS_M + start.site_height_m, MOON_RADIUS_M + start.altitude_m
    place = np.array([radius_m * math.sin(angle), radius_m * math.cos(angle) - site_m])
    speed = start.speed_m_s * np.array([math.cos(angle), -math.sin(angle)])
    time_s = course.braking_time_s
    miss = np.array(course.gate_m) - place - speed * time_s
    change = np.array(course.gate_velocity_m_s) - speed
    first = 6.0 * miss / time_s**2 - 2.0 * change / time_s
    slope = 6.0 * change / time_s**2 - 12.0 * miss / time_s**3

    def thrust_m_s2(t_s, where):
        down = where + np.array([0.0, site_m])
        return first + slope * t_s + GM_M3_S2 * down / np.linalg.norm(down) ** 3

    def rate(t_s, state):
        push = np.linalg.norm(thrust_m_s2(t_s, state[:2]))
        return [*state[2:4], *(first + slope * t_s), -state[4] * push / EXHAUST_M_S]

    state = [*place, *speed, start.mass_kg]
    done = solve_ivp(rate, (0.0, time_s), state, max_step=1.0, rtol=1e-10)
    push = [np.linalg.norm(thrust_m_s2(t, x[:2])) for t, x in zip(done.t, done.y.T, strict=True)]
    return done.y, np.array(push)


def test_it_ends_at_the_gate_with_the_gates_speed(course, flown):
    state, _ = flown
    np.testing.assert_allclose(state[:2, -1], course.gate_m, atol=1e-3)
    np.testing.assert_allclose(state[2:4, -1], course.gate_velocity_m_s, atol=1e-6)


def test_flown_again_its_peak_thrust_mass_and_clearance_are_the_ones_told(athena, course, flown):
    state, push = flown
    peak = np.max(state[4] * push) / athena.lander.engine.max_thrust_n
    radius_m = np.hypot(state[0], state[1] + MOON_RADIUS_M + 5_300.0)
    before_m = -MOON_RADIUS_M * np.arctan2(state[0], state[1] + MOON_RADIUS_M + 5_300.0)
    clear_m = (radius_m - MOON_RADIUS_M - 5_300.0)[before_m > athena.descent.clearance_until_m]
    assert peak == pytest.approx(course.peak_thrust_fraction, abs=2e-3)
    assert peak <= athena.descent.peak_thrust_fraction + 2e-3
    assert state[4, -1] == pytest.approx(course.end_mass_kg, rel=1e-3)
    assert clear_m.min() == pytest.approx(course.least_clearance_m, abs=60.0)
    assert clear_m.min() > athena.descent.clearance_m - 60.0


def test_no_course_beats_the_rocket_equation(start, course):
    """At the least, what changes the speed is spent: gravity and slant come on top."""
    change_m_s = start.speed_m_s - math.hypot(*course.gate_velocity_m_s)
    assert course.end_mass_kg < start.mass_kg * math.exp(-change_m_s / EXHAUST_M_S)


def test_guidance_finds_the_planned_time_from_the_planned_deceleration(start, course):
    angle = -course.ignition_range_m / MOON_RADIUS_M
    ahead_m = course.gate_m[0] - (MOON_RADIUS_M + start.altitude_m) * math.sin(angle)
    speed_m_s = start.speed_m_s * math.cos(angle)
    found = time_to_go_s(
        ahead_m, speed_m_s, course.gate_velocity_m_s[0], course.gate_deceleration_m_s2
    )
    assert float(found) == pytest.approx(course.braking_time_s, rel=1e-9)


def test_a_mountain_on_the_way_is_passed_at_the_clearance(athena, start, level, course):
    """4 km of hill over 60 km of track, right under the course found without it."""

    def hilly(before_m):
        hill = np.clip(1.0 - np.abs(before_m - 60_000.0) / 30_000.0, 0.0, 1.0)
        return level(before_m) + 4_000.0 * hill

    over = find_course(start, athena.lander.engine, athena.descent, hilly)
    assert over.least_clearance_m >= athena.descent.clearance_m
    assert over.end_mass_kg <= course.end_mass_kg


def test_more_reserve_of_thrust_costs_propellant(athena, start, level, course):
    careful = athena.descent.model_copy(update={"peak_thrust_fraction": 0.8})
    slower = find_course(start, athena.lander.engine, careful, level)
    assert slower.peak_thrust_fraction <= 0.8
    assert slower.end_mass_kg < course.end_mass_kg


def test_where_no_course_fits_the_cure_is_told(athena, start):
    wall = lambda before_m: np.full_like(before_m, 14_000.0)  # noqa: E731
    with pytest.raises(InputError, match=r"descent\.clearance.* comes within 1000 m of the ground"):
        find_course(start, athena.lander.engine, athena.descent, wall)


def test_when_each_bound_can_be_kept_but_not_both_the_best_of_each_is_told(athena, start, level):
    """What it says of the clearance is then asked of the search, and found."""
    high = athena.descent.model_copy(update={"clearance_m": 6_000.0})
    engine = athena.lander.engine
    with pytest.raises(InputError, match="keeps both 6000 m") as caught:
        find_course(start, engine, high, level)
    said = str(caught.value)
    lowered_m = float(re.search(r"lower `descent\.clearance` to (\d+) m", said)[1])
    lower = high.model_copy(update={"clearance_m": lowered_m - 0.5})
    assert find_course(start, engine, lower, level).peak_thrust_fraction <= 0.9
    peak = float(re.search(r"a peak of at least ([\d.]+) %", said)[1]) / 100.0
    assert peak > 0.9


@pytest.mark.parametrize("newtons", [1_400.0, 1_500.0, 1_600.0])
def test_a_peak_that_is_named_as_too_high_is_above_the_bound(athena, start, level, newtons):
    weak = athena.lander.engine.model_copy(update={"max_thrust_n": newtons})
    with pytest.raises(InputError) as caught:
        find_course(start, weak, athena.descent, level)
    peak = float(re.search(r"peak (?:found is|of at least) ([\d.]+) %", str(caught.value))[1])
    assert peak > 90.0


def test_a_heavier_lander_still_finds_its_own_course(athena, start, level, course):
    heavy = find_course(
        dataclasses.replace(start, mass_kg=1_800.0), athena.lander.engine, athena.descent, level
    )
    assert heavy.braking_time_s > course.braking_time_s
    assert heavy.peak_thrust_fraction <= athena.descent.peak_thrust_fraction


def test_a_time_of_braking_is_kept_where_it_is_asked_for(athena, start, level, course):
    """The least propellant at that time is no less than at the time that needs least of all."""
    asked = athena.descent.model_copy(update={"braking_time_s": 700.0})
    longer = find_course(start, athena.lander.engine, asked, level)
    assert longer.braking_time_s == 700.0
    assert longer.end_mass_kg < course.end_mass_kg
    assert longer.peak_thrust_fraction <= asked.peak_thrust_fraction


@pytest.mark.parametrize(("asked_s", "way"), [(400.0, "longer"), (1_900.0, "shorter")])
def test_a_time_that_does_not_fit_is_refused_with_the_nearest_that_does(
    athena, start, level, course, asked_s, way
):
    """What it says is then asked of the search, and found; of a range that is settled it may be
    too long as well."""
    if way == "shorter":
        start = dataclasses.replace(start, range_m=course.ignition_range_m + 5_000.0)
    descent = athena.descent.model_copy(update={"braking_time_s": asked_s})
    with pytest.raises(InputError, match=r"`descent\.braking_time` must be at") as caught:
        find_course(start, athena.lander.engine, descent, level)
    said = re.search(r"at (?:least|most) (\d+) s, (\d+) s (longer|shorter)", str(caught.value))
    assert said[3] == way
    assert abs(float(said[1]) - asked_s) == float(said[2])
    advised = descent.model_copy(update={"braking_time_s": float(said[1])})
    assert find_course(start, athena.lander.engine, advised, level).braking_time_s == float(said[1])


@pytest.mark.parametrize("newtons", [1_000.0, 1_400.0, 1_600.0])
def test_too_little_thrust_is_refused_with_the_thrust_and_the_mass_that_do(
    athena, start, level, newtons
):
    """What it says is then asked of the search, and found; less by a tenth is refused."""
    weak = athena.lander.engine.model_copy(update={"max_thrust_n": newtons})
    with pytest.raises(InputError, match="max_thrust` to") as caught:
        find_course(start, weak, athena.descent, level)
    said = re.search(r"to (\d+) N or lighten .* from 1617 to (\d+) kg", str(caught.value))
    enough = weak.model_copy(update={"max_thrust_n": float(said[1])})
    assert find_course(start, enough, athena.descent, level)
    lighter = dataclasses.replace(start, mass_kg=float(said[2]))
    assert find_course(lighter, weak, athena.descent, level)
    short = weak.model_copy(update={"max_thrust_n": 0.9 * float(said[1])})
    with pytest.raises(InputError):
        find_course(start, short, athena.descent, level)


def test_a_weak_engine_is_given_a_longer_time(athena, start, level):
    """At a thrust of 1.36 m/s2 braking takes longer than 1.6 times the shortest that is thought."""
    weak = athena.lander.engine.model_copy(update={"max_thrust_n": 2_200.0})
    course = find_course(start, weak, athena.descent, level)
    assert course.peak_thrust_fraction <= athena.descent.peak_thrust_fraction
    assert course.braking_time_s > start.speed_m_s / (0.9 * 2_200.0 / start.mass_kg)
