"""Footpads, hull and bell against the ground: crushing struts, soil, friction, small steps.

Each point is a spring and damper, alike in every direction, in series with what only ever
dissipates: the struts of its leg, the soil that it sinks into, and Coulomb's slider in the ground.
All are return mappings by backward Euler. A pad at rest stays; what has crushed stays crushed, and
a leg loaded past what it bears carries nothing more.
"""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces import Command
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.matrices import matvec
from perilune.mechanics.rotation import (
    from_rotation_vector,
    multiply,
    rotate,
    to_matrix,
)
from perilune.truth.actuators.engines import engine_wrench, tank_flow_kg_s
from perilune.truth.actuators.nozzles import Jets
from perilune.truth.dynamics.free_flight import (
    Surroundings,
    fed_thrust_n,
    jets_in_steps,
    pulse_of,
    tidy,
    turn_rad_s2,
)
from perilune.truth.dynamics.ground_force import ground_wrench, met_stops
from perilune.truth.dynamics.ground_plane import Ground, carried, reached
from perilune.truth.dynamics.moving_points import Points, Swing
from perilune.truth.dynamics.slosh import Wrench, drifted, kicked
from perilune.truth.dynamics.state import (
    ContactState,
    ContactStep,
    SloshState,
    Touchdown,
    TrueState,
)
from perilune.truth.dynamics.strut_crush import dot
from perilune.truth.vehicle.vehicle import ContactPoints, Vehicle

SUBSTEP_COUNT = 100


class Held(eqx.Module):
    """What one tick of contact holds fixed."""

    around: Surroundings
    ground: Ground
    command: Command


Moving = tuple[TrueState, ContactState, Touchdown]


def contact_step(
    vehicle: Vehicle,
    around: Surroundings,
    ground: Ground,
    moving: tuple[TrueState, ContactState],
    jets: Jets,
    step_s: Float[Array, ""],
) -> tuple[TrueState, ContactState]:
    """One step of (TrueState, ContactState): kick, then drift.

    Place and attitude stand half a step ahead of the speeds: leapfrog, which keeps the energy of
    springs to the square of the step. Damping is explicit; crushing and sliding are implicit.
    """
    state, touch = moving
    built, legs = vehicle.contact, touch.legs
    turn = state.inertial_from_body
    inertial_from_body = to_matrix(turn)
    arm_m = matvec(inertial_from_body, crushed_places_m(built, touch) - around.center_body_m)
    spin = matvec(inertial_from_body, state.rate_body_rad_s)
    place_m = state.position_inertial_m + arm_m
    points = Points(
        stiffness_n_per_m=built.stiffness_n_per_m,
        damping_n_s_per_m=built.damping_n_s_per_m,
        friction_factor=built.friction_factor,
        depth_m=dot(ground.point_m - place_m, ground.normal),
        normal=ground.normal,
        arm_m=arm_m,
        swing=Swing(state.velocity_inertial_m_s - ground.velocity_m_s, spin),
        bristle_inertial_m=touch.bristle_inertial_m,
        peak_force_n=touch.peak_force_n,
    )
    if ground.stops is not None:
        points, touch = met_stops(points, ground.stops, touch, place_m, step_s)
    pushed, felt = ground_wrench(points, (built.legs, legs), inertial_from_body, step_s)
    touch = dataclasses.replace(felt, top_entered=touch.top_entered)
    push_body_n, twist_body_nm = (matvec(inertial_from_body.T, each) for each in pushed)
    kicked = _kick(vehicle, around, state, (push_body_n, twist_body_nm), jets, step_s)
    return tidy(drift(kicked, step_s)), touch


def crushed_places_m(points: ContactPoints, touch: ContactState) -> Float[Array, "P 3"]:
    """Where every contact point is in the body frame, the crush of its leg counted."""
    net_m = touch.legs.stroke_m[..., 0] - touch.legs.stroke_m[..., 1]
    moved_m = jnp.sum(net_m[..., None] * points.legs.crush_body_factor, axis=1)
    feet = points.position_body_m[: points.leg_count] + moved_m
    return jnp.concatenate([feet, points.position_body_m[points.leg_count :]])


