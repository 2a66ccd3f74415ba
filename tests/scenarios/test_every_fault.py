"""Every fault of the catalog disturbs what it is of, and its flight ends with a name.

They fly in the two programs of `tools.fault_programs`, each beside the same flight without it.
"""

import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.interfaces.units import kind_of
from perilune.mechanics.randomness import run_key
from perilune.mission.fault import effects_of
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.verdict import judge
from tools.fault_programs import MISSION, faults, fitting, plan_with, sets_numbers, with_fault

ENDINGS = {
    "LANDED",
    "ON_ITS_HULL",
    "TIPPED_OVER",
    "CRASHED",
    "TIMED_OUT",
    "SPUN_UP",
}
SHOWN_BY = {
    "imu": ("estimated_",),
    "computer": ("estimated_",),
    "command": ("thrust", "gimbal", "cold_gas"),
    "propellant": ("propellant",),
    "contact_switches": ("thrust",),
}
"""The columns in which a fault shows; of a sensor otherwise its own."""
OF_NUMBERS = [name for name in fitting(MISSION) if sets_numbers(name)]
OF_SIGNALS = [name for name in fitting(MISSION) if name not in OF_NUMBERS]
OF_VIKRAM = sorted({*fitting("chandrayaan-3")} - {*fitting(MISSION)})
"""Of what Athena's lander has not, and Vikram has."""


@pytest.fixture(scope="module")
def paired(compiled_flight):
    """A function: the flight of a run with a fault (None for none), and its columns."""
    healthy = with_fault(None)

    def fly(name):
        mission = healthy if name is None else with_fault(name)
        struck = plan_with(mission, name)
        summary, samples = compiled_flight(struck, run_key(1, 0))
        return mission, summary, telemetry_columns(struck, samples)

    return fly


@pytest.fixture(scope="module")
def without(paired):
    """The columns of the flight without any fault."""
    return paired(None)[2]


def differ(one, other):
    length = min(len(one), len(other))
    return not np.array_equal(one[:length], other[:length], equal_nan=True)


@pytest.mark.parametrize("name", OF_SIGNALS)
def test_a_fault_of_a_signal_disturbs_it_and_flies_to_an_ending(paired, without, name):
    mission, summary, columns = paired(name)
    assert judge(summary, mission).outcome in ENDINGS
    signals = mission.faults[name].signals.items()
    for kind in {kind_of(label) for label, table in signals if effects_of(table)}:
        shown = [each for each in columns if each.startswith(SHOWN_BY.get(kind, (f"{kind}_",)))]
        assert any(differ(columns[each], without[each]) for each in shown), kind


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_fault_of_numbers_parts_truth_and_belief_and_flies_to_an_ending(compiled_flight, name):
    mission = with_fault(name)
    flown = compiled_flight(plan_with(mission, name), run_key(1, 0))
    assert judge(flown[0], mission).outcome in ENDINGS
    apart = mission.in_truth.written, mission.as_believed.written
    assert "errors.map" in str(mission.sources) or apart[0] != apart[1]


def test_every_fault_is_of_something_that_one_of_two_landers_has():
    assert {*OF_NUMBERS, *OF_SIGNALS, *OF_VIKRAM} == {*faults()}


def test_faults_of_what_vikram_alone_has_fly_to_an_ending(compiled_flight):
    """All at once, in one program."""
    assert OF_VIKRAM
    mission = load_mission("chandrayaan-3", faults=OF_VIKRAM)
    flown = compiled_flight(design(mission).plan, run_key(1, 0))
    assert judge(flown[0], mission).outcome in ENDINGS
