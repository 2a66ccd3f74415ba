"""What an engine makes that is on or off: its lags integrated by quadrature, its valve's limits."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from perilune.interfaces import quiet_command
from perilune.truth.actuators.engines import least_thrust_n
from perilune.truth.actuators.pulses import Pulsing, open_time_s
from perilune.truth.dynamics.contact import Held, contact_tick
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from perilune.truth.dynamics.state import not_down, untouched
from validation import bodies, motion

FULL_N, LAG_S, LAG_DOWN_S, TICK_S = 400.0, 0.012, 0.02, 0.1
MASS_KG, LIGHT = 500.0, 1e15


def craft(isp_s=LIGHT, **changes):
    """Half a ton over one engine that pulses, with 20 ms on and 15 ms off at least."""
    pulsing = Pulsing(
        pulses=jnp.array([True]), min_on_s=jnp.array([0.02]), min_off_s=jnp.array([0.015])
    )
    engines = dataclasses.replace(
        bodies.engine(max_thrust_n=FULL_N, min_thrust_n=FULL_N, lag_s=LAG_S),
        lag_down_s=jnp.array([LAG_DOWN_S]),
        specific_impulse_s=jnp.array([isp_s]),
        pulsing=pulsing,
        **changes,
    )
    return dataclasses.replace(motion.body(MASS_KG), engines=engines)


def at(thrust_n=0.0):
    """At rest, a metre from the pole of gravity, with propellant of 10 kg."""
    return dataclasses.replace(
        bodies.at_rest(),
        position_inertial_m=jnp.array([1.0, 0.0, 0.0]),
        tank_kg=jnp.array([10.0, 0.0]),
        thrust_n=jnp.array([thrust_n]),
    )


def ordered(share):
    return dataclasses.replace(
        quiet_command(), engine_on=jnp.array([True]), throttle=jnp.array([share])
    )


def flown(share, state=None, tick_s=TICK_S, vehicle=None):
    vehicle, state = vehicle or craft(), state or at()
    command = ordered(share)
    around = surroundings(vehicle, state, command, jnp.asarray(0.0), jnp.zeros(3))
    return fly_tick(vehicle, around, command, state, jnp.asarray(tick_s))


def thrust_n(t_s, open_s, before_n):
    """Of first-order lags, up and then down."""
    lit_s = min(t_s, open_s)
    risen_n = FULL_N + (before_n - FULL_N) * np.exp(-lit_s / LAG_S)
    return risen_n * np.exp(-max(t_s - open_s, 0.0) / LAG_DOWN_S)


@pytest.mark.parametrize("share", [0.2, 0.37, 0.5, 0.63, 0.85, 1.0])
@pytest.mark.parametrize("before_n", [0.0, 130.0])
def test_velocity_place_and_thrust_are_those_of_the_pulse(share, before_n):
    end, mass_kg = flown(share, at(before_n)), MASS_KG + 10.0
    edges = [share * TICK_S]
    shape = {"args": (share * TICK_S, before_n), "epsabs": 1e-12, "epsrel": 1e-13}
    impulse_n_s = quad(thrust_n, 0.0, TICK_S, points=edges, **shape)[0]
    carried_n_s2 = quad(
        lambda t, *how: (TICK_S - t) * thrust_n(t, *how), 0.0, TICK_S, points=edges, **shape
    )[0]
    assert float(end.velocity_inertial_m_s[2]) == pytest.approx(impulse_n_s / mass_kg, rel=1e-11)
    assert float(end.position_inertial_m[2]) == pytest.approx(carried_n_s2 / mass_kg, rel=1e-11)
    assert float(end.thrust_n[0]) == pytest.approx(thrust_n(TICK_S, *shape["args"]), rel=1e-12)


def test_a_long_tick_has_one_pulse_of_its_share():
    end = flown(0.1, tick_s=2.5)
    risen_n = thrust_n(0.25, 0.25, 0.0)
    impulse_n_s = FULL_N * 0.25 - LAG_S * risen_n + LAG_DOWN_S * risen_n
    found_n_s = float(end.velocity_inertial_m_s[2]) * (MASS_KG + 10.0)
    assert found_n_s == pytest.approx(impulse_n_s, rel=1e-9)


def test_propellant_is_the_impulse_over_the_exhaust_speed():
    burnt_kg = 10.0 - float(flown(0.6, vehicle=craft(isp_s=285.0)).tank_kg[0])
    impulse_n_s = float(flown(0.6).velocity_inertial_m_s[2]) * (MASS_KG + 10.0)
    assert burnt_kg == pytest.approx(impulse_n_s / (285.0 * 9.80665), rel=1e-9)


def test_a_valve_keeps_its_least_times():
    pulsing = craft().engines.pulsing
    asked_s = np.array([0.0, 0.0199, 0.02, 0.05, 0.085, 0.0851, 0.1])
    found_s = [
        float(open_time_s(pulsing, jnp.array([each / TICK_S]), jnp.asarray(TICK_S))[0])
        for each in asked_s
    ]
    np.testing.assert_allclose(found_s, [0.0, 0.0, 0.02, 0.05, 0.085, 0.1, 0.1], rtol=1e-12)


def test_the_least_thrust_is_a_shortest_pulse_in_each_tick():
    assert float(least_thrust_n(craft().engines)[0]) == pytest.approx(0.2 * FULL_N)
    steady = dataclasses.replace(craft().engines, pulsing=None)
    assert float(least_thrust_n(steady)[0]) == FULL_N


def test_a_change_of_the_share_acts_at_the_end_of_its_pulse():
    """Of a change dJ of impulse the place moves on by dJ times what is left of the tick after it.

    Lags of nearly nothing; a thrust that is held has half of the tick left, whatever it is.
    """
    quick = craft(lag_s=jnp.array([1e-5]))
    quick = dataclasses.replace(
        quick, engines=dataclasses.replace(quick.engines, lag_down_s=jnp.array([1e-5]))
    )
    for share in (0.3, 0.5, 0.8):
        less, more = (flown(share + way * 1e-3, vehicle=quick) for way in (-1, 1))
        changed_m_s = float(more.velocity_inertial_m_s[2] - less.velocity_inertial_m_s[2])
        moved_m = float(more.position_inertial_m[2] - less.position_inertial_m[2])
        assert moved_m / changed_m_s == pytest.approx((1.0 - share) * TICK_S, rel=1e-3)


@pytest.mark.parametrize("share", [0.37, 0.8])
def test_over_the_ground_a_pulse_is_the_same(share):
    """Steps h of a millisecond by Euler's rule: its decay after t is off by t h / (2 lag^2), and
    begins a step early or late."""
    vehicle, state, command = craft(), at(), ordered(share)
    around = surroundings(vehicle, state, command, jnp.asarray(0.0), jnp.zeros(3))
    ground = bodies.spread(bodies.plane(-1e4), vehicle)
    moving = (state, untouched(vehicle.contact), not_down(state))
    (end, _, _), _ = contact_tick(
        vehicle, Held(around, ground, command), moving, jnp.asarray(TICK_S)
    )
    free = flown(share)
    found = float(end.velocity_inertial_m_s[2] / free.velocity_inertial_m_s[2])
    assert found == pytest.approx(1.0, abs=0.03)
    off = 1e-3 / LAG_DOWN_S * (1.0 + 0.5 * (1.0 - share) * TICK_S / LAG_DOWN_S)
    assert float(end.thrust_n[0]) == pytest.approx(float(free.thrust_n[0]), rel=1.1 * off)
