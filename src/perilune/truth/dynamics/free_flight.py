"""Six degrees of freedom off the ground: the derivative, and one tick of it."""

import dataclasses
from dataclasses import KW_ONLY
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.commands import Command
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.integration import rk4_decay, rk4_of_inputs
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.matrices import inverse, matvec
from perilune.mechanics.rotation import cross, multiply, normalize, rotate
from perilune.truth.actuators.engines import (
    Engines,
    commanded_thrust_n,
    gimbal_left_rad,
    powers,
    tank_flow_kg_s,
    thrust_axes,
    wrench_along,
)
from perilune.truth.actuators.nozzles import Jets, jets_by_step
from perilune.truth.actuators.pulses import Pulse, open_time_s, pulse_in_steps
from perilune.truth.dynamics.slosh import Sway, Wrench, answer, held_to_step, sway_of, swayed
from perilune.truth.dynamics.state import SloshState, TrueState
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
    sway: Sway | None  # of the liquid, if any sways
    thrust_factor: Float[Array, " E"] | None = None  # of engines that make less of their propellant
    leak: Jets | None = None  # what propellant that is lost does throughout the tick


def surroundings(
    vehicle: Vehicle,
    state: TrueState,
    command: Command,
    gm_m3_s2: Float[Array, ""],
    perturbation_inertial_m_s2: Float[Array, "3"],
    leak: Jets | None = None,
) -> Surroundings:
    """Gather what one tick holds fixed."""
    mass, engines = mass_properties(vehicle.mass, state.tank_kg), vehicle.engines
    limit_rad = engines.gimbal_limit_rad[:, None]
    wanted_n = commanded_thrust_n(engines, command, state.tank_kg)
    if command.thrust_factor is not None:
        wanted_n = command.thrust_factor * wanted_n
    lag_s = jnp.where(wanted_n < state.thrust_n, engines.lag_down_s, engines.lag_s)
    if command.lag_factor is not None:
        lag_s = command.lag_factor * lag_s
    return Surroundings(
        gm_m3_s2=gm_m3_s2,
        perturbation_inertial_m_s2=perturbation_inertial_m_s2,
        center_body_m=mass.center_body_m,
        inertia_kg_m2=mass.inertia_kg_m2,
        inverse_inertia_per_kg_m2=inverse(mass.inertia_kg_m2),
        wanted_thrust_n=wanted_n,
        wanted_gimbal_rad=jnp.clip(command.gimbal_rad, -limit_rad, limit_rad),
        thrust_lag_s=lag_s,
        sway=None
        if vehicle.slosh is None
        else sway_of(vehicle.slosh, vehicle.mass, mass, state.tank_kg),
        thrust_factor=command.thrust_factor,
        leak=leak,
    )


def fed_thrust_n(around: Surroundings, thrust_n: Float[Array, "*t E"]) -> Float[Array, "*t E"]:
    """The thrust that engines would make of what they draw, were they whole."""
    return thrust_n if around.thrust_factor is None else thrust_n / around.thrust_factor


def turn_rad_s2(
    around: Surroundings, rate_rad_s: Float[Array, "3"], torque_nm: Float[Array, "3"]
) -> Float[Array, "3"]:
    """Euler's equations with the full tensor: I dw/dt = torque - w x (I w), body axes."""
    momentum = matvec(around.inertia_kg_m2, rate_rad_s)
    return matvec(around.inverse_inertia_per_kg_m2, torque_nm - cross(rate_rad_s, momentum))


FORCE, TORQUE, FLOW = slice(0, 3), slice(3, 6), slice(6, None)
"""What drives the vehicle, in one row: N and N m about its centre, body axes, and each tank's kg/s.

One array where three would be clearer: the loop over the substeps takes one slice of it.
"""


