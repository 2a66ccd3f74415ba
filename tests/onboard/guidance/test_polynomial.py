import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.onboard.guidance.polynomial import e_guidance, final_acceleration, time_to_go_s

TIME_S = 620.0
TO_GO_M = jnp.array([560_000.0, -3_000.0, -12_000.0])
NOW_M_S, THEN_M_S = jnp.array([1_690.0, 2.0, 5.0]), jnp.array([20.0, 0.0, -30.0])


def test_the_acceleration_linear_in_time_meets_place_and_velocity_to_rounding():
    first = e_guidance(TO_GO_M, NOW_M_S, THEN_M_S, TIME_S)
    last = final_acceleration(TO_GO_M, NOW_M_S, THEN_M_S, TIME_S)
    velocity_m_s = NOW_M_S + 0.5 * TIME_S * (first + last)
    moved_m = NOW_M_S * TIME_S + TIME_S**2 * (first / 3.0 + last / 6.0)
    np.testing.assert_allclose(velocity_m_s, THEN_M_S, atol=1e-11)
    np.testing.assert_allclose(moved_m, TO_GO_M, rtol=1e-13, atol=1e-8)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_asked_again_on_the_way_it_answers_with_the_same_line(share):
    first = e_guidance(TO_GO_M, NOW_M_S, THEN_M_S, TIME_S)
    last = final_acceleration(TO_GO_M, NOW_M_S, THEN_M_S, TIME_S)
    passed_s = share * TIME_S
    jerk = (last - first) / TIME_S
    moved_m = NOW_M_S * passed_s + first * passed_s**2 / 2.0 + jerk * passed_s**3 / 6.0
    velocity_m_s = NOW_M_S + first * passed_s + jerk * passed_s**2 / 2.0
    again = e_guidance(TO_GO_M - moved_m, velocity_m_s, THEN_M_S, TIME_S - passed_s)
    np.testing.assert_allclose(again, first + jerk * passed_s, atol=1e-8)


def test_it_costs_less_squared_acceleration_than_any_profile_bent_about_it():
    """E-guidance is the least-squares solution: changes that keep both ends only add."""
    share = np.linspace(0.0, 1.0, 4001)[:, None]
    first = np.asarray(e_guidance(TO_GO_M, NOW_M_S, THEN_M_S, TIME_S))
    last = np.asarray(final_acceleration(TO_GO_M, NOW_M_S, THEN_M_S, TIME_S))
    line = first + (last - first) * share
    for order in (2, 3, 4):
        bend = 0.3 * np.polynomial.legendre.Legendre.basis(order)(2.0 * share - 1.0)
        assert abs(np.trapezoid(bend[:, 0], share[:, 0])) < 1e-6
        assert abs(np.trapezoid((share * bend)[:, 0], share[:, 0])) < 1e-6
        assert np.sum((line + bend) ** 2) > np.sum(line**2)


@given(
    distance_m=st.floats(10.0, 6e5),
    speed_m_s=st.floats(0.5, 1_700.0),
    final_share=st.floats(0.0, 0.9),
    deceleration_m_s2=st.floats(0.05, 4.0),
)
def test_the_time_to_go_ends_with_the_deceleration_asked_for(
    distance_m, speed_m_s, final_share, deceleration_m_s2
):
    final_m_s = final_share * speed_m_s
    time_s = time_to_go_s(distance_m, speed_m_s, final_m_s, deceleration_m_s2)
    end_m_s2 = final_acceleration(distance_m, speed_m_s, final_m_s, time_s)
    assert float(time_s) > 0.0
    assert float(end_m_s2) == pytest.approx(-deceleration_m_s2, rel=1e-6, abs=1e-9)


def test_a_time_to_go_is_found_also_when_moving_away():
    time_s = time_to_go_s(100.0, -20.0, 0.0, 2.0)
    assert float(final_acceleration(100.0, -20.0, 0.0, time_s)) == pytest.approx(-2.0)


def test_a_stop_at_constant_deceleration_takes_twice_the_distance_over_the_speed():
    assert float(time_to_go_s(100.0, 20.0, 0.0, 2.0)) == pytest.approx(10.0)
    assert float(e_guidance(100.0, 20.0, 0.0, 10.0)) == pytest.approx(-2.0)
