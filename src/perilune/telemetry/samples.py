"""What one flight writes down at every tick, thinned to what telemetry needs and laid in rows."""

import dataclasses
from dataclasses import KW_ONLY
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Shaped, UInt32

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import ContactTickSample, FrameSample
from perilune.interfaces import BelievedState, Shortfall, UpdateResult
from perilune.interfaces.clock import CLOCK_S, CYCLE_TICKS, FRAME_CYCLES
from perilune.interfaces.commands import Command
from perilune.interfaces.telemetry import SHOWN
from perilune.truth.dynamics.state import ContactState, ContactStep, TrueState
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.environment.map_warp import MapWarp
from perilune.truth.environment.rocks import Rocks
from perilune.truth.environment.surface import Surface
from perilune.truth.vehicle.vehicle import Vehicle

TICKS = FRAME_CYCLES * CYCLE_TICKS
Columns = dict[str, np.ndarray]
"""Name → column."""
Tree = TypeVar("Tree")


class FreeSamples(eqx.Module):
    """Orbit to handover; leading axes (frame, cycle, tick), (frame, cycle) or (frame,)."""

    _: KW_ONLY
    cycle_mask: Bool[Array, "F 3"]  # the cycle was flown
    tick_count: Int[Array, "F 3 2"]  # the clock at the end of each tick, tenths of a second
    state: TrueState  # (F, 3, 2)
    estimate: BelievedState  # (F, 3, 2) before the cycle's readings are used
    mode: Int[Array, "F 3 2"]
    throttle: Float[Array, "F 3 2 E"]  # zero with the engine off
    shortfall: Shortfall  # (F, 3, 2)
    readings: dict[str, Any]  # (F, 3) by label
    results: dict[str, UpdateResult]  # (F, 3, n) by label
    covariance: Float[Array, "F 3 10 10"]  # after the cycle's readings, of `SHOWN` errors
    mass_kg: Float[Array, "F 3"]  # believed, after the cycle's readings
    frame_readings: dict[str, Any]  # (F,) by label
    frame_results: dict[str, UpdateResult]  # (F, n) by label


class ContactSamples(eqx.Module):
    """Handover to the end, in ticks (T,) of a tenth of a second and steps (S,) of a millisecond."""

    _: KW_ONLY
    tick_mask: Bool[Array, " T"]  # the tick was flown
    tick_count: Int[Array, " T"]  # the clock at its end, tenths of a second
    steps: ContactStep  # (T, S)
    throttle: Float[Array, "T E"]
    mode: Int[Array, " T"]
    pull_inertial_m_s2: Float[Array, "T 3"]  # gravity beyond the point mass, held over the tick


class DrawnGround(eqx.Module):
    """How this run's ground differs from the map."""

    _: KW_ONLY
    aim_fixed_m: Float[Array, "3"]  # on the true ground
    turn_fixed_rad: Float[Array, "3"]  # of the true ground against the map
    heights_turn_fixed_rad: Float[Array, "3"]  # against the map's heights
    rise_m: Float[Array, ""]
    warp: MapWarp  # of the map, over tens of kilometres
    slope_fixed_fraction: Float[Array, "3"]  # more slope under the pads
    surface: Surface  # below the map
    rocks: Rocks
    stops: Stops | None  # of the site
    surface_key: UInt32[Array, "2"]


class Samples(eqx.Module):
    """Both phases, and the vehicle and the ground as they were drawn for this run."""

    free: FreeSamples
    contact: ContactSamples
    vehicle: Vehicle
    ground: DrawnGround


def keep(
    samples: tuple[FrameSample, ContactTickSample], drawn: FlightPlan, key: Key[Array, ""]
) -> Samples:
    """`Samples` of what `fly(..., sampled=True)` gives; inside `jit` the rest is never written.

    `drawn` and `key` are the plan and the key that were flown.
    """
    frames, settled = samples
    ticks = frames.cycles.ticks
    flown = ticks.clock > 0
    heard = _answers(frames.cycles.heard, flown[..., 0])
    free = FreeSamples(
        cycle_mask=frames.active,
        tick_count=ticks.clock,
        state=_lean(ticks.state),
        estimate=_answers(ticks.reckoned, flown),
        mode=ticks.phase,
        throttle=_obeyed_throttle(ticks.command),
        shortfall=ticks.shortfall,
        readings=frames.cycles.readings,
        results=heard.cycle_results,
        covariance=heard.covariance[..., :SHOWN, :SHOWN],
        mass_kg=heard.mass_kg,
        frame_readings=frames.readings,
        frame_results=jax.tree.map(lambda each: each[:, -1], heard.frame_results),
    )
    assert settled.steps is not None, "the flight is sampled"
    nothing: Any = None  # not kept
    touch = dataclasses.replace(settled.steps.touch, peak_force_n=nothing)
    steps = dataclasses.replace(settled.steps, state=_lean(settled.steps.state), touch=touch)
    contact = ContactSamples(
        tick_mask=settled.active,
        tick_count=settled.clock,
        steps=steps,
        throttle=_obeyed_throttle(settled.command),
        mode=settled.phase,
        pull_inertial_m_s2=settled.pull_inertial_m_s2,
    )
    world = drawn.world
    ground = DrawnGround(
        aim_fixed_m=world.aim_fixed_m,
        turn_fixed_rad=world.terrain.turn_fixed_rad,
        heights_turn_fixed_rad=world.terrain.heights_turn_fixed_rad,
        rise_m=world.terrain.rise_m,
        warp=world.terrain.warp,
        slope_fixed_fraction=world.slope_fixed_fraction,
        surface=world.terrain.surface,
        rocks=world.terrain.rocks,
        stops=world.stops,
        surface_key=jax.random.key_data(key),
    )
    return Samples(free, contact, drawn.vehicle, ground)


