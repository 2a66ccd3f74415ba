"""The events of a flight, in the order in which its log keeps their times."""

import enum


class Event(enum.IntEnum):
    """The events whose times `FlightSummary.event_time_s` holds, s after the start, by place.

    Not-a-number for what did not happen. Those that a phase begins come first, in the order of
    phases.

    >>> import perilune
    >>> perilune.Event(perilune.Event.CONTACT).name
    'CONTACT'
    """

    START = 0
    DEORBIT_IGNITION = 1
    DEORBIT_CUTOFF = 2
    ALIGNMENT = 3
    IGNITION = 4
    GATE = 5
    VERTICAL_DESCENT = 6
    ENGINE_CUTOFF = 7
    CONTACT = 8
    TANK_DRY = 9
    LEG_BROKEN = 10  # the first of them
    END = 11


PHASE_EVENTS = tuple(each for each in Event if Event.START < each < Event.ENGINE_CUTOFF)
"""Those that a phase begins, in the order of the log."""
EVENT_NAMES = tuple(event.name.lower().replace("_", "-") for event in Event)
"""As a mission's file spells them."""
