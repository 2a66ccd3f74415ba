"""Vertical descent of three sizes of lander by truth, our guidance and our control: it settles."""

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.build_lander import tank_loads_kg
from perilune.design.control_rule import control_gains
from perilune.design.numbers import numbers_of, to_arrays
from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import from_rotation_vector
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.onboard.control.attitude import Pointing, attitude_from_axes, torque_impulse_nms
from perilune.onboard.guidance.situation import Situation
from perilune.onboard.guidance.vertical_descent import command as descend
from perilune.onboard.guidance.view import View
from perilune.onboard.upload import ControlSettings, DescentGains
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from tests.compiling import BRIEFLY
from tests.scaled_landers import SIZES, scaled_athena
from validation import bodies, landers

TICK_S, TICK_COUNT, DRAW_COUNT = 0.1, 540, 24
LANDING_KG = {"light": 208.0, "athena": 872.0, "heavy": 8_296.0}
PULL_M_S2 = jnp.array([0.0, 0.0, -bodies.LUNAR_GRAVITY_M_S2])
FIGURES = {
    "descent_rate_m_s": jnp.array(3.0),
    "final_descent_rate_m_s": jnp.array(1.0),
    "final_height_m": jnp.array(10.0),
}
FITTED_TO_ATHENA = {
    "vehicle_frequency_rad_s": 1.2,
    "drift_gain_per_s": 0.35,
    "position_gain_per_s": 0.08,
}
"""What flew before there was a rule."""


class Software(NamedTuple):
    """What the flight software has of a lander."""

    vehicle: object
    control: ControlSettings
    gains: DescentGains


@functools.partial(jax.jit, compiler_options=BRIEFLY)
def _descended(vehicle, software, starts):
    """Rates (draws, ticks, 3) and gimbal angles of descents from 200 m, nothing drawn but starts.

    What navigation would believe is what is true.
    """
    believed, control, gains = software
    side = jnp.array([0.0, 1.0, 0.0])

    def tick(state, _):
        mass_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
        now = vehicle_now(believed, mass_kg)
        view = View(
            position_site_m=state.position_inertial_m,
            velocity_site_m_s=state.velocity_inertial_m_s,
            gravity_site_m_s2=PULL_M_S2,
            up_site=jnp.array([0.0, 0.0, 1.0]),
            height_m=state.position_inertial_m[2],
            range_m=jnp.array(0.0),
            site_from_inertial=jnp.array([1.0, 0.0, 0.0, 0.0]),
        )
        no, tick_s = jnp.array(False), jnp.asarray(TICK_S)
        wanted = descend(
            Situation(
                plan=None,
                chart=None,
                gains=gains,
                figures=FIGURES,
                view=view,
                most_m_s2=believed.max_thrust_n / mass_kg,
                exhaust_m_s=jnp.array(3e3),
                entered=no,
                remaining_s=jnp.array(1.0),
            )
        )
        push_m_s2 = wanted.thrust_acceleration_site_m_s2
        attitudes = (state.inertial_from_body, attitude_from_axes(push_m_s2, side))
        pointing = Pointing(*attitudes, state.rate_body_rad_s, jnp.zeros(3))
        impulse, _ = torque_impulse_nms(control, now.inertia_kg_m2, pointing, tick_s)
        throttle = mass_kg * length(push_m_s2) / believed.max_thrust_n
        demand = Demand(
            engine_on=jnp.array(True),
            throttle=throttle,
            angular_impulse_n_m_s=impulse,
            tick_s=tick_s,
            nozzles_closed=no,
            altimeter_beam=jnp.array(0),
        )
        order, *_ = allocate(believed, now.center_body_m, demand)
        around = surroundings(vehicle, state, order, jnp.asarray(0.0), PULL_M_S2)
        after = fly_tick(vehicle, around, order, state, tick_s)
        return after, (after.rate_body_rad_s, after.velocity_inertial_m_s, after.gimbal_rad[0])

    return jax.vmap(lambda start: jax.lax.scan(tick, start, None, TICK_COUNT)[1])(starts)


