"""What a thrust that follows its lag does in steps of any length, against closed forms.

An engine that goes from T0 to T1 with the lag L has, after t, given the impulse
T1 t + (T0 - T1) L (1 - e) and carried a mass m by (T1 t^2 / 2 + (T0 - T1) L (t - L (1 - e))) / m,
with e = exp(-t / L).
"""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.interfaces import quiet_command
from perilune.mechanics.constants import STANDARD_GRAVITY_M_S2
from perilune.mechanics.integration import SHORT, rk4_decay
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from validation import bodies, motion

MASS_KG, LAG_S, LAG_DOWN_S, FULL_N = 1000.0, 0.15, 0.4, 4000.0
EXHAUST_M_S = 320.0 * STANDARD_GRAVITY_M_S2
STEPS_PER_LAG = (0.01, 0.05, 0.0999, 0.1001, 0.33, 1.0, 3.0, 8.0, 30.0, 100.0)
LIGHT = 1e15  # specific impulse, s, of propellant that weighs nothing


def craft(isp_s=320.0, **changes):
    """A thousand kilograms over one engine that dies away more slowly than it rises."""
    own = {"lag_down_s": jnp.array([LAG_DOWN_S]), "specific_impulse_s": jnp.array([isp_s])}
    engines = dataclasses.replace(bodies.engine(lag_s=LAG_S), **(own | changes))
    return dataclasses.replace(motion.body(MASS_KG), engines=engines)


def ordered(throttle):
    """Throttle, none of which is an engine that is off."""
    return dataclasses.replace(
        quiet_command(), engine_on=jnp.array([throttle > 0.0]), throttle=jnp.array([throttle])
    )


def started(thrust_n, **changes):
    """At rest with 500 kg of propellant, a metre from the pole of gravity and at no height."""
    return dataclasses.replace(
        bodies.at_rest(),
        position_inertial_m=jnp.array([1.0, 0.0, 0.0]),
        tank_kg=jnp.array([500.0, 0.0]),
        thrust_n=jnp.array([thrust_n]),
        **changes,
    )


@functools.partial(jax.jit, static_argnames="tick_count")
def flown(vehicle, state, command, tick_s, tick_count=1):
    """The state after ticks in free space, two steps each."""

    def tick(now, _):
        around = surroundings(vehicle, now, command, jnp.asarray(0.0), jnp.zeros(3))
        return fly_tick(vehicle, around, command, now, tick_s), None

    return jax.lax.scan(tick, state, None, tick_count)[0]


def closed_form(first_n, last_n, lag_s, t_s):
    """Impulse, N s, and its integral, N s^2."""
    gone = -np.expm1(-t_s / lag_s)
    impulse_n_s = last_n * t_s + (first_n - last_n) * lag_s * gone
    # the second integral loses digits in short times: here with forty
    with mpmath.workdps(40):
        lag, t = mpmath.mpf(float(lag_s)), mpmath.mpf(float(t_s))
        tail = lag * (t - lag * (1 - mpmath.exp(-t / lag)))
        carried = last_n * t**2 / 2 + (first_n - last_n) * tail
    return impulse_n_s, float(carried)


@functools.cache
def exact_phi(x):
    """phi1 and phi2 of a decay by x."""
    with mpmath.workdps(40):
        once = -mpmath.expm1(-mpmath.mpf(x)) / x
        return float(once), float((1 - once) / x)


CHANGES = ((263.0, 0.0, LAG_DOWN_S), (4000.0, 0.25, LAG_DOWN_S), (0.0, 1.0, LAG_S))
"""Thrust at first, N, throttle ordered, and the lag that the change of thrust follows."""


