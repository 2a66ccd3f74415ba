"""What the flight writes down as it goes: events, peaks, and how it ends."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import Carry, Checks, Log, note
from perilune.flight.innovation_recorder import innovations_now
from perilune.flight.nees_recorder import LOW_M, consistency_now
from perilune.flight.outcome import Outcome, latch
from perilune.interfaces import Shortfall, Telemetry
from perilune.interfaces.clock import seconds
from perilune.interfaces.events import Event
from perilune.interfaces.telemetry import SHOWN
from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import cross, rotate
from perilune.onboard.upload import VehicleBelief
from perilune.truth.dynamics.ground_clearance import GroundRelativeState, ground_relative_state
from perilune.truth.dynamics.state import TrueState
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s

THRUST_SHORT_FRACTION = 0.01
"""Of full thrust: what allocation may be off by without being counted."""
TORQUE_SHORT_RAD_S2 = math.radians(0.1)
"""The same of torque, by the angular acceleration it would give the full lander."""
REST_SPEED_M_S = 0.02
REST_RATE_RAD_S = 0.005
REST_TIME_S = 1.0
FAR_M = 1e9
MOST_RATE_RAD_S = 10.0
"""In flight: a radian in a tick of powered descent, and past what gyros and a structure stand."""
PHASE_EVENTS = slice(int(Event.DEORBIT_IGNITION), int(Event.VERTICAL_DESCENT) + 1)


def after_tick(
    plan: FlightPlan,
    carry: Carry,
    start_s: Float[Array, ""],
    shortfall: Shortfall,
    is_lit: Bool[Array, ""],
) -> Log:
    """Events and counts of one tick of free flight, which began at `start_s`.

    `is_lit` is whether any engine was to burn, by the command that the actuators obeyed.
    In powered descent the time is counted in which its command falls short of the thrust or the
    torque wanted, by more than `THRUST_SHORT_FRACTION` or `TORQUE_SHORT_RAD_S2`.
    """
    share = jnp.sum(carry.state.thrust_n) / jnp.sum(plan.vehicle.engines.max_thrust_n)
    happened = jnp.zeros(len(Event), bool)
    happened = happened.at[PHASE_EVENTS].set(carry.phase >= plan.event_phases)
    happened = happened.at[Event.TANK_DRY].set(_a_tank_is_dry(carry.state))
    braking = carry.phase >= plan.ignition_phase
    thrust_short, torque_short = (
        braking & short for short in _falls_short(plan.upload.vehicle, shortfall)
    )
    tick_s = seconds(carry.clock) - start_s
    times = _cut_off(carry.log.event_time_s, ~is_lit & braking, start_s)
    return dataclasses.replace(
        carry.log,
        event_time_s=note(times, happened, start_s),
        peak_thrust_fraction=jnp.maximum(carry.log.peak_thrust_fraction, share),
        thrust_short_s=carry.log.thrust_short_s + jnp.where(thrust_short, tick_s, 0.0),
        torque_short_s=carry.log.torque_short_s + jnp.where(torque_short, tick_s, 0.0),
    )


def _cut_off(
    times_s: Float[Array, " events"], is_off: Bool[Array, ""], start_s: Float[Array, ""]
) -> Float[Array, " events"]:
    """With the time since when every engine has been off; not-a-number while one burns."""
    since_s = times_s[Event.ENGINE_CUTOFF]
    kept_s = jnp.where(jnp.isnan(since_s), start_s, since_s)
    return times_s.at[Event.ENGINE_CUTOFF].set(jnp.where(is_off, kept_s, jnp.nan))


def _falls_short(
    vehicle: VehicleBelief, shortfall: Shortfall
) -> tuple[Bool[Array, ""], Bool[Array, ""]]:
    """Of thrust, and of torque; by the believed vehicle, as the shortfall is."""
    missing_rad_s2 = shortfall.torque_n_m / jnp.diagonal(vehicle.full_inertia_kg_m2)
    too_little = jnp.abs(shortfall.force_n) > THRUST_SHORT_FRACTION * vehicle.max_thrust_n
    return too_little, jnp.sum(missing_rad_s2**2) > TORQUE_SHORT_RAD_S2**2


def _a_tank_is_dry(state: TrueState) -> Bool[Array, ""]:
    return jnp.min(state.tank_kg[:-1]) <= 0.0


def check(
    plan: FlightPlan, carry: Carry, telemetry: Telemetry, frame_due: Bool[Array, ""]
) -> Carry:
    """Between two frames: what telemetry says against truth, and whether both are numbers still.

    `carry` is the flight before the tick that begins now.
    """
    assert telemetry.navigation is not None
    innovations = innovations_now(plan, carry.checks.innovations, telemetry.navigation)
    kept = dataclasses.replace(carry.checks, innovations=innovations)

    def checked(_: Any) -> tuple[Checks, Int[Array, ""]]:
        true_m = carry.clearance_m - plan.upload.vehicle.foot_below_center_m
        navigation = telemetry.navigation
        assert navigation is not None
        consistency = consistency_now(plan, carry, navigation, true_m)
        low = (true_m < LOW_M) & (carry.phase >= plan.ignition_phase)
        first = low & jnp.isnan(carry.checks.height_error_100_m)
        error_m = jnp.where(first, navigation.height_m - true_m, carry.checks.height_error_100_m)
        size = jnp.linalg.norm(carry.state.position_inertial_m)
        shown = navigation.covariance[:SHOWN, :SHOWN]
        sound = jnp.isfinite(size + jnp.sum(shown)) & (size < FAR_M)
        outcome = latch(carry.outcome, ~sound, Outcome.NUMERICAL_FAILURE)
        spun = length(carry.state.rate_body_rad_s) > MOST_RATE_RAD_S
        outcome = latch(outcome, spun, Outcome.SPUN_UP)
        return Checks(consistency, error_m, innovations), outcome

    checks, outcome = jax.lax.cond(
        frame_due, checked, lambda unchecked: unchecked, (kept, carry.outcome)
    )
    return dataclasses.replace(carry, checks=checks, outcome=outcome)


def checks_if(active: Bool[Array, ""], after: Checks, before: Checks) -> Checks:
    """What a lane keeps of the checks of a cycle: those at its beginning, active or not.

    What the filter compared in it counts in lanes that were active.
    """
    summed = jnp.where(active, after.innovations, before.innovations)
    return dataclasses.replace(after, innovations=summed)


def after_contact_tick(
    plan: FlightPlan, before: Carry, after: Carry, is_lit: Bool[Array, ""]
) -> Carry:
    """Once a tick of contact: first touch, cut-off, tank, rest and every way to end.

    `is_lit` is whether any engine was to burn, by the command that the actuators obeyed.
    """
    start_s, time_s = seconds(before.clock), seconds(after.clock)
    happened = jnp.zeros(len(Event), bool)
    happened = happened.at[Event.CONTACT].set(after.first.touched)
    touch_s = jnp.where(before.first.touched, start_s, start_s + after.first.after_s)
    times = note(after.log.event_time_s, happened, touch_s)
    times = _cut_off(times, ~is_lit, start_s)
    dry = jnp.zeros(len(Event), bool).at[Event.TANK_DRY]
    times = note(times, dry.set(_a_tank_is_dry(after.state)), time_s)
    broke = jnp.zeros(len(Event), bool).at[Event.LEG_BROKEN]
    times = note(times, broke.set(jnp.any(after.touch.legs.broken)), time_s)
    spin = spin_inertial_rad_s(plan.world.sky, time_s)
    now = ground_relative_state(after.state, spin, plan.endings.rest_direction_body)
    speed = jnp.hypot(now.vertical_speed_m_s, now.horizontal_speed_m_s)
    calm = (speed < REST_SPEED_M_S) & (now.body_rate_rad_s < REST_RATE_RAD_S)
    rest_s = jnp.where(after.first.touched & calm, after.log.rest_s + time_s - start_s, 0.0)
    log = dataclasses.replace(after.log, event_time_s=times, rest_s=rest_s)
    return _end(plan, dataclasses.replace(after, log=log), now, time_s)


def _end(
    plan: FlightPlan, carry: Carry, now: GroundRelativeState, time_s: Float[Array, ""]
) -> Carry:
    touchdown = ground_relative_state(
        carry.first.state, spin_inertial_rad_s(plan.world.sky, time_s)
    )
    hit = jnp.hypot(touchdown.vertical_speed_m_s, touchdown.horizontal_speed_m_s)
    touched = carry.first.touched
    lost = ~jnp.isfinite(now.vertical_speed_m_s + now.tilt_rad + now.body_rate_rad_s)
    outcome = latch(carry.outcome, lost, Outcome.NUMERICAL_FAILURE)
    outcome = latch(outcome, touched & (hit > plan.endings.crash_speed_m_s), Outcome.CRASHED)
    over = touched & (now.tilt_rad > plan.endings.tip_over_tilt_rad)
    outcome = latch(outcome, over, Outcome.TIPPED_OVER)
    rested = carry.log.rest_s >= REST_TIME_S
    points = plan.vehicle.contact
    hull = slice(points.leg_count, -points.bell_count)
    whole = jnp.max(carry.touch.peak_force_n[hull]) == 0.0
    outcome = latch(outcome, rested & whole, Outcome.LANDED)
    outcome = latch(outcome, rested, Outcome.ON_ITS_HULL)
    return note_end(dataclasses.replace(carry, outcome=outcome))


def note_end(carry: Carry) -> Carry:
    """Keep when the flight ended."""
    time_s = seconds(carry.clock)
    ended = jnp.zeros(len(Event), bool).at[Event.END].set(carry.outcome != Outcome.FLYING)
    times = note(carry.log.event_time_s, ended, time_s)
    return dataclasses.replace(carry, log=dataclasses.replace(carry.log, event_time_s=times))


def time_out(carry: Carry, is_up: Bool[Array, ""]) -> Carry:
    """A flight that is still under way when the time of a phase `is_up`."""
    outcome = latch(carry.outcome, is_up, Outcome.TIMED_OUT)
    return note_end(dataclasses.replace(carry, outcome=outcome))


def miss_m(plan: FlightPlan, carry: Carry, time_s: Float[Array, ""]) -> Float[Array, ""]:
    """Distance from where the aim point truly is, along the sphere over the true ground."""
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    here = rotate(fixed, carry.state.position_inertial_m)
    aim = plan.world.aim_fixed_m
    angle = jnp.arctan2(length(cross(here, aim)), jnp.sum(here * aim))
    return jnp.linalg.norm(aim) * angle
