"""Footpads, hull and bell against the ground: crushing struts, friction, small steps.

Each point is a spring and damper, alike in every direction, in series with two things that only
ever dissipate: a strut along body z that crushes at its force, and Coulomb's slider in the ground.
Both are return mappings by backward Euler. A pad at rest stays; what has crushed stays crushed.
"""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.rotation import (
    cross,
    from_rotation_vector,
    multiply,
    normalize,
    rotate,
    rotate_back,
    to_matrix,
)
from perilune.truth.motion.free_flight import pulse_fraction, tidy
from perilune.truth.motion.state import ContactState, Touchdown
from perilune.truth.vehicle.propulsion import engine_wrench, mass_flow_kg_s, thruster_wrench

SUBSTEP_COUNT = 100
NO_FORCE_N = 1e-9


class Ground(eqx.Module):
    """The ground under each contact point as a plane, good for one tick; inertial axes."""

    point_m: jax.Array  # (18, 3) a point of the plane
    normal: jax.Array  # (18, 3)
    velocity_m_s: jax.Array  # (3,) the Moon turns


def contact_step(vehicle, around, ground, moving, on_fraction, step_s):
    """One step of (TrueState, ContactState): drift by half, kick, drift by half.

    `ground` is where it is in the middle of the step. Leapfrog keeps the energy of springs to the
    square of the step; damping is explicit, crushing and sliding are implicit.
    """
    state, touch = moving
    middle = _drift(state, 0.5 * step_s)
    points = vehicle.contact
    to_inertial = to_matrix(middle.inertial_from_body)
    arm_body_m = points.position_body_m - around.center_body_m
    arm_body_m = [arm_body_m[:, 0], arm_body_m[:, 1], arm_body_m[:, 2] + touch.stroke_m]
    arm_m = [_dot(row, arm_body_m) for row in to_inertial]
    spin = rotate(middle.inertial_from_body, middle.rate_body_rad_s)
    over_m_s = middle.velocity_inertial_m_s - ground.velocity_m_s
    speed_m_s = _plus(over_m_s, 1.0, _cross(spin, arm_m))
    place_m = _plus(middle.position_inertial_m, 1.0, arm_m)
    up = to_inertial[:, 2]
    force_n, touch = ground_force_n(points, ground, (place_m, speed_m_s, up), touch, step_s)
    push_n = jnp.stack(force_n)@jnp.ones(18)
    twist_nm = jnp.stack(_cross(arm_m, force_n))@jnp.ones(18)
    push_body_n = rotate_back(middle.inertial_from_body, push_n)
    twist_body_nm = rotate_back(middle.inertial_from_body, twist_nm)
    kicked = _kick(vehicle, around, middle, (push_body_n, twist_body_nm), on_fraction, step_s)
    return tidy(_drift(kicked, 0.5 * step_s)), touch


def ground_force_n(points, ground, motion, touch, step_s):
    """Force on each point, (18, 3) N inertial, and what the ground remembers afterwards.

    `motion` is (place (18, 3) m of the pads, speed (18, 3) m/s over the ground were their struts
    rigid, body z (3,)). With depth d, bristle b, stiffness k and damping c the trial force is
    k (d n - b) - c v; a strut that crushes by s takes (k + c / step) s along itself off it, and
    a pad that slides likewise along the ground.
    """
    place_m, speed_m_s, up = motion
    normal, foot_m = _parts(ground.normal), _parts(ground.point_m)
    stiffness, damping = points.stiffness_n_per_m, points.damping_n_s_per_m
    yielding = stiffness + damping / step_s
    depth_m = -_dot(_plus(place_m, -1.0, foot_m), normal)
    closing_m_s = -_dot(speed_m_s, normal)
    along_m_s = _plus(speed_m_s, closing_m_s, normal)
    bristle_m = _plus(_parts(touch.bristle_inertial_m), step_s, along_m_s)
    press_n = jnp.maximum(stiffness * depth_m + damping * closing_m_s, 0.0)
    press_n = jnp.where(depth_m > 0.0, press_n, 0.0)
    drag_n = [-stiffness * b - damping * v for b, v in zip(bristle_m, along_m_s, strict=True)]
    upright = _dot(up, normal)
    held = _held(drag_n, points.friction_factor * press_n)
    axial_n = press_n * upright + held * _dot(drag_n, up)
    crush_m = _crush_m(points, touch, axial_n, yielding)
    sideways = _plus(up, -upright, normal)
    press_n = jnp.maximum(press_n - yielding * crush_m * upright, 0.0)
    drag_n = _plus(drag_n, -yielding * crush_m, sideways)
    held = _held(drag_n, points.friction_factor * press_n)
    slid_m = jnp.where(press_n > 0.0, (1.0 - held) / yielding, 0.0)
    bristle_m = _plus(_plus(bristle_m, crush_m, sideways), slid_m, drag_n)
    kept_m = jnp.where(press_n > 0.0, jnp.stack(bristle_m), 0.0)
    force_n = [press_n * n + held * f for n, f in zip(normal, drag_n, strict=True)]
    stroke_m = jnp.minimum(touch.stroke_m + crush_m, points.stroke_limit_m)
    peak_n = jnp.maximum(touch.peak_force_n, press_n)
    return force_n, ContactState(stroke_m, kept_m.T, press_n, peak_n)


def _crush_m(points, touch, axial_n, yielding_n_per_m):
    """How far each strut must give so that it carries no more than its crush force along itself."""
    left_m = points.stroke_limit_m - touch.stroke_m
    return jnp.clip((axial_n - points.crush_force_n) / yielding_n_per_m, 0.0, left_m)


def _held(drag_n, limit_n):
    """The share of a trial friction that Coulomb's limit lets through."""
    return jnp.minimum(1.0, limit_n / jnp.maximum(jnp.sqrt(_dot(drag_n, drag_n)), NO_FORCE_N))


