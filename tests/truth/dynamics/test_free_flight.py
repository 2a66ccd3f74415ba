import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.interfaces import quiet_command
from perilune.mechanics.constants import STANDARD_GRAVITY_M_S2
from perilune.mechanics.rotation import rotate
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from validation import bodies, motion
from validation.bodies import at_rest

TICK_S = 0.1
EXHAUST_M_S = 320.0 * STANDARD_GRAVITY_M_S2


def with_jets(count=1):
    """Like nozzles of 10 N, Isp 165 s, pushing along +x at the centre of mass."""
    places, directions = np.zeros((count, 3)), np.tile([1.0, 0.0, 0.0], (count, 1))
    jets = bodies.nozzles(10.0, 0.02, places, directions)
    return dataclasses.replace(motion.body(), nozzles=jets)


@functools.partial(jax.jit, static_argnums=3)
def fly(state, command, vehicle, ticks):
    """States at the end of each tick in free space."""

    def tick(now, _):
        around = surroundings(vehicle, now, command, jnp.asarray(0.0), jnp.zeros(3))
        after = fly_tick(vehicle, around, command, now, jnp.asarray(TICK_S))
        return after, after

    return jax.lax.scan(tick, state, None, ticks)[1]


def burning(throttle, nozzle_count=0):
    return dataclasses.replace(
        quiet_command(1, nozzle_count),
        engine_on=jnp.array([True]),
        throttle=jnp.asarray([throttle], float),
    )


def pulsing(*on_s):
    return dataclasses.replace(quiet_command(1, len(on_s)), thruster_on_s=jnp.asarray(on_s))


def loaded(propellant_kg, cold_gas_kg=0.0, **changes):
    tank_kg = jnp.asarray([propellant_kg, cold_gas_kg], float)
    return dataclasses.replace(at_rest(), tank_kg=tank_kg, **changes)


@pytest.mark.parametrize("factor", [1.0, 0.55, 0.1])
def test_an_engine_that_makes_less_takes_as_much_propellant(factor):
    """Once the lag is over: the thrust by the factor, the flow that of the whole engine."""
    whole = burning(1.0)
    struck = dataclasses.replace(whole, thrust_factor=jnp.array([factor]))
    before, after = (fly(loaded(500.0), each, motion.body(), 40) for each in (whole, struck))
    np.testing.assert_allclose(after.thrust_n[-1], factor * before.thrust_n[-1], rtol=1e-12)
    burnt_kg = [float(each.tank_kg[-21, 0] - each.tank_kg[-1, 0]) for each in (before, after)]
    assert burnt_kg[1] == pytest.approx(burnt_kg[0], rel=1e-9)


@pytest.mark.parametrize("ticks", [3, 12])
def test_an_engine_with_a_slow_valve_rises_and_falls_with_the_factor_of_its_lag(ticks):
    slow = dataclasses.replace(burning(1.0), lag_factor=jnp.array([3.0]))
    lit = fly(loaded(500.0), slow, motion.body(), ticks)
    left = np.exp(-ticks * TICK_S / (3.0 * 0.15))
    assert float(lit.thrust_n[-1, 0]) == pytest.approx(4000.0 * (1.0 - left), rel=1e-9)
    off = dataclasses.replace(slow, engine_on=jnp.array([False]))
    hot = loaded(500.0, thrust_n=jnp.array([4000.0]))
    out = fly(hot, off, motion.body(), ticks)
    assert float(out.thrust_n[-1, 0]) == pytest.approx(4000.0 * left, rel=1e-9)


def test_the_engine_follows_its_lag_as_an_exponential():
    states = fly(loaded(500.0), burning(1.0), motion.body(), 10)
    times_s = TICK_S * np.arange(1, 11)
    local_error = (0.02 / 0.15) ** 5 / 120.0  # of a Runge-Kutta substep
    np.testing.assert_allclose(
        states.thrust_n[:, 0],
        4000.0 * (1 - np.exp(-times_s / 0.15)),
        rtol=0.0,
        atol=4e4 * local_error,
    )


def test_the_gimbal_stops_at_its_limit():
    command = dataclasses.replace(burning(1.0), gimbal_rad=jnp.array([[0.5, -0.5]]))
    states = fly(loaded(500.0), command, motion.body(), 20)
    np.testing.assert_allclose(states.gimbal_rad[-1, 0], [0.1, -0.1], rtol=1e-6)


def test_a_dry_tank_ends_the_thrust_within_a_tick_and_the_lag():
    states = fly(loaded(1.0, thrust_n=jnp.array([4000.0])), burning(1.0), motion.body(), 40)
    dry = int(np.argmax(np.asarray(states.propellant_kg) <= 0.0))
    assert dry == int(1.0 / (4000.0 / EXHAUST_M_S) / TICK_S)
    speed_m_s = np.asarray(states.velocity_inertial_m_s[:, 2])
    unpaid_m_s = speed_m_s[-1] - EXHAUST_M_S * np.log(1001.0 / 1000.0)
    assert 0.0 < unpaid_m_s < 4000.0 * (TICK_S + 0.15) / 1000.0
    assert float(states.thrust_n[-1, 0]) < 1e-3


