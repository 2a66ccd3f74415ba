"""Values, margins and places of a verdict as numbers, each beside its closed form."""

import dataclasses
import math

import numpy as np
import pytest

from perilune import load_mission
from perilune.flight.fly import Places
from perilune.flight.outcome import Outcome
from perilune.verdict import judge, limits_of
from perilune.verdict.limits import measures
from perilune.verdict.places import aim_of
from tests.verdict.test_judge import LIMITS, PLACE_M, summary_of


def named(verdict):
    return {each.name: each for each in verdict.criteria}


def test_angles_are_judged_in_degrees():
    rows = measures(summary_of(tilt=math.radians(3.0), rate=math.radians(0.5)), LIMITS)
    assert rows["tilt_deg"].value == pytest.approx(3.0)
    assert rows["tilt_deg"].limit == pytest.approx(10.0)
    assert rows["body_rate_deg_s"].value == pytest.approx(0.5)
    assert rows["body_rate_deg_s"].limit == pytest.approx(2.0)


def test_a_margin_is_the_limit_less_the_value():
    found = named(judge(summary_of(down=1.25, miss=250.0, stroke_m=0.1), LIMITS))
    assert found["vertical_speed_m_s"].margin == pytest.approx(0.75)
    assert found["leg_stroke_m"].margin == pytest.approx(0.2)
    assert found["miss_m"].margin == pytest.approx(-50.0)


def test_a_flight_that_never_rests_is_one_short_of_its_limit_of_rest():
    found = named(judge(summary_of(Outcome.TIPPED_OVER), LIMITS))
    assert (found["at_rest"].value, found["at_rest"].margin) == (0.0, -1.0)
    assert (found["tilt_deg"].value, found["tilt_deg"].margin) == (None, None)
    rested = named(judge(summary_of(), LIMITS))
    assert (rested["at_rest"].value, rested["at_rest"].margin) == (1.0, 0.0)


def test_a_stroke_within_rounding_of_its_end_is_used_up():
    for share, met in ((1.0 - 1e-12, False), (1.0 - 5e-10, False), (1.0 - 2e-9, True)):
        verdict = judge(summary_of(stroke_m=share * LIMITS.leg_stroke_m), LIMITS)
        assert named(verdict)["leg_stroke_m"].met is met


def test_a_mission_judges_as_its_limits_do():
    athena = load_mission("athena")
    summary = summary_of(down=1.9, miss=120.0)
    assert judge(summary, athena) == judge(summary, limits_of(athena))


def test_the_map_error_is_the_distance_along_the_sphere_and_its_direction():
    """Turned about the polar axis by d: d r cos(latitude) to the east; along a meridian: d r."""
    radius_m, latitude, turn = 1.74e6, math.radians(-60.0), 1e-3

    def at(latitude_rad, longitude_rad):
        level = math.cos(latitude_rad)
        axes = level * math.cos(longitude_rad), level * math.sin(longitude_rad)
        return radius_m * np.array([*axes, math.sin(latitude_rad)])

    drawn = at(latitude, 0.5)
    for true, east_m, north_m in (
        (at(latitude, 0.5 + turn), radius_m * turn * math.cos(latitude), 0.0),
        (at(latitude - turn, 0.5), 0.0, -radius_m * turn),
    ):
        summary = dataclasses.replace(summary_of(), places=Places(true, drawn, PLACE_M, PLACE_M))
        aim = aim_of(summary)
        assert aim["map_error_east_m"] == pytest.approx(east_m, abs=1.0)
        assert aim["map_error_north_m"] == pytest.approx(north_m, abs=1.0)
        assert aim["aim_radius_m"] == pytest.approx(radius_m)
