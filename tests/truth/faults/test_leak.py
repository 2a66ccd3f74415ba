"""Propellant that leaks leaves the tanks by what they hold and pushes the lander."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces import quiet_command
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from perilune.truth.faults.leak import leaking
from perilune.truth.faults.onset import nothing_yet
from tests.truth.dynamics.test_free_flight import TICK_S, loaded
from tests.truth.faults.test_faults import fault
from tests.truth.faults.test_faults import now as moment
from validation import motion

LEAK = {
    "leak_kg_s": 2.0,
    "leak_speed_m_s": 50.0,
    "leak_direction": jnp.array([0.0, 1.0, 0.0]),
    "leak_place_m": jnp.array([0.0, 0.8, 3.0]),
}


def leaked(state, *faults):
    """The state after a second of leaks, in free space with everything off."""
    body, kept = motion.body(), nothing_yet(faults)

    def tick(now, _):
        leak, _ = leaking(faults, kept, moment(1.0), now.tank_kg, jnp.zeros(3))
        around = surroundings(body, now, quiet_command(1, 0), jnp.asarray(0.0), jnp.zeros(3), leak)
        return fly_tick(body, around, quiet_command(1, 0), now, jnp.asarray(TICK_S)), None

    return jax.lax.scan(tick, state, None, 10)[0]


def test_a_leak_takes_its_flow_and_pushes_the_lander_by_the_rocket_equation():
    """One second of 2 kg/s at 50 m/s along +y, from two leaks of which each is half."""
    half = {**LEAK, "leak_kg_s": 1.0}
    after = leaked(loaded(500.0, 5.0), fault(**half), fault(**half))
    assert float(after.propellant_kg) == pytest.approx(498.0, rel=1e-12)
    assert float(after.cold_gas_kg) == 5.0
    mass_kg = float(motion.body().mass.dry_kg) + 505.0
    gained_m_s = float(after.sensed_velocity_body_m_s[1]) * 10
    ideal_m_s = -50.0 * np.log(mass_kg / (mass_kg - 2.0))
    assert gained_m_s == pytest.approx(ideal_m_s, rel=1e-2)
    assert float(after.rate_body_rad_s[0]) > 0.0  # a push to -y, 3 m over the centre of mass


def test_a_leak_ends_with_the_propellant_and_is_none_before_it_begins():
    dry = leaked(loaded(1.0, 5.0), fault(**LEAK))
    assert 0.0 <= float(dry.propellant_kg) < 1e-9
    whole = leaked(loaded(500.0, 5.0), fault(**LEAK, after_s=2.0))
    assert float(whole.propellant_kg) == 500.0
    assert leaking((), nothing_yet(()), moment(1.0), jnp.ones(2), jnp.zeros(3))[0] is None


def test_tanks_lose_by_what_they_hold_and_cold_gas_stays():
    faults = (fault(**LEAK),)
    held_kg = jnp.array([300.0, 100.0, 7.0])
    leak, _ = leaking(faults, nothing_yet(faults), moment(1.0), held_kg, jnp.zeros(3))
    np.testing.assert_allclose(leak.tank_flow_kg_s, [1.5, 0.5, 0.0], rtol=1e-15)
    np.testing.assert_allclose(leak.force_body_n, [0.0, -100.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(leak.torque_body_n_m, [300.0, 0.0, 0.0], atol=1e-12)
