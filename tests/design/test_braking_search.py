"""Where braking begins for any law: by descents that are rehearsed, here ones of a known form."""

import dataclasses

import pytest

from perilune import load_mission
from perilune.design.braking_search import find_ignition
from perilune.design.course import Start
from perilune.design.rehearsal import Rehearsal
from perilune.errors import InputError

START = Start(
    mass_kg=1_600.0,
    speed_m_s=1_690.0,
    altitude_m=15_000.0,
    gm_m3_s2=4.9028e12,
    site_height_m=5_300.0,
)
ENOUGH_M = 512_345.0
"""From nearer than this guidance is still at full thrust when it comes to the gate."""
GOOD = Rehearsal(
    touched=True,
    touchdown_s=0.0,
    ignition_s=100.0,
    gate_s=0.0,
    gate_mass_kg=930.0,
    gate_thrust_fraction=0.5,
    end_mass_kg=0.0,
    lowest_mass_kg=930.0,
    vertical_speed_m_s=1.0,
    horizontal_speed_m_s=0.0,
    peak_thrust_fraction=1.0,
    least_clearance_m=3_000.0,
    off_target_m=0.0,
)


def descent(range_m, share, **changes):
    """Longer from further, at 1 s a kilometre; heavier from nearer; less thrust needs more room."""
    short = range_m < ENOUGH_M / share
    return dataclasses.replace(
        GOOD,
        gate_s=100.0 + range_m / 1_000.0,
        gate_thrust_fraction=1.0 if short else 0.5,
        end_mass_kg=1_000.0 - range_m / 5_000.0,
        **changes,
    )


@pytest.fixture(scope="module")
def mission():
    return load_mission("athena", ["descent.peak_thrust_fraction=0.95"])


def test_the_least_propellant_is_at_the_edge_that_the_reserve_of_thrust_sets(mission):
    """Three zooms of a tenth each about the best of 66 ranges, 7 km apart: to 14 m."""
    course = find_ignition(mission, START, descent)
    assert course.ignition_range_m >= ENOUGH_M / 0.95
    assert course.ignition_range_m == pytest.approx(ENOUGH_M / 0.95, abs=100.0)
    assert course.braking_time_s == pytest.approx(course.ignition_range_m / 1_000.0)


def test_a_time_that_is_asked_for_is_met():
    timed = load_mission(
        "athena", ["descent.peak_thrust_fraction=0.95", "descent.braking_time=613.25 s"]
    )
    course = find_ignition(timed, START, descent)
    assert course.braking_time_s == pytest.approx(613.25, abs=1e-3)
    assert course.ignition_range_m == pytest.approx(613_250.0, abs=1.0)


def test_a_time_that_the_law_cannot_take_is_refused_with_those_it_can():
    timed = load_mission(
        "athena", ["descent.peak_thrust_fraction=0.95", "descent.braking_time=300 s"]
    )
    with pytest.raises(InputError, match=r"takes 54\d to \d+ s, but .* asks for 300 s"):
        find_ignition(timed, START, descent)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"touched": False}, "with thrust to spare"),
        ({"least_clearance_m": 1_500.0}, "within 1500 m of the ground"),
        ({"vertical_speed_m_s": 3.0}, "95% of it"),
        ({"horizontal_speed_m_s": 3.0}, "`descent.peak_thrust_fraction`"),
    ],
    ids=["never down", "too low", "too fast down", "too fast across"],
)
def test_where_no_range_fits_the_sentence_says_what_is_lacking(mission, changes, told):
    with pytest.raises(InputError, match=told):
        find_ignition(mission, START, lambda *where: descent(*where, **changes))