def _parts(vector):
    """Components apart, so that each is computed once: a fused loop over three would redo all."""
    return [vector[..., axis] for axis in range(3)]


def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a, b):
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]


def _plus(a, factor, b):
    return [x + factor * y for x, y in zip(a, b, strict=True)]


def _drift(state, step_s):
    """Place and attitude carried on by the present speeds."""
    turned = multiply(
        state.inertial_from_body, from_rotation_vector(step_s * state.rate_body_rad_s)
    )
    return dataclasses.replace(
        state,
        position_inertial_m=state.position_inertial_m + step_s * state.velocity_inertial_m_s,
        inertial_from_body=turned,
        sensed_rotation_body_rad=state.sensed_rotation_body_rad + step_s * state.rate_body_rad_s,
    )


def _kick(vehicle, around, state, ground_wrench_body, on_fraction, step_s):
    """Speeds, tanks, thrust and gimbal one step on."""
    mass_kg = vehicle.mass.dry_kg + state.cold_gas_kg + state.propellant_kg
    center_m = around.center_body_m
    main_n, main_nm = engine_wrench(vehicle.engine, state.thrust_n, state.gimbal_rad, center_m)
    jet_n, jet_nm, jet_total_n = thruster_wrench(vehicle.thrusters, on_fraction, center_m)
    push_n, twist_nm = ground_wrench_body
    specific_m_s2 = (main_n + jet_n + push_n) / mass_kg
    acceleration_m_s2 = (
        rotate(state.inertial_from_body, specific_m_s2)
        + point_mass_m_s2(around.gm_m3_s2, state.position_inertial_m)
        + around.perturbation_inertial_m_s2
    )
    rate = _turned_rate_rad_s(around, state.rate_body_rad_s, main_nm + jet_nm + twist_nm, step_s)
    return dataclasses.replace(
        _burnt(vehicle, around, state, jet_total_n, step_s),
        velocity_inertial_m_s=state.velocity_inertial_m_s + step_s * acceleration_m_s2,
        rate_body_rad_s=rate,
        sensed_velocity_body_m_s=state.sensed_velocity_body_m_s + step_s * specific_m_s2,
    )


def _turned_rate_rad_s(around, rate_rad_s, torque_nm, step_s):
    """Euler's equations by the midpoint rule: explicit Euler would feed a tumble energy."""

    def turn(rate):
        return (torque_nm - cross(rate, around.inertia_kg_m2 * rate)) / around.inertia_kg_m2

    middle_rad_s = rate_rad_s + 0.5 * step_s * turn(rate_rad_s)
    return rate_rad_s + step_s * turn(middle_rad_s)


def _burnt(vehicle, around, state, jet_total_n, step_s):
    """Tanks, thrust and gimbal one step on; a lag shorter than a step is stretched to it."""
    engine, thrusters = vehicle.engine, vehicle.thrusters
    used_kg = step_s * mass_flow_kg_s(state.thrust_n, engine.specific_impulse_s)
    gas_kg = step_s * mass_flow_kg_s(jet_total_n, thrusters.specific_impulse_s)
    thrust_share = step_s / jnp.maximum(engine.lag_s, step_s)
    gimbal_share = step_s / jnp.maximum(engine.gimbal_lag_s, step_s)
    return dataclasses.replace(
        state,
        propellant_kg=state.propellant_kg - used_kg,
        cold_gas_kg=state.cold_gas_kg - gas_kg,
        thrust_n=state.thrust_n + thrust_share * (around.wanted_thrust_n - state.thrust_n),
        gimbal_rad=state.gimbal_rad + gimbal_share * (around.wanted_gimbal_rad - state.gimbal_rad),
    )


def contact_tick(vehicle, around, ground, command, moving, tick_s):
    """One tick of (TrueState, ContactState, Touchdown) in 100 steps: a millisecond each at 0.1 s."""
    step_s = tick_s / SUBSTEP_COUNT

    def substep(current, start_s):
        state, touch, first = current
        on_fraction = pulse_fraction(command.thruster_on_s, start_s, step_s, state.cold_gas_kg)
        carried_m = ground.point_m + (start_s + 0.5 * step_s) * ground.velocity_m_s
        here = dataclasses.replace(ground, point_m=carried_m)
        moved, touch = contact_step(vehicle, around, here, (state, touch), on_fraction, step_s)
        return (moved, touch, _first_touch(first, state, touch, start_s)), None

    state, touch, first = moving
    fresh = dataclasses.replace(
        state, sensed_velocity_body_m_s=jnp.zeros(3), sensed_rotation_body_rad=jnp.zeros(3)
    )
    started = (fresh, touch, dataclasses.replace(first, after_s=first.after_s * first.touched))
    return jax.lax.scan(substep, started, step_s * jnp.arange(SUBSTEP_COUNT))[0]


def _first_touch(first, state, touch, start_s):
    """The state at the last step before any point felt the ground, kept from then on."""
    fresh = ~first.touched & jnp.any(touch.normal_force_n > 0.0)
    candidate = Touchdown(jnp.array(True), start_s, state)
    return jax.tree.map(lambda new, old: jnp.where(fresh, new, old), candidate, first)


def elastic_energy_j(points, touch, depth_m):
    """Energy held in springs and bristles; with kinetic and potential energy it may only fall.

    `depth_m` (18,) is that of the pads, their strokes taken off.
    """
    pressed = 0.5 * points.stiffness_n_per_m * jnp.maximum(depth_m, 0.0) ** 2
    bristle = 0.5 * points.stiffness_n_per_m * jnp.sum(touch.bristle_inertial_m**2, axis=-1)
    return jnp.sum(pressed + bristle)
