"""A lander dropped by itself: how near its bell comes to the ground, what carries its weight."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.flight.drop_start import Wall, drop_start, drops_of, slope_ground
from perilune.flight.lander_drop import DropEnd, flown_drops
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


@pytest.fixture(scope="module")
def carried():
    """Blue Ghost, whose main engine cannot throttle and eight others pulse, 2 s under power."""
    numbers = to_arrays(numbers_of(load_mission("blue-ghost")))
    vehicle = build_vehicle(numbers.lander, numbers.layout, numbers.errors)
    tank_kg = jnp.full(vehicle.engines.draw_fraction.shape[1], 20.0)
    limits = random_touchdowns.case().limits
    speeds_m_s = np.array([0.6, 0.05])
    drops = drops_of(2, vertical_speed_m_s=speeds_m_s, cutoff_s=np.array([0.0, 2.0]))
    return vehicle, tank_kg, limits, flown_drops(vehicle, tank_kg, limits, drops)


def test_engines_that_pulse_carry_the_weight_and_one_that_cannot_throttle_stays_off(carried):
    vehicle, tank_kg, limits, _ = carried
    drop = jax.tree.map(lambda each: each[0], drops_of(1, cutoff_s=2.0))
    weight_n = limits.gravity_m_s2 * (vehicle.mass.dry_kg + jnp.sum(tank_kg))
    ground = slope_ground(vehicle, jnp.zeros(()))
    thrust_n = drop_start(vehicle, ground, tank_kg, drop, weight_n).thrust_n
    fixed = np.asarray(vehicle.engines.min_thrust_n == vehicle.engines.max_thrust_n)
    pulses = np.asarray(vehicle.engines.pulsing.pulses)
    assert np.any(fixed & ~pulses)
    assert not np.any(np.asarray(thrust_n)[fixed & ~pulses])
    assert float(jnp.sum(thrust_n)) == pytest.approx(float(weight_n))


def test_engines_that_carry_the_weight_do_not_lift_it(carried):
    """Thrown back at no more than 0.05 m/s it drifts up by 0.1 m in 2 s, and falls at 0.57 m/s."""
    *_, ends = carried
    assert np.asarray(ends.ending).tolist() == [DropEnd.SAFE, DropEnd.SAFE]
    fallen_m, carried_m = np.asarray(ends.touch.legs.stroke_m).max(axis=(1, 2, 3))
    assert carried_m < fallen_m


def test_a_wall_out_of_reach_changes_nothing_and_one_in_reach_stops_the_slide():
    """On level rock at 1 m/s down and 1 m/s across; the wall is 50 m off, or 2 cm."""
    here = random_touchdowns.case()
    speeds = {"vertical_speed_m_s": 1.0, "horizontal_speed_m_s": 1.0}
    wall = Wall(height_m=jnp.asarray(0.2), distance_m=jnp.array([50.0, 0.02]))
    free = flown_drops(here.vehicle, here.tank_kg, here.limits, drops_of(1, **speeds))
    ends = flown_drops(here.vehicle, here.tank_kg, here.limits, drops_of(2, wall, **speeds))
    assert int(ends.ending[0]) == int(free.ending[0])
    np.testing.assert_allclose(ends.slid_m[0], free.slid_m[0], atol=1e-6)
    np.testing.assert_allclose(ends.tilt_rad[0], free.tilt_rad[0], atol=1e-6)
    assert float(free.slid_m[0]) > 0.1
    assert float(ends.slid_m[1]) < float(free.slid_m[0]) - 0.05


@pytest.mark.parametrize(("speed_m_s", "tips"), [(1.0, False), (4.0, True)])
def test_a_wall_trips_a_fast_lander_and_not_a_slow_one(speed_m_s, tips):
    """Without friction. Nova-C's pads are 2.3 m from its axis, its centre 1.5 to 2 m up.

    A rigid body so made trips at 2 to 4 m/s by half of its pads, less where the legs cannot give.
    """
    here = random_touchdowns.case()
    points = here.vehicle.contact
    slick = dataclasses.replace(points, friction_factor=jnp.zeros_like(points.friction_factor))
    vehicle = dataclasses.replace(here.vehicle, contact=slick)
    wall = Wall(height_m=jnp.asarray(0.2), distance_m=jnp.asarray(0.3))
    drops = drops_of(1, wall, vertical_speed_m_s=0.1, horizontal_speed_m_s=speed_m_s)
    ending = int(flown_drops(vehicle, here.tank_kg, here.limits, drops).ending[0])
    assert (ending == int(DropEnd.TIPPED)) == tips
