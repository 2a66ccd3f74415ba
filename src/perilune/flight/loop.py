"""The loop of free flight: tick in cycle in frame, until the ground is a cycle away."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight import recorder as logbook
from perilune.flight import suite
from perilune.flight.carry import Carry, keep_if
from perilune.flight.outcome import Outcome
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.rotation import cross, rotate
from perilune.onboard import computer
from perilune.onboard.navigation.estimate import SHOWN
from perilune.onboard.schedule import CYCLE_TICKS, FRAME_CYCLES, seconds, tick_count
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from perilune.truth.environment.ephemeris import spin_inertial_rad_s
from perilune.truth.environment.gravitation import left_out_inertial_m_s2, perturbation_m_s2
from perilune.truth.vehicle.mass_properties import mass_properties

HANDOVER_MARGIN_M = 0.05
HANDOVER_FACTOR = 1.3
LOW_M = 100.0
STEEPEST_FACTOR = 2.0


class Held(eqx.Module):
    """What one frame holds fixed."""

    pull_inertial_m_s2: jax.Array  # (3,) beyond the point mass
    tick_count: jax.Array  # tenths of a second


def frame(plan, key, carry, sampled):
    """Three cycles on held gravity, then the star tracker; what has ended stays as it is."""
    start_s = seconds(carry.clock)
    to_burn_s = plan.upload.plan.deorbit_time_s - start_s
    count = tick_count(carry.memory.progress.mode, to_burn_s)
    frame_s = seconds(FRAME_CYCLES * CYCLE_TICKS * count)
    held = Held(held_pull_m_s2(plan, carry.state, start_s, frame_s), count)
    memory = computer.begin_frame(plan.upload, carry.memory, start_s, frame_s)
    draws, star_noise = suite.frame_draws(plan, key, carry.clock)
    began = dataclasses.replace(carry, memory=memory)
    moved, (active, cycles) = jax.lax.scan(
        lambda now, noise: cycle(plan, key, now, held, noise), began, draws
    )
    reading = suite.star_reading(plan, moved.state, star_noise)
    memory, results = computer.end_frame(plan.upload, moved.memory, reading)
    memory = keep_if(active[-1], memory, moved.memory)
    closed = logbook.close_frame(plan, dataclasses.replace(moved, memory=memory))
    return closed, (active, cycles, reading, results) if sampled else None


def held_pull_m_s2(plan, state, start_s, frame_s):
    """Gravity beyond the point mass at mid-frame, where the vehicle will be by then."""
    half_s = 0.5 * frame_s
    drop = point_mass_m_s2(plan.world.gravity.gm_m3_s2, state.position_inertial_m)
    ahead = half_s * (state.velocity_inertial_m_s + 0.5 * half_s * drop)
    place = state.position_inertial_m + ahead
    world, middle_s = plan.world, start_s + half_s
    known = perturbation_m_s2(world.gravity, world.sky, middle_s, place, world.track_gravity)
    return known + left_out_inertial_m_s2(world.left_out_m_s2, world.orbit_normal_inertial, place)


def cycle(plan, key, carry, held, draws):
    """Two ticks, then the ranging sensors; nothing moves once the ground is a cycle away."""
    cycle_s = seconds(CYCLE_TICKS * held.tick_count)
    near = ground_is_near(plan, key, carry, cycle_s)
    active = (carry.outcome == Outcome.FLYING) & ~near
    moved, ticks = jax.lax.scan(lambda now, noise: tick(plan, now, held, noise), carry, draws.imu)
    time_s = seconds(moved.clock)
    center_body_m = center_of_mass_m(plan, moved.state)
    seen = (moved.state, center_body_m, moved.command.altimeter_beam)
    readings, clearance_m = suite.cycle_readings(plan, key, seen, draws, (time_s, cycle_s))
    memory, results = computer.navigate(plan.upload, moved.memory, readings, time_s, cycle_s)
    moved = dataclasses.replace(moved, memory=memory, clearance_m=clearance_m)
    covariance = memory.estimate.covariance[SHOWN][:, SHOWN]
    kept = dataclasses.replace(keep_if(active, moved, carry), contact_entered=near)
    return kept, (active, (ticks, readings, results, covariance))


def tick(plan, carry, held, noise):
    """The computer decides, the truth moves, the IMU feels it, the computer reckons."""
    tick_s, start_s = seconds(held.tick_count), seconds(carry.clock)
    memory, command = computer.decide(plan.upload, carry.memory, start_s, tick_s)
    gm = plan.world.gravity.gm_m3_s2
    around = surroundings(plan.vehicle, carry.state, command, gm, held.pull_inertial_m_s2)
    state = fly_tick(plan.vehicle, around, command, carry.state, tick_s)
    reading, residue = suite.imu_reading(plan, state, carry.residue, noise, tick_s)
    after = Carry(
        carry.clock + held.tick_count,
        carry.outcome,
        state,
        carry.touch,
        carry.first,
        residue,
        computer.reckon(plan.upload, memory, reading, tick_s),
        command,
        carry.clearance_m,
        carry.contact_entered,
        carry.log,
    )
    after = dataclasses.replace(after, log=logbook.after_tick(plan, after, start_s))
    return after, dataclasses.replace(after, touch=None, first=None, log=None)


def center_of_mass_m(plan, state):
    """Centre of mass in body axes."""
    return mass_properties(plan.vehicle.mass, state.tank_kg).center_body_m


def ground_is_near(plan, key, carry, cycle_s):
    """Whether some contact point could touch within a cycle, over ground taken as a plane.

    Not asked while the ground, rising at 63 degrees, would still be out of reach.
    """
    reach_m = cycle_s * STEEPEST_FACTOR * jnp.linalg.norm(carry.state.velocity_inertial_m_s)
    low = carry.clearance_m < LOW_M + reach_m
    return if_any_lane(low, lambda _: _touches_within(plan, key, carry, cycle_s), jnp.array(False))


def _touches_within(plan, key, carry, cycle_s):
    state, time_s = carry.state, seconds(carry.clock)
    here = state.position_inertial_m
    clearance_m, normal = suite.ground_planes(plan, key, (here[None], here), time_s)
    up = here / jnp.linalg.norm(here)
    spin = spin_inertial_rad_s(plan.world.sky, time_s)
    closing = -jnp.sum((state.velocity_inertial_m_s - cross(spin, here)) * normal[0])
    arms = plan.vehicle.contact.position_body_m - center_of_mass_m(plan, state)
    below_m = jnp.max(-jnp.sum(rotate(state.inertial_from_body[None], arms) * normal[0], axis=-1))
    apart_m = clearance_m[0] * jnp.sum(up * normal[0]) - below_m
    return apart_m < HANDOVER_FACTOR * cycle_s * jnp.maximum(closing, 0.0) + HANDOVER_MARGIN_M
