"""What the flight writes down as it goes: events, peaks, and how it ends."""

import dataclasses

import jax.numpy as jnp

from perilune.flight.carry import Event, note
from perilune.flight.outcome import Outcome, latch
from perilune.mechanics.lanes import if_any_lane
from perilune.mechanics.rotation import conjugate, cross, multiply, rotate, to_rotation_vector
from perilune.onboard.guidance.view import heading, look
from perilune.onboard.modes.modes import Mode
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, VELOCITY
from perilune.onboard.schedule import seconds
from perilune.truth.motion.events import stance
from perilune.truth.vehicle.vehicle import BELL_POINT_COUNT, LEG_COUNT
from perilune.truth.world.ephemeris import fixed_from_inertial, spin_inertial_rad_s

LOW_M = 100.0
VERY_LOW_M = 10.0
MID_COAST_S = 1_500.0
FIRST_FIXES_BELOW_M = 2_000.0
REST_SPEED_M_S = 0.02
REST_RATE_RAD_S = 0.005
REST_TIME_S = 1.0
FAR_M = 1e9
MODE_EVENTS = slice(int(Event.DEORBIT_IGNITION), int(Event.VERTICAL_DESCENT) + 1)


def after_tick(plan, carry, start_s):
    """Events of one tick of free flight, which began at `start_s`."""
    share = carry.state.thrust_n / plan.vehicle.engine.max_thrust_n
    happened = jnp.zeros(len(Event), bool)
    reached = carry.memory.progress.mode >= jnp.arange(len(Event))[MODE_EVENTS]
    happened = happened.at[MODE_EVENTS].set(reached)
    happened = happened.at[Event.TANK_DRY].set(carry.state.propellant_kg <= 0.0)
    return dataclasses.replace(
        carry.log,
        event_time_s=note(carry.log.event_time_s, happened, start_s),
        peak_thrust_fraction=jnp.maximum(carry.log.peak_thrust_fraction, share),
    )


def close_frame(plan, carry):
    """Once a frame of free flight: height error on the way down, consistency, not-a-number."""
    time_s = seconds(carry.clock)
    error_m, true_m = _height_error_m(plan, carry)
    consistency = _consistency(plan, carry, true_m)
    log = dataclasses.replace(carry.log, height_error_100_m=error_m, consistency=consistency)
    size = jnp.linalg.norm(carry.state.position_inertial_m)
    sound = jnp.isfinite(size + jnp.sum(carry.memory.estimate.covariance)) & (size < FAR_M)
    ended = dataclasses.replace(
        carry, log=log, outcome=latch(carry.outcome, ~sound, Outcome.NUMERICAL_FAILURE)
    )
    return _note_end(ended, time_s)


def after_contact_tick(plan, before, after):
    """Once a tick of contact: first touch, cut-off, tank, rest and every way to end."""
    start_s, time_s = seconds(before.clock), seconds(after.clock)
    happened = jnp.zeros(len(Event), bool)
    happened = happened.at[Event.CONTACT].set(after.first.touched)
    touch_s = jnp.where(before.first.touched, start_s, start_s + after.first.after_s)
    times = note(after.log.event_time_s, happened, touch_s)
    off = jnp.zeros(len(Event), bool).at[Event.ENGINE_CUTOFF]
    cut = before.first.touched & ~after.command.engine_on
    times = note(times, off.set(cut), start_s)
    dry = jnp.zeros(len(Event), bool).at[Event.TANK_DRY]
    times = note(times, dry.set(after.state.propellant_kg <= 0.0), time_s)
    now = stance(after.state, spin_inertial_rad_s(plan.world.sky, time_s))
    speed = jnp.hypot(now.vertical_speed_m_s, now.horizontal_speed_m_s)
    calm = (speed < REST_SPEED_M_S) & (now.body_rate_rad_s < REST_RATE_RAD_S)
    rest_s = jnp.where(after.first.touched & calm, after.log.rest_s + time_s - start_s, 0.0)
    log = dataclasses.replace(after.log, event_time_s=times, rest_s=rest_s)
    return _end(plan, dataclasses.replace(after, log=log), now, time_s)