@pytest.mark.parametrize("steps_per_lag", STEPS_PER_LAG)
@pytest.mark.parametrize(("first_n", "throttle", "lag_s"), CHANGES)
def test_velocity_and_place_have_the_closed_form_in_steps_of_any_length(
    first_n, throttle, lag_s, steps_per_lag
):
    tick_s = 2.0 * steps_per_lag * lag_s
    end = flown(craft(LIGHT), started(first_n), ordered(throttle), tick_s)
    impulse_n_s, carried_n_s2 = closed_form(first_n, throttle * FULL_N, lag_s, tick_s)
    mass_kg = MASS_KG + 500.0
    assert float(end.velocity_inertial_m_s[2]) == pytest.approx(impulse_n_s / mass_kg, rel=1e-13)
    assert float(end.position_inertial_m[2]) == pytest.approx(carried_n_s2 / mass_kg, rel=1e-13)
    assert float(end.sensed_velocity_body_m_s[2]) == pytest.approx(impulse_n_s / mass_kg, rel=1e-13)


def test_the_tail_of_a_burn_in_the_first_long_tick_of_a_coast():
    """A quarter of a kilonewton cut at a lag of 0.15 s: samples in steps of 1.25 s make 58 N s."""
    vehicle = craft(LIGHT, lag_down_s=jnp.array([0.15]))
    end = flown(vehicle, started(263.0), ordered(0.0), 2.5)
    assert float(end.velocity_inertial_m_s[2]) * 1500.0 == pytest.approx(263.0 * 0.15, rel=1e-6)


@pytest.mark.parametrize("steps_per_lag", STEPS_PER_LAG)
@pytest.mark.parametrize(("first_n", "throttle", "lag_s"), CHANGES)
def test_what_is_burnt_is_the_impulse_over_the_exhaust_speed(
    first_n, throttle, lag_s, steps_per_lag
):
    tick_s = 2.0 * steps_per_lag * lag_s
    end = flown(craft(), started(first_n), ordered(throttle), tick_s)
    impulse_n_s, _ = closed_form(first_n, throttle * FULL_N, lag_s, tick_s)
    burnt_kg = 500.0 - float(end.propellant_kg)
    assert burnt_kg == pytest.approx(impulse_n_s / EXHAUST_M_S, rel=1e-12, abs=2e-13)


@pytest.mark.parametrize("tick_s", [0.1, 0.5, 2.5, 30.0])
def test_momentum_balances_that_of_the_exhaust_however_long_the_step(tick_s):
    """The rocket equation holds whatever the thrust does; a step loses at most what the share of
    mass burnt in it does to the speed gained in it."""
    end = flown(craft(), started(FULL_N), ordered(0.0), tick_s)
    burnt_kg = 500.0 - float(end.propellant_kg)
    gained_m_s = EXHAUST_M_S * np.log(1500.0 / (1500.0 - burnt_kg))
    share = burnt_kg / (1500.0 - burnt_kg)
    assert abs(float(end.velocity_inertial_m_s[2]) / gained_m_s - 1.0) < share


@pytest.mark.parametrize("steps_per_lag", STEPS_PER_LAG)
def test_a_lagged_torque_turns_by_its_closed_form(steps_per_lag):
    """The pivot stands half a metre off the axis: a torque about y of -0.5 m times the thrust."""
    tick_s = 2.0 * steps_per_lag * LAG_DOWN_S
    off_axis = craft(LIGHT, position_body_m=jnp.array([[0.5, 0.0, 0.0]]))
    end = flown(off_axis, started(10.0), ordered(0.0), tick_s)
    impulse_n_s, carried_n_s2 = closed_form(10.0, 0.0, LAG_DOWN_S, tick_s)
    turned = -0.5 / 800.0  # m over kg m2
    assert float(end.rate_body_rad_s[1]) == pytest.approx(turned * impulse_n_s, rel=1e-13)
    assert float(end.sensed_rotation_body_rad[1]) == pytest.approx(turned * carried_n_s2, rel=1e-13)


def test_thrust_with_a_lean_that_turns_too_keeps_the_fourth_order():
    """A turning vehicle with a gimbal and a thrust that both follow their lags: with half of the
    step a sixteenth of the error."""
    state = started(1000.0, rate_body_rad_s=jnp.array([0.3, -0.2, 0.1]))
    command = dataclasses.replace(ordered(1.0), gimbal_rad=jnp.array([[0.05, -0.08]]))
    ends = [
        flown(craft(), state, command, 0.4 / ticks, ticks).velocity_inertial_m_s
        for ticks in (4, 8, 64)
    ]
    coarse_m_s, fine_m_s = (float(jnp.linalg.norm(end - ends[2])) for end in ends[:2])
    assert 12.0 < coarse_m_s / fine_m_s < 20.0


