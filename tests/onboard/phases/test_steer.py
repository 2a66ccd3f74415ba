"""What guidance asks for, mode by mode: closed forms where there are, limits everywhere."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.onboard.guidance.vertical_descent import TILT_LIMIT
from perilune.onboard.memory import wake
from perilune.onboard.phases.progress import Progress
from perilune.onboard.phases.steer import steer
from tests.standard_phases import StandardPhase as Mode

TICK_S = 0.1
YES, NO = jnp.array(True), jnp.array(False)
MOST_M_S2 = jnp.array(4.0)


@jax.jit
def steered(upload, progress, view, tick_s, entered, most_m_s2=MOST_M_S2):
    return steer(upload, progress, view, most_m_s2, tick_s, entered)


def progress(mode, time_to_go_s=100.0):
    return Progress(jnp.array(int(mode)), jnp.array(time_to_go_s), jnp.array(0.0), jnp.array(0.0))


def thrust(guidance):
    return np.asarray(guidance.thrust_acceleration_site_m_s2)


@pytest.fixture(scope="module")
def at_ignition(athena_design, upload, view_at):
    """Where the course begins, on the sphere it was planned on."""
    course, radius_m = athena_design.course, 1_737_400.0
    angle, high_m = course.ignition_range_m / radius_m, radius_m + 15_000.0
    ahead = np.asarray(upload.chart.downrange_site)
    up = np.array([0.0, 0.0, 1.0])
    site_m = radius_m + float(upload.chart.aim_height_m)
    place = high_m * (np.cos(angle) * up - np.sin(angle) * ahead) - site_m * up
    speed = athena_design.transfer.ignition_speed_m_s
    return view_at(place, speed * (np.sin(angle) * up + np.cos(angle) * ahead))


def test_braking_solves_for_the_time_that_the_course_was_planned_with(
    athena_design, upload, at_ignition
):
    """The planned final deceleration was chosen so; the Moon's turning makes the difference."""
    guidance = steered(upload, progress(Mode.BRAKING), at_ignition, TICK_S, YES)
    assert float(guidance.time_to_go_s) == pytest.approx(
        athena_design.course.braking_time_s, rel=2e-3
    )


def test_before_ignition_alignment_previews_braking(upload, at_ignition):
    ahead = steered(upload, progress(Mode.ALIGN), at_ignition, TICK_S, NO)
    then = steered(upload, progress(Mode.BRAKING), at_ignition, TICK_S, NO)
    np.testing.assert_array_equal(thrust(ahead), thrust(then))


@pytest.mark.parametrize("mode", list(Mode))
def test_only_the_descent_orbit_burn_sets_its_own_throttle(upload, at_ignition, mode):
    throttle = float(steered(upload, progress(mode), at_ignition, TICK_S, NO).throttle)
    floor = float(upload.vehicle.min_thrust_n / upload.vehicle.max_thrust_n)
    assert throttle == floor if mode == Mode.DEORBIT else np.isnan(throttle)


def test_under_the_freeze_time_to_go_only_counts_down(upload, at_ignition):
    """But never below what full thrust takes to slow down, which a wild engine does at once."""
    frozen, short = (
        steered(upload, progress(Mode.BRAKING, 39.0), at_ignition, TICK_S, NO, jnp.array(most))
        for most in (1e4, float(MOST_M_S2))
    )
    assert (
        38.9
        < float(short.time_to_go_s)
        < float(at_ignition.velocity_site_m_s @ upload.chart.downrange_site) / float(MOST_M_S2)
    )
    free = steered(upload, progress(Mode.BRAKING, 41.0), at_ignition, TICK_S, NO)
    entered = steered(upload, progress(Mode.BRAKING, 39.0), at_ignition, TICK_S, YES)
    assert float(frozen.time_to_go_s) == pytest.approx(38.9, abs=1e-12)
    assert float(free.time_to_go_s) > 500.0
    assert float(entered.time_to_go_s) == float(free.time_to_go_s)


def test_following_the_wish_of_braking_arrives_at_the_gate(upload, at_ignition):
    """Flown on guidance alone, as a point in the site's axes with gravity given back."""
    plan, view = upload.plan, at_ignition

    def step(carry, _):
        view, left_s, entered = carry
        guidance = steer(
            upload,
            progress(Mode.BRAKING, left_s),
            view,
            MOST_M_S2,
            TICK_S,
            entered,
        )
        pull = guidance.thrust_acceleration_site_m_s2 + view.gravity_site_m_s2
        velocity = view.velocity_site_m_s + TICK_S * pull
        place = view.position_site_m + TICK_S * view.velocity_site_m_s + 0.5 * TICK_S**2 * pull
        flying = guidance.time_to_go_s > 2.0
        moved = dataclasses.replace(view, position_site_m=place, velocity_site_m_s=velocity)
        kept = jax.tree.map(lambda a, b: jnp.where(flying, a, b), moved, view)
        left_s = jnp.where(flying, guidance.time_to_go_s, left_s)
        return (kept, left_s, NO), None

    start = (view, jnp.array(0.0), YES)
    (end, left_s, _), _ = jax.jit(lambda now: jax.lax.scan(step, now, None, 6_400))(start)
    short = plan.gate_site_m - end.position_site_m
    expected = float(left_s) * np.asarray(plan.gate_velocity_site_m_s)
    assert float(left_s) < 2.2
    # In the last two seconds the deceleration of the gate, some 3 m/s2, adds its own.
    np.testing.assert_allclose(short, expected, atol=10.0)
    np.testing.assert_allclose(end.velocity_site_m_s, plan.gate_velocity_site_m_s, atol=9.0)


