"""Contact points from a lander's file: the parts that must not touch are points of the hull."""

import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.flight.drop_start import drops_of
from perilune.flight.lander_drop import DropEnd, flown_drops
from perilune.mission.lander import Part
from perilune.mission.layout_checks import misfits
from perilune.mission.physics import impossibilities
from validation import drop_test, random_touchdowns

LOW, HIGH = (0.3, 0.2, -0.05), (0.0, 0.5, 4.4)


def mission_with(*places_m):
    """Athena with a part at each place, body frame."""
    mission = load_mission(drop_test.MISSION)
    parts = tuple(
        Part.model_validate({"name": f"part-{index}", "position": [f"{each} m" for each in place]})
        for index, place in enumerate(places_m)
    )
    lander = mission.lander.model_copy(update={"parts": parts})
    return mission.model_copy(update={"lander": lander})


def vehicle_with(*places_m):
    numbers = to_arrays(numbers_of(mission_with(*places_m)))
    return build_vehicle(numbers.lander, numbers.layout, numbers.errors)


def test_parts_stand_between_the_hull_and_the_bells_and_are_as_stiff_as_the_hull():
    bare, built = vehicle_with().contact, vehicle_with(LOW, HIGH).contact
    first = bare.leg_count + 8
    np.testing.assert_array_equal(built.position_body_m[first : first + 2], [LOW, HIGH])
    rest = np.delete(np.asarray(built.position_body_m), [first, first + 1], axis=0)
    np.testing.assert_array_equal(rest, bare.position_body_m)
    stiffness = np.asarray(built.stiffness_n_per_m)
    assert np.all(stiffness[first : first + 2] == stiffness[bare.leg_count])
    assert (built.leg_count, built.bell_count) == (bare.leg_count, bare.bell_count)


def test_a_part_below_the_pads_strikes_the_ground_and_one_above_the_hull_does_not():
    here, vehicle = random_touchdowns.case(), vehicle_with(LOW, HIGH)
    drops = drops_of(1, vertical_speed_m_s=jnp.asarray(0.5))
    found = flown_drops(vehicle, here.tank_kg, here.limits, drops)
    first = vehicle.contact.leg_count + 8
    low_n, high_n = np.asarray(found.touch.peak_force_n)[0, first : first + 2]
    assert low_n > 0.0
    assert high_n == 0.0
    assert int(found.ending[0]) == int(DropEnd.BROKEN)


def test_a_part_far_out_on_which_little_mass_moves_needs_a_softer_hull():
    """The mass that moves with a point falls with its distance squared, over the gyration's."""
    assert not list(impossibilities(mission_with(HIGH)))
    (found,) = impossibilities(mission_with((40.0, 0.0, 40.0)))
    assert "must be at most" in found
    assert "stiffest spring" in found


def test_two_parts_of_one_name_are_refused():
    mission = mission_with(LOW, HIGH)
    twins = tuple(part.model_copy(update={"name": "mast"}) for part in mission.lander.parts)
    lander = mission.lander.model_copy(update={"parts": twins})
    (found,) = misfits(mission.model_copy(update={"lander": lander}))
    assert "must be a name of its own" in found
    assert "`mast`" in found


def test_a_part_needs_a_place_with_units():
    with pytest.raises(ValueError, match="position"):
        Part.model_validate({"name": "mast", "position": [0.0, 0.0, 4.0]})
