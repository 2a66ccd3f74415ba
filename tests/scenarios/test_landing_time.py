"""The nominal flight touches down when the mission says, however its descent is shaped."""

import pytest

from perilune import load_mission
from perilune.data.utc import epoch_from_utc
from perilune.design import design, nominal
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.randomness import run_key
from perilune.mechanics.time import after, tdb_s

TOLERANCE_S = 5.0
MISSIONS = [
    ("athena", "descent.gate_descent_rate=5 m/s"),
    ("athena", "descent.gate_descent_rate=50 m/s"),
    ("athena", "descent.gate_forward_speed=20 m/s"),
    ("athena", "descent.gate_height=2 km"),
    ("athena", "descent.low_gate_height=200 m"),
    ("athena", "descent.final_descent_rate=0.5 m/s"),
    ("athena", "lander.engine.max_thrust=6 kN"),
    ("athena", "orbit.perilune=60 km"),
    ("athena", "orbit.apolune=500 km"),
    ("athena", "orbit.inclination=86 deg"),
    ("athena", "descent.deorbit_throttle_fraction=0.5"),
    ("athena", "descent.braking_time=700 s"),
    ("odysseus", "descent.gate_height=3 km"),
]
LEADS = ["17 s", "580 s", "900 s", "9000 s"]


def late_s(mission, designed, summary):
    """The flown touchdown less the mission's."""
    contact = after(designed.epoch, float(summary.event_time_s[Event.CONTACT]))
    return tdb_s(contact) - tdb_s(epoch_from_utc(mission.landing_utc))


@pytest.fixture(scope="module")
def fly_nominally(compiled_flight):
    def fly(name, setting):
        mission = load_mission(name, [setting])
        designed = design(mission)
        summary, _ = compiled_flight(nominal(designed.plan), run_key(0, 0))
        return mission, designed, summary

    return fly


@pytest.mark.parametrize(("name", "setting"), MISSIONS)
def test_it_touches_down_at_the_missions_time(fly_nominally, name, setting):
    mission, designed, summary = fly_nominally(name, setting)
    assert int(summary.outcome) == Outcome.LANDED
    assert abs(late_s(mission, designed, summary)) < TOLERANCE_S


@pytest.mark.parametrize("lead_time", LEADS)
def test_however_long_before_the_burn_it_starts_it_lands(fly_nominally, lead_time):
    mission, designed, summary = fly_nominally("athena", f"descent.lead_time={lead_time}")
    assert int(summary.outcome) == Outcome.LANDED
    assert abs(late_s(mission, designed, summary)) < TOLERANCE_S


def test_athena_as_it_is_touches_down_at_its_time(athena, athena_design, athena_nominal_flight):
    assert abs(late_s(athena, athena_design, athena_nominal_flight[1])) < TOLERANCE_S
