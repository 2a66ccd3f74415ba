"""What one flight writes down at every tick, thinned to what telemetry needs and laid in rows."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from perilune.interfaces import BelievedState, Shortfall, UpdateResult
from perilune.interfaces.clock import CLOCK_S, CYCLE_TICKS, FRAME_CYCLES
from perilune.truth.dynamics.state import ContactState, ContactStep, TrueState
from perilune.truth.vehicle.vehicle import Vehicle

TICKS = FRAME_CYCLES * CYCLE_TICKS


class FreeSamples(eqx.Module):
    """Orbit to handover; leading axes (frame, cycle, tick), (frame, cycle) or (frame,)."""

    cycle_mask: jax.Array  # (F, 3) the cycle was flown
    tick_count: jax.Array  # (F, 3, 2) the clock at the end of each tick, tenths of a second
    state: TrueState  # (F, 3, 2)
    estimate: BelievedState  # (F, 3, 2) before the cycle's readings are used
    mode: jax.Array  # (F, 3, 2)
    throttle: jax.Array  # (F, 3, 2, E) zero with the engine off
    shortfall: Shortfall  # (F, 3, 2)
    readings: dict[str, Any]  # (F, 3) by label
    results: dict[str, UpdateResult]  # (F, 3, n) by label
    covariance: jax.Array  # (F, 3, 10, 10) after the cycle's readings, of `SHOWN` errors
    frame_readings: dict[str, Any]  # (F,) by label
    frame_results: dict[str, UpdateResult]  # (F, n) by label


class ContactSamples(eqx.Module):
    """Handover to the end, in ticks (T,) of a tenth of a second and steps (S,) of a millisecond."""

    tick_mask: jax.Array  # (T,) the tick was flown
    tick_count: jax.Array  # (T,) the clock at its end, tenths of a second
    steps: ContactStep  # (T, S)
    throttle: jax.Array  # (T, E)
    mode: jax.Array  # (T,)
    pull_inertial_m_s2: jax.Array  # (T, 3) gravity beyond the point mass, held over the tick


class DrawnGround(eqx.Module):
    """How this run's ground differs from the map."""

    aim_fixed_m: jax.Array  # (3,) on the true ground
    turn_fixed_rad: jax.Array  # (3,) of the true ground against the map
    rise_m: jax.Array
    slope_fixed_fraction: jax.Array  # (3,) more slope under the pads


class Samples(eqx.Module):
    """Both phases, and the vehicle and the ground as they were drawn for this run."""

    free: FreeSamples
    contact: ContactSamples
    vehicle: Vehicle
    ground: DrawnGround


def keep(samples, drawn):
    """`Samples` of what `fly(..., sampled=True)` gives; inside `jit` the rest is never written."""
    (cycles, (ticks, readings, heard), at_frame), settled = samples
    flown = ticks.clock > 0
    heard = _answers(heard, flown[..., 0])
    free = FreeSamples(
        cycles,
        ticks.clock,
        _lean(ticks.state),
        _answers(ticks.reckoned, flown),
        ticks.phase,
        _obeyed_throttle(ticks.command),
        ticks.shortfall,
        readings,
        heard.cycle_results,
        heard.covariance,
        at_frame,
        jax.tree.map(lambda each: each[:, -1], heard.frame_results),
    )
    tick_mask, tick_count, steps, command, mode, pull = settled
    touch = dataclasses.replace(steps.touch, peak_force_n=None)
    steps = dataclasses.replace(steps, state=_lean(steps.state), touch=touch)
    throttle = _obeyed_throttle(command)
    contact = ContactSamples(tick_mask, tick_count, steps, throttle, mode, pull)
    world = drawn.world
    ground = DrawnGround(
        world.aim_fixed_m,
        world.terrain.turn_fixed_rad,
        world.terrain.rise_m,
        world.slope_fixed_fraction,
    )
    return Samples(free, contact, drawn.vehicle, ground)