class Motion(eqx.Module):
    """The part of the `TrueState` that is integrated: all but thrust and gimbal."""

    _: KW_ONLY
    position_inertial_m: Float[Array, "3"]
    velocity_inertial_m_s: Float[Array, "3"]
    inertial_from_body: Float[Array, "4"]
    rate_body_rad_s: Float[Array, "3"]
    tank_kg: Float[Array, " S"]
    sensed_velocity_body_m_s: Float[Array, "3"]
    sensed_rotation_body_rad: Float[Array, "3"]
    slosh: SloshState | None


def derivative(
    vehicle: Vehicle, around: Surroundings, drive: Float[Array, " made"], state: Motion
) -> Motion:
    """Newton-Euler: the rate of change of every leaf."""
    mass_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
    rate, slosh = state.rate_body_rad_s, None
    if around.sway is None or state.slosh is None:
        specific_force_m_s2 = drive[FORCE] / mass_kg
        turn = turn_rad_s2(around, rate, drive[TORQUE])
    else:
        wrench = Wrench(drive[FORCE], drive[TORQUE], mass_kg)
        made = answer(around.sway, wrench, rate, state.slosh)
        specific_force_m_s2, turn = made.felt_m_s2, made.turn_rad_s2
        slosh = SloshState(state.slosh.speed_m_s, made.slosh_m_s2)
    return Motion(
        position_inertial_m=state.velocity_inertial_m_s,
        velocity_inertial_m_s=rotate(state.inertial_from_body, specific_force_m_s2)
        + point_mass_m_s2(around.gm_m3_s2, state.position_inertial_m)
        + around.perturbation_inertial_m_s2,
        inertial_from_body=0.5 * multiply(state.inertial_from_body, _pure(rate)),
        rate_body_rad_s=turn,
        tank_kg=-drive[FLOW],
        sensed_velocity_body_m_s=specific_force_m_s2,
        sensed_rotation_body_rad=rate,
        slosh=slosh,
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

    Thrust and gimbal follow their lags exactly, however short these are beside a long coast tick.
    The rest is integrated along with them: the impulse of the thrust is exact, the direction that
    the gimbal gives it is sampled.
    """
    step_s = tick_s / substep_count
    lean = gimbal_rad(vehicle.engines, around, state, 0.5 * step_s, 2 * substep_count + 1)
    pulse = pulse_of(vehicle, around, command, state, tick_s)
    if pulse is None:
        thrust_n, last_n = thrust_in_steps(around, state.thrust_n, step_s, substep_count)
    else:
        thrust_n, last_n = pulse_in_steps(pulse, step_s, substep_count)
    jets = jets_in_steps(vehicle, around, command, state, (step_s, substep_count))
    drives = _drives(vehicle, around, lean, thrust_n, jets)
    turning = around.inertia_kg_m2, state.rate_body_rad_s
    around = dataclasses.replace(around, sway=held_to_step(around.sway, *turning, step_s))

    def substep(current: Motion, instants: Float[Array, "3 made"]) -> tuple[Motion, None]:
        def rates(trial: Motion, drive: Float[Array, " made"]) -> Motion:
            return derivative(vehicle, around, drive, trial)

        return tidy(rk4_of_inputs(rates, current, tuple(instants), step_s)), None

    fresh = Motion(
        position_inertial_m=state.position_inertial_m,
        velocity_inertial_m_s=state.velocity_inertial_m_s,
        inertial_from_body=state.inertial_from_body,
        rate_body_rad_s=state.rate_body_rad_s,
        tank_kg=state.tank_kg,
        sensed_velocity_body_m_s=jnp.zeros(3),
        sensed_rotation_body_rad=jnp.zeros(3),
        slosh=state.slosh,
    )
    flown, _ = jax.lax.scan(substep, fresh, drives)
    slosh = swayed(around.sway, state.slosh, flown.slosh)
    flown = dataclasses.replace(flown, slosh=slosh)
    return TrueState(thrust_n=last_n, gimbal_rad=lean[-1], **vars(flown))


def jets_in_steps(
    vehicle: Vehicle,
    around: Surroundings,
    command: Command,
    state: TrueState,
    steps: tuple[Float[Array, ""], int],
) -> Jets:
    """What nozzles, and propellant that leaks, do in each of so many steps of a length."""
    orders = (vehicle.nozzles, command.thruster_on_s, state.tank_kg, around.center_body_m)
    jets = jets_by_step(*orders, *steps)
    return jets if around.leak is None else jax.tree.map(jnp.add, jets, around.leak)


def _drives(
    vehicle: Vehicle,
    around: Surroundings,
    lean: Float[Array, "t E 2"],
    thrust_n: Float[Array, "steps 3 E"],
    jets: Jets,
) -> Float[Array, "steps 3 made"]:
    """At the start, the middle and the end of each step."""
    engines = vehicle.engines
    axes = thrust_axes(engines, lean, around.center_body_m)
    if engines.gimballed:
        axes = jax.tree.map(_in_steps, axes)
    wrench = wrench_along(axes, thrust_n)
    nozzles = jnp.concatenate(
        [jets.force_body_n, jets.torque_body_n_m, jets.tank_flow_kg_s], axis=-1
    )
    flow_kg_s = tank_flow_kg_s(engines, fed_thrust_n(around, thrust_n))
    made = jnp.concatenate([*wrench, flow_kg_s], axis=-1)
    return made + nozzles[:, None]


def _in_steps(at_halves: Float[Array, "t E 3"]) -> Float[Array, "steps 3 E 3"]:
    """What is at the edges and the middles of steps, for each step at its start, middle and end."""
    return jnp.stack([at_halves[:-1:2], at_halves[1::2], at_halves[2::2]], axis=1)


def thrust_in_steps(
    around: Surroundings, before_n: Float[Array, " E"], step_s: Float[Array, ""], step_count: int
) -> tuple[Float[Array, "steps 3 E"], Float[Array, " E"]]:
    """Thrust at the start, the middle and the end of each equal step, and after the last one.

    By first-order lags, but the three are no samples: they are values from which the Runge-Kutta
    rule makes the exact impulse and displacement. In a coast a step is many lags long, and the tail
    of a burn that was cut lies in the first.
    """
    wanted_n = around.wanted_thrust_n
    decay = rk4_decay(step_s / around.thrust_lag_s)
    edges_n = powers(decay[1] ** 2, step_count + 1) * (before_n - wanted_n)
    in_steps = jnp.stack(decay) * edges_n[:-1, None]
    return wanted_n + in_steps, wanted_n + edges_n[-1]


def pulse_of(
    vehicle: Vehicle,
    around: Surroundings,
    command: Command,
    state: TrueState,
    tick_s: Float[Array, ""],
) -> Pulse | None:
    """One tick of all engines, where any pulses: one that burns steadily is open throughout."""
    engines = vehicle.engines
    if engines.pulsing is None:
        return None
    asked_s = open_time_s(engines.pulsing, command.throttle, tick_s)
    return Pulse(
        before_n=state.thrust_n,
        full_n=around.wanted_thrust_n,
        lag_s=around.thrust_lag_s,
        lag_down_s=engines.lag_down_s,
        open_s=jnp.where(engines.pulsing.pulses, asked_s, tick_s),
    )


def gimbal_rad(
    engines: Engines,
    around: Surroundings,
    state: TrueState,
    spacing_s: Float[Array, ""],
    count: int,
) -> Float[Array, "count E 2"]:
    """Where each gimbal is now and each `spacing_s` later."""
    wanted_rad = around.wanted_gimbal_rad
    return wanted_rad + gimbal_left_rad(engines, state.gimbal_rad - wanted_rad, spacing_s, count)


Integrated = TypeVar("Integrated", TrueState, Motion)


def tidy(state: Integrated) -> Integrated:
    """Unit attitude; no tank below empty."""
    return dataclasses.replace(
        state,
        inertial_from_body=normalize(state.inertial_from_body),
        tank_kg=jnp.maximum(state.tank_kg, 0.0),
    )
