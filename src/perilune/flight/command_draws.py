"""Random numbers for faults of the command, of which every engine and nozzle has its own.

A stream is named by the unit and its place among its like, so that one unit more changes no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.flight_plan import FlightPlan
from perilune.truth.faults.command import COMPONENT_COUNT
from perilune.truth.faults.fault_kinds import Draws, needs_chance, needs_noise

COMMAND = "command"
Shapes = dict[str, tuple[int, ...]]
"""Name of a stream → the shape of what is drawn from it."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be drawn; nothing where no fault needs it."""

    normals: Shapes
    uniforms: Shapes


def wanted(plan: FlightPlan, lead: tuple[int, ...]) -> Wanted:
    """The streams of the command; `lead` are the leading axes of each draw."""
    faults, names = plan.faults.get(COMMAND, ()), _units(plan)
    normals = [_noise(name) for name in names] if needs_noise(faults) else []
    chances = [_chance(name) for name in (*names, COMMAND)] if needs_chance(faults) else []
    return Wanted(
        normals=dict.fromkeys(normals, (*lead, COMPONENT_COUNT)),
        uniforms=dict.fromkeys(chances, (*lead, 2)),
    )


def by_unit(plan: FlightPlan, drawn: Mapping[str, Float[Array, "..."]]) -> Draws:
    """What was drawn, in the order of the units; of the chances, that of the whole command last."""
    names = _units(plan)
    return (
        _stacked([_noise(name) for name in names], drawn),
        _stacked([_chance(name) for name in (*names, COMMAND)], drawn),
    )


def _stacked(
    names: Sequence[str], drawn: Mapping[str, Float[Array, "..."]]
) -> Float[Array, "..."] | None:
    found = [drawn[name] for name in names if name in drawn]
    return jnp.stack(found, axis=-2) if found else None


def _units(plan: FlightPlan) -> list[str]:
    """Engines, then nozzles, as faults of the command count them."""
    engine_count = len(plan.vehicle.engines.lag_s)
    nozzle_count = len(plan.vehicle.nozzles.thrust_n)
    return [
        *(f"{COMMAND}_engine_{place}" for place in range(engine_count)),
        *(f"{COMMAND}_nozzle_{place}" for place in range(nozzle_count)),
    ]


def _noise(name: str) -> str:
    return f"{name}_fault"


def _chance(name: str) -> str:
    return f"{name}_fault_chance"
