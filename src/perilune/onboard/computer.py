"""The flight computer: what runs at every step, at the end of a cycle and between two frames."""

import dataclasses

import jax.numpy as jnp

from perilune.interfaces import BelievedState, UpdateResult, quiet_command
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.derivatives import length
from perilune.mechanics.gravity import harmonics_m_s2
from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg
from perilune.mechanics.rotation import conjugate, multiply, rotate, rotate_back
from perilune.onboard.control.pilot import act
from perilune.onboard.guidance.view import ground_range_m, look, moon_orientation
from perilune.onboard.navigation import measurement_models
from perilune.onboard.navigation.ground import height_variance_m2, strike_at
from perilune.onboard.navigation.propagate import HeldGravity, grow, strapdown
from perilune.onboard.navigation.update import update
from perilune.onboard.phase_table import LONG
from perilune.onboard.phases.progress import advance, is_law, is_powered, landed
from perilune.onboard.phases.steer import steer

CYCLE_SCALARS, STAR_TRACKER_SCALARS = 6, 3
LEAST_TICK_S = 1e-9
"""Before the first tick nothing has turned, and its rate is not nothing over nothing."""


def listen(upload, memory, inbox):
    """Everything that has arrived: the IMU at every step, readings and star tracker when due."""
    arrived = inbox.arrived
    memory = reckon(upload, memory, arrived.imu)
    reckoned = believed_state(memory.estimate)
    memory, cycle_results = if_any_lane(
        inbox.cycle_due,
        lambda now: navigate(upload, now[0], arrived.cycle, inbox.time_s),
        (memory, _no_results(CYCLE_SCALARS)),
    )
    memory, tracker_results = if_any_lane(
        inbox.frame_due,
        lambda now: begin_frame(upload, now[0], arrived.star_tracker, inbox),
        (memory, _no_results(STAR_TRACKER_SCALARS)),
    )
    return memory, (reckoned, cycle_results, tracker_results)


def begin_frame(upload, memory, reading, inbox):
    """Between two frames: the star tracker, how sure height is, and the gravity of the next one."""
    memory, results = end_frame(upload, memory, reading)
    fixed = moon_orientation(upload.chart, inbox.time_s).fixed_from_inertial
    memory = dataclasses.replace(
        memory, height_variance_m2=height_variance_m2(upload, memory.estimate, fixed)
    )
    return hold_gravity(upload, memory, inbox.time_s, inbox.frame_s), results


def hold_gravity(upload, memory, time_s, frame_s):
    """Believed gravity beyond the point mass, at the middle of the frame, held through it."""
    chart, estimate = upload.chart, memory.estimate
    middle_m = estimate.position_inertial_m + 0.5 * frame_s * estimate.velocity_inertial_m_s
    where = moon_orientation(chart, time_s + 0.5 * frame_s)
    pa_from_inertial = multiply(conjugate(chart.fixed_from_pa), where.fixed_from_inertial)
    uneven = harmonics_m_s2(chart.gravity, rotate(pa_from_inertial, middle_m))
    held_gravity = HeldGravity(chart.gravity.gm_m3_s2, rotate_back(pa_from_inertial, uneven))
    return dataclasses.replace(memory, held_gravity=held_gravity)


def decide(upload, memory, time_s, tick_s):
    """Phases, guidance and control: the memory after them, one tick's command, believed height."""
    view = look(
        upload, memory.estimate, moon_orientation(upload.chart, time_s), memory.held_gravity
    )
    phase = advance(upload, memory.progress, view, time_s)
    entered = phase != memory.progress.phase
    began_s = jnp.where(entered, time_s, memory.progress.began_s)
    progress = dataclasses.replace(memory.progress, phase=phase, began_s=began_s)
    guidance = steer(upload, progress, view, tick_s, entered)
    progress = dataclasses.replace(progress, time_to_go_s=guidance.time_to_go_s)
    memory = dataclasses.replace(memory, progress=progress, tick_s=tick_s)
    command, shortfall = act(upload, memory, view, guidance, tick_s)
    return dataclasses.replace(memory, shortfall=shortfall), command, view.height_m


