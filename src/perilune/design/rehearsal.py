"""The nominal descent as the flight software would guide a point mass that it knows exactly.

It says when the plan touches down, how fast and with how much propellant. The thrust's direction
follows the one wanted as the attitude loop would let it: in proportion, no faster than its limit.
Sensors, the engine's lag and the field's unevenness are left out: guidance closes its loop over
them.
"""

import dataclasses
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.onboard.control.attitude import attitude_frequency_rad_s
from perilune.onboard.guidance.view import look, moon_orientation
from perilune.onboard.navigation.estimate import first_estimate
from perilune.onboard.navigation.propagate import HeldGravity
from perilune.onboard.phases.progress import Progress, advance, is_powered
from perilune.onboard.phases.steer import steer
from perilune.truth.environment.ephemeris import fixed_from_inertial
from perilune.truth.environment.terrain import clearance_m

STEP_S = 0.2
FOOTPRINT_M = 1.0


@dataclass(frozen=True)
class Rehearsal:
    """How the planned descent ends; times after the flight's epoch."""

    touched: bool
    touchdown_s: float
    gate_s: float
    gate_mass_kg: float
    end_mass_kg: float
    vertical_speed_m_s: float  # down positive, over the ground
    horizontal_speed_m_s: float
    peak_thrust_fraction: float


class Falling(eqx.Module):
    """The point mass under way."""

    time_s: jax.Array
    position_inertial_m: jax.Array  # (3,)
    velocity_inertial_m_s: jax.Array  # (3,)
    mass_kg: jax.Array
    thrust_direction_inertial: jax.Array  # (3,) unit, along the thrust
    progress: Progress
    height_m: jax.Array  # of the footpads over the ground
    vertical_speed_m_s: jax.Array
    horizontal_speed_m_s: jax.Array
    gate_s: jax.Array
    gate_mass_kg: jax.Array
    peak_thrust_fraction: jax.Array


def rehearse(plan, ignition, longest_s):
    """Fly from the planned state at ignition, `ignition` = (time_s, position, velocity, mass_kg).

    Gives up after `longest_s`, far more than any plan takes.
    """
    time_s, position_m, velocity_m_s, mass_kg = ignition
    start = tuple(map(jnp.asarray, (time_s, position_m, velocity_m_s, mass_kg)))
    planned = (plan.world, plan.upload, plan.ignition_phase)
    end = jax.device_get(_fall(planned, start, jnp.asarray(time_s + longest_s)))
    return Rehearsal(
        bool(end.height_m <= 0.0),
        float(end.time_s),
        float(end.gate_s),
        float(end.gate_mass_kg),
        float(end.mass_kg),
        float(end.vertical_speed_m_s),
        float(end.horizontal_speed_m_s),
        float(end.peak_thrust_fraction),
    )


@jax.jit
def _fall(planned, start, latest_s):
    """`Falling` when the footpads reach the ground, or when it is `latest_s`.

    `planned` is (world, upload, the phase that begins at ignition); one step before that it starts.
    """
    aligned = Progress(planned[2] - 1, *map(jnp.array, (0.0, 0.0)), start[0])
    none, back = jnp.array(0.0), -start[2] / jnp.linalg.norm(start[2])
    unknown = none + jnp.nan
    first = Falling(*start, back, aligned, none + jnp.inf, none, none, unknown, unknown, none)

    def goes_on(now):
        return (now.height_m > 0.0) & (now.time_s < latest_s)

    return jax.lax.while_loop(goes_on, lambda now: _step(planned, now), first)


def _step(planned, now):
    world, upload, ignition_phase = planned
    view = _exact_view(world, upload, now)
    phase = advance(upload, now.progress, view, now.time_s)
    entered = phase != now.progress.phase
    progress = dataclasses.replace(
        now.progress, phase=phase, began_s=jnp.where(entered, now.time_s, now.progress.began_s)
    )
    guidance = steer(upload, progress, view, jnp.asarray(STEP_S), entered)
    wanted_m_s2 = rotate_back(view.site_from_inertial, guidance.thrust_acceleration_site_m_s2)
    asked_m_s2, vehicle = jnp.linalg.norm(wanted_m_s2), upload.vehicle
    axis = _turned(upload.control, now.thrust_direction_inertial, wanted_m_s2 / asked_m_s2)
    thrust_n = jnp.clip(now.mass_kg * asked_m_s2, vehicle.min_thrust_n, vehicle.max_thrust_n)
    thrust_n = jnp.where(is_powered(upload, phase), thrust_n, 0.0)
    pull_m_s2 = point_mass_m_s2(upload.chart.gravity.gm_m3_s2, now.position_inertial_m)
    change_m_s = STEP_S * (thrust_n / now.mass_kg * axis + pull_m_s2)
    exhaust_m_s = exhaust_speed_m_s(vehicle.specific_impulse_s)
    rise_m_s = jnp.sum(view.velocity_site_m_s * view.up_site)
    at_gate = (phase > ignition_phase) & jnp.isnan(now.gate_s)
    return Falling(
        now.time_s + STEP_S,
        now.position_inertial_m + STEP_S * (now.velocity_inertial_m_s + 0.5 * change_m_s),
        now.velocity_inertial_m_s + change_m_s,
        now.mass_kg - STEP_S * thrust_n / exhaust_m_s,
        axis,
        dataclasses.replace(progress, time_to_go_s=guidance.time_to_go_s),
        view.height_m,
        -rise_m_s,
        jnp.linalg.norm(view.velocity_site_m_s - rise_m_s * view.up_site),
        jnp.where(at_gate, now.time_s, now.gate_s),
        jnp.where(at_gate, now.mass_kg, now.gate_mass_kg),
        jnp.maximum(now.peak_thrust_fraction, thrust_n / vehicle.max_thrust_n),
    )


def _turned(control, axis, wanted):
    """The thrust axis a step on, slewed as `torque_impulse_nms` slews, without its second lag."""
    apart = wanted - axis
    size = jnp.maximum(jnp.linalg.norm(apart), 1e-9)
    slew_per_s = 0.5 * attitude_frequency_rad_s(control) / control.damping_factor
    moved = axis + STEP_S * jnp.minimum(slew_per_s, control.rate_limit_rad_s / size) * apart
    return moved / jnp.linalg.norm(moved)


def _exact_view(world, upload, now):
    """What guidance would see with perfect navigation, the true ground below it."""
    estimate = dataclasses.replace(
        first_estimate(upload),
        position_inertial_m=now.position_inertial_m,
        velocity_inertial_m_s=now.velocity_inertial_m_s,
    )
    held_gravity = HeldGravity(upload.chart.gravity.gm_m3_s2, jnp.zeros(3))
    view = look(upload, estimate, moon_orientation(upload.chart, now.time_s), held_gravity)
    here = rotate(fixed_from_inertial(world.sky, now.time_s), now.position_inertial_m)
    key = jnp.zeros(2, jnp.uint32)
    above_m = clearance_m(world.terrain, here, key, FOOTPRINT_M)
    return dataclasses.replace(view, height_m=above_m - upload.vehicle.foot_below_center_m)
