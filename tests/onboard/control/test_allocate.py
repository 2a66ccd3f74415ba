"""What is ordered makes the torque asked for, by truth's own engine and nozzles."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perilune.truth.vehicle.propulsion import engine_wrench, thruster_wrench

from perilune.onboard.control.allocate import allocate, engine_command, vehicle_now
from perilune.truth.vehicle.mass_properties import mass_properties

TICK_S, COAST_TICK_S = 0.1, 2.5
BEAM = jnp.array(0)
YES, NO = jnp.array(True), jnp.array(False)


@pytest.fixture(scope="module")
def truth(athena_design):
    """The real vehicle, and its mass properties when full."""
    plan = athena_design.plan
    full = mass_properties(plan.vehicle.mass, plan.start.propellant_kg, plan.start.cold_gas_kg)
    return plan.vehicle, full


@pytest.fixture(scope="module")
def orders(upload):
    """(torque asked, engine on, quiet, tick) → the command, throttle 0.5, tanks full."""
    _, arm_m = vehicle_now(upload.vehicle, upload.vehicle.full_mass_kg)

    @jax.jit
    def order(torque_nm, engine_on, quiet, tick_s):
        burn = (engine_on, jnp.where(engine_on, 0.5, 0.0), arm_m)
        return allocate(upload.vehicle, torque_nm * tick_s, burn, (tick_s, quiet), BEAM)

    return lambda torque_nm, engine_on=YES, quiet=NO, tick_s=TICK_S: order(
        jnp.asarray(torque_nm), engine_on, quiet, tick_s
    )


def made(truth, command, tick_s=TICK_S):
    """The torque that truth makes of a command, engine settled, mean over the tick."""
    vehicle, mass = truth
    thrust_n = command.throttle * vehicle.engine.max_thrust_n
    _, main_nm = engine_wrench(vehicle.engine, thrust_n, command.gimbal_rad, mass.center_body_m)
    _, gas_nm, _ = thruster_wrench(
        vehicle.thrusters, command.thruster_on_s / tick_s, mass.center_body_m
    )
    return np.asarray(main_nm + gas_nm)


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
    empty = mass_properties(plan.vehicle.mass, jnp.array(0.0), plan.start.cold_gas_kg)
    exact, full = (made(each, command, COAST_TICK_S) for each in ((truth[0], empty), truth))
    np.testing.assert_allclose(exact, torque_nm, atol=1e-9)
    np.testing.assert_allclose(full, torque_nm, rtol=0.02, atol=1e-9)
    assert not np.any(command.gimbal_rad)


def test_coasting_no_two_opposed_nozzles_fire_together(truth, orders):
    fired = np.asarray(orders((9.0, -6.0, 4.0), NO).thruster_on_s) > 0.0
    direction = np.asarray(truth[0].thrusters.direction_body)
    place = np.asarray(truth[0].thrusters.position_body_m)
    for one in np.flatnonzero(fired):
        beside = fired & np.all(place == place[one], axis=-1)
        assert not np.any(direction[beside] @ direction[one] < -0.5)


@given(torque_nm=st.tuples(*[st.floats(-1e5, 1e5)] * 3))
def test_no_order_passes_what_an_actuator_can_do(upload, orders, torque_nm):
    command = orders(torque_nm)
    pulse_s = np.asarray(command.thruster_on_s)
    assert np.all(np.abs(command.gimbal_rad) <= float(upload.vehicle.gimbal_limit_rad))
    assert np.all(pulse_s <= TICK_S)
    assert np.all((pulse_s == 0.0) | (pulse_s >= float(upload.vehicle.min_pulse_s)))


def test_a_pulse_too_short_is_left_out_and_quiet_means_quiet(orders):
    assert not np.any(orders((0.05, 0.0, 0.0), NO).thruster_on_s)
    assert np.any(orders((9.0, 0.0, 0.0), NO).thruster_on_s)
    assert not np.any(orders((9.0, 0.0, 0.0), NO, YES).thruster_on_s)


@given(acceleration_m_s2=st.floats(0.0, 1e4), mass_kg=st.floats(700.0, 2_200.0))
def test_the_throttle_never_leaves_floor_to_full(upload, acceleration_m_s2, mass_kg):
    vehicle = upload.vehicle
    on = float(engine_command(vehicle, acceleration_m_s2, mass_kg, YES))
    assert float(vehicle.min_thrust_n / vehicle.max_thrust_n) <= on <= 1.0
    assert float(engine_command(vehicle, acceleration_m_s2, mass_kg, NO)) == 0.0


def test_between_floor_and_full_throttle_gives_the_acceleration_asked_for(upload):
    throttle = float(engine_command(upload.vehicle, 2.0, 1_200.0, YES))
    assert throttle * float(upload.vehicle.max_thrust_n) == pytest.approx(2_400.0)


@pytest.mark.parametrize("filled", [1.0, 0.0])
def test_the_believed_vehicle_is_the_true_one_with_full_and_with_empty_tanks(
    athena_design, upload, filled
):
    plan = athena_design.plan
    left_kg = filled * plan.start.propellant_kg
    true = mass_properties(plan.vehicle.mass, left_kg, plan.start.cold_gas_kg)
    inertia, arm_m = vehicle_now(upload.vehicle, true.mass_kg)
    np.testing.assert_allclose(inertia, true.inertia_kg_m2, rtol=1e-9)
    pivot_m = plan.vehicle.engine.pivot_height_m
    assert float(arm_m) == pytest.approx(float(true.center_body_m[2] - pivot_m), rel=1e-9)


def test_half_full_the_believed_inertia_is_near_the_true_one(athena_design, upload):
    """The straight line between full and empty; the torque loop feels what it is off by."""
    plan = athena_design.plan
    true = mass_properties(
        plan.vehicle.mass, 0.5 * plan.start.propellant_kg, plan.start.cold_gas_kg
    )
    inertia, _ = vehicle_now(upload.vehicle, true.mass_kg)
    np.testing.assert_allclose(inertia, true.inertia_kg_m2, rtol=0.05)


def test_a_heavier_belief_than_full_is_held_at_full(upload):
    heavy = dataclasses.replace(upload.vehicle, full_mass_kg=0.9 * upload.vehicle.full_mass_kg)
    inertia, _ = vehicle_now(heavy, upload.vehicle.full_mass_kg)
    np.testing.assert_array_equal(inertia, heavy.full_inertia_kg_m2)