def reckon(upload, memory, imu):
    """Dead reckoning over the last tick: state, mass, rate, and how much of the burn is done."""
    progress, tick_s = memory.progress, memory.tick_s
    powered = is_powered(upload, progress.phase)
    estimate, gain = strapdown(memory.estimate, imu, memory.held_gravity, tick_s, powered)
    planned = upload.plan.deorbit_velocity_inertial_m_s
    along_m_s = jnp.sum(gain * planned) / jnp.linalg.norm(planned)
    burning = is_law(upload, progress.phase, "orbit_burn")
    done_m_s = progress.deorbit_gained_m_s + jnp.where(burning, along_m_s, 0.0)
    exhaust_m_s = exhaust_speed_m_s(upload.vehicle.specific_impulse_s)
    return dataclasses.replace(
        memory,
        estimate=estimate,
        progress=dataclasses.replace(progress, deorbit_gained_m_s=done_m_s),
        gain_inertial_m_s=memory.gain_inertial_m_s + gain,
        cycle_s=memory.cycle_s + tick_s,
        rate_body_rad_s=imu.rotation_increment_body_rad / jnp.maximum(tick_s, LEAST_TICK_S)
        - estimate.gyro_bias_rad_s,
        mass_kg=mass_after_kg(memory.mass_kg, length(gain), exhaust_m_s),
    )


def navigate(upload, memory, readings, time_s):
    """Covariance over the cycle, then altimeter, velocimeter and camera at its end."""
    settings, sensors, estimate = upload.filter, upload.sensors, memory.estimate
    where = moon_orientation(upload.chart, time_s)
    fixed = where.fixed_from_inertial
    range_m = ground_range_m(upload.chart, estimate, where)
    struck = measurement_models.strike_fixed_m(sensors, estimate, readings.altimeter, fixed)
    estimate, moved_m = strike_at(
        estimate,
        (struck, readings.altimeter.valid),
        measurement_models.map_variance_m2(settings, range_m),
        upload.chart.terrain_map.reference_radius_m,
    )
    over = (memory.cycle_s, is_powered(upload, memory.progress.phase), moved_m)
    walking = measurement_models.with_gravity_walk(settings, range_m)
    estimate = grow(walking, estimate, memory.held_gravity, memory.gain_inertial_m_s, over)
    ranges = measurement_models.altimeter_residuals(
        upload.chart, sensors, estimate, readings.altimeter, fixed
    )
    estimate, results = update(estimate, ranges, settings.gate_factor, height_alone=True)
    rates = (where.spin_inertial_rad_s, memory.rate_body_rad_s)
    speeds = measurement_models.velocimeter_residuals(
        sensors, estimate, readings.velocimeter, rates
    )
    estimate, moving = update(estimate, speeds, settings.gate_factor)
    fixes = measurement_models.camera_residuals(
        upload.chart, sensors, estimate, readings.camera, fixed
    )
    estimate, placed = update(estimate, fixes, settings.gate_factor)
    memory = dataclasses.replace(
        memory, estimate=estimate, gain_inertial_m_s=jnp.zeros(3), cycle_s=jnp.array(0.0)
    )
    return memory, measurement_models.stack(results, moving, placed)


def end_frame(upload, memory, reading):
    """The star tracker."""
    coasting = (upload.phases.pace[memory.progress.phase] == LONG).astype(int)
    rows = measurement_models.star_tracker_residuals(
        upload.sensors, memory.estimate, reading, coasting
    )
    updated, results = update(memory.estimate, rows, upload.filter.gate_factor)
    return dataclasses.replace(memory, estimate=updated), results


def after_touch(upload, memory, command, contact):
    """On the first closed footpad switch it has landed and everything goes off.

    Until then memory and the last command hold.
    """
    down = jnp.any(contact.closed)
    phase = jnp.where(down, landed(upload), memory.progress.phase)
    progress = dataclasses.replace(memory.progress, phase=phase)
    memory = dataclasses.replace(memory, progress=progress)
    off = quiet_command(*(len(orders) for orders in (command.throttle, command.thruster_on_s)))
    return memory, dataclasses.replace(
        command,
        engine_on=command.engine_on & ~down,
        throttle=jnp.where(down, off.throttle, command.throttle),
        gimbal_rad=jnp.where(down, off.gimbal_rad, command.gimbal_rad),
        thruster_on_s=jnp.where(down, off.thruster_on_s, command.thruster_on_s),
    )


def believed_state(estimate):
    """What telemetry shows of an estimate."""
    names = [field.name for field in dataclasses.fields(BelievedState)]
    return BelievedState(**{name: getattr(estimate, name) for name in names})


def _no_results(count):
    quiet = jnp.zeros(count)
    return UpdateResult(quiet, quiet, jnp.zeros(count, bool))
