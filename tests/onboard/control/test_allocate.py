"""What is ordered makes the torque asked for, by truth's own engine and nozzles."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.mechanics.mass_properties import mass_properties
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.truth.actuators.engines import engine_wrench
from perilune.truth.actuators.nozzles import mean_jets

TICK_S, COAST_TICK_S = 0.1, 2.5
BEAM = jnp.array(0)
YES, NO = jnp.array(True), jnp.array(False)


@pytest.fixture(scope="module")
def truth(athena_design):
    """The real vehicle, and its mass properties when full."""
    plan = athena_design.plan
    return plan.vehicle, mass_properties(plan.vehicle.mass, plan.start.tank_kg)


@pytest.fixture(scope="module")
def ordered(upload):
    """(torque asked, engine on, quiet, tick, throttle) → command and shortfall, tanks full."""
    center_m = vehicle_now(upload.vehicle, upload.vehicle.full_mass_kg).center_body_m

    @jax.jit
    def order(torque_nm, engine_on, quiet, tick_s, throttle):
        demand = Demand(
            engine_on=engine_on,
            throttle=throttle,
            angular_impulse_n_m_s=torque_nm * tick_s,
            tick_s=tick_s,
            nozzles_closed=quiet,
            altimeter_beam=BEAM,
        )
        return allocate(upload.vehicle, center_m, demand)

    return lambda torque_nm, engine_on=YES, quiet=NO, tick_s=TICK_S, throttle=0.5: order(
        jnp.asarray(torque_nm), engine_on, quiet, jnp.asarray(tick_s), jnp.asarray(throttle)
    )


@pytest.fixture(scope="module")
def orders(ordered):
    """The same, the command alone."""
    return lambda *arguments, **more: ordered(*arguments, **more)[0]


def made(truth, command, tick_s=TICK_S):
    """The torque that truth makes of a command, engine settled, mean over the tick."""
    vehicle, mass = truth
    thrust_n = command.throttle * vehicle.engines.max_thrust_n
    _, main_nm = engine_wrench(vehicle.engines, thrust_n, command.gimbal_rad, mass.center_body_m)
    jets = mean_jets(vehicle.nozzles, command.thruster_on_s / tick_s, mass.center_body_m)
    return np.asarray(main_nm + jets.torque_body_n_m)


@pytest.mark.parametrize("torque_nm", [(60.0, 0.0, 0.0), (0.0, -45.0, 0.0), (30.0, 20.0, 9.0)])
def test_burning_it_gives_the_torque_asked_for(truth, orders, torque_nm):
    """To the cube of the gimbal's angle: 2e-4 at two degrees."""
    np.testing.assert_allclose(made(truth, orders(torque_nm)), torque_nm, rtol=1e-3, atol=0.02)


@pytest.mark.parametrize("torque_nm", [(9.0, 0.0, 0.0), (0.0, -12.0, 0.0), (0.0, 0.0, 8.0)])
def test_coasting_the_nozzles_give_the_torque_asked_for(athena_design, truth, orders, torque_nm):
    """On a long tick, where no share is below the least pulse.

    Their arms are believed as with empty tanks, which full ones change by 2 %.
    """
    command, plan = orders(torque_nm, NO, NO, COAST_TICK_S), athena_design.plan
    empty = mass_properties(plan.vehicle.mass, plan.start.tank_kg * jnp.array([0.0, 0.0, 1.0]))
    exact, full = (made(each, command, COAST_TICK_S) for each in ((truth[0], empty), truth))
    np.testing.assert_allclose(exact, torque_nm, atol=1e-9)
    np.testing.assert_allclose(full, torque_nm, rtol=0.02, atol=1e-9)
    assert not np.any(command.gimbal_rad)


def test_coasting_no_two_opposed_nozzles_fire_together(truth, orders):
    fired = np.asarray(orders((9.0, -6.0, 4.0), NO).thruster_on_s) > 0.0
    direction = np.asarray(truth[0].nozzles.direction_body)
    place = np.asarray(truth[0].nozzles.position_body_m)
    for one in np.flatnonzero(fired):
        beside = fired & np.all(place == place[one], axis=-1)
        assert not np.any(direction[beside] @ direction[one] < -0.5)


@given(torque_nm=st.tuples(*[st.floats(-1e5, 1e5)] * 3))
def test_no_order_passes_what_an_actuator_can_do(upload, orders, torque_nm):
    command = orders(torque_nm)
    pulse_s = np.asarray(command.thruster_on_s)
    assert np.all(np.abs(command.gimbal_rad) <= float(upload.vehicle.gimbal_limit_rad[0]))
    assert np.all(pulse_s <= TICK_S)
    assert np.all((pulse_s == 0.0) | (pulse_s >= np.asarray(upload.vehicle.min_pulse_s)))


def test_a_pulse_too_short_is_left_out_and_quiet_means_quiet(orders):
    assert not np.any(orders((0.05, 0.0, 0.0), NO).thruster_on_s)
    assert np.any(orders((9.0, 0.0, 0.0), NO).thruster_on_s)
    assert not np.any(orders((9.0, 0.0, 0.0), NO, YES).thruster_on_s)