def _answers(steps, flown):
    """What the flight software said at the step after each; nothing where there was none.

    A step at the end of a tick or cycle is the first of the next. `flown` has all leading axes of
    `steps`; the last flown one has no next where a flight ran out of time.
    """
    axes = flown.ndim
    after = jnp.roll(flown.ravel(), -1).at[-1].set(False)

    def shifted(leaf):
        rows = jnp.roll(leaf.reshape(-1, *leaf.shape[axes:]), -1, axis=0)
        nothing = False if leaf.dtype == bool else jnp.nan
        known = after.reshape(-1, *[1] * (rows.ndim - 1))
        return jnp.where(known, rows, nothing).reshape(leaf.shape)

    return jax.tree.map(shifted, steps)


def _obeyed_throttle(command):
    return jnp.where(command.engine_on, command.throttle, 0.0)


def _lean(state):
    return dataclasses.replace(state, sensed_velocity_body_m_s=None, sensed_rotation_body_rad=None)


@dataclasses.dataclass(frozen=True)
class Rows:
    """One flight laid in rows, host arrays: `free_count` ticks, then every step of contact.

    `cycle_rows` and `frame_rows` say in which row each flown cycle and frame ends; the samples
    of those are in `cycles` and `frames`, in the same order. `estimate` and `shortfall` have the
    free rows only; `touch`, `thrust_work_j` and `pull_inertial_m_s2`, gravity beyond the point
    mass, those of contact only.
    """

    time_s: np.ndarray
    state: TrueState
    mode: np.ndarray
    throttle: np.ndarray
    shortfall: Shortfall
    free_count: int
    estimate: BelievedState
    cycle_rows: np.ndarray
    cycles: tuple[dict[str, Any], dict[str, UpdateResult], np.ndarray]
    frame_rows: np.ndarray
    frames: tuple[dict[str, Any], dict[str, UpdateResult]]
    touch: ContactState
    thrust_work_j: np.ndarray
    pull_inertial_m_s2: np.ndarray
    vehicle: Vehicle
    ground: DrawnGround


def rows_of(samples):
    """The `Rows` of one flight's `Samples`: what was flown, in order of time."""
    free, contact = jax.tree.map(np.asarray, (samples.free, samples.contact))
    flown = free.cycle_mask.ravel()
    ticks = np.repeat(flown, CYCLE_TICKS)
    down = contact.tick_mask

    def ticked(tree):
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[3:])[ticks], tree)

    def cycled(tree):
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[flown], tree)

    def stepped(tree):
        return jax.tree.map(lambda leaf: leaf[down].reshape(-1, *leaf.shape[2:]), tree)

    steps, per_tick = stepped(contact.steps), contact.steps.thrust_work_j.shape[1]
    state = jax.tree.map(lambda *both: np.concatenate(both), ticked(free.state), steps.state)
    row = np.cumsum(ticks) - 1
    closed = free.cycle_mask[:, -1]
    counts = (ticked(free.tick_count), _step_ends(contact.tick_count[down], per_tick))
    return Rows(
        CLOCK_S * np.concatenate(counts),
        state,
        np.concatenate([ticked(free.mode), np.repeat(contact.mode[down], per_tick)]),
        np.concatenate(
            [ticked(free.throttle), np.repeat(contact.throttle[down], per_tick, axis=0)]
        ),
        ticked(free.shortfall),
        int(ticks.sum()),
        ticked(free.estimate),
        row[CYCLE_TICKS - 1 :: CYCLE_TICKS][flown],
        cycled((free.readings, free.results, free.covariance)),
        row[TICKS - 1 :: TICKS][closed],
        jax.tree.map(lambda leaf: leaf[closed], (free.frame_readings, free.frame_results)),
        steps.touch,
        steps.thrust_work_j,
        np.repeat(contact.pull_inertial_m_s2[down], per_tick, axis=0),
        jax.tree.map(np.asarray, samples.vehicle),
        jax.tree.map(np.asarray, samples.ground),
    )


def _step_ends(tick_count, per_tick):
    """When each of a tick's equal steps ends, in ticks of the clock; the last ends with it."""
    left = np.arange(per_tick - 1, -1, -1) / per_tick
    return (tick_count[:, None] - left).ravel()
