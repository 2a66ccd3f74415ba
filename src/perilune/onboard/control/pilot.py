"""From the guidance command to one tick's command: attitude, throttle, gimbal, pulses, beam."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import cross, rotate_back, to_matrix
from perilune.onboard.control.allocate import Allocation, Demand, allocate, vehicle_now
from perilune.onboard.control.attitude import (
    Pointing,
    attitude_from_axes,
    leaned,
    torque_impulse_nms,
)
from perilune.onboard.control.throttle import past_band
from perilune.onboard.guidance.situation import GuidanceCommand
from perilune.onboard.guidance.view import View
from perilune.onboard.memory import Memory
from perilune.onboard.phase_table import BURN, HOLD, RETROGRADE, THRUST_IN_ORBIT, UPRIGHT
from perilune.onboard.phases.in_use import vehicle_of
from perilune.onboard.phases.progress import is_powered
from perilune.onboard.upload import Upload

CALM_RATE_RAD_S = 2e-4


def act(
    upload: Upload, memory: Memory, view: View, guidance: GuidanceCommand, tick_s: Float[Array, ""]
) -> Allocation:
    """The command that turns the guidance command into thrust and attitude.

    The thrust felt, not the body's z, points where guidance wants it, and the torque that comes
    with it is made up for.
    """
    phase = memory.progress.phase
    vehicle = vehicle_of(upload, phase)
    wanted, rate_wanted = attitude_wanted(upload, memory, view, guidance)
    now = vehicle_now(vehicle, memory.mass_kg)
    pointing = Pointing(
        inertial_from_body=memory.estimate.inertial_from_body,
        wanted_axes=wanted,
        rate_body_rad_s=memory.rate_body_rad_s,
        wanted_rate_body_rad_s=rate_wanted,
    )
    impulse, error_rad = torque_impulse_nms(upload.control, now.inertia_kg_m2, pointing, tick_s)
    powered = is_powered(upload, phase)
    size_m_s2 = jnp.linalg.norm(guidance.thrust_acceleration_site_m_s2)
    known = memory.disturbance
    felt_n = length(known.thrust_factor) * vehicle.max_thrust_n
    guided = memory.mass_kg * size_m_s2 / felt_n
    asked = jnp.where(jnp.isnan(guidance.throttle), guided, guidance.throttle)
    throttle = past_band(vehicle, asked, memory.command.throttle)
    ordered_n = jnp.where(powered, jnp.minimum(throttle, 1.0) * vehicle.max_thrust_n, 0.0)
    calm = jnp.linalg.norm(memory.rate_body_rad_s - rate_wanted) < CALM_RATE_RAD_S
    close = jnp.linalg.norm(error_rad) < upload.control.coast_deadband_rad
    demand = Demand(
        engine_on=powered,
        throttle=throttle,
        gimbal_before_rad=memory.command.gimbal_rad,
        unfired_n_m_s=memory.unfired_n_m_s,
        unspent_s=memory.unspent_s,
        angular_impulse_n_m_s=impulse - tick_s * ordered_n * known.arm_body_m,
        tick_s=tick_s,
        nozzles_closed=~powered & calm & close,
        altimeter_beam=upload.phases.altimeter_beam[phase],
    )
    return allocate(vehicle, now.center_body_m, demand)


def attitude_wanted(
    upload: Upload, memory: Memory, view: View, guidance: GuidanceCommand
) -> tuple[Float[Array, "3 3"], Float[Array, "3"]]:
    """Inertial axes of the body, and its rate, to hold by the attitude rule of the phase.

    Along the planned direction of the descent-orbit burn; against the motion, turning with the
    orbit; along guidance's thrust; as it was when the phase began; or upright but for a lean
    towards body +x, whatever the thrust. The side axis lies across the track, so that the canted
    beam looks down while the thrust axis lies low.
    """
    estimate, rule = memory.estimate, upload.phases.attitude[memory.progress.phase]
    position, velocity = estimate.position_inertial_m, estimate.velocity_inertial_m_s
    turning = cross(position, velocity)
    guided = rotate_back(view.site_from_inertial, guidance.thrust_acceleration_site_m_s2)
    side_site = cross(upload.chart.downrange_site, jnp.array([0.0, 0.0, 1.0]))
    planned = upload.plan.deorbit_velocity_inertial_m_s
    early, coasting = rule == BURN, rule == RETROGRADE
    axis = jnp.where(early, planned, jnp.where(coasting, -velocity, guided))
    side = jnp.where(early | coasting, -turning, rotate_back(view.site_from_inertial, side_site))
    wanted = leaned(
        attitude_from_axes(axis, side / jnp.linalg.norm(side)), memory.disturbance.thrust_factor
    )
    if memory.held_inertial_from_body is not None:
        wanted = jnp.where(rule == HOLD, to_matrix(memory.held_inertial_from_body), wanted)
    if upload.phases.lean_rad is not None:
        lean_rad = upload.phases.lean_rad[memory.progress.phase]
        wanted = jnp.where(rule == UPRIGHT, _upright(view, side_site, lean_rad), wanted)
    orbital = turning / jnp.sum(position**2)
    follow = jnp.where(coasting | (rule == THRUST_IN_ORBIT), 1.0, 0.0)
    return wanted, follow * rotate_back(estimate.inertial_from_body, orbital)


def _upright(
    view: View, side_site: Float[Array, "3"], lean_rad: Float[Array, ""]
) -> Float[Array, "3 3"]:
    """Inertial axes of the body standing along the local vertical but for a lean towards its +x."""
    ahead_site = cross(side_site, view.up_site)
    axis_site = jnp.cos(lean_rad) * view.up_site + jnp.sin(lean_rad) * ahead_site
    axis, side = (rotate_back(view.site_from_inertial, each) for each in (axis_site, side_site))
    return attitude_from_axes(axis, side)
