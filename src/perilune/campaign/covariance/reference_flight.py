"""The flight that a linear analysis is made along: no error drawn, and all that its filter did."""

import dataclasses
from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt32

from perilune.campaign.request import Engine
from perilune.campaign.run.job import cores
from perilune.design.dispersion_table import nominal
from perilune.design.flight_plan import FlightPlan
from perilune.flight.fly import fly
from perilune.flight.kept_programs import Machine, kept_machine, kept_program
from perilune.flight.native_flight import is_native, where_known
from perilune.interfaces import BelievedState, NavigationTelemetry
from perilune.mechanics.randomness import run_key
from perilune.truth.dynamics.state import TrueState

ALMOST_NONE = 1e-12
"""Of each noise: as good as none, while readings still drop out by chance."""


class Record(eqx.Module):
    """Cycle by cycle (C,); `heard` is what the filter made of the readings at its beginning."""

    _: KW_ONLY
    active: Bool[Array, " C"]
    clock: Int[Array, "C 2"]  # at the end of each tick, tenths of a second
    state: TrueState  # (C, 2), likewise
    phase: Int[Array, "C 2"]
    beam: Int[Array, " C"]  # of the altimeter, as commanded for the last tick
    readings: dict[str, Any]  # by label, at its end
    frame_readings: dict[str, Any]  # likewise, of the frame that ends with it; else not valid
    reckoned: BelievedState  # at its beginning, before the readings
    heard: NavigationTelemetry
    consistency: Float[Array, "10 13"]  # of the whole flight
    event_time_s: Float[Array, " events"]


def reference_plan(plan: FlightPlan) -> FlightPlan:
    """The plan with every error off but for readings that drop out by chance."""
    return dataclasses.replace(nominal(plan), noise_factor=jnp.array(ALMOST_NONE))


def recorded(
    plan: FlightPlan, seed: int, engine: Engine | None, say: Callable[[str], None]
) -> Record:
    """The record of the reference flight of a plan with this seed, host arrays of cycles flown."""
    words = np.asarray(jax.random.key_data(run_key(seed, 0)))
    numbers = jax.tree.map(np.asarray, reference_plan(plan))
    natively = where_known(lambda: _machine(numbers, words), say) if is_native(engine) else None
    flight = natively or kept_program("recorded", _recorded, (numbers, words))
    return _flown(jax.tree.map(np.asarray, flight(numbers, words)))


def _machine(numbers: Any, words: UInt32[np.ndarray, "2"]) -> Machine:
    return kept_machine("recorded", _recorded, (numbers,), words, len(cores()))


def _recorded(plan: FlightPlan, words: UInt32[Array, "2"]) -> Record:
    """What is compiled."""
    summary, (frames, _) = fly(plan, jax.random.wrap_key_data(words), sampled=True)
    ticks = frames.cycles.ticks
    last = jnp.arange(frames.active.shape[1]) == frames.active.shape[1] - 1

    def at_end(reading: Any) -> Any:
        spread = jax.tree.map(lambda each: jnp.repeat(each[:, None], len(last), axis=1), reading)
        valid = spread.valid & last.reshape(1, -1, *[1] * (spread.valid.ndim - 2))
        return dataclasses.replace(spread, valid=valid)

    record = Record(
        active=frames.active,
        clock=ticks.clock,
        state=ticks.state,
        phase=ticks.phase,
        beam=ticks.command.altimeter_beam[..., -1],
        readings=frames.cycles.readings,
        frame_readings={label: at_end(each) for label, each in frames.readings.items()},
        reckoned=jax.tree.map(lambda each: each[:, :, 0], ticks.reckoned),
        heard=frames.cycles.heard,
        consistency=summary.consistency,
        event_time_s=summary.event_time_s,
    )
    rows = jax.tree.map(lambda each: each.reshape(-1, *each.shape[2:]), _by_cycle(record))
    return dataclasses.replace(
        rows, consistency=record.consistency, event_time_s=record.event_time_s
    )


def _by_cycle(record: Record) -> Record:
    nothing: Any = None
    return dataclasses.replace(record, consistency=nothing, event_time_s=nothing)


def _flown(record: Record) -> Record:
    rows = jax.tree.map(lambda each: each[record.active], _by_cycle(record))
    return dataclasses.replace(
        rows, consistency=record.consistency, event_time_s=record.event_time_s
    )