@given(steps_per_lag=st.floats(1e-9, 1e6))
def test_a_step_s_sums_are_the_integrals_and_no_value_leaves_the_unit_interval(steps_per_lag):
    first, middle, last = (float(each) for each in rk4_decay(jnp.asarray(steps_per_lag)))
    once, twice = exact_phi(steps_per_lag)
    assert (first + 4.0 * middle + last) / 6.0 == pytest.approx(once, rel=1e-14, abs=1e-15)
    assert (first + 2.0 * middle) / 6.0 == pytest.approx(twice, rel=1e-14, abs=1e-15)
    assert middle == pytest.approx(np.exp(-0.5 * steps_per_lag), rel=1e-15, abs=1e-300)
    assert all(-1e-15 <= each <= 1.0 + 1e-15 for each in (first, middle, last))


@pytest.mark.parametrize("steps_per_lag", [1e-4, 1e-3, 1e-2, 3e-2])
def test_in_short_steps_the_values_are_samples_but_for_a_hundred_and_twentieth_of_the_cube(
    steps_per_lag,
):
    """The next terms are of the fourth power, 3/640 and 1/128 at most: see the series."""
    first, _, last = (float(each) for each in rk4_decay(jnp.asarray(steps_per_lag)))
    cube, fourth = steps_per_lag**3 / 120.0, 0.01 * steps_per_lag**4
    rounding = 1e-15
    assert first - 1.0 == pytest.approx(-cube, rel=0.0, abs=fourth + rounding)
    assert last - np.exp(-steps_per_lag) == pytest.approx(cube, rel=0.0, abs=fourth + rounding)


def test_series_and_closed_form_meet():
    below, above = (rk4_decay(jnp.asarray(SHORT * (1.0 + off))) for off in (-1e-15, 1e-15))
    np.testing.assert_allclose(below, above, rtol=0.0, atol=2e-14)


@pytest.mark.parametrize("steps_per_lag", [0.0, 1e-12, 1e-3, SHORT, 1.0, 1e3, 1e12, 1e300])
def test_values_and_derivatives_are_finite(steps_per_lag):
    values, slopes = jax.jvp(
        lambda x: jnp.stack(rk4_decay(x)), (jnp.asarray(steps_per_lag),), (jnp.asarray(1.0),)
    )
    assert np.all(np.isfinite(values))
    assert np.all(np.isfinite(slopes))


def test_no_lag_is_a_thrust_that_jumps_and_no_step_one_that_stays():
    np.testing.assert_array_equal(rk4_decay(jnp.asarray(np.inf)), [0.0, 0.0, 0.0])
    np.testing.assert_allclose(rk4_decay(jnp.asarray(0.0)), [1.0, 1.0, 1.0], rtol=1e-15)


@pytest.mark.parametrize("tick_s", [0.1, 2.5])
def test_the_velocity_s_derivative_by_the_lag_has_the_closed_form(tick_s):
    """d/dL of T0 L (1 - exp(-t/L)) is T0 (1 - e (1 + t/L))."""

    def gained_m_s(lag_s):
        vehicle = craft(LIGHT, lag_down_s=lag_s[None])
        return flown(vehicle, started(1000.0), ordered(0.0), tick_s).velocity_inertial_m_s[2]

    left = np.exp(-tick_s / LAG_DOWN_S)
    expected = 1000.0 * (1.0 - left * (1.0 + tick_s / LAG_DOWN_S)) / 1500.0
    _, slope = jax.jvp(gained_m_s, (jnp.asarray(LAG_DOWN_S),), (jnp.asarray(1.0),))
    assert float(slope) == pytest.approx(expected, rel=1e-9)
