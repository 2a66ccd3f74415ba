"""A slow gimbal takes a standing torque off the nozzles, at the rate of its drive."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.engine_axes import engine_axes
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from validation.bodies import engine

TICK_S, RATE_RAD_S = 0.1, 0.0035


@pytest.fixture(scope="module")
def slow(upload):
    """Athena's lander with a slow drive: the nozzles turn it about all axes."""
    return dataclasses.replace(
        upload.vehicle,
        engine_axis_factor=jnp.zeros(3),
        gimbal_rate_rad_s=jnp.array([RATE_RAD_S]),
    )


def demanded(torque_nm, before_rad, unfired=(0.0, 0.0, 0.0), burning=True):
    """A torque in one tick of half throttle or of a coast, after what the last one left."""
    return Demand(
        engine_on=jnp.array(burning),
        throttle=jnp.array(0.5),
        angular_impulse_n_m_s=torque_nm * TICK_S,
        tick_s=jnp.array(TICK_S),
        nozzles_closed=jnp.array(False),
        altimeter_beam=jnp.array(0),
        gimbal_before_rad=before_rad,
        unfired_n_m_s=jnp.asarray(unfired),
    )


def ticks(vehicle, torque_nm, count):
    """(gimbal angles, torque missing, what the nozzles are open), tick by tick."""
    center_m = vehicle_now(vehicle, vehicle.full_mass_kg).center_body_m

    def tick(before_rad, _):
        command, short, *_ = allocate(vehicle, center_m, demanded(torque_nm, before_rad))
        return command.gimbal_rad, (command.gimbal_rad, short.torque_n_m, command.thruster_on_s)

    _, rows = jax.lax.scan(tick, jnp.zeros((1, 2)), None, count)
    return [np.asarray(each) for each in rows]


def test_the_torque_is_whole_in_every_tick_and_goes_from_the_nozzles_to_the_gimbal(slow):
    angles_rad, missing_nm, open_s = ticks(slow, jnp.array([12.0, -5.0, 0.0]), 200)
    np.testing.assert_allclose(missing_nm, 0.0, atol=1e-6)
    assert np.sum(open_s[0]) > 0.01
    np.testing.assert_allclose(open_s[-1], 0.0, atol=1e-9)
    assert np.max(np.abs(np.diff(angles_rad, axis=0))) <= RATE_RAD_S * TICK_S * (1.0 + 1e-9)
    assert np.all(np.abs(angles_rad[-1]) > 0.0)


def test_roll_stays_with_the_nozzles(slow):
    _, missing_nm, open_s = ticks(slow, jnp.array([0.0, 0.0, 6.0]), 50)
    np.testing.assert_allclose(missing_nm, 0.0, atol=1e-6)
    np.testing.assert_allclose(open_s[-1], open_s[0], rtol=1e-9)


def test_by_the_design_an_engine_with_a_slow_drive_turns_no_axis():
    center_m, nozzles_nm = np.array([0.0, 0.0, 1.75]), np.full(3, 20.0)
    assert engine_axes(engine(), center_m, nozzles_nm)[0].tolist() == [1.0, 1.0, 0.0]
    driven = dataclasses.replace(engine(), gimbal_rate_rad_s=jnp.array([RATE_RAD_S]))
    assert engine_axes(driven, center_m, nozzles_nm)[0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("of", ["a slow drive", "a quick one"])
def test_a_torque_too_small_for_a_pulse_is_made_in_the_mean(slow, upload, of):
    """What the shortest pulse leaves out is kept for the next tick, so that nothing is lost."""
    vehicle = slow if of == "a slow drive" else upload.vehicle
    center_m = vehicle_now(vehicle, vehicle.full_mass_kg).center_body_m
    wanted_nm = jnp.array([0.0, 0.0, 0.9])

    def tick(unfired, _):
        demand = demanded(wanted_nm, jnp.zeros((1, 2)), unfired)
        command, short, _, left, _ = allocate(vehicle, center_m, demand)
        fired = jnp.sum(command.thruster_on_s[:, None] * vehicle.nozzle_torque_n_m, axis=0)
        return left, (command.thruster_on_s, fired, short.torque_n_m)

    left, (open_s, fired, short_nm) = jax.lax.scan(tick, jnp.zeros(3), None, 400)
    np.testing.assert_allclose(short_nm, 0.0, atol=1e-9)  # what is carried over is none
    shut = np.all(np.asarray(open_s) == 0.0, axis=1)
    assert 0.5 < np.mean(shut) < 1.0
    whole = np.sum(np.asarray(fired), axis=0) + np.asarray(left)
    np.testing.assert_allclose(whole, 400 * TICK_S * np.asarray(wanted_nm), atol=1e-9)


def test_in_a_coast_a_torque_too_small_for_a_pulse_is_dropped(upload):
    vehicle = upload.vehicle
    center_m = vehicle_now(vehicle, vehicle.full_mass_kg).center_body_m
    demand = demanded(jnp.array([0.0, 0.0, 0.9]), jnp.zeros((1, 2)), burning=False)
    command, _, _, left, _ = allocate(vehicle, center_m, demand)
    assert not np.any(command.thruster_on_s)
    assert not np.any(left)
