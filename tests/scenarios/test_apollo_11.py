"""Apollo 11's descent by its flown targets, as the design finds it, beside what was published."""

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from perilune import load_mission
from perilune.data.utc import utc_text
from perilune.design import design
from perilune.interfaces.events import PHASE_EVENTS, Event
from perilune.mechanics.constants import MOON_RADIUS_M
from tests.state_missions import state_text, write_mission

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


def test_the_same_descent_begins_from_a_state_vector_of_ignition(designed, tmp_path):
    """Six seconds before the ignition that was found, nearer to which the reserve of thrust binds.

    The mass is that which the descent-orbit burn leaves.
    """
    mine = write_mission(tmp_path / "mine.toml", state_before(designed, 6.0), None, 3, "apollo-11")
    burn_m_s = np.linalg.norm(designed.transfer.deorbit_velocity_m_s)
    begun = design(load_mission(mine, [f"masses.corrections={burn_m_s} m/s"]))
    speed_m_s = designed.transfer.ignition_speed_m_s
    earlier_m = begun.course.ignition_range_m - designed.course.ignition_range_m
    assert begun.transfer.ignition_time_s == 0.0
    assert earlier_m == pytest.approx(6.0 * speed_m_s, rel=0.05)
    assert begun.rehearsal.touched
    assert begun.rehearsal.off_target_m < 5.0


def state_before(designed, before_s):
    """On a circle through the ignition, that long before it."""
    transfer = designed.transfer
    place, speed = transfer.ignition_position_m, transfer.ignition_velocity_m_s
    axis = np.cross(place, speed) / (place @ place)
    turned = Rotation.from_rotvec(-before_s * axis).apply(np.stack([place, speed]))
    epoch_utc = utc_text(designed.epoch, transfer.ignition_time_s - before_s, 6)
    return state_text(epoch_utc, *turned, at="ignition")
