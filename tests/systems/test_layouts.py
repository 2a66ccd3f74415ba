"""Landers of other layouts, read from files, hover and hold attitude by truth and our control."""

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.build_lander import tank_loads_kg
from perilune.design.numbers import numbers_of, to_arrays
from perilune.mechanics.rotation import from_rotation_vector, rotate, to_matrix
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.onboard.control.attitude import Pointing, torque_impulse_nms
from perilune.onboard.navigation.disturbance import Felt, Lags, as_believed, observe
from perilune.onboard.upload import ControlSettings
from perilune.truth.actuators.engines import least_thrust_n
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from tests.compiling import BRIEFLY
from validation import bodies, landers

GRAVITY_M_S2 = bodies.LUNAR_GRAVITY_M_S2
TICK_S, TICK_COUNT, PROPELLANT_KG = 0.1, 400, 300.0
CONTROL = ControlSettings(
    attitude_frequency_rad_s=jnp.array(1.2),
    vehicle_frequency_rad_s=jnp.array(9.0),
    damping_factor=jnp.array(0.8),
    rate_limit_rad_s=jnp.array(np.radians(5.0)),
    coast_deadband_rad=jnp.array(np.radians(0.3)),
    disturbance_time_s=jnp.array(8.0),
)
STEP_RAD = jnp.array([0.12, -0.08, 0.1])
CLIMB_GAIN_PER_S = 0.5


class Hover(NamedTuple):
    """A hover from a tilt of some degrees back to upright, one row a tick."""

    states: object
    orders: object
    short: object
    vehicle: object
    efforts: object  # what is believed to be made, by tick
    gained_body_m_s: np.ndarray  # sensed, by tick


@functools.partial(jax.jit, compiler_options=BRIEFLY)
def _hover(vehicle, believed, start):
    """Commanded hover: thrust takes off the weight, a climb is damped, the attitude is upright."""

    def tick(now, _):
        state, unspent_s, unfired_n_m_s = now
        mass_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
        here = vehicle_now(believed, mass_kg)
        attitudes = (state.inertial_from_body, jnp.eye(3))
        pointing = Pointing(*attitudes, state.rate_body_rad_s, jnp.zeros(3))
        tick_s = jnp.asarray(TICK_S)
        impulse, _ = torque_impulse_nms(CONTROL, here.inertia_kg_m2, pointing, tick_s)
        lift_m_s2 = GRAVITY_M_S2 - CLIMB_GAIN_PER_S * state.velocity_inertial_m_s[2]
        upright = to_matrix(state.inertial_from_body)[2, 2]
        throttle = mass_kg * lift_m_s2 / upright / believed.max_thrust_n
        on, no = jnp.array(True), jnp.array(False)
        demand = Demand(
            engine_on=on,
            throttle=throttle,
            angular_impulse_n_m_s=impulse,
            tick_s=tick_s,
            nozzles_closed=no,
            altimeter_beam=jnp.array(0),
            unspent_s=unspent_s,
            unfired_n_m_s=unfired_n_m_s,
        )
        made = allocate(believed, here.center_body_m, demand)
        command = made.command
        pull = jnp.array([0.0, 0.0, -GRAVITY_M_S2])
        around = surroundings(vehicle, state, command, jnp.asarray(0.0), pull)
        after = fly_tick(vehicle, around, command, state, tick_s)
        left = (made.unspent_s, made.unfired_n_m_s)
        return (after, *left), (after, command, made.shortfall, made.effort)

    first_s = None if believed.pulsing is None else jnp.zeros(len(believed.engine_fraction))
    return jax.lax.scan(tick, (start, first_s, jnp.zeros(3)), None, TICK_COUNT)[1]