@given(throttle=st.floats(0.0, 1e4))
def test_the_throttle_never_leaves_floor_to_full(upload, orders, throttle):
    vehicle = upload.vehicle
    on = float(orders((0.0, 0.0, 0.0), throttle=throttle).throttle[0])
    assert float(vehicle.min_thrust_n / vehicle.max_thrust_n) <= on <= 1.0
    assert float(orders((0.0, 0.0, 0.0), NO, throttle=throttle).throttle[0]) == 0.0


@pytest.mark.parametrize(
    ("throttle", "torque_nm", "force_short_n", "torque_short_nm"),
    [
        (0.5, (60.0, -45.0, 9.0), 0.0, (0.0, 0.0, 0.0)),
        (1.25, (0.0, 0.0, 0.0), 1000.0, (0.0, 0.0, 0.0)),
        (0.05, (0.0, 0.0, 0.0), -800.0, (0.0, 0.0, 0.0)),
    ],
    ids=["all had", "over full", "under the floor"],
)
def test_what_cannot_be_had_is_said(ordered, throttle, torque_nm, force_short_n, torque_short_nm):
    _, short, *_ = ordered(torque_nm, throttle=throttle)
    assert float(short.force_n) == pytest.approx(force_short_n, abs=1e-9)
    np.testing.assert_allclose(short.torque_n_m, torque_short_nm, atol=1e-9)


@pytest.fixture(scope="module")
def gimbal_most_nm(upload):
    """What the gimbal makes at its limit about a level axis, at half of full thrust."""
    vehicle, thrust_n = upload.vehicle, 2000.0
    arm_m = float(vehicle.full_center_body_m[2] - vehicle.engine_position_body_m[0, 2])
    return thrust_n * arm_m * float(vehicle.gimbal_limit_rad[0])


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_nozzles_make_what_the_gimbal_leaves_at_its_limit(
    truth, upload, ordered, gimbal_most_nm, side
):
    """Truth makes it to the cube of the gimbal's angle, 2e-3 at six degrees, and as above."""
    wanted_nm = (side * (gimbal_most_nm + 16.0), 0.0, 0.0)
    command, short, *_ = ordered(wanted_nm)
    assert abs(float(command.gimbal_rad[0, 0])) == float(upload.vehicle.gimbal_limit_rad[0])
    assert np.any(np.asarray(command.thruster_on_s))
    np.testing.assert_allclose(short.torque_n_m, 0.0, atol=1e-9)
    np.testing.assert_allclose(made(truth, command), wanted_nm, rtol=3e-3, atol=0.02)


def test_a_torque_beyond_the_gimbal_and_the_nozzles_is_said_to_be_short(ordered, gimbal_most_nm):
    """The nozzles keep the direction of what is left to them."""
    command, short, *_ = ordered((1e4, 0.0, 1e3))
    left_nm = np.array([1e4 - gimbal_most_nm, 0.0, 1e3])
    made_fraction = 1.0 - np.asarray(short.torque_n_m)[[0, 2]] / left_nm[[0, 2]]
    assert float(np.max(command.thruster_on_s)) == pytest.approx(TICK_S)
    assert 0.0 < made_fraction[0] < 0.01
    assert made_fraction[1] == pytest.approx(made_fraction[0], rel=1e-6)


@pytest.mark.parametrize("filled", [1.0, 0.0])
def test_the_believed_vehicle_is_the_true_one_with_full_and_with_empty_tanks(
    athena_design, upload, filled
):
    plan = athena_design.plan
    left_kg = plan.start.tank_kg * jnp.array([filled, filled, 1.0])
    true = mass_properties(plan.vehicle.mass, left_kg)
    now = vehicle_now(upload.vehicle, true.mass_kg)
    np.testing.assert_allclose(now.inertia_kg_m2, true.inertia_kg_m2, rtol=1e-9)
    np.testing.assert_allclose(now.center_body_m, true.center_body_m, rtol=1e-9)


def test_half_full_the_believed_inertia_is_near_the_true_one(athena_design, upload):
    """The straight line between full and empty; the torque loop feels what it is off by."""
    plan = athena_design.plan
    true = mass_properties(plan.vehicle.mass, plan.start.tank_kg * jnp.array([0.5, 0.5, 1.0]))
    now = vehicle_now(upload.vehicle, true.mass_kg)
    np.testing.assert_allclose(now.inertia_kg_m2, true.inertia_kg_m2, rtol=0.05)


def test_a_heavier_belief_than_full_is_held_at_full(upload):
    heavy = dataclasses.replace(upload.vehicle, full_mass_kg=0.9 * upload.vehicle.full_mass_kg)
    now = vehicle_now(heavy, upload.vehicle.full_mass_kg)
    np.testing.assert_array_equal(now.inertia_kg_m2, heavy.full_inertia_kg_m2)
