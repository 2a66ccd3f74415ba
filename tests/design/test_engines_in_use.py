"""A phase may name the engines that it burns and the sensors that it listens to, in its table."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.errors import InputError
from perilune.interfaces import Message
from perilune.interfaces.altimeter import ALTIMETER
from perilune.interfaces.velocimeter import VELOCIMETER
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.onboard.phases.in_use import heard, vehicle_of
from validation import landers

NAMED = 'engines = ["a", "c"]\nsensors = ["altimeter.left", "velocimeter"]\n'
LAST = 'name = "descent"\n'


def mission_of(folder, old=LAST, new=LAST + NAMED):
    """Four throttled engines and two altimeters, with one piece of the mission's text replaced."""
    path = landers.write_mission(
        folder, engine=landers.four_throttled(), altimeter=landers.two_of("altimeter")
    )
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load_mission(path)


@pytest.fixture(scope="module")
def designed(tmp_path_factory):
    """Two of four engines and one of two altimeters in the last phase."""
    return design(mission_of(tmp_path_factory.mktemp("engines")))


@pytest.fixture(scope="module")
def upload(designed):
    return designed.plan.upload


def vehicle_in(upload, phase):
    return jax.tree.map(np.asarray, vehicle_of(upload, jnp.array(phase)))


def test_the_descent_is_rehearsed_on_the_engines_of_each_phase(designed):
    """The last phase is flown on 2.4 kN, the braking before it on more than these."""
    found = designed.rehearsal
    assert found.touched
    assert found.vertical_speed_m_s == pytest.approx(1.0, abs=0.05)
    assert found.peak_thrust_fraction == pytest.approx(0.9, abs=0.05)


def test_a_phase_is_told_of_the_thrust_of_its_engines_alone(upload):
    last = len(upload.phases.law) - 2
    braking, descent = vehicle_in(upload, last - 2), vehicle_in(upload, last)
    assert (braking.max_thrust_n, descent.max_thrust_n) == pytest.approx((4_800.0, 2_400.0))
    assert (braking.min_thrust_n, descent.min_thrust_n) == pytest.approx((800.0, 400.0))
    np.testing.assert_allclose(descent.engine_fraction, [0.5, 0.0, 0.5, 0.0])
    np.testing.assert_array_equal(braking.engine_axis_factor, [1.0, 1.0, 0.0])
    np.testing.assert_array_equal(descent.engine_axis_factor, 0.0)


def test_allocation_burns_the_engines_of_the_phase_and_turns_by_gas_where_they_cannot(upload):
    """Two at opposite corners cannot turn about x without turning about y: cold gas does both."""
    last = len(upload.phases.law) - 2
    on, no, tick_s = jnp.array(True), jnp.array(False), jnp.asarray(0.1)

    @jax.jit
    def given(phase):
        vehicle = vehicle_of(upload, phase)
        center_m = vehicle_now(vehicle, vehicle.empty_mass_kg).center_body_m
        impulse_nms = jnp.array([0.5, 0.0, 0.0])
        demand = Demand(
            engine_on=on,
            throttle=jnp.asarray(0.6),
            angular_impulse_n_m_s=impulse_nms,
            tick_s=tick_s,
            nozzles_closed=no,
            altimeter_beam=jnp.array(0),
        )
        return allocate(vehicle, center_m, demand)

    (before, none_short, *_), (after, short, *_) = (
        given(jnp.array(last - 2)),
        given(jnp.array(last)),
    )
    assert np.all(before.engine_on)
    assert not np.any(before.thruster_on_s)
    np.testing.assert_array_equal(after.engine_on, [True, False, True, False])
    thrust_n = 1_200.0 * np.sum(np.where(after.engine_on, after.throttle, 0.0))
    lift_n = np.sum(after.thruster_on_s / 0.1 * upload.vehicle.nozzle_force_n[:, 2])
    assert thrust_n + lift_n == pytest.approx(0.6 * 2_400.0, rel=1e-6)
    assert np.any(after.thruster_on_s)
    for each in (none_short, short):
        np.testing.assert_allclose(each.torque_n_m, 0.0, atol=0.05)


def test_what_a_phase_does_not_listen_to_is_as_if_it_had_not_been_read(upload):
    last = len(upload.phases.law) - 2
    good = dataclasses.replace(ALTIMETER.silent(), valid=jnp.array(True))
    beams = dataclasses.replace(VELOCIMETER.silent(), valid=jnp.ones(3, bool))
    readings = {"altimeter.left": good, "altimeter.right": good, "velocimeter": beams}
    sent = {label: Message(each, jnp.array(0.0)) for label, each in readings.items()}
    for phase, right in ((last - 1, True), (last, False)):
        found = heard(upload, jnp.array(phase), sent)
        assert bool(found["altimeter.left"].reading.valid)
        assert bool(found["altimeter.right"].reading.valid) is right
        assert np.all(found["velocimeter"].reading.valid)
    assert set(upload.phases.sensor_used) == {
        *readings,
        "camera",
        "optical_velocity",
        "propellant_gauge",
        "star_tracker",
    }


def test_a_list_that_names_nothing_has_no_tables_of_it(athena_design):
    phases = athena_design.plan.upload.phases
    assert phases.engines is None
    assert phases.sensor_used is None
    assert vehicle_of(athena_design.plan.upload, jnp.array(4)) is athena_design.plan.upload.vehicle


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (LAST, LAST + 'engines = ["e"]\n', "`engines` of the lander (a, b, c, d), but `descent`"),
        (LAST, LAST + 'sensors = ["radar"]\n', "has `radar`"),
        ('name = "coast"\n', 'name = "coast"\nengines = ["a"]\n', "in `coast` it is off"),
    ],
)
def test_a_phase_that_names_what_is_not_there_is_refused(tmp_path, old, new, told):
    with pytest.raises(InputError) as refused:
        mission_of(tmp_path, old, new)
    assert told in str(refused.value)