def hover(folder, strength=1.0, **parts):
    """Fly it; `strength` is what the engines really make of their full thrust."""
    mission = landers.mission_with(folder, **parts)
    vehicle, believed = landers.vehicles(mission, 725.0 + 17.0 + PROPELLANT_KG)
    engines = vehicle.engines
    really = dataclasses.replace(engines, max_thrust_n=strength * engines.max_thrust_n)
    vehicle = dataclasses.replace(vehicle, engines=really)
    count = len(vehicle.engines.lag_s)
    lander = to_arrays(numbers_of(mission)).lander
    tank_kg = tank_loads_kg(lander, PROPELLANT_KG)
    hover_n = (float(vehicle.mass.dry_kg) + float(jnp.sum(tank_kg))) * GRAVITY_M_S2
    start = dataclasses.replace(
        bodies.at_rest(),
        inertial_from_body=from_rotation_vector(STEP_RAD),
        tank_kg=tank_kg,
        thrust_n=jnp.full(count, hover_n / count),
        gimbal_rad=jnp.zeros((count, 2)),
    )
    states, orders, short, efforts = _hover(vehicle, believed, start)
    every = jax.tree.map(lambda a, b: np.concatenate([a[None], b]), start, states)
    return Hover(
        every, orders, short, vehicle, efforts, np.asarray(states.sensed_velocity_body_m_s)
    )


@pytest.fixture(scope="module")
def throttled(tmp_path_factory):
    """Four throttled engines, no gimbal; cold gas for roll."""
    return hover(tmp_path_factory.mktemp("four"), engine=landers.four_throttled())


@pytest.fixture(scope="module")
def pulsed(tmp_path_factory):
    """A fixed engine and eight pulsed ones that draw propellant."""
    folder = tmp_path_factory.mktemp("eight")
    return hover(folder, engine=landers.fixed(), thrusters=landers.eight_pulsed())


@pytest.fixture(scope="module")
def modulated(tmp_path_factory):
    """Four engines that are on or off; cold gas for roll."""
    return hover(tmp_path_factory.mktemp("on-off"), engine=landers.four_on_or_off())


@pytest.fixture(scope="module", params=["throttled", "pulsed", "modulated"])
def flown(request):
    return request.getfixturevalue(request.param)


def tilt_rad(hovered):
    sine = np.linalg.norm(np.asarray(hovered.states.inertial_from_body)[:, 1:], axis=-1)
    return 2.0 * np.arcsin(sine)


def test_the_attitude_step_is_rejected_and_the_hover_held(flown):
    """To what one shortest pulse does to the loop, since the mean of the torque is exact.

    Eight of 60 N, 0.6 of it around the axis at 1 m, for 20 ms: 0.7 N m s of roll, by which the
    impulse may be wrong at any time. The loop of 1.2 rad/s makes of an impulse J no more than
    about J/(I w): 0.7/(450 kg m2 x 1.2 rad/s) = 1.3 mrad about an axis.
    """
    tilt = tilt_rad(flown)
    assert tilt[0] == pytest.approx(float(jnp.linalg.norm(STEP_RAD)), rel=1e-6)
    assert np.max(tilt[150:]) < 0.003
    climb_m_s = np.asarray(flown.states.velocity_inertial_m_s)[:, 2]
    assert np.max(np.abs(climb_m_s[150:])) < 0.05


def test_commanded_thrust_is_the_weight(flown):
    """After the step: the mean force of engines and nozzles against the mean weight."""
    mass_kg = float(flown.vehicle.mass.dry_kg) + np.sum(flown.states.tank_kg, axis=-1)
    gained_m_s = flown.gained_body_m_s[200:, 2]
    force_n = np.mean(gained_m_s / TICK_S * mass_kg[200:-1])
    assert force_n == pytest.approx(np.mean(mass_kg[200:-1]) * GRAVITY_M_S2, rel=2e-3)