def drift(state: TrueState, step_s: Float[Array, ""]) -> TrueState:
    """Place and attitude carried on by the present speeds."""
    turned = multiply(
        state.inertial_from_body, from_rotation_vector(step_s * state.rate_body_rad_s)
    )
    return dataclasses.replace(
        state,
        position_inertial_m=state.position_inertial_m + step_s * state.velocity_inertial_m_s,
        inertial_from_body=turned,
        sensed_rotation_body_rad=state.sensed_rotation_body_rad + step_s * state.rate_body_rad_s,
        slosh=drifted(state.slosh, step_s),
    )


def _kick(
    vehicle: Vehicle,
    around: Surroundings,
    state: TrueState,
    ground_wrench_body: tuple[Float[Array, "3"], Float[Array, "3"]],
    jets: Jets,
    step_s: Float[Array, ""],
) -> TrueState:
    """Speeds, tanks, thrust and gimbal one step on."""
    mass_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
    center_m = around.center_body_m
    main_n, main_nm = engine_wrench(vehicle.engines, state.thrust_n, state.gimbal_rad, center_m)
    push_n, twist_nm = ground_wrench_body
    force_n = main_n + jets.force_body_n + push_n
    torque_nm = main_nm + jets.torque_body_n_m + twist_nm
    wrench = Wrench(force_n, torque_nm, mass_kg)
    specific_m_s2, rate, slosh = _answered(around, state, wrench, step_s)
    acceleration_m_s2 = (
        rotate(state.inertial_from_body, specific_m_s2)
        + point_mass_m_s2(around.gm_m3_s2, state.position_inertial_m)
        + around.perturbation_inertial_m_s2
    )
    return dataclasses.replace(
        _burnt(vehicle, around, state, jets, step_s),
        velocity_inertial_m_s=state.velocity_inertial_m_s + step_s * acceleration_m_s2,
        rate_body_rad_s=rate,
        sensed_velocity_body_m_s=state.sensed_velocity_body_m_s + step_s * specific_m_s2,
        slosh=slosh,
    )


def _answered(
    around: Surroundings, state: TrueState, wrench: Wrench, step_s: Float[Array, ""]
) -> tuple[Float[Array, "3"], Float[Array, "3"], SloshState | None]:
    """Specific force, then the rate and the liquid one step on."""
    rate, slosh = state.rate_body_rad_s, state.slosh
    if around.sway is None or slosh is None:
        turned = _turned_rate_rad_s(around, rate, wrench.torque_n_m, step_s)
        return wrench.force_n / wrench.mass_kg, turned, None
    return kicked(around.sway, wrench, (rate, slosh), step_s)


def _turned_rate_rad_s(
    around: Surroundings,
    rate_rad_s: Float[Array, "3"],
    torque_nm: Float[Array, "3"],
    step_s: Float[Array, ""],
) -> Float[Array, "3"]:
    """Euler's equations by the midpoint rule: explicit Euler would feed a tumble energy."""
    middle_rad_s = rate_rad_s + 0.5 * step_s * turn_rad_s2(around, rate_rad_s, torque_nm)
    return rate_rad_s + step_s * turn_rad_s2(around, middle_rad_s, torque_nm)


def _burnt(
    vehicle: Vehicle, around: Surroundings, state: TrueState, jets: Jets, step_s: Float[Array, ""]
) -> TrueState:
    """Tanks, thrust and gimbal one step on; a lag shorter than a step is stretched to it."""
    fed_n = fed_thrust_n(around, state.thrust_n)
    used_kg = step_s * (tank_flow_kg_s(vehicle.engines, fed_n) + jets.tank_flow_kg_s)
    thrust_share = step_s / jnp.maximum(around.thrust_lag_s, step_s)
    gimbal_share = (step_s / jnp.maximum(vehicle.engines.gimbal_lag_s, step_s))[:, None]
    return dataclasses.replace(
        state,
        tank_kg=state.tank_kg - used_kg,
        thrust_n=state.thrust_n + thrust_share * (around.wanted_thrust_n - state.thrust_n),
        gimbal_rad=state.gimbal_rad + gimbal_share * (around.wanted_gimbal_rad - state.gimbal_rad),
    )