@pytest.mark.parametrize("pulse_s", [0.02, 0.021, 0.033, 0.1, 0.2])
def test_a_thruster_s_impulse_is_exact_from_its_least_pulse_on(pulse_s):
    state = fly(loaded(0.0, 10.0), pulsing(pulse_s), with_jets(), 1)
    impulse_ns = 10.0 * min(pulse_s, TICK_S)
    assert float(state.velocity_inertial_m_s[0, 0]) == pytest.approx(impulse_ns / 1010.0, rel=1e-6)
    used_kg = 10.0 - float(state.cold_gas_kg[0])
    assert used_kg == pytest.approx(impulse_ns / (165.0 * STANDARD_GRAVITY_M_S2), rel=1e-10)


def test_a_pulse_under_the_least_does_not_open_the_valve():
    states = fly(loaded(0.0, 10.0), pulsing(0.0199, 0.0199), with_jets(2), 1)
    assert float(jnp.max(jnp.abs(states.velocity_inertial_m_s))) == 0.0
    assert float(states.cold_gas_kg[0]) == 10.0


def test_a_thruster_without_gas_does_nothing():
    states = fly(loaded(0.0), pulsing(0.1, 0.1), with_jets(2), 2)
    assert float(jnp.max(jnp.abs(states.velocity_inertial_m_s))) == 0.0


@settings(max_examples=20)
@given(
    propellant_kg=st.floats(0.0, 3.0),
    throttle=st.floats(0.0, 1.5),
    pulse_s=st.floats(0.0, 0.2),
    gas_kg=st.floats(0.0, 0.01),
)
def test_propellant_and_gas_are_never_created_and_never_below_empty(
    propellant_kg, throttle, pulse_s, gas_kg
):
    command = dataclasses.replace(burning(throttle, 16), thruster_on_s=jnp.full(16, pulse_s))
    start = loaded(propellant_kg, gas_kg)
    states = fly(start, command, with_jets(16), 40)
    for tank_kg, first_kg in (
        (states.propellant_kg, propellant_kg),
        (states.cold_gas_kg, gas_kg),
    ):
        levels_kg = np.array([first_kg, *np.asarray(tank_kg)])
        assert np.all(np.diff(levels_kg) <= 0.0)
        assert levels_kg[-1] >= 0.0


def test_a_tumbling_body_keeps_momentum_and_energy():
    inertia = np.array([500.0, 800.0, 1000.0])
    start = dataclasses.replace(at_rest(), rate_body_rad_s=jnp.array([0.2, 0.15, 0.25]))
    states = fly(start, quiet_command(), motion.body(inertia_kg_m2=inertia), 600)
    rate = np.asarray(states.rate_body_rad_s)
    momentum = np.asarray(rotate(states.inertial_from_body, jnp.asarray(inertia * rate)))
    energy_j = 0.5 * np.sum(inertia * rate**2, axis=1)
    np.testing.assert_allclose(momentum, np.tile(inertia * [0.2, 0.15, 0.25], (600, 1)), rtol=1e-9)
    np.testing.assert_allclose(energy_j, energy_j[0], rtol=1e-10)


def test_the_sensed_increments_are_thrust_over_mass_and_the_turn_of_one_tick():
    start = loaded(500.0, thrust_n=jnp.array([4000.0]), rate_body_rad_s=jnp.array([0.0, 0.0, 0.2]))
    states = fly(start, burning(1.0), motion.body(), 3)
    used_kg = 500.0 - float(states.propellant_kg[0])
    gained_m_s = EXHAUST_M_S * np.log(1500.0 / (1500.0 - used_kg))
    np.testing.assert_allclose(states.sensed_velocity_body_m_s[0, 2], gained_m_s, rtol=1e-11)
    np.testing.assert_allclose(states.sensed_rotation_body_rad[:, 2], 0.02, rtol=1e-12)


def test_a_long_tick_with_the_engine_off_is_calm():
    start = loaded(500.0, thrust_n=jnp.array([100.0]), rate_body_rad_s=jnp.array([0.01, 0.0, 0.0]))
    command = quiet_command()
    around = surroundings(motion.body(), start, command, jnp.asarray(0.0), jnp.zeros(3))
    after = fly_tick(motion.body(), around, command, start, jnp.asarray(5.0))
    assert 0.0 <= float(after.thrust_n[0]) < 5.0
    assert float(after.sensed_rotation_body_rad[0]) == pytest.approx(0.05)
