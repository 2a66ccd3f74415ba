"""Every mission in the catalog flies, every fault flies to an ending with a name."""

import pytest

from perilune import load_mission
from perilune.app.sampled_flight import COMPILED
from perilune.design import design, nominal
from perilune.interfaces.events import Event
from perilune.mechanics.randomness import run_key
from perilune.mission import list_missions
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.verdict import judge
from tests.standing_faults import OF_VIKRAM, OTHERS, STANDING

MISSIONS = [name for name, _, _ in list_missions(None)]
ENDINGS = {"LANDED", "ON_ITS_HULL", "TIPPED_OVER", "CRASHED", "TIMED_OUT"}


@pytest.fixture(scope="module")
def flown(compiled_flight):
    """Fly a mission with every draw switched off, so that no run's luck decides: its summary."""

    def fly(name, faults=()):
        mission = load_mission(name, faults=faults)
        summary, _ = compiled_flight(nominal(design(mission).plan), run_key(0, 0))
        return mission, summary

    return fly


@pytest.mark.parametrize("name", MISSIONS)
def test_every_mission_in_the_catalog_lands_clean(flown, name):
    mission, summary = flown(name)
    verdict = judge(summary, mission)
    assert verdict.outcome == "LANDED"
    assert verdict.clean
    off_s, contact_s = summary.event_time_s[[Event.ENGINE_CUTOFF, Event.CONTACT]]
    assert (off_s > contact_s) == bool(mission.descent.phases[-1].engine)
    if mission.lander.name == "nova-c":  # the plan's 90 %, and what closes the loop
        assert summary.peak_thrust_fraction < 0.999


def test_a_second_mission_compiles_nothing_new(flown):
    flown("athena")
    before = len(COMPILED)
    flown("odysseus")
    assert len(COMPILED) == before


@pytest.mark.parametrize("fault", STANDING)
def test_a_fault_that_flights_have_room_for_flies_to_an_ending_and_compiles_nothing(flown, fault):
    flown("athena")
    before = len(COMPILED)
    mission, summary = flown("athena", faults=(fault,))
    assert judge(summary, mission).outcome in ENDINGS
    assert len(COMPILED) == before


@pytest.mark.parametrize("faults", OTHERS, ids="+".join)
def test_a_fault_that_flights_have_no_room_for_flies_to_an_ending(flown, faults):
    """Those of commands in one program, of which each would have taken one of its own."""
    mission, summary = flown("athena", faults=tuple(faults))
    assert set(mission.faults) == set(faults)
    assert judge(summary, mission).outcome in ENDINGS


def test_faults_of_what_vikram_alone_has_fly_to_an_ending(flown):
    """All at once, in one program."""
    assert OF_VIKRAM
    mission, summary = flown("chandrayaan-3", faults=tuple(OF_VIKRAM))
    assert set(mission.faults) == set(OF_VIKRAM)
    assert judge(summary, mission).outcome in ENDINGS


@pytest.mark.parametrize(
    ("missing", "comes_down"),
    [(("camera", "velocimeter"), True), (("altimeter", "star_tracker"), False)],
)
def test_a_lander_without_an_instrument_flies_and_has_no_columns_of_it(
    data_folder, compiled_flight, missing, comes_down
):
    """It is another structure, and so another program.

    Without camera and velocimeter its altimeter still brings it down; it drifts, its pads dig in.
    """
    assert data_folder
    settings = tuple(f"lander.{instrument}=none" for instrument in missing)
    mission = load_mission("athena", settings=settings)
    plan = nominal(design(mission).plan)
    summary, samples = compiled_flight(plan, run_key(0, 0))
    outcome = judge(summary, mission).outcome
    assert outcome in ENDINGS
    if comes_down:
        assert float(summary.contact.vertical_speed_m_s) < mission.lander.limits.crash_speed_m_s
    assert not [name for name in telemetry_columns(plan, samples) if name.startswith(missing)]
