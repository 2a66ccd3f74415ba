"""Six degrees of freedom off the ground: the derivative, and one tick of it."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.integration import rk4
from perilune.mechanics.rotation import cross, multiply, normalize, rotate
from perilune.truth.dynamics.state import TrueState
from perilune.truth.vehicle.mass_properties import mass_properties
from perilune.truth.vehicle.propulsion import (
    commanded_thrust_n,
    engine_wrench,
    mass_flow_kg_s,
    thruster_wrench,
)


class Surroundings(eqx.Module):
    """What one tick holds fixed: gravity beyond the point mass, mass properties, orders obeyed."""

    gm_m3_s2: jax.Array
    perturbation_inertial_m_s2: jax.Array  # (3,)
    center_body_m: jax.Array  # (3,)
    inertia_kg_m2: jax.Array  # (3,)
    wanted_thrust_n: jax.Array
    wanted_gimbal_rad: jax.Array  # (2,)


def surroundings(vehicle, state, command, gm_m3_s2, perturbation_inertial_m_s2):
    """Gather what one tick holds fixed."""
    mass = mass_properties(vehicle.mass, state.propellant_kg, state.cold_gas_kg)
    limit_rad = vehicle.engine.gimbal_limit_rad
    return Surroundings(
        gm_m3_s2,
        perturbation_inertial_m_s2,
        mass.center_body_m,
        mass.inertia_kg_m2,
        commanded_thrust_n(vehicle.engine, command, state.propellant_kg),
        jnp.clip(command.gimbal_rad, -limit_rad, limit_rad),
    )


def derivative(vehicle, around, jets, state):
    """Newton-Euler; the rate of change of every leaf of the state, thrust and gimbal as they are.

    `jets` are force (3,) N and torque (3,) N m of the thrusters, body axes, and total thrust, N.
    """
    mass_kg = vehicle.mass.dry_kg + state.cold_gas_kg + state.propellant_kg
    engine, thrusters = vehicle.engine, vehicle.thrusters
    main_n, main_nm = engine_wrench(engine, state.thrust_n, state.gimbal_rad, around.center_body_m)
    jet_n, jet_nm, jet_total_n = jets
    specific_force_m_s2 = (main_n + jet_n) / mass_kg
    rate = state.rate_body_rad_s
    momentum = around.inertia_kg_m2 * rate
    return TrueState(
        position_inertial_m=state.velocity_inertial_m_s,
        velocity_inertial_m_s=rotate(state.inertial_from_body, specific_force_m_s2)
        + point_mass_m_s2(around.gm_m3_s2, state.position_inertial_m)
        + around.perturbation_inertial_m_s2,
        inertial_from_body=0.5 * multiply(state.inertial_from_body, _pure(rate)),
        rate_body_rad_s=(main_nm + jet_nm - cross(rate, momentum)) / around.inertia_kg_m2,
        propellant_kg=-mass_flow_kg_s(state.thrust_n, engine.specific_impulse_s),
        cold_gas_kg=-mass_flow_kg_s(jet_total_n, thrusters.specific_impulse_s),
        thrust_n=jnp.zeros_like(state.thrust_n),
        gimbal_rad=jnp.zeros_like(state.gimbal_rad),
        sensed_velocity_body_m_s=specific_force_m_s2,
        sensed_rotation_body_rad=rate,
    )


def _pure(vector):
    return jnp.concatenate([jnp.zeros(1), vector])


def fly_tick(vehicle, around, command, state, tick_s, substep_count=2):
    """Advance the state by one tick in equal Runge-Kutta substeps.

    Thrust and gimbal follow their lags exactly, however short these are beside a long coast tick;
    the rest is integrated along with them.
    """
    step_s = tick_s / substep_count

    def substep(current, jets):
        def rates(trial, since_s):
            return derivative(vehicle, around, jets, actuated(vehicle, around, trial, since_s))

        advanced = rk4(rates, current, jnp.zeros_like(step_s), step_s)
        return tidy(actuated(vehicle, around, advanced, step_s)), None

    fresh = dataclasses.replace(
        state, sensed_velocity_body_m_s=jnp.zeros(3), sensed_rotation_body_rad=jnp.zeros(3)
    )
    jets = jets_by_step(vehicle, around, command, state.cold_gas_kg, (step_s, substep_count))
    return jax.lax.scan(substep, fresh, jets)[0]


def actuated(vehicle, around, state, since_s):
    """The state with thrust and gimbal a while after what it holds of them, by first-order lags."""
    left = jnp.exp(-since_s / vehicle.engine.lag_s)
    gimbal_left = jnp.exp(-since_s / vehicle.engine.gimbal_lag_s)
    wanted_n, wanted_rad = around.wanted_thrust_n, around.wanted_gimbal_rad
    return dataclasses.replace(
        state,
        thrust_n=wanted_n + left * (state.thrust_n - wanted_n),
        gimbal_rad=wanted_rad + gimbal_left * (state.gimbal_rad - wanted_rad),
    )


def jets_by_step(vehicle, around, command, cold_gas_kg, steps):
    """The thrusters' mean force, torque and total thrust in each of a tick's equal steps.

    `steps` is (length of one, s, and their count); the results' first axis is the step.
    """
    step_s, count = steps
    pulses_s = obeyed_pulse_s(vehicle.thrusters, command.thruster_on_s)
    starts_s = step_s * jnp.arange(float(count))
    on_fraction = pulse_fraction(pulses_s, starts_s[:, None], step_s, cold_gas_kg)
    return thruster_wrench(vehicle.thrusters, on_fraction, around.center_body_m)


def obeyed_pulse_s(thrusters, on_s):
    """Pulses as the valves make them: one shorter than the least they can do does not open them."""
    return jnp.where(on_s < thrusters.min_pulse_s, 0.0, on_s)


def pulse_fraction(on_s, start_s, step_s, cold_gas_kg):
    """The share of a substep that each nozzle fires; pulses begin with the tick."""
    return jnp.clip((on_s - start_s) / step_s, 0.0, 1.0) * jnp.where(cold_gas_kg > 0.0, 1.0, 0.0)


def tidy(state):
    """Unit attitude; no tank below empty."""
    return dataclasses.replace(
        state,
        inertial_from_body=normalize(state.inertial_from_body),
        propellant_kg=jnp.maximum(state.propellant_kg, 0.0),
        cold_gas_kg=jnp.maximum(state.cold_gas_kg, 0.0),
    )
