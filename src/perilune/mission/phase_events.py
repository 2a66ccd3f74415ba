"""Which phase of a list begins each event of the log: by law, role and attitude, not by name."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from perilune.interfaces.descent_phase import Phase
from perilune.interfaces.events import EVENT_NAMES, PHASE_EVENTS, Event

GIVEN_BY = {
    Event.ALIGNMENT: "its attitude along the thrust, between the descent-orbit burn and ignition",
    Event.VERTICAL_DESCENT: "a law of the role `vertical_descent`, after ignition",
}
"""What the phase must have that begins an event; every list that passes its checks has the rest."""
ALONG_THRUST = ("thrust", "thrust_in_orbit")
"""Attitudes that face along the thrust of braking, before ignition as a preview."""
OF_THE_BURN = (Event.DEORBIT_IGNITION, Event.DEORBIT_CUTOFF)
"""Those that a descent without a descent-orbit burn does not have."""


def ignition_of(phases: Sequence[Phase]) -> int | None:
    """The place of the phase that begins at the range of ignition; None where there is none."""
    for place, (before, phase) in enumerate(pairwise(phases), 1):
        ends_there = before.ends.to_ignition_s is not None
        if ends_there and phase.engine and phase.role == "braking":
            return place
    return None


def burn_of(phases: Sequence[Phase]) -> int | None:
    """The place of the descent-orbit burn; None where there is none."""
    return _first(at for at, phase in enumerate(phases) if phase.role == "orbit_burn")


def events_of(phases: Sequence[Phase]) -> dict[Event, int]:
    """The place of the phase that begins each event; an event that none begins is not there."""
    burn, ignition = burn_of(phases), ignition_of(phases)
    if ignition is None:
        return {}
    cutoff = None if burn is None else burn + 1
    coast, powered = range(cutoff or 0, ignition), range(ignition, len(phases))
    found = {
        Event.DEORBIT_IGNITION: burn,
        Event.DEORBIT_CUTOFF: cutoff,
        Event.ALIGNMENT: _first(at for at in coast if _along_thrust(phases[at])),
        Event.IGNITION: ignition,
        Event.GATE: _first(at + 1 for at in reversed(powered) if phases[at].role == "braking"),
        Event.VERTICAL_DESCENT: _first(
            at for at in powered if phases[at].role == "vertical_descent"
        ),
    }
    return {event: at for event, at in found.items() if at is not None}


def events_missing(phases: Sequence[Phase]) -> tuple[str, ...]:
    """A note on each event that no phase begins."""
    begun = events_of(phases)
    needless = () if burn_of(phases) is not None else OF_THE_BURN
    return tuple(
        f"No phase begins the event `{name_of(event)}`, for which it would need "
        f"{GIVEN_BY[event]}: log, rows and check points of navigation have no time for it."
        for event in PHASE_EVENTS
        if event not in begun and event not in needless
    )


def name_of(event: Event) -> str:
    """An event as a mission's file spells it."""
    return EVENT_NAMES[event]


def _first(places: Iterator[int]) -> int | None:
    return next(places, None)


def _along_thrust(phase: Phase) -> bool:
    return phase.attitude in ALONG_THRUST
