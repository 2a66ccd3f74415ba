"""The flight computer: what runs at every tick and every frame, in this order."""

import dataclasses

import jax.numpy as jnp

from perilune.mechanics.gravity import harmonics_m_s2
from perilune.mechanics.rotation import conjugate, cross, multiply, rotate, rotate_back
from perilune.onboard.control.allocate import allocate, engine_command, vehicle_now
from perilune.onboard.control.attitude import attitude_from_axes, torque_impulse_nms
from perilune.onboard.guidance.steer import steer
from perilune.onboard.guidance.view import ground_range_m, heading, look
from perilune.onboard.modes.modes import Mode, advance, is_powered
from perilune.onboard.navigation import measurements
from perilune.onboard.navigation.propagate import Pull, propagate
from perilune.onboard.navigation.update import update

STANDARD_GRAVITY_M_S2 = 9.80665
COAST_TICK_S = 1.0
TICK_S = 0.1
FRAME_TICKS = 5


def tick_length_s(memory):
    """The computer's own schedule: slow while coasting, ten a second otherwise."""
    return jnp.where(memory.progress.mode == Mode.COAST, COAST_TICK_S, TICK_S)


def begin_frame(upload, memory, time_s, frame_s):
    """Believed gravity beyond the point mass, at the middle of the frame, held through it."""
    chart, estimate = upload.chart, memory.estimate
    middle_m = estimate.position_inertial_m + 0.5 * frame_s * estimate.velocity_inertial_m_s
    where = heading(chart, time_s + 0.5 * frame_s)
    pa_from_inertial = _pa_from_inertial(chart, where)
    uneven = harmonics_m_s2(chart.gravity, rotate(pa_from_inertial, middle_m))
    pull = Pull(chart.gravity.gm_m3_s2, rotate_back(pa_from_inertial, uneven))
    return dataclasses.replace(memory, pull=pull)


def _pa_from_inertial(chart, where):
    return multiply(conjugate(chart.fixed_from_pa), where.fixed_from_inertial)


def decide(upload, memory, time_s, tick_s):
    """Modes, guidance and control: one tick's command."""
    where = heading(upload.chart, time_s)
    view = look(upload, memory.estimate, where, memory.pull)
    mode, since = advance(upload, memory.progress, view, time_s, memory.touched)
    entered = mode != memory.progress.mode
    progress = dataclasses.replace(memory.progress, mode=mode, mode_since_s=since)
    wish = steer(upload, progress, view, tick_s, entered)
    progress = dataclasses.replace(progress, time_to_go_s=wish.time_to_go_s)
    memory = dataclasses.replace(memory, progress=progress, entered=entered)
    return memory, _act(upload, memory, view, wish, tick_s), view


def _act(upload, memory, view, wish, tick_s):
    vehicle, plan, mode = upload.vehicle, upload.plan, memory.progress.mode
    wanted, rate_wanted = _attitude_wanted(upload, memory, view, wish)
    inertia, arm_m = vehicle_now(vehicle, memory.mass_kg)
    attitudes = (memory.estimate.inertial_from_body, wanted)
    rates = (memory.rate_body_rad_s, rate_wanted)
    impulse, error_rad = torque_impulse_nms(upload.control, inertia, attitudes, rates, tick_s)
    deorbit, powered = mode == Mode.DEORBIT, is_powered(mode)
    size = jnp.linalg.norm(wish.thrust_acceleration_site_m_s2)
    guided = engine_command(vehicle, size, memory.mass_kg, powered)
    throttle = jnp.where(deorbit, plan.deorbit_throttle, guided)
    slow = jnp.linalg.norm(memory.rate_body_rad_s - rate_wanted) < 2e-4
    close = jnp.linalg.norm(error_rad) < upload.control.coast_deadband_rad
    quiet = (mode == Mode.LANDED) | ((mode <= Mode.ALIGN) & ~powered & slow & close)
    return allocate(vehicle, impulse, (powered, throttle, arm_m), tick_s, quiet)


