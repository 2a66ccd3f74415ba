"""A lander that nothing holds turns faster and faster, and its flight ends while it is numbers."""

import numpy as np
import pytest

from perilune.design.prepared import prepare
from perilune.design.replaced_truth import with_truth
from perilune.flight.outcome import Outcome
from perilune.flight.recorder import MOST_RATE_RAD_S
from perilune.folders import Folders
from perilune.interfaces.events import Event
from perilune.mechanics.randomness import run_key
from perilune.mission.load import load_mission, try_to_load
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.verdict import judge

OFF_AXIS = ("truth.lander.mass.dry_center_of_mass.0=0.4 m",)
"""Four times as far as the gimbal can follow; no design would take it."""


@pytest.fixture(scope="module")
def spun_up(compiled_flight):
    """(mission, summary, times s, rates rad/s) of such a flight."""
    prepared = prepare(load_mission("athena", folders=Folders()))
    mission, _ = try_to_load("athena", OFF_AXIS, (), Folders())
    assert mission is not None
    plan = with_truth(prepared, mission).plan
    summary, samples = compiled_flight(plan, run_key(0, 0))
    columns = telemetry_columns(plan, samples)
    rate_deg_s = np.stack([columns[f"true_rate_{axis}_deg_s"] for axis in "xyz"], axis=-1)
    rate_rad_s = np.radians(np.linalg.norm(rate_deg_s, axis=-1))
    return mission, summary, np.asarray(columns["time_s"]), rate_rad_s


def test_it_ends_past_the_largest_rate_and_never_touches(spun_up):
    mission, summary, _, rate_rad_s = spun_up
    assert int(summary.outcome) == Outcome.SPUN_UP
    assert np.isnan(summary.event_time_s[Event.CONTACT])
    assert np.isfinite(summary.event_time_s[Event.END])
    verdict = judge(summary, mission)
    assert (verdict.outcome, verdict.clean) == ("SPUN_UP", False)
    assert MOST_RATE_RAD_S < rate_rad_s[-1] < 2.0 * MOST_RATE_RAD_S


def test_until_then_it_turns_no_faster_than_its_engine_can_make_it(spun_up):
    """Full thrust at its arm and at the gimbal's limit, on the dry lander's least inertia."""
    _, _, time_s, rate_rad_s = spun_up
    torque_n_m = 4000.0 * (0.4 + 0.1 * 1.0) + 20.0
    turn_rad_s2 = np.diff(rate_rad_s) / np.diff(time_s)
    assert 0.1 < np.max(turn_rad_s2) < torque_n_m / 450.0
