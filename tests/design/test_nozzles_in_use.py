"""A phase may name the nozzles that turn the lander; the others stay closed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.design.control_rule import control_gains
from perilune.design.limit_cycle import limit_cycles
from perilune.errors import InputError
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.onboard.phases.in_use import vehicle_of
from validation import landers

SMALL = 'nozzles = ["thrusters.small"]\n'
FEW = 'nozzles = ["thrusters.small.nozzles.0", "thrusters.small.nozzles.2"]\n'
COAST, BRAKING, STRONG = 2, 4, 20.0
"""The places of two phases, and how much stronger the large nozzles are."""


def mission_of(folder, *pairs):
    """Nova-C with a fixed engine, large nozzles beside its small ones, and text put into phases."""
    small = landers.nova_c()["thrusters"] | {"thrust": "20 N"}
    large = small | {"thrust": "400 N"}
    parts = {"engine": landers.fixed(), "thrusters": {"large": large, "small": small}}
    path = landers.write_mission(folder, **parts)
    text = path.read_text(encoding="utf-8")
    for phase, put in pairs:
        old = f'name = "{phase}"\n'
        assert text.count(old) == 1
        text = text.replace(old, old + put)
    path.write_text(text, encoding="utf-8")
    return load_mission(path)


@pytest.fixture(scope="module")
def mission(tmp_path_factory):
    """The small ones hold the coast."""
    return mission_of(tmp_path_factory.mktemp("nozzles"), ("coast", SMALL))


@pytest.fixture(scope="module")
def designed(mission):
    return design(mission)


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    """All hold it."""
    mission = mission_of(tmp_path_factory.mktemp("all"))
    return mission, design(mission)


@pytest.mark.parametrize("axis", range(3))
def test_the_nozzles_of_the_phase_make_the_torque_and_no_others_fire(designed, axis):
    upload = designed.plan.upload
    wanted_n_m = 30.0 * jnp.eye(3)[axis]

    @jax.jit
    def given(phase):
        vehicle = vehicle_of(upload, phase)
        no, tick_s = jnp.array(False), jnp.asarray(0.1)
        demand = Demand(
            engine_on=no,
            throttle=jnp.asarray(0.0),
            angular_impulse_n_m_s=tick_s * wanted_n_m,
            tick_s=tick_s,
            nozzles_closed=no,
            altimeter_beam=jnp.array(0),
        )
        center_m = vehicle_now(vehicle, vehicle.empty_mass_kg).center_body_m
        return allocate(vehicle, center_m, demand)

    large, small = np.split(np.asarray(given(jnp.array(COAST)).command.thruster_on_s), 2)
    assert not np.any(large)
    torques_n_m = np.asarray(upload.vehicle.nozzle_torque_n_m)[len(large) :]
    np.testing.assert_allclose(small / 0.1 @ torques_n_m, wanted_n_m, atol=1e-6)
    large, small = np.split(np.asarray(given(jnp.array(BRAKING)).command.thruster_on_s), 2)
    assert np.any(large) or not np.any(small)


def test_the_torque_that_is_had_is_that_of_the_phases_nozzles(designed):
    """Least squares of shares: at full share of the large ones a small one has a twentieth."""
    upload = designed.plan.upload
    some, every = (
        1.0 / np.max(np.asarray(vehicle_of(upload, jnp.array(phase)).nozzle_per_axis), axis=-1)
        for phase in (COAST, BRAKING)
    )
    np.testing.assert_allclose(every / some, STRONG + 1.0 / STRONG, rtol=1e-6)


def test_the_swing_of_a_coast_is_that_of_its_own_nozzles(mission, designed, everywhere):
    """Its rate is half of what the shortest pulse turns, and so goes as the thrust."""
    fine, coarse = limit_cycles(mission, designed), limit_cycles(*everywhere)
    for one, other in zip(fine, coarse, strict=True):
        assert not one.by_deadband
        assert other.rate_rad_s / one.rate_rad_s == pytest.approx(STRONG, rel=1e-3)


def test_gains_are_those_of_the_powered_phase_that_turns_least(mission, designed, tmp_path):
    """A coast does not slow the loop down; a powered phase does, by the root of its torque."""
    lander, upload = mission.lander, designed.plan.upload
    gains = control_gains(lander, upload.vehicle)
    assert float(upload.control.vehicle_frequency_rad_s) == gains.vehicle_frequency_rad_s
    slow = design(mission_of(tmp_path, ("descent", SMALL))).plan.upload
    assert slow.control.vehicle_frequency_rad_s < upload.control.vehicle_frequency_rad_s


def test_a_list_that_names_none_has_no_table_of_it(everywhere, athena_design):
    for plan in (everywhere[1].plan, athena_design.plan):
        assert plan.upload.phases.nozzles is None
        assert plan.upload.phases.engines is None


@pytest.mark.parametrize(
    ("put", "told"),
    [
        ('nozzles = ["thrusters.tiny"]\n', "but `coast` has `thrusters.tiny`"),
        (FEW, "both ways about each axis in phase `coast`, but cannot about"),
    ],
)
def test_a_phase_that_names_what_is_not_there_or_cannot_turn_it_is_refused(tmp_path, put, told):
    with pytest.raises(InputError) as refused:
        mission_of(tmp_path, ("coast", put))
    assert told in str(refused.value)
