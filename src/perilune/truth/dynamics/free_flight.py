"""Six degrees of freedom off the ground: the derivative, and one tick of it."""

import dataclasses
from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.commands import Command
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.integration import rk4
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.matrices import inverse, matvec
from perilune.mechanics.rotation import cross, multiply, normalize, rotate
from perilune.truth.actuators.engines import commanded_thrust_n, engine_wrench, tank_flow_kg_s
from perilune.truth.actuators.nozzles import Jets, jets_by_step
from perilune.truth.dynamics.state import TrueState
from perilune.truth.vehicle.vehicle import Vehicle


class Surroundings(eqx.Module):
    """What one tick holds fixed: gravity beyond the point mass, mass properties, orders obeyed."""

    _: KW_ONLY
    gm_m3_s2: Float[Array, ""]
    perturbation_inertial_m_s2: Float[Array, "3"]
    center_body_m: Float[Array, "3"]
    inertia_kg_m2: Float[Array, "3 3"]
    inverse_inertia_per_kg_m2: Float[Array, "3 3"]
    wanted_thrust_n: Float[Array, " E"]
    wanted_gimbal_rad: Float[Array, "E 2"]
    thrust_lag_s: Float[Array, " E"]  # up or down, as the thrust is to go


def surroundings(
    vehicle: Vehicle,
    state: TrueState,
    command: Command,
    gm_m3_s2: Float[Array, ""],
    perturbation_inertial_m_s2: Float[Array, "3"],
) -> Surroundings:
    """Gather what one tick holds fixed."""
    mass, engines = mass_properties(vehicle.mass, state.tank_kg), vehicle.engines
    limit_rad = engines.gimbal_limit_rad[:, None]
    wanted_n = commanded_thrust_n(engines, command, state.tank_kg)
    return Surroundings(
        gm_m3_s2=gm_m3_s2,
        perturbation_inertial_m_s2=perturbation_inertial_m_s2,
        center_body_m=mass.center_body_m,
        inertia_kg_m2=mass.inertia_kg_m2,
        inverse_inertia_per_kg_m2=inverse(mass.inertia_kg_m2),
        wanted_thrust_n=wanted_n,
        wanted_gimbal_rad=jnp.clip(command.gimbal_rad, -limit_rad, limit_rad),
        thrust_lag_s=jnp.where(wanted_n < state.thrust_n, engines.lag_down_s, engines.lag_s),
    )


def turn_rad_s2(
    around: Surroundings, rate_rad_s: Float[Array, "3"], torque_nm: Float[Array, "3"]
) -> Float[Array, "3"]:
    """Euler's equations with the full tensor: I dw/dt = torque - w x (I w), body axes."""
    momentum = matvec(around.inertia_kg_m2, rate_rad_s)
    return matvec(around.inverse_inertia_per_kg_m2, torque_nm - cross(rate_rad_s, momentum))


def derivative(vehicle: Vehicle, around: Surroundings, jets: Jets, state: TrueState) -> TrueState:
    """Newton-Euler: the rate of change of every leaf of the state, thrust and gimbal held."""
    engines, thrust_n = vehicle.engines, state.thrust_n
    mass_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
    main_n, main_nm = engine_wrench(engines, thrust_n, state.gimbal_rad, around.center_body_m)
    specific_force_m_s2 = (main_n + jets.force_body_n) / mass_kg
    rate = state.rate_body_rad_s
    return TrueState(
        position_inertial_m=state.velocity_inertial_m_s,
        velocity_inertial_m_s=rotate(state.inertial_from_body, specific_force_m_s2)
        + point_mass_m_s2(around.gm_m3_s2, state.position_inertial_m)
        + around.perturbation_inertial_m_s2,
        inertial_from_body=0.5 * multiply(state.inertial_from_body, _pure(rate)),
        rate_body_rad_s=turn_rad_s2(around, rate, main_nm + jets.torque_body_n_m),
        tank_kg=-(tank_flow_kg_s(engines, thrust_n) + jets.tank_flow_kg_s),
        thrust_n=jnp.zeros_like(thrust_n),
        gimbal_rad=jnp.zeros_like(state.gimbal_rad),
        sensed_velocity_body_m_s=specific_force_m_s2,
        sensed_rotation_body_rad=rate,
    )


def _pure(vector: Float[Array, "3"]) -> Float[Array, "4"]:
    return jnp.concatenate([jnp.zeros(1), vector])


def fly_tick(
    vehicle: Vehicle,
    around: Surroundings,
    command: Command,
    state: TrueState,
    tick_s: Float[Array, ""],
    substep_count: int = 2,
) -> TrueState:
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
    steps = (step_s, substep_count)
    orders = (vehicle.nozzles, command.thruster_on_s, state.tank_kg, around.center_body_m)
    return jax.lax.scan(substep, fresh, jets_by_step(*orders, steps))[0]


def actuated(
    vehicle: Vehicle, around: Surroundings, state: TrueState, since_s: Float[Array, ""]
) -> TrueState:
    """The state with thrust and gimbal a while after what it holds of them, by first-order lags."""
    left = jnp.exp(-since_s / around.thrust_lag_s)
    gimbal_left = jnp.exp(-since_s / vehicle.engines.gimbal_lag_s)[:, None]
    wanted_n, wanted_rad = around.wanted_thrust_n, around.wanted_gimbal_rad
    return dataclasses.replace(
        state,
        thrust_n=wanted_n + left * (state.thrust_n - wanted_n),
        gimbal_rad=wanted_rad + gimbal_left * (state.gimbal_rad - wanted_rad),
    )


def tidy(state: TrueState) -> TrueState:
    """Unit attitude; no tank below empty."""
    return dataclasses.replace(
        state,
        inertial_from_body=normalize(state.inertial_from_body),
        tank_kg=jnp.maximum(state.tank_kg, 0.0),
    )
