"""The state at a time tag, against motion with a closed form."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rotation import from_rotation_vector, multiply, to_rotation_vector
from perilune.onboard.navigation.past import KEPT_COUNT, Instant, at, no_past, remembered

CYCLE_S = 0.2
PUSH_M_S2 = jnp.array([-3.0, 0.5, 1.0])
RATE_RAD_S = jnp.array([0.02, -0.1, 0.05])
NONE = jnp.zeros(3)
LAST_S = CYCLE_S * 20
KEEP = jax.jit(remembered)


def believed(time_s, *, moved=NONE, sped=NONE, turned=NONE):
    """Constant acceleration and rate; the corrections so far are in the sums alone."""
    return Instant(
        time_s=jnp.asarray(time_s),
        position_inertial_m=1e6 + 1_700.0 * time_s + 0.5 * PUSH_M_S2 * time_s**2,
        velocity_inertial_m_s=1_700.0 + PUSH_M_S2 * time_s,
        inertial_from_body=from_rotation_vector(RATE_RAD_S * time_s),
        rate_body_rad_s=RATE_RAD_S,
        moved_m=moved,
        sped_m_s=sped,
        turned_rad=turned,
    )


@pytest.fixture(scope="module")
def past():
    kept = no_past()
    for cycle in range(21):
        kept = KEEP(kept, believed(CYCLE_S * cycle))
    return kept


def is_same_turn(one, other, within_rad=1e-9):
    apart = multiply(one * jnp.array([1.0, -1.0, -1.0, -1.0]), other)
    assert float(jnp.linalg.norm(to_rotation_vector(apart))) < within_rad


@pytest.mark.parametrize("lag_s", [0.0, 0.05, 0.2, 0.33, 1.0, 2.99])
def test_the_state_of_a_time_tag_is_that_of_steady_acceleration_and_rate(past, lag_s):
    time_s = LAST_S - lag_s
    then, true = at(past, believed(LAST_S), jnp.asarray(time_s)), believed(time_s)
    assert bool(then.known)
    assert float(then.lag_s) == pytest.approx(lag_s, abs=1e-12)
    np.testing.assert_allclose(then.position_inertial_m, true.position_inertial_m, atol=1e-6)
    np.testing.assert_allclose(then.velocity_inertial_m_s, true.velocity_inertial_m_s, atol=1e-9)
    np.testing.assert_allclose(then.rate_body_rad_s, RATE_RAD_S, atol=1e-9)
    is_same_turn(then.inertial_from_body, true.inertial_from_body)


def test_what_was_corrected_since_moves_the_past_too(past):
    """A correction of velocity has moved the past by less than the present: by its lag."""
    lag_s, moved, sped = 1.0, jnp.array([3.0, -2.0, 1.0]), jnp.array([0.5, 0.2, -0.1])
    turned = jnp.array([0.0, 1e-3, 2e-3])
    now = believed(LAST_S, moved=moved, sped=sped, turned=turned)
    then = at(past, now, jnp.asarray(LAST_S - lag_s))
    true = believed(LAST_S - lag_s)
    np.testing.assert_allclose(
        then.position_inertial_m - true.position_inertial_m, moved - lag_s * sped, atol=1e-6
    )
    np.testing.assert_allclose(
        then.velocity_inertial_m_s - true.velocity_inertial_m_s, sped, atol=1e-9
    )
    is_same_turn(
        then.inertial_from_body, multiply(from_rotation_vector(turned), true.inertial_from_body)
    )


def test_corrections_made_before_a_time_tag_are_not_made_twice():
    kept, moved = no_past(), jnp.array([3.0, 0.0, 0.0])
    for cycle in range(21):
        kept = KEEP(kept, believed(CYCLE_S * cycle, moved=moved))
    then = at(kept, believed(LAST_S, moved=moved), jnp.asarray(LAST_S - 0.4))
    np.testing.assert_allclose(
        then.position_inertial_m, believed(LAST_S - 0.4).position_inertial_m, atol=1e-6
    )


def test_a_tag_from_a_clock_that_is_ahead_is_reached_with_velocity_and_rate(past):
    ahead_s = 0.02
    then = at(past, believed(LAST_S), jnp.asarray(LAST_S + ahead_s))
    true = believed(LAST_S + ahead_s)
    assert bool(then.known)
    assert float(then.lag_s) == pytest.approx(-ahead_s)
    short_m = float(jnp.max(jnp.abs(then.position_inertial_m - true.position_inertial_m)))
    assert short_m == pytest.approx(0.5 * 3.0 * ahead_s**2, rel=1e-4)
    is_same_turn(then.inertial_from_body, true.inertial_from_body)


@pytest.mark.parametrize(("cycles_ago", "known"), [(KEPT_COUNT - 1, True), (KEPT_COUNT, False)])
def test_what_is_older_than_the_past_is_not_known(past, cycles_ago, known):
    time_s = CYCLE_S * (20 - cycles_ago) + 1e-9
    assert bool(at(past, believed(LAST_S), jnp.asarray(time_s)).known) is known


def test_before_the_first_cycle_nothing_is_known():
    leaves = jax.tree.leaves(at(no_past(), believed(0.0), jnp.asarray(0.0)))
    assert not bool(leaves[0])


@pytest.mark.parametrize("lag_s", [0.05, 0.13, 0.33])
def test_a_rate_that_changes_evenly_is_that_of_the_time_tag_and_so_is_the_attitude(lag_s):
    """About one axis: the turn is half the angular acceleration times the time squared."""
    about, spun_rad_s2 = jnp.array([0.0, 0.6, 0.8]), 0.5

    def spinning(time_s):
        turn = from_rotation_vector(0.5 * spun_rad_s2 * time_s**2 * about)
        rate = spun_rad_s2 * time_s * about
        return dataclasses.replace(believed(time_s), inertial_from_body=turn, rate_body_rad_s=rate)

    kept = no_past()
    for cycle in range(21):
        kept = KEEP(kept, spinning(CYCLE_S * cycle))
    true, then = spinning(LAST_S - lag_s), at(kept, spinning(LAST_S), jnp.asarray(LAST_S - lag_s))
    np.testing.assert_allclose(then.rate_body_rad_s, true.rate_body_rad_s, atol=1e-9)
    is_same_turn(then.inertial_from_body, true.inertial_from_body)