def contact_tick(
    vehicle: Vehicle,
    held: Held,
    moving: Moving,
    tick_s: Float[Array, ""],
    sampled: bool = False,
    step_count: int = SUBSTEP_COUNT,
) -> tuple[Moving, ContactStep | None]:
    """One tick of `moving`, (TrueState, ContactState, Touchdown), in equal steps.

    Returns what has moved and, with `sampled` (static), the `ContactStep` of every step, leading
    axis steps, else None.
    """
    step_s = tick_s / step_count
    around = held.around

    def substep(
        current: Moving, row: tuple[Float[Array, ""], Jets]
    ) -> tuple[Moving, ContactStep | None]:
        state, touch, first = current
        start_s, jets = row
        here = carried(ground, start_s + 0.5 * step_s)
        lit = _lit(vehicle, around, open_s, start_s, step_s)
        moved, touch = contact_step(vehicle, lit, here, (state, touch), jets, step_s)
        first = _first_touch(first, state, touch, start_s)
        seen = None
        if sampled:
            work_j = thrust_work_j(vehicle, held, state, moved, jets, step_s)
            seen = ContactStep(drift(moved, -0.5 * step_s), touch, work_j)
        return (moved, touch, first), seen

    state, touch, first = moving
    fresh = dataclasses.replace(
        state, sensed_velocity_body_m_s=jnp.zeros(3), sensed_rotation_body_rad=jnp.zeros(3)
    )
    ahead = drift(fresh, 0.5 * step_s)
    started = (
        ahead,
        touch,
        dataclasses.replace(first, after_s=jnp.where(first.touched, first.after_s, 0.0)),
    )
    from_center_m = crushed_places_m(vehicle.contact, touch) - around.center_body_m
    ground = reached(held.ground, touch.top_entered, ahead, from_center_m, tick_s)
    pulse = pulse_of(vehicle, around, held.command, state, tick_s)
    open_s = None if pulse is None else pulse.open_s
    starts_s = step_s * jnp.arange(float(step_count))
    jets = jets_in_steps(vehicle, around, held.command, state, (step_s, step_count))
    ended, steps = jax.lax.scan(substep, started, (starts_s, jets))
    return (drift(ended[0], -0.5 * step_s), *ended[1:]), steps


def _lit(
    vehicle: Vehicle,
    around: Surroundings,
    open_s: Float[Array, " E"] | None,
    start_s: Float[Array, ""],
    step_s: Float[Array, ""],
) -> Surroundings:
    """With the thrust that engines go to in this step, and their lag, where any pulses."""
    engines = vehicle.engines
    if engines.pulsing is None or open_s is None:
        return around
    share = jnp.clip((open_s - start_s) / step_s, 0.0, 1.0)
    return dataclasses.replace(
        around,
        wanted_thrust_n=share * around.wanted_thrust_n,
        thrust_lag_s=jnp.where(share > 0.0, around.thrust_lag_s, engines.lag_down_s),
    )


def thrust_work_j(
    vehicle: Vehicle,
    held: Held,
    before: TrueState,
    after: TrueState,
    jets: Jets,
    step_s: Float[Array, ""],
) -> Float[Array, ""]:
    """Work of engine and thrusters in one step, over the ground.

    Force times the mean of the speeds before and after it is what a kick adds of kinetic energy.
    """
    center_m = held.around.center_body_m
    main_n, main_nm = engine_wrench(vehicle.engines, before.thrust_n, before.gimbal_rad, center_m)
    push_n = rotate(before.inertial_from_body, main_n + jets.force_body_n)
    mean_m_s = 0.5 * (before.velocity_inertial_m_s + after.velocity_inertial_m_s)
    mean_rad_s = 0.5 * (before.rate_body_rad_s + after.rate_body_rad_s)
    moved_w = jnp.sum(push_n * (mean_m_s - held.ground.velocity_m_s))
    return step_s * (moved_w + jnp.sum((main_nm + jets.torque_body_n_m) * mean_rad_s))


def _first_touch(
    first: Touchdown, state: TrueState, touch: ContactState, start_s: Float[Array, ""]
) -> Touchdown:
    """The state at the last step before any point felt the ground, kept from then on."""
    fresh = ~first.touched & jnp.any(touch.normal_force_n > 0.0)
    candidate = Touchdown(jnp.array(True), start_s, state)
    return if_any_lane(fresh, lambda _: candidate, first)