def test_momentum_is_the_impulse_of_thrust_and_weight(flown):
    """Speeds gained by what is sensed, turned into inertial axes, and by gravity, tick by tick."""
    speed_m_s = np.asarray(flown.states.velocity_inertial_m_s)
    middle = np.asarray(flown.states.inertial_from_body)
    middle = middle[:-1] + middle[1:]
    middle = middle / np.linalg.norm(middle, axis=-1, keepdims=True)
    gained = np.asarray(rotate(jnp.asarray(middle), jnp.asarray(flown.gained_body_m_s)))
    expected = np.cumsum(gained - np.array([0.0, 0.0, GRAVITY_M_S2 * TICK_S]), axis=0)
    np.testing.assert_allclose(speed_m_s[1:], speed_m_s[0] + expected, atol=2e-3)


def test_propellant_is_spent_as_thrust_over_exhaust_speed(throttled):
    """Four parallel engines of one specific impulse: the rocket equation, to the integrator's."""
    tanks_kg = np.asarray(throttled.states.tank_kg)
    mass_kg = float(throttled.vehicle.mass.dry_kg) + tanks_kg.sum(axis=-1)
    rolled_kg = tanks_kg[0, -1] - tanks_kg[-1, -1]
    assert 0.0 <= rolled_kg < 0.05
    gained_m_s = np.sum(throttled.gained_body_m_s[:, 2])
    exhaust_m_s = 320.0 * 9.80665
    gas_m_s = GRAVITY_M_S2 * TICK_COUNT * TICK_S * rolled_kg / mass_kg[0]
    assert gained_m_s + gas_m_s == pytest.approx(
        exhaust_m_s * np.log(mass_kg[0] / mass_kg[-1]), abs=exhaust_m_s * rolled_kg / mass_kg[-1]
    )
    spent_kg = np.sum(tanks_kg[0, :-1] - tanks_kg[-1, :-1])
    thrust_n = np.asarray(throttled.states.thrust_n).sum(axis=-1)
    settled = slice(100, None)
    flow_kg_s = -np.diff(tanks_kg[settled, :-1].sum(axis=-1)) / TICK_S
    between_n = 0.5 * (thrust_n[settled][1:] + thrust_n[settled][:-1])
    np.testing.assert_allclose(flow_kg_s, between_n / exhaust_m_s, rtol=2e-3)
    assert spent_kg > 20.0


def test_pulsed_engines_draw_their_propellant_and_no_cold_gas(pulsed):
    tanks_kg = np.asarray(pulsed.states.tank_kg)
    pulses_s = np.asarray(pulsed.orders.thruster_on_s).sum()
    assert tanks_kg[-1, -1] == tanks_kg[0, -1]
    spent_kg = np.sum(tanks_kg[0] - tanks_kg[-1])
    by_pulses_kg = 60.0 * pulses_s / (220.0 * 9.80665)
    thrust_n = np.asarray(pulsed.states.thrust_n)[:, 0]
    by_engine_kg = np.sum(0.5 * (thrust_n[1:] + thrust_n[:-1])) * TICK_S / (320.0 * 9.80665)
    assert by_pulses_kg > 0.05
    assert spent_kg == pytest.approx(by_pulses_kg + by_engine_kg, rel=1e-3)
    np.testing.assert_allclose(
        (tanks_kg[0] - tanks_kg[-1])[:2] / spent_kg, [0.667, 0.333], rtol=1e-9
    )


def test_orders_keep_the_limits_of_every_engine_and_nozzle(flown):
    throttle = np.asarray(flown.orders.throttle)
    engines = flown.vehicle.engines
    floor = np.asarray(least_thrust_n(engines) / engines.max_thrust_n)
    assert np.all((throttle >= floor - 1e-12) & (throttle <= 1.0))
    assert not np.any(flown.orders.gimbal_rad)
    pulse_s = np.asarray(flown.orders.thruster_on_s)
    assert np.all((pulse_s == 0.0) | ((pulse_s >= 0.02) & (pulse_s <= TICK_S)))


