"""Apollo 11's descent by its flown targets, as the design finds it, beside what was published."""

import math

import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.interfaces.events import PHASE_EVENTS, Event
from perilune.mechanics.constants import MOON_RADIUS_M

FT = 0.3048
RIGNX_M, RIGNZ_M = FT * -130_519.8, FT * -1_432_597.4
"""Flown pad load: where full thrust was to begin, up and downrange of the landing site."""
SITE_RADIUS_M = math.hypot(1_588_736.0, 697_965.0, 20_941.0)
"""The same pad load's landing site."""


@pytest.fixture(scope="module")
def designed():
    return design(load_mission("apollo-11"))


def test_braking_begins_where_the_flown_targets_had_it(designed):
    """The pad load's point is 26 s, the low start, after ignition: 438 km before the site.

    The tolerance of 3 % is what a thrust of 45.04 kN for 43.45 kN makes of the way to a stop.
    """
    published_m = MOON_RADIUS_M * math.atan2(-RIGNZ_M, SITE_RADIUS_M + RIGNX_M)
    speed_m_s = designed.transfer.ignition_speed_m_s
    full_m = designed.course.ignition_range_m - 26.0 * speed_m_s
    assert full_m == pytest.approx(published_m, rel=0.03)


def test_high_gate_and_landing_come_when_the_published_plan_had_them(designed):
    """High gate 506 s after ignition, landing 714 s (TN D-6846), here by guidance alone."""
    flown = designed.rehearsal
    assert flown.gate_s - flown.ignition_s == pytest.approx(506.0, abs=10.0)
    assert flown.touchdown_s - flown.ignition_s == pytest.approx(714.0, abs=20.0)
    assert flown.touched
    assert flown.vertical_speed_m_s == pytest.approx(3.0 * FT, abs=0.05)
    assert flown.off_target_m < 5.0


def test_the_engine_comes_out_of_full_thrust_before_the_gate(designed):
    """What the reserve of thrust asks for: throttled when it gets there."""
    assert designed.rehearsal.peak_thrust_fraction == 1.0
    assert designed.rehearsal.gate_thrust_fraction < 0.674


def test_the_low_start_belongs_to_braking(designed):
    """Ignition is the trim at a tenth of thrust; the gate is the first phase of another role."""
    events = dict(zip(PHASE_EVENTS, designed.plan.event_phases.tolist(), strict=True))
    throttles = np.asarray(designed.plan.upload.phases.figures["throttle_fraction"])
    assert throttles[events[Event.IGNITION]] == pytest.approx(0.104)
    assert events[Event.GATE] == events[Event.IGNITION] + 2