def _attitude_wanted(upload, memory, view, wish):
    """Inertial attitude and body rate to hold in the present mode."""
    estimate, mode = memory.estimate, memory.progress.mode
    position, velocity = estimate.position_inertial_m, estimate.velocity_inertial_m_s
    turning = cross(position, velocity)
    site_axes = view.site_from_inertial
    guided = rotate_back(site_axes, wish.thrust_acceleration_site_m_s2)
    side_site = cross(upload.chart.downrange_site, jnp.array([0.0, 0.0, 1.0]))
    planned = upload.plan.deorbit_velocity_inertial_m_s
    early, coasting = mode <= Mode.DEORBIT, mode == Mode.COAST
    axis = jnp.where(early, planned, jnp.where(coasting, -velocity, guided))
    side = jnp.where(mode <= Mode.COAST, -turning, rotate_back(site_axes, side_site))
    wanted = attitude_from_axes(axis, side / jnp.linalg.norm(side))
    orbital = turning / jnp.sum(position**2)
    follow = jnp.where(coasting | (mode == Mode.ALIGN), 1.0, 0.0)
    return wanted, follow * rotate_back(estimate.inertial_from_body, orbital)


def navigate_fast(upload, memory, readings, time_s, tick_s):
    """Dead reckoning over the tick, then altimeter and velocimeter at its end.

    One beam at a time: the canted one until the gate, the axial one after. Their ends lie
    kilometres apart in braking, and the map's error is one number.
    """
    settings, sensors = upload.filter, upload.sensors
    where, mode = heading(upload.chart, time_s), memory.progress.mode
    range_m = ground_range_m(upload.chart, memory.estimate, where)
    uneven_m2 = measurements.map_variance_m2(
        settings, memory.estimate, range_m, memory.map_gradient_inertial
    )
    over = (tick_s, is_powered(mode), uneven_m2)
    estimate = propagate(settings, memory.estimate, readings.imu, memory.pull, over)
    beam = (mode >= Mode.APPROACH).astype(int)
    ranges, gradients = measurements.altimeter_residuals(
        upload.chart, sensors, estimate, readings.altimeter, where.fixed_from_inertial
    )
    one_beam = dataclasses.replace(ranges, valid=ranges.valid & (jnp.arange(2) == beam))
    memory = dataclasses.replace(memory, map_gradient_inertial=gradients[beam])
    residuals = measurements.stack(
        one_beam,
        measurements.velocimeter_residuals(
            sensors, estimate, readings.velocimeter, where.spin_inertial_rad_s
        ),
    )
    updated, judged = update(estimate, residuals, settings.gate_factor)
    gained = readings.imu.velocity_increment_body_m_s
    gained = gained - estimate.accelerometer_bias_m_s2 * tick_s
    return _book(upload, memory, updated, (readings, gained), tick_s), judged


def _book(upload, memory, estimate, sensed, tick_s):
    """Keep mass, burn progress, rate and contact up to date."""
    readings, gained_body = sensed
    exhaust = upload.vehicle.specific_impulse_s * STANDARD_GRAVITY_M_S2
    progress = memory.progress
    planned = upload.plan.deorbit_velocity_inertial_m_s
    axis = planned / jnp.linalg.norm(planned)
    along = jnp.sum(rotate(estimate.inertial_from_body, gained_body) * axis)
    progress = dataclasses.replace(
        progress,
        deorbit_gained_m_s=progress.deorbit_gained_m_s
        + jnp.where(progress.mode == Mode.DEORBIT, along, 0.0),
    )
    powered = is_powered(progress.mode)
    used = memory.mass_kg * (1.0 - jnp.exp(-jnp.linalg.norm(gained_body) / exhaust))
    rate = readings.imu.rotation_increment_body_rad / tick_s - estimate.gyro_bias_rad_s
    return dataclasses.replace(
        memory,
        estimate=estimate,
        progress=progress,
        rate_body_rad_s=rate,
        mass_kg=memory.mass_kg - jnp.where(powered, used, 0.0),
        touched=memory.touched | jnp.any(readings.contact.closed),
    )


def navigate_slow(upload, memory, readings, time_s):
    """Once a frame: camera fix and star tracker."""
    settings, estimate = upload.filter, memory.estimate
    where = heading(upload.chart, time_s)
    residuals = measurements.stack(
        measurements.camera_residuals(
            upload.chart, upload.sensors, estimate, readings.camera, where.fixed_from_inertial
        ),
        measurements.star_tracker_residuals(upload.sensors, estimate, readings.star_tracker),
    )
    updated, judged = update(estimate, residuals, settings.gate_factor)
    return dataclasses.replace(memory, estimate=updated), judged
