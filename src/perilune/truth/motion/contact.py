"""Footpads, hull and bell against the ground: crushing struts, friction, small steps.

Each point is a spring and damper normal to the ground in series with a crushable strut, and a
bristle along the ground that sticks up to Coulomb's limit and slides at it. Crushing is a return
mapping: the strut never carries more than its crush force, and what would have been elastic beyond
that is stroke, for good. Bristles likewise slide by return mapping, so a pad at rest stays.
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
)
from perilune.truth.motion.free_flight import pulse_fraction, tidy
from perilune.truth.motion.state import ContactState, Touchdown
from perilune.truth.vehicle.propulsion import engine_wrench, mass_flow_kg_s, thruster_wrench

SUBSTEP_COUNT = 100


class Ground(eqx.Module):
    """The ground under each contact point as a plane, good for one tick; inertial axes."""

    point_m: jax.Array  # (18, 3) a point of the plane
    normal: jax.Array  # (18, 3)
    velocity_m_s: jax.Array  # (3,) the Moon turns


def contact_step(vehicle, around, ground, moving, on_fraction, step_s):
    """One semi-implicit Euler step of (TrueState, ContactState)."""
    state, touch = moving
    points = vehicle.contact
    arm_body_m = points.position_body_m - around.center_body_m
    arm_m = rotate(state.inertial_from_body[None], arm_body_m)
    spin = rotate(state.inertial_from_body, state.rate_body_rad_s)
    speed_m_s = state.velocity_inertial_m_s + cross(spin[None], arm_m) - ground.velocity_m_s
    place_m = state.position_inertial_m + arm_m
    up_body = rotate(state.inertial_from_body, jnp.array([0.0, 0.0, 1.0]))
    force_n, touch = ground_force_n(points, ground, (place_m, speed_m_s, up_body), touch, step_s)
    push_body_n = rotate_back(state.inertial_from_body, jnp.sum(force_n, axis=0))
    twist_body_nm = rotate_back(
        state.inertial_from_body, jnp.sum(cross(arm_m, force_n), axis=0)
    )
    moved = _move(vehicle, around, state, (push_body_n, twist_body_nm), on_fraction, step_s)
    return moved, touch


def ground_force_n(points, ground, motion, touch, step_s):
    """Force on each point, (18, 3) N inertial, and what the ground remembers afterwards."""
    place_m, speed_m_s, up = motion
    shortened_m = place_m + touch.stroke_m[:, None] * up
    depth_m = -jnp.sum((shortened_m - ground.point_m) * ground.normal, axis=-1)
    closing_m_s = -jnp.sum(speed_m_s * ground.normal, axis=-1)
    touching = depth_m > 0.0
    spring_n = points.stiffness_n_per_m * depth_m
    trial_n = jnp.maximum(spring_n + points.damping_n_s_per_m * closing_m_s, 0.0)
    crushable = touch.stroke_m < points.stroke_limit_m
    cap_n = jnp.where(crushable, points.crush_force_n, jnp.inf)
    normal_n = jnp.where(touching, jnp.minimum(trial_n, cap_n), 0.0)
    upright = jnp.maximum(jnp.sum(up * ground.normal, axis=-1), 0.2)
    excess_m = (spring_n - points.crush_force_n) / points.stiffness_n_per_m / upright
    crush_m = jnp.where(touching & crushable, jnp.maximum(excess_m, 0.0), 0.0)
    stroke_m = jnp.minimum(touch.stroke_m + crush_m, points.stroke_limit_m)
    along_m_s = speed_m_s + closing_m_s[:, None] * ground.normal
    friction_n, bristle_m = _stick_or_slide(
        points, touch.bristle_inertial_m + step_s * along_m_s, along_m_s, normal_n
    )
    force_n = normal_n[:, None] * ground.normal + friction_n
    peak_n = jnp.maximum(touch.peak_force_n, normal_n)
    return force_n, ContactState(stroke_m, bristle_m, normal_n, peak_n)


def _stick_or_slide(points, bristle_m, along_m_s, normal_n):
    """Coulomb's law by return mapping of an elastic bristle, so that sliding only ever dissipates."""
    stiffness = points.stiffness_n_per_m[:, None]
    trial_n = -stiffness * bristle_m - points.damping_n_s_per_m[:, None] * along_m_s
    size_n = jnp.linalg.norm(trial_n, axis=-1, keepdims=True)
    limit_n = (points.friction_factor * normal_n)[:, None]
    scale = jnp.minimum(1.0, limit_n / jnp.maximum(size_n, 1e-9))
    elastic_n = jnp.linalg.norm(stiffness * bristle_m, axis=-1, keepdims=True)
    keep = jnp.minimum(1.0, limit_n / jnp.maximum(elastic_n, 1e-9))
    return scale * trial_n, keep * bristle_m


