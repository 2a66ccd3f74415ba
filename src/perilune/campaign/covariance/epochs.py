"""The moments of a flight at which a budget of errors is told: those of the campaign's checks."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from perilune.campaign.covariance.reference_flight import Record
from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import CheckPoint
from perilune.flight.nees_recorder import (
    FIRST_FIXES_BELOW_M,
    LOW_M,
    MID_COAST_S,
    VERY_LOW_M,
)
from perilune.interfaces.clock import CLOCK_S, FRAME_CYCLES
from perilune.interfaces.events import Event
from perilune.interfaces.units import kind_of

SHOWN_ROWS = 300
"""Cycles in the plots over time, at most."""


class Epochs(NamedTuple):
    """The check points that the flight came to, and the cycle after which each of them was."""

    points: tuple[CheckPoint, ...]
    rows: Int[np.ndarray, " points"]


def epochs_of(plan: FlightPlan, record: Record) -> Epochs:
    """At the end of a frame, as campaigns check, and the first after what the point is named by."""
    end_s = CLOCK_S * record.clock[:-1, 1]
    height_m = record.heard.height_m[1:]
    event_s = record.event_time_s
    braking_s = end_s - event_s[Event.IGNITION]
    fixes = [
        each.spec.max_height_m for label, each in plan.sensors.items() if kind_of(label) == "camera"
    ]
    below_m = max(map(float, fixes), default=0.0) - FIRST_FIXES_BELOW_M
    coasts = end_s > event_s[Event.DEORBIT_CUTOFF]
    past = {
        CheckPoint.DEORBIT_CUTOFF: coasts,
        CheckPoint.MID_COAST: end_s > event_s[Event.DEORBIT_CUTOFF] + MID_COAST_S,
        CheckPoint.FIRST_FIXES: coasts & (height_m < below_m),
        CheckPoint.ALIGNMENT: end_s > event_s[Event.ALIGNMENT],
        CheckPoint.IGNITION: braking_s > 0.0,
        CheckPoint.BRAKING_200_S: braking_s > 200.0,
        CheckPoint.BRAKING_400_S: braking_s > 400.0,
        CheckPoint.GATE: end_s > event_s[Event.GATE],
        CheckPoint.HEIGHT_100_M: (braking_s > 0.0) & (height_m < LOW_M),
        CheckPoint.HEIGHT_10_M: (braking_s > 0.0) & (height_m < VERY_LOW_M),
    }
    closes = np.arange(len(end_s)) % FRAME_CYCLES == FRAME_CYCLES - 1
    found = {point: np.flatnonzero(past[point] & closes) for point in CheckPoint}
    known = tuple(point for point in CheckPoint if len(found[point]))
    return Epochs(known, np.array([found[point][0] for point in known], int))


def rows_over_time(record: Record) -> Int[np.ndarray, " rows"]:
    """Cycles that are the ends of frames, evenly among all."""
    closing = np.arange(FRAME_CYCLES - 1, len(record.active) - 1, FRAME_CYCLES)
    step = max(-(-len(closing) // SHOWN_ROWS), 1)
    return closing[::-1][::step][::-1]


def since_ignition_s(
    record: Record, time_s: Float[np.ndarray, " rows"]
) -> Float[np.ndarray, " rows"]:
    """Of the flight's time; before ignition it is negative."""
    return time_s - record.event_time_s[Event.IGNITION]