def _end(plan, carry, now, time_s):
    touchdown = stance(carry.first.state, spin_inertial_rad_s(plan.world.sky, time_s))
    hit = jnp.hypot(touchdown.vertical_speed_m_s, touchdown.horizontal_speed_m_s)
    touched = carry.first.touched
    lost = ~jnp.isfinite(now.vertical_speed_m_s + now.tilt_rad + now.body_rate_rad_s)
    outcome = latch(carry.outcome, lost, Outcome.NUMERICAL_FAILURE)
    outcome = latch(outcome, touched & (hit > plan.endings.crash_speed_m_s), Outcome.CRASHED)
    over = touched & (now.tilt_rad > plan.endings.tip_over_tilt_rad)
    outcome = latch(outcome, over, Outcome.TIPPED_OVER)
    rested = carry.log.rest_s >= REST_TIME_S
    whole = jnp.max(carry.touch.peak_force_n[LEG_COUNT:-BELL_POINT_COUNT]) == 0.0
    outcome = latch(outcome, rested & whole, Outcome.LANDED)
    outcome = latch(outcome, rested, Outcome.ON_ITS_HULL)
    return _note_end(dataclasses.replace(carry, outcome=outcome), time_s)


def _note_end(carry, time_s):
    ended = jnp.zeros(len(Event), bool).at[Event.END].set(carry.outcome != Outcome.FLYING)
    times = note(carry.log.event_time_s, ended, time_s)
    return dataclasses.replace(carry, log=dataclasses.replace(carry.log, event_time_s=times))


def time_out(carry, is_up):
    """A flight that is still under way when the time of a phase `is_up`."""
    outcome = latch(carry.outcome, is_up, Outcome.TIMED_OUT)
    return _note_end(dataclasses.replace(carry, outcome=outcome), seconds(carry.clock))


def _height_error_m(plan, carry):
    """Believed less true height of the footpads when first under 100 m in the last modes."""
    true_m = carry.clearance_m - plan.upload.vehicle.foot_below_center_m
    memory = carry.memory
    low = (true_m < LOW_M) & (memory.progress.mode >= Mode.BRAKING)

    def write(_):
        where = heading(plan.upload.chart, seconds(carry.clock))
        return look(plan.upload, memory.estimate, where, memory.pull).height_m - true_m

    first = low & jnp.isnan(carry.log.height_error_100_m)
    return if_any_lane(first, write, carry.log.height_error_100_m), true_m


def _consistency(plan, carry, true_m):
    """Normalised errors squared over three, per group, the first frame each check point is past."""
    time_s = seconds(carry.clock)
    first_fixes_m = plan.sensors.camera.max_height_m - FIRST_FIXES_BELOW_M
    events, mode = carry.log.event_time_s, carry.memory.progress.mode
    braking_s = time_s - events[Event.IGNITION]
    low = mode >= Mode.BRAKING
    past = jnp.stack(
        [
            mode >= Mode.COAST,
            (mode >= Mode.COAST) & (time_s - events[Event.DEORBIT_CUTOFF] > MID_COAST_S),
            (mode >= Mode.COAST) & (true_m < first_fixes_m),
            mode >= Mode.ALIGN,
            mode >= Mode.BRAKING,
            braking_s > 200.0,
            braking_s > 400.0,
            mode >= Mode.APPROACH,
            low & (true_m < LOW_M),
            low & (true_m < VERY_LOW_M),
        ]
    )
    fresh = past & jnp.isnan(carry.log.consistency[:, 0])

    def write(kept):
        return jnp.where(fresh[:, None], _normalised(carry), kept)

    return if_any_lane(jnp.any(fresh), write, carry.log.consistency)


def _normalised(carry):
    """Squared error over covariance, by three: position, velocity, attitude; one is ideal."""
    estimate, state = carry.memory.estimate, carry.state
    turn = multiply(state.inertial_from_body, conjugate(estimate.inertial_from_body))
    errors = (
        state.position_inertial_m - estimate.position_inertial_m,
        state.velocity_inertial_m_s - estimate.velocity_inertial_m_s,
        to_rotation_vector(turn),
    )
    groups = (POSITION, VELOCITY, ATTITUDE)
    return jnp.stack(
        [_squared(e, estimate.covariance[g, g]) / 3.0 for e, g in zip(errors, groups, strict=True)]
    )


def _squared(error, covariance):
    """e' P^-1 e for three dimensions, by the adjugate: rows of the inverse are cross products."""
    a, b, c = covariance
    adjugate = jnp.stack([cross(b, c), cross(c, a), cross(a, b)])
    return jnp.sum(error * jnp.sum(adjugate * error[:, None], axis=0)) / jnp.sum(a * cross(b, c))


def miss_m(plan, carry, time_s):
    """Ground distance from the aim point, along the sphere."""
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    here = rotate(fixed, carry.state.position_inertial_m)
    aim = plan.world.aim_fixed_m
    angle = jnp.arctan2(jnp.linalg.norm(cross(here, aim)), jnp.sum(here * aim))
    return jnp.linalg.norm(aim) * angle
