"""From when on footpad switches are acted on, and what became of Mars Polar Lander."""

import jax.numpy as jnp
import pytest

from perilune.onboard.touchdown import first_switches, low_enough, touched_down
from perilune.onboard.upload import TouchdownSense


def sensing(below_m=jnp.inf, confirmed_s=0.0, latched=0.0):
    return TouchdownSense(
        listened_below_m=jnp.asarray(below_m, float),
        confirmed_s=jnp.asarray(confirmed_s, float),
        latched_factor=jnp.asarray(latched, float),
        leg_count=2,
    )


def down_at(sense, *steps):
    """Whether it takes itself to be down after each (time, height, whether leg 0 is closed)."""
    kept, found = first_switches(sense), []
    for time_s, height_m, closed in steps:
        kept = low_enough(sense, kept, jnp.asarray(height_m, float))
        down, kept = touched_down(sense, kept, jnp.array([closed, False]), jnp.asarray(time_s))
        found.append(bool(down))
    return found


def test_without_a_setting_any_closed_switch_is_acted_on_at_once():
    assert down_at(None, (0.0, 1e5, True), (0.1, 1e5, False)) == [True, False]


def test_a_closing_above_the_height_is_ignored_and_one_below_it_is_not():
    steps = ((0.0, 1500.0, True), (0.1, 1499.0, False), (9.0, 39.0, False), (9.1, 38.0, True))
    assert down_at(sensing(40.0), *steps) == [False, False, False, True]


def test_a_closing_that_is_latched_is_acted_on_as_soon_as_it_listens():
    """Mars Polar Lander kept what its legs did as they unfolded; its engines went off at 40 m."""
    steps = ((0.0, 1500.0, True), (0.1, 1499.0, False), (9.0, 41.0, False), (9.1, 39.0, False))
    assert down_at(sensing(40.0, latched=1.0), *steps) == [False, False, False, True]


def test_it_goes_on_listening_when_it_is_believed_to_be_higher_again():
    assert down_at(sensing(40.0), (0.0, 39.0, False), (0.1, 45.0, True)) == [False, True]


@pytest.mark.parametrize("latched", [0.0, 1.0])
def test_a_switch_has_to_be_closed_for_as_long_as_it_is_to_be_confirmed(latched):
    sense = sensing(confirmed_s=0.2, latched=latched)
    short = ((0.0, 5.0, True), (0.1, 5.0, True), (0.2, 5.0, False), (0.3, 5.0, True))
    assert down_at(sense, *short) == [False] * 4
    assert down_at(sense, *((0.1 * at, 5.0, True) for at in range(3))) == [False, False, True]
