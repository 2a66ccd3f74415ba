"""Pulses that are ordered of engines on or off: least times kept, what they miss carried over."""

import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perilune.onboard.control.pulses import pulsed
from perilune.onboard.upload import PulsingBelief

TICK_S = 0.1
MIN_ON_S, MIN_OFF_S = np.array([0.02, 0.03, 0.0]), np.array([0.015, 0.03, 0.0])
VALVES = PulsingBelief(jnp.array([1.0, 1.0, 0.0]), jnp.asarray(MIN_ON_S), jnp.asarray(MIN_OFF_S))


def fired(wanted):
    """(ticks, 3) shares for (ticks, 3) wanted, and what is left after each."""
    unspent_s, rows = jnp.zeros(3), []
    for each in wanted:
        shares = pulsed(VALVES, jnp.asarray(each), unspent_s, jnp.asarray(TICK_S))
        unspent_s = shares.unspent_s
        rows.append((np.asarray(shares.throttle), np.asarray(unspent_s)))
    return [np.stack(each) for each in zip(*rows, strict=True)]


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=30))
def test_what_is_fired_and_what_is_left_are_what_was_wanted(wanted):
    """And never more than half of a least time is left: the nearest pulse is fired."""
    rows = np.repeat(np.array(wanted)[:, None], 3, axis=1)
    shares, left_s = fired(rows)
    total_s = TICK_S * np.cumsum(shares - rows, axis=0) + left_s
    np.testing.assert_allclose(total_s, 0.0, atol=1e-12)
    assert np.all(np.abs(left_s) <= 0.5 * np.maximum(MIN_ON_S, MIN_OFF_S) + 1e-12)


@given(st.lists(st.just(0.0) | st.floats(1e-6, 1.0), min_size=1, max_size=30))
def test_valves_are_open_or_closed_for_no_less_than_their_least_times(wanted):
    shares, _ = fired(np.repeat(np.array(wanted)[:, None], 3, axis=1))
    open_s = TICK_S * shares[:, :2]
    assert np.all((open_s == 0.0) | (open_s >= MIN_ON_S[:2] - 1e-12))
    shut_s = TICK_S - open_s
    assert np.all((shut_s < 1e-12) | (shut_s >= MIN_OFF_S[:2] - 1e-12))


def test_an_engine_that_burns_steadily_has_its_throttle_and_one_that_is_off_keeps_nothing():
    shares = pulsed(
        VALVES, jnp.array([0.0, 0.5, 0.123]), jnp.array([0.008, 0.004, 0.0]), jnp.asarray(TICK_S)
    )
    np.testing.assert_allclose(shares.throttle, [0.0, 0.54, 0.123], rtol=1e-12)
    np.testing.assert_allclose(shares.unspent_s, 0.0, atol=1e-15)


def test_a_share_between_the_least_times_and_full_thrust_is_made_in_the_mean():
    """96 % with 15 ms off at least: full ticks and ticks of 85 %, in turn as they are owed."""
    shares, _ = fired(np.full((100, 3), 0.96))
    assert set(np.round(shares[:, 0], 9)) == {0.85, 1.0}
    assert np.mean(shares[:, 0]) == np.float64(0.96) or abs(np.mean(shares[:, 0]) - 0.96) < 1e-3