def _move(vehicle, around, state, ground_wrench_body, on_fraction, step_s):
    mass_kg = vehicle.mass.dry_kg + state.cold_gas_kg + state.propellant_kg
    center_m = around.center_body_m
    main_n, main_nm = engine_wrench(vehicle.engine, state.thrust_n, state.gimbal_rad, center_m)
    jet_n, jet_nm, jet_total_n = thruster_wrench(vehicle.thrusters, on_fraction, center_m)
    push_n, twist_nm = ground_wrench_body
    specific_m_s2 = (main_n + jet_n + push_n) / mass_kg
    rate = state.rate_body_rad_s
    gyroscopic_nm = cross(rate, around.inertia_kg_m2 * rate)
    turn = (main_nm + jet_nm + twist_nm - gyroscopic_nm) / around.inertia_kg_m2
    gravity = point_mass_m_s2(around.gm_m3_s2, state.position_inertial_m)
    acceleration = rotate(state.inertial_from_body, specific_m_s2) + gravity
    velocity = state.velocity_inertial_m_s + step_s * (
        acceleration + around.perturbation_inertial_m_s2
    )
    new_rate = rate + step_s * turn
    turned = multiply(state.inertial_from_body, from_rotation_vector(step_s * new_rate))
    return _burnt(vehicle, around, state, jet_total_n, step_s)(
        position_inertial_m=state.position_inertial_m + step_s * velocity,
        velocity_inertial_m_s=velocity,
        inertial_from_body=normalize(turned),
        rate_body_rad_s=new_rate,
        sensed_velocity_body_m_s=state.sensed_velocity_body_m_s + step_s * specific_m_s2,
        sensed_rotation_body_rad=state.sensed_rotation_body_rad + step_s * new_rate,
    )


def _burnt(vehicle, around, state, jet_total_n, step_s):
    """Tanks, thrust and gimbal one step on, ready to take the motion."""
    engine, thrusters = vehicle.engine, vehicle.thrusters
    used_kg = step_s * mass_flow_kg_s(state.thrust_n, engine.specific_impulse_s)
    gas_kg = step_s * mass_flow_kg_s(jet_total_n, thrusters.specific_impulse_s)
    thrust_n = state.thrust_n + step_s * (around.wanted_thrust_n - state.thrust_n) / engine.lag_s
    gimbal_lead = (around.wanted_gimbal_rad - state.gimbal_rad) / engine.gimbal_lag_s
    emptied = dataclasses.replace(
        state,
        propellant_kg=state.propellant_kg - used_kg,
        cold_gas_kg=state.cold_gas_kg - gas_kg,
        thrust_n=thrust_n,
        gimbal_rad=state.gimbal_rad + step_s * gimbal_lead,
    )
    return lambda **motion: tidy(dataclasses.replace(emptied, **motion))


def contact_tick(vehicle, around, ground, command, moving, tick_s):
    """One tick of (TrueState, ContactState, Touchdown) in 100 steps: a millisecond each at 0.1 s."""
    step_s = tick_s / SUBSTEP_COUNT

    def substep(current, start_s):
        state, touch, first = current
        on_fraction = pulse_fraction(command.thruster_on_s, start_s, step_s, state.cold_gas_kg)
        carried = ground.point_m + start_s * ground.velocity_m_s
        here = dataclasses.replace(ground, point_m=carried)
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
    """Energy held in springs and bristles; with kinetic and potential energy it may only fall."""
    pressed = 0.5 * points.stiffness_n_per_m * jnp.maximum(depth_m, 0.0) ** 2
    bristle = 0.5 * points.stiffness_n_per_m * jnp.sum(touch.bristle_inertial_m**2, axis=-1)
    return jnp.sum(pressed + bristle)
