"""The loop: decide, move, sense, navigate; five ticks a frame; a phase is frames to its end."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight import log as logbook
from perilune.flight.carry import Carry, keep_if
from perilune.flight.outcome import Outcome
from perilune.flight.sense import (
    fast_readings,
    frame_draws,
    ground_planes,
    slant_clearance_m,
    slow_readings,
)
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.onboard import computer
from perilune.truth.motion.contact import contact_tick
from perilune.truth.motion.events import LEG_COUNT, ground_under, point_places_m
from perilune.truth.motion.free_flight import fly_tick, surroundings
from perilune.truth.world.ephemeris import spin_inertial_rad_s
from perilune.truth.world.gravitation import perturbation_m_s2

CLOCK_S = 0.1
HANDOVER_MARGIN_M = 0.5


class Sample(eqx.Module):
    """One tick as telemetry wants it, raw; arrays gain a leading axis of ticks."""

    time_s: jax.Array
    tick_s: jax.Array
    active: jax.Array
    carry: Carry
    command: object
    readings: object
    judged: object


def time_of(clock):
    """Seconds since the flight's start."""
    return clock * CLOCK_S


def frame(plan, key, carry, in_contact, sampled):
    """Five ticks on held gravity, then the slow sensors; a flight that has ended stays as it is."""
    tick_s = computer.tick_length_s(carry.memory)
    frame_s = computer.FRAME_TICKS * tick_s
    start_s = time_of(carry.clock)
    memory = computer.begin_frame(plan.upload, carry.memory, start_s, frame_s)
    pull = held_gravity(plan, carry.state, start_s, frame_s)
    draws = frame_draws(plan, key, carry.clock, computer.FRAME_TICKS)

    def one_tick(current, noise):
        return tick(plan, key, current, (pull, noise, tick_s), in_contact)

    began = dataclasses.replace(carry, memory=memory)
    moved, ticks = jax.lax.scan(one_tick, began, draws)
    end_s = time_of(moved.clock)
    slow = slow_readings(plan, key, key, moved.state, (end_s, moved.clock, frame_s))
    memory, judged = computer.navigate_slow(plan.upload, moved.memory, slow, end_s)
    moved = logbook.close_frame(plan, dataclasses.replace(moved, memory=memory))
    active = still(plan, key, carry, in_contact, frame_s)
    kept = keep_if(active, moved, carry)
    return kept, (ticks, slow, judged, active) if sampled else None


def held_gravity(plan, state, start_s, frame_s):
    """Pull beyond the point mass where the vehicle will be at mid-frame."""
    gm = plan.world.gravity.gm_m3_s2
    half_s = 0.5 * frame_s
    drop = 0.5 * half_s**2 * point_mass_m_s2(gm, state.position_inertial_m)
    middle = state.position_inertial_m + half_s * state.velocity_inertial_m_s + drop
    return perturbation_m_s2(plan.world.gravity, plan.world.sky, start_s + half_s, middle)


def tick(plan, key, carry, held, in_contact):
    """One tick of the computer and of the truth under its command."""
    pull, noise, tick_s = held
    time_s = time_of(carry.clock)
    memory, command, _ = computer.decide(plan.upload, carry.memory, time_s, tick_s)
    around = surroundings(plan.vehicle, carry.state, command, plan.world.gravity.gm_m3_s2, pull)
    if in_contact:
        ground = ground_below(plan, key, carry.state, around, time_s)
        moving = (carry.state, carry.touch, carry.first)
        moved = contact_tick(plan.vehicle, around, ground, command, moving, tick_s)
    else:
        state = fly_tick(plan.vehicle, around, command, carry.state, tick_s)
        moved = (state, carry.touch, carry.first)
    state, touch, first = moved
    clock = carry.clock + jnp.round(tick_s / CLOCK_S).astype(int)
    closed = touch.normal_force_n[:LEG_COUNT] > 0.0
    readings, residue = fast_readings(
        plan,
        key,
        (state, carry.residue, around.center_body_m, closed),
        noise,
        (time_of(clock), tick_s),
    )
    memory, judged = computer.navigate_fast(
        plan.upload, memory, readings, time_of(clock), tick_s
    )
    after = Carry(clock, carry.outcome, state, touch, first, residue, memory, carry.log)
    after = logbook.after_tick(plan, carry, after)
    return after, Sample(time_of(clock), tick_s, jnp.array(True), after, command, readings, judged)


def ground_below(plan, key, state, around, time_s):
    """The ground as a plane under each contact point, for one tick."""
    places = point_places_m(plan.vehicle.contact, around.center_body_m, state)
    clearance, normal = ground_planes(plan, key, places, time_s)
    return ground_under(places, clearance, normal, spin_inertial_rad_s(plan.world.sky, time_s))


def still(plan, key, carry, in_contact, frame_s):
    """Whether this frame is flown: not ended, and on the near side of the handover to contact."""
    flying = carry.outcome == Outcome.FLYING
    if in_contact:
        return flying
    height_m = slant_clearance_m(plan, key, carry.state, time_of(carry.clock))
    speed = jnp.linalg.norm(carry.state.velocity_inertial_m_s)
    sink = -jnp.sum(carry.state.velocity_inertial_m_s * carry.state.position_inertial_m)
    sink = sink / jnp.linalg.norm(carry.state.position_inertial_m)
    reach_m = 1.2 * frame_s * (jnp.maximum(sink, 0.0) + 0.05 * speed)
    return flying & (height_m > plan.endings.reach_m + reach_m + HANDOVER_MARGIN_M)