def _answers(steps: Tree, flown: Bool[Array, "..."]) -> Tree:
    """What the flight software answered at the step after each; nothing where there was none.

    A step at the end of a tick or cycle is the first of the next. `flown` has all leading axes of
    `steps`; the last flown one has no next where a flight ran out of time.
    """
    axes = flown.ndim
    after = jnp.roll(flown.ravel(), -1).at[-1].set(False)

    def shifted(leaf: Shaped[Array, "..."]) -> Shaped[Array, "..."]:
        rows = jnp.roll(leaf.reshape(-1, *leaf.shape[axes:]), -1, axis=0)
        nothing = False if leaf.dtype == bool else jnp.nan
        known = after.reshape(-1, *[1] * (rows.ndim - 1))
        return jnp.where(known, rows, nothing).reshape(leaf.shape)

    return jax.tree.map(shifted, steps)


def _obeyed_throttle(command: Command) -> Float[Array, "... E"]:
    return jnp.where(command.engine_on, command.throttle, 0.0)


def _lean(state: TrueState) -> TrueState:
    nothing: Any = None  # not kept
    return dataclasses.replace(
        state, sensed_velocity_body_m_s=nothing, sensed_rotation_body_rad=nothing
    )


@dataclasses.dataclass(frozen=True)
class Readings:
    """What was read at the end of cycles or frames, and in which rows these end."""

    row_count: Int[np.ndarray, " ends"]  # rows before the one where it ends
    readings: dict[str, Any]  # (ends,) by label
    results: dict[str, UpdateResult]  # (ends, n) by label


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rows:
    """One flight laid in rows, host arrays: `free_count` ticks, then every step of contact.

    `estimate` and `shortfall` have the free rows only; `touch`, `thrust_work_j` and
    `pull_inertial_m_s2`, gravity beyond the point mass, those of contact only.
    """

    time_s: Float[np.ndarray, " rows"]
    state: TrueState
    mode: Int[np.ndarray, " rows"]
    throttle: Float[np.ndarray, "rows E"]
    shortfall: Shortfall
    free_count: int
    estimate: BelievedState
    cycles: Readings  # of the cycles flown
    covariance: Float[np.ndarray, "cycles 10 10"]
    believed_kg: Float[np.ndarray, " cycles"]
    frames: Readings
    touch: ContactState
    thrust_work_j: Float[np.ndarray, " steps"]
    pull_inertial_m_s2: Float[np.ndarray, "steps 3"]
    vehicle: Vehicle
    ground: DrawnGround


def rows_of(samples: Samples) -> Rows:
    """The `Rows` of one flight's `Samples`: what was flown, in order of time."""
    free, contact = jax.tree.map(np.asarray, (samples.free, samples.contact))
    flown = free.cycle_mask.ravel()
    ticks = np.repeat(flown, CYCLE_TICKS)
    down = contact.tick_mask

    def ticked(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[3:])[ticks], tree)

    def cycled(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[flown], tree)

    def stepped(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf[down].reshape(-1, *leaf.shape[2:]), tree)

    steps, per_tick = stepped(contact.steps), contact.steps.thrust_work_j.shape[1]
    state = jax.tree.map(lambda *both: np.concatenate(both), ticked(free.state), steps.state)
    row = np.cumsum(ticks) - 1
    closed = free.cycle_mask[:, -1]
    counts = (ticked(free.tick_count), _step_ends(contact.tick_count[down], per_tick))
    frame_ends = (free.frame_readings, free.frame_results)
    return Rows(
        time_s=CLOCK_S * np.concatenate(counts),
        state=state,
        mode=np.concatenate([ticked(free.mode), np.repeat(contact.mode[down], per_tick)]),
        throttle=np.concatenate(
            [ticked(free.throttle), np.repeat(contact.throttle[down], per_tick, axis=0)]
        ),
        shortfall=ticked(free.shortfall),
        free_count=int(ticks.sum()),
        estimate=ticked(free.estimate),
        cycles=Readings(
            row[CYCLE_TICKS - 1 :: CYCLE_TICKS][flown], *cycled((free.readings, free.results))
        ),
        covariance=cycled(free.covariance),
        believed_kg=cycled(free.mass_kg),
        frames=Readings(
            row[TICKS - 1 :: TICKS][closed], *jax.tree.map(lambda leaf: leaf[closed], frame_ends)
        ),
        touch=steps.touch,
        thrust_work_j=steps.thrust_work_j,
        pull_inertial_m_s2=np.repeat(contact.pull_inertial_m_s2[down], per_tick, axis=0),
        vehicle=jax.tree.map(np.asarray, samples.vehicle),
        ground=jax.tree.map(np.asarray, samples.ground),
    )


def _step_ends(tick_count: Int[np.ndarray, " ticks"], per_tick: int) -> Float[np.ndarray, " steps"]:
    """When each of a tick's equal steps ends, in ticks of the clock; the last ends with it."""
    left = np.arange(per_tick - 1, -1, -1) / per_tick
    return (tick_count[:, None] - left).ravel()
