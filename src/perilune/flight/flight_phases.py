"""The phases of a flight as truth flies them: a step of each, its length, its cap and its end.

Coast and powered flight are one phase: flights of a batch coast and burn side by side, so a frame
takes its length from the telemetry of each flight, and the plan's cap counts frames of both.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.design.caps import CONTACT_TICK_ROOM, FRAME_ROOM
from perilune.design.flight_plan import Caps
from perilune.flight.carry import Carry, Flight
from perilune.flight.checkpointed_loop import Step
from perilune.flight.contact_phase import settle
from perilune.flight.loop import frame
from perilune.interfaces.clock import CLOCK_S, COAST_FRAME_S, FRAME_S


@dataclass(frozen=True, kw_only=True)
class FlightPhase:
    """One loop of a flight; it ends when nothing moves any more, or at its cap."""

    name: str
    step_s: tuple[float, ...]
    """Lengths that a step may have."""
    steps: Callable[[Flight, Float[Array, "3"], bool], Step]
    """A step, by the flight, where the phase begins (Moon-fixed, m) and whether it is sampled."""
    cap: Callable[[Caps], Int[Array, ""]]
    """How many steps the plan allows it."""
    room_count: int
    """How many it can keep: part of what is compiled."""
    is_overdue: Callable[[Carry], Bool[Array, ""]]
    """Whether a flight that is under way when it ends is out of time."""


PHASES = (
    FlightPhase(
        name="free flight",
        step_s=(COAST_FRAME_S, FRAME_S),
        steps=lambda flight, _, sampled: lambda now: frame(flight, now, sampled),
        cap=lambda caps: caps.frame_count,
        room_count=FRAME_ROOM,
        is_overdue=lambda carry: (
            ~carry.contact_entered
        ),  # contact is for landers that have descended
    ),
    FlightPhase(
        name="contact",
        step_s=(CLOCK_S,),
        steps=settle,
        cap=lambda caps: caps.contact_tick_count,
        room_count=CONTACT_TICK_ROOM,
        is_overdue=lambda _: jnp.array(True),
    ),
)
"""In the order in which they are flown."""
