"""What becomes of a unit that is wrong by others."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.onboard.navigation.cross_check import (
    COMMON_WALK_M_S_PER_SQRT_S,
    OPENED_FACTOR,
    in_use_only,
    opened,
)
from perilune.onboard.navigation.estimate import VELOCITY
from perilune.onboard.navigation.trend import no_trend
from perilune.onboard.navigation.watch import unwatched

AXIS = np.array([0.6, 0.0, 0.8])
BIASES = slice(12, 15)
COUNT = 16


def wider(speed_m_s, lasted_s):
    before = jnp.eye(COUNT)
    after = opened(before, jnp.asarray(AXIS), BIASES, jnp.asarray(speed_m_s), jnp.asarray(lasted_s))
    return np.array(after - before)


def test_the_speed_along_the_axis_is_opened_and_that_across_it_is_not():
    grown = wider(0.7, 0.0)[VELOCITY, VELOCITY]
    assert AXIS @ grown @ AXIS == pytest.approx((OPENED_FACTOR * 0.7) ** 2)
    assert grown @ np.array([0.8, 0.0, -0.6]) == pytest.approx(np.zeros(3), abs=1e-12)


def test_what_is_alike_in_the_biases_is_opened_and_walks_and_their_differences_stay():
    grown = wider(0.7, 0.2)[BIASES, BIASES]
    alike = (OPENED_FACTOR * 0.7) ** 2 + 0.2 * COMMON_WALK_M_S_PER_SQRT_S**2
    assert grown == pytest.approx(np.full((3, 3), alike))
    assert grown @ np.array([1.0, -1.0, 0.0]) == pytest.approx(np.zeros(3), abs=1e-12)


def test_nothing_else_is_opened():
    grown = wider(0.7, 0.2)
    grown[VELOCITY, VELOCITY] = grown[BIASES, BIASES] = 0.0
    assert not grown.any()


def test_an_altimeter_that_is_distrusted_is_not_in_use_and_others_are_as_they_were():
    heard = dataclasses.replace(unwatched(1), heard=jnp.ones(1, bool))
    wrong = dataclasses.replace(no_trend(), distrusted=jnp.array(True))
    watches = {"altimeter": heard, "altimeter.left": heard, "velocimeter:height": heard}
    found = in_use_only(watches, {"altimeter": wrong, "altimeter.left": no_trend()})
    used = {name: bool(each.heard[0]) for name, each in found.items()}
    assert used == {"altimeter": False, "altimeter.left": True, "velocimeter:height": True}
