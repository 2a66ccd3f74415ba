"""A lander dropped by itself: how near its bell comes to the ground."""

import numpy as np
import pytest

from perilune import load_mission
from perilune.flight.lander_drop import drops_of, flown_drops
from validation import drop_test, random_touchdowns


@pytest.fixture(scope="module")
def level():
    """Upright onto level rock at 0.3, 1 and 2 m/s."""
    here = random_touchdowns.case()
    drops = drops_of(3, vertical_speed_m_s=np.array([0.3, 1.0, 2.0]))
    return flown_drops(here.vehicle, here.tank_kg, here.limits, drops)


def test_at_rest_the_bell_is_lower_by_what_the_legs_crushed_and_the_weight_presses(level):
    lander = load_mission(drop_test.MISSION).lander
    legs = lander.legs
    stroke_m = np.asarray(level.touch.legs.stroke_m)[:, :, 0, 0].mean(axis=1)
    pressed_m = drop_test.TOUCHDOWN_KG * random_touchdowns.GRAVITY_M_S2
    pressed_m = pressed_m / legs.count / legs.stiffness_n_per_m
    bell_m = lander.engine.bell_exit_height_m - stroke_m - pressed_m
    np.testing.assert_allclose(level.bell_clearance_m, bell_m, atol=2e-4)


def test_on_the_way_the_bell_is_lower_by_a_leg_s_spring_at_most(level):
    legs = load_mission(drop_test.MISSION).lander.legs
    rest_m, least_m = np.asarray(level.bell_clearance_m), np.asarray(level.least_bell_clearance_m)
    assert np.all(least_m < rest_m)
    assert np.all(least_m > rest_m - 1.1 * legs.crush_force_n / legs.stiffness_n_per_m)