def test_throttles_turn_the_lander_and_cold_gas_only_rolls_it(throttled):
    """Tilted back about x and y by the difference of thrusts; a nozzle across the axis rolls."""
    thrust_n = np.asarray(throttled.states.thrust_n)
    assert np.ptp(thrust_n[1:30], axis=-1).max() > 100.0
    level = np.abs(np.asarray(throttled.vehicle.nozzles.direction_body)[:, 2]) > 0.5
    assert not np.any(np.asarray(throttled.orders.thruster_on_s)[:, level])


def test_a_torque_beyond_the_throttles_is_said_to_be_short(tmp_path):
    mission = landers.mission_with(tmp_path, engine=landers.four_throttled())
    _, believed = landers.vehicles(mission, 1042.0)
    center_m = vehicle_now(believed, believed.full_mass_kg).center_body_m
    on, no, tick_s = jnp.array(True), jnp.array(False), jnp.asarray(TICK_S)

    def asked(torque_nm):
        demand = Demand(
            engine_on=on,
            throttle=jnp.asarray(0.4),
            angular_impulse_n_m_s=jnp.asarray(torque_nm) * TICK_S,
            tick_s=tick_s,
            nozzles_closed=no,
            altimeter_beam=jnp.array(0),
        )
        return allocate(believed, center_m, demand)

    had, none_short, *_ = asked([200.0, -150.0, 0.0])
    np.testing.assert_allclose(none_short.torque_n_m, 0.0, atol=0.05)
    assert float(none_short.force_n) == pytest.approx(0.0, abs=0.5)
    spread = np.asarray(had.throttle)
    assert np.mean(spread) == pytest.approx(0.4, rel=1e-3)
    _, short, *_ = asked([2_000.0, 0.0, 0.0])
    most_nm = 2 * 0.5 * (1_200.0 - 200.0)
    assert float(short.torque_n_m[0]) == pytest.approx(2_000.0 - most_nm, rel=0.02)


def test_engines_that_pulse_keep_the_least_times_of_their_valves(modulated):
    """On for no less than 20 ms and off for no less than 15 ms of a tick, or not at all."""
    open_s = np.asarray(modulated.orders.throttle) * TICK_S
    partly = open_s[(open_s > 0.0) & (open_s < TICK_S)]
    assert partly.size > 0.9 * open_s.size
    assert np.min(partly) >= 0.02 * (1.0 - 1e-9)
    assert np.max(partly) <= 0.085 * (1.0 + 1e-9)


def test_the_thrust_of_pulses_is_felt_as_it_is(tmp_path):
    """Engines of 93 % of the thrust believed: the observer says so, over pulses as over throttles.

    What is felt of a tick is its mean, what was ordered a lag that is held: they are alike in the
    mean over ticks, which a filter of 8 s takes of 40 s to exp(-5) of the 7 %, 0.05 %.
    """
    weak = hover(tmp_path, strength=0.93, engine=landers.four_on_or_off())
    mass_kg = float(weak.vehicle.mass.dry_kg) + np.sum(weak.states.tank_kg, axis=-1)[:-1]
    force_n = mass_kg[:, None] * weak.gained_body_m_s / TICK_S
    lags = Lags(thrust_s=jnp.array(0.05), torque_s=jnp.zeros(3), filter_s=jnp.array(8.0))

    def tick(known, row):
        effort, felt_n = row
        felt = Felt(force_n=felt_n, torque_n_m=jnp.zeros(3), tick_s=jnp.array(TICK_S))
        known = dataclasses.replace(known, ordered=effort)
        known = observe(known, felt, lags, jnp.array(800.0), jnp.array(True))
        return known, known.thrust_factor

    first = jax.tree.map(lambda each: each[0], weak.efforts)
    begun = dataclasses.replace(as_believed(), ordered=first, present=first)
    _, factors = jax.lax.scan(tick, begun, (weak.efforts, jnp.asarray(force_n)))
    np.testing.assert_allclose(np.asarray(factors)[-50:], [[0.0, 0.0, 0.93]] * 50, atol=2e-3)
