"""The mission's list of phases as numbers: the table that flies, and where events stand in it."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from perilune.design.typed_arrays import of_numbers
from perilune.interfaces.descent_phase import (
    ATTITUDES,
    BEAMS,
    FIGURES,
    LANDED,
    LAWS,
    PACES,
    Phase,
    led_to_m,
)
from perilune.interfaces.events import PHASE_EVENTS
from perilune.mission.phase_events import events_of, ignition_of
from perilune.onboard.phase_table import EnginesInUse, NozzlesInUse, PhaseTable, Thresholds
from perilune.onboard.upload import Plan

PLANNED = tuple(field.name for field in dataclasses.fields(Plan))
"""Figures that a plan has for phases without their own."""


def phase_table(
    phases: tuple[Phase, ...],
    engines: EnginesInUse | None = None,
    sensors: dict[str, Bool[np.ndarray, " p"]] | None = None,
    nozzles: NozzlesInUse | None = None,
) -> PhaseTable:
    """The table of a list, and after it the row of being landed; what it uses where not all."""
    rows = (*phases, LANDED)
    laws = tuple(law for law in LAWS if any(row.law == law for row in rows))
    names = [name for name in FIGURES if name in PLANNED or _any_has(rows, name)]
    return PhaseTable(
        laws=laws,
        law=jnp.array([laws.index(row.law) for row in rows]),
        engine_on=jnp.array([row.engine for row in rows]),
        attitude=jnp.array([ATTITUDES.index(row.attitude) for row in rows]),
        holds=any(row.attitude == "hold" for row in rows),
        lean_rad=_leans(rows),
        altimeter_beam=jnp.array([BEAMS.index(row.altimeter_beam) for row in rows]),
        pace=jnp.array([PACES.index(row.pace) for row in rows]),
        ends=jax.tree.map(lambda *each: jnp.array(each, float), *map(_thresholds, rows)),
        figures={name: jnp.array(_figure(rows, name), float) for name in names},
        engines=jax.tree.map(jnp.asarray, engines),
        nozzles=jax.tree.map(jnp.asarray, nozzles),
        sensor_used=jax.tree.map(jnp.asarray, sensors),
        target_site_m=_targets(rows),
    )


def _leans(rows: Sequence[Phase]) -> Float[Array, " p"] | None:
    """How far each phase leans from upright; None where no phase asks to stand so."""
    if not any(row.attitude == "upright" for row in rows):
        return None
    return jnp.array([row.lean_rad for row in rows], float)


def _targets(rows: Sequence[Phase]) -> Float[Array, "p 3"] | None:
    """Where each phase steers to, from the aim point; None where no phase steers anywhere else."""
    offsets = np.array([(*target_m, 0.0) for target_m in led_to_m(rows)])
    return jnp.asarray(offsets) if np.any(offsets) else None


def _thresholds(phase: Phase) -> Thresholds:
    ends, never = phase.ends, -np.inf

    def most(value: float | None) -> float:
        return never if value is None else value

    return of_numbers(
        Thresholds,
        burn_due_s=0.0 if ends.at == "burn" else never,
        burn_left_m_s=0.0 if ends.at == "burn_complete" else never,
        over_final_height_m=0.0 if ends.at == "final_height" else never,
        to_ignition_s=most(ends.to_ignition_s),
        time_to_go_s=most(ends.time_to_go_s),
        height_m=most(ends.height_m),
        speed_m_s=most(ends.speed_m_s),
        range_m=most(ends.range_m),
        minus_duration_s=never if ends.duration_s is None else -ends.duration_s,
    )


def _any_has(rows: Sequence[Phase], name: str) -> bool:
    return any(getattr(row, name) is not None for row in rows)


def _figure(rows: Sequence[Phase], name: str) -> list:
    """A figure of each phase; not-a-number, for each of its components, where it has none."""
    given = [getattr(row, name) for row in rows]
    size = np.shape(next((value for value in given if value is not None), 0.0))
    return [np.full(size, np.nan) if value is None else value for value in given]


def event_phases(phases: tuple[Phase, ...]) -> Int[np.ndarray, "6"]:
    """The place of the phase that begins each of `PHASE_EVENTS`; of one that no phase begins, a
    place that is never reached."""
    begun, never = events_of(phases), len(phases) + 1
    return np.array([begun.get(event, never) for event in PHASE_EVENTS])


def ignition_phase(phases: tuple[Phase, ...]) -> int:
    """The place of the braking phase, which begins at the range of ignition."""
    place = ignition_of(phases)
    if place is None:  # the mission's checks have refused such a list
        raise AssertionError(phases)
    return place


def align_lead_s(phases: tuple[Phase, ...]) -> float:
    """How long before ignition the long ticks of the coast end."""
    leads = [each.ends.to_ignition_s or 0.0 for each in phases if each.pace == "long"]
    return max(leads, default=0.0)
