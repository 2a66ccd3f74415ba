"""The native compiler knows every primitive of a flight, and of every kind of fault.

Traced, not compiled: what the tables lack is refused then. That it knows the flights of all
missions is seen where they fly, in `tests/scenarios/test_catalog_flies.py`.
"""

import dataclasses
import functools

import jax
import pytest

from perilune import load_mission
from perilune.app.sampled_flight import single_flight
from perilune.campaign.run.native_campaign import campaign_flight
from perilune.design import design
from perilune.design.build_sensors import build_faults
from perilune.design.numbers import numbers_of, to_arrays
from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.units import kind_of
from perilune.mission import list_missions
from perilune.native import refusals
from perilune.native.formulas import BY_NUMBER
from perilune.native.program import UnknownPrimitiveError
from perilune.native.rows import ROWS
from tests.standing_faults import STANDING

MISSIONS = [name for name, _, _ in list_missions(None)]
MOVED = {
    "imu": {"gyro_": "0.01 deg/s", "accelerometer_": "0.001 m/s**2"},
    "altimeter": {"": "1 m"},
    "radar_altimeter": {"": "1 m"},
    "velocimeter": {"": "0.1 m/s"},
    "optical_velocity": {"": "0.01 rad/s"},
    "camera": {"": "1 m"},
    "star_tracker": {"": "0.01 deg"},
    "propellant_gauge": {"": "1 kg"},
    "command": {"gimbal_": "0.1 deg", "pulse_": "10 ms"},
}
"""What errors of each signal move, and by how much."""
HEAD = 'schema = 1\nname = "every"\ntitle = "Every effect"\nsummary = "On every signal."\n'
EVERY = """
[{signal}]
after = "10 s"
after_event = "ignition"
below_height = "20 km"
duration = "900 s"
lost_after = "800 s"
invalid = true
frozen = true
delay = "1 s"
dropout_fraction = 0.1
spike_fraction = 0.1
"""
OF_COMMAND = """stuck_on = true
throttle_noise_fraction = 0.01
throttle_bias_fraction = 0.01
throttle_drift_fraction = 0.01
throttle_spike_fraction = 0.01
gimbal_noise = "0.1 deg"
pulse_noise = "10 ms"
"""


def structure(plan):
    """What decides which program flies a plan: its tree, and the shapes and types of its arrays."""
    leaves, tree = jax.tree.flatten(plan)
    return tree, tuple((each.shape, each.dtype) for each in leaves)


def every_effect():
    """A fault that does to every signal whatever can be done to it."""
    text = HEAD
    for signal, parts in MOVED.items():
        text += EVERY.format(signal=signal)
        text += OF_COMMAND if signal == "command" else "noise_factor = 2.0\n"
        for part, size in parts.items():
            text += "".join(f'{part}{what} = "{size}"\n' for what in ("bias", "drift", "spike"))
    return text


@pytest.fixture(scope="module")
def athena_traced(athena_design):
    """Athena's program as campaigns fly it."""
    return campaign_flight(athena_design.plan).traced


def names(block):
    """The primitives of a program."""
    return {equation.name for equation in block.walk()}


@pytest.fixture(scope="module")
def plan_of(athena_design):
    """The plan of a mission of the catalog, designed once."""

    @functools.cache
    def planned(mission):
        return athena_design.plan if mission == "athena" else design(load_mission(mission)).plan

    return planned


LANDERS = {name: load_mission(name).lander.name for name in MISSIONS}
FIRST = {lander: name for name, lander in reversed(LANDERS.items())}
"""Of the missions of each lander, the first."""


@pytest.mark.parametrize("mission", [name for name in MISSIONS if name not in FIRST.values()])
def test_missions_of_one_lander_and_the_same_laws_are_flown_by_one_program(plan_of, mission):
    """Tree, shapes and types are equal, so that what flies one flies all."""
    assert structure(plan_of(mission)) == structure(plan_of(FIRST[LANDERS[mission]]))


@pytest.mark.parametrize("mission", MISSIONS)
@pytest.mark.parametrize("fault", STANDING)
def test_faults_that_every_flight_has_room_for_only_change_its_numbers(plan_of, mission, fault):
    """Of a plan, faults touch what is built from their tables, and what is drawn."""
    plan, struck = plan_of(mission), load_mission(mission, faults=(fault,))
    numbers = to_arrays(numbers_of(struck))
    assert structure(build_faults(numbers)) == structure(plan.faults)
    assert structure(numbers) == structure(plan.numbers)


def test_that_program_is_known_with_and_without_samples(athena_design, athena_traced):
    sampled = single_flight(athena_design.plan).traced
    assert names(athena_traced.block) <= names(sampled.block)
    assert {"scan", "while", "cond", "any_lane"} <= names(athena_traced.block)


WITH_EVERY_KIND = "chandrayaan-3", "athena"
"""Vikram has a radar altimeter, Nova-C a propellant gauge, and both all other kinds of sensors."""


def test_two_landers_have_every_kind_of_sensor(plan_of):
    fitted = {kind_of(label) for name in WITH_EVERY_KIND for label in plan_of(name).sensors}
    assert fitted == set(KINDS)
    assert set(MOVED) == {*KINDS, "command"}


@pytest.mark.parametrize("name", WITH_EVERY_KIND)
def test_the_program_of_every_effect_on_every_signal_is_known(plan_of, tmp_path, name):
    """Effects are structure: what is not there is not traced. With samples, which have all else."""
    plain = plan_of(name)
    (tmp_path / "every.toml").write_text(every_effect(), encoding="utf-8")
    mission = load_mission(name, faults=[str(tmp_path / "every.toml")])
    faults = build_faults(to_arrays(numbers_of(mission)))
    plan = dataclasses.replace(plain, faults=faults)
    assert structure(plan) != structure(plain)
    assert single_flight(plan).traced


def test_a_primitive_without_its_row_is_found(athena_traced, monkeypatch):
    """Each of them in turn, whatever it stands in: a loop, a branch, the flight itself."""
    for name in sorted(names(athena_traced.block)):
        with monkeypatch.context() as patch:
            patch.setattr(refusals, "BY_NUMBER", BY_NUMBER - {name})
            patch.setattr(refusals, "ROWS", {each: ROWS[each] for each in ROWS if each != name})
            with pytest.raises(UnknownPrimitiveError, match=f"the primitive {name}"):
                refusals.refuse_unknown(athena_traced.block)