def starts_of(mission, mass_kg):
    """Over 200 m, tilted by some degrees, turning and drifting, off the aim point."""
    draw = np.random.default_rng(11).uniform(-1.0, 1.0, (DRAW_COUNT, 11))
    lander = to_arrays(numbers_of(mission)).lander
    solid_kg = mission.lander.mass.dry_kg + mission.lander.mass.payload_kg
    left_kg = mass_kg - solid_kg - mission.lander.mass.cold_gas_kg
    weight_n = mass_kg * bodies.LUNAR_GRAVITY_M_S2

    def one(each):
        return dataclasses.replace(
            bodies.at_rest(),
            position_inertial_m=jnp.array([4.0, 4.0, 2.0]) * each[:3] + 200.0 * jnp.eye(3)[2],
            velocity_inertial_m_s=jnp.array([1.0, 1.0, 0.3]) * each[3:6] - 3.0 * jnp.eye(3)[2],
            inertial_from_body=from_rotation_vector(jnp.array([0.1, 0.1, 0.02]) * each[6:9]),
            rate_body_rad_s=jnp.append(0.02 * each[9:], 0.0),
            tank_kg=tank_loads_kg(lander, jnp.asarray(left_kg)),
            thrust_n=jnp.full(1, weight_n),
            gimbal_rad=jnp.zeros((1, 2)),
        )

    return jax.vmap(one)(jnp.asarray(draw))


def software_of(mission, believed, **changed):
    """By the rule, with gains changed by name."""
    found = control_gains(mission.lander, believed)
    gains = dataclasses.asdict(found) | changed
    settings = mission.lander.control
    control = ControlSettings(
        attitude_frequency_rad_s=jnp.asarray(1.2),
        vehicle_frequency_rad_s=jnp.asarray(gains["vehicle_frequency_rad_s"]),
        damping_factor=jnp.asarray(settings.damping_factor),
        rate_limit_rad_s=jnp.asarray(settings.rate_limit_rad_s),
        coast_deadband_rad=jnp.asarray(settings.coast_deadband_rad),
        disturbance_time_s=jnp.asarray(found.disturbance_time_s),
    )
    names = [field.name for field in dataclasses.fields(DescentGains)]
    return Software(
        believed, control, DescentGains(**{name: jnp.asarray(gains[name]) for name in names})
    )


@pytest.fixture(scope="module")
def descended():
    """(size, gains changed) → (rates rad/s, speeds m/s, gimbal rad), each (draws, ticks, ...)."""

    def fly(size, gas=True, **changed):
        mission = scaled_athena(size)
        vehicle, believed = landers.vehicles(mission, LANDING_KG[size])
        if not gas:
            never_s = jnp.full_like(believed.min_pulse_s, 1e3)
            believed = dataclasses.replace(believed, min_pulse_s=never_s)
        software = software_of(mission, believed, **changed)
        starts = starts_of(mission, LANDING_KG[size])
        return tuple(map(np.asarray, _descended(vehicle, software, starts)))

    return fly


def tilting_rate(rates):
    """About x and y, (draws, ticks)."""
    return np.linalg.norm(rates[..., :2], axis=-1)


def swings_left(rates):
    """Largest turn from 25 s on over the largest of all, the worst of the draws."""
    rate = tilting_rate(rates)
    return np.max(np.max(rate[:, 250:], axis=1) / np.max(rate, axis=1))


@pytest.mark.parametrize("size", list(SIZES))
def test_every_size_settles_from_every_start(descended, size):
    rates, speeds, _ = descended(size)
    assert swings_left(rates) < 0.05
    across = np.linalg.norm(speeds[..., :2], axis=-1)
    np.testing.assert_array_less(across[:, -50:], 0.1)


def test_the_heavy_one_swings_on_by_its_gimbal_with_gains_fitted_to_athena(descended):
    """By its gimbal alone, which by the rule's gains settles as well as with its nozzles."""
    assert swings_left(descended("heavy", gas=False)[0]) < 0.05
    rates, _, gimbal = descended("heavy", gas=False, **FITTED_TO_ATHENA)
    assert swings_left(rates) > 0.15
    assert np.mean(np.abs(gimbal) > 0.999 * np.radians(6.0)) > 0.02