def test_the_approach_takes_twice_the_drop_over_the_summed_rates(upload, view_at):
    view = view_at([0.0, 1_500.0, 1_200.0], [0.0, -45.0, -35.0])
    guidance = steered(upload, progress(Mode.APPROACH), view, TICK_S, YES)
    drop_m = float(view.height_m) - 30.0
    assert float(guidance.time_to_go_s) == pytest.approx(2.0 * drop_m / (35.0 + 3.0), rel=1e-9)


@pytest.mark.parametrize(
    ("height_m", "rate_m_s"), [(30.0, 3.0), (18.0, 3.0), (14.0, 2.0), (10.0, 1.0), (3.0, 1.0)]
)
def test_sinking_at_the_rate_of_its_height_it_asks_for_its_weight(
    upload, view_at, height_m, rate_m_s
):
    view = view_at([0.0, 0.0, height_m], [0.0, 0.0, -rate_m_s])
    level = dataclasses.replace(view, height_m=jnp.array(height_m))
    guidance = steered(upload, progress(Mode.DESCENT), level, TICK_S, NO)
    np.testing.assert_allclose(thrust(guidance), -np.asarray(view.gravity_site_m_s2), atol=1e-6)
    assert 1.61 < thrust(guidance)[2] < 1.64


def test_drift_towards_the_aim_point_fades_away_before_the_final_height(upload, view_at):
    """50 m off, high up it is at its limit of 1 m/s, met by the uploaded gain; half of it where
    half of the fading time, twice that of the gain, is left."""
    gain_per_s = float(upload.descent_gains.drift_gain_per_s)
    asked = {}
    half_m = 10.0 + 3.0 / gain_per_s
    for height_m, rate_m_s in ((60.0, 3.0), (half_m, 3.0), (9.0, 1.0)):
        view = view_at([50.0, 0.0, height_m], [0.0, 0.0, -rate_m_s])
        level = dataclasses.replace(view, height_m=jnp.array(height_m))
        asked[height_m] = thrust(steered(upload, progress(Mode.DESCENT), level, TICK_S, NO))
    assert asked[60.0][0] == pytest.approx(-gain_per_s, abs=1e-3)
    assert asked[half_m][0] == pytest.approx(-0.5 * gain_per_s, rel=0.02)
    assert asked[9.0][0] == pytest.approx(0.0, abs=1e-3)


@given(
    place=st.tuples(*[st.floats(-2_000.0, 2_000.0)] * 2, st.floats(0.0, 2_000.0)),
    speed=st.tuples(*[st.floats(-100.0, 100.0)] * 3),
)
def test_in_vertical_descent_the_lean_is_limited_wherever_it_is(upload, view_at, place, speed):
    view = view_at(place, speed)
    asked = thrust(steered(upload, progress(Mode.DESCENT), view, TICK_S, NO))
    rise = asked @ np.asarray(view.up_site)
    lean = np.linalg.norm(asked - rise * np.asarray(view.up_site))
    assert rise > 0.0
    assert lean <= TILT_LIMIT * rise * (1.0 + 1e-9)


@given(
    mode=st.sampled_from(list(Mode)),
    left_s=st.floats(-5.0, 900.0),
    place=st.tuples(*[st.floats(-6e5, 6e5)] * 2, st.floats(-100.0, 1e5)),
    speed=st.tuples(*[st.floats(-1_800.0, 1_800.0)] * 3),
)
def test_a_wish_is_always_a_number(upload, view_at, mode, left_s, place, speed):
    view = view_at(place, speed)
    guidance = steered(upload, progress(mode, left_s), view, TICK_S, NO)
    assert np.all(np.isfinite(thrust(guidance)))
    assert float(guidance.time_to_go_s) >= 1.0


def test_the_pull_it_works_against_is_the_one_it_is_told(upload, view_at):
    gm_m3_s2 = float(wake(upload).held_gravity.gm_m3_s2)
    view = view_at([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    radius_m = float(jnp.linalg.norm(upload.chart.aim_fixed_m))
    expected = [0.0, 0.0, -gm_m3_s2 / radius_m**2]
    np.testing.assert_allclose(view.gravity_site_m_s2, expected, atol=1e-9)
