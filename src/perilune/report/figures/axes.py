"""The axes figures share, and where the flight's events and limits fall on them."""

import numpy as np
from jaxtyping import Bool

from perilune.report.figures.figure import Across
from perilune.report.record import (
    Mark,
    Record,
    at_times,
    clock_name,
    powered_span_s,
    since_pdi_s,
)


def time_axis(record: Record) -> Across:
    """The axis of powered descent, with every event of the flight on it."""
    marks = tuple(Mark(since_pdi_s(record, mark.at), mark.label) for mark in record.marks)
    return Across(clock_name(record), powered_span_s(record), marks)


def marks_at(record: Record, name: str, scale: float) -> tuple[Mark, ...]:
    """The events of powered descent, placed on an axis that is not time."""
    low = record.pdi_s or 0.0
    high = float("inf") if record.contact_s is None else record.contact_s
    marks = [mark for mark in record.marks if low <= mark.at <= high]
    places = at_times(record, name, np.array([mark.at for mark in marks])) * scale
    return tuple(Mark(float(at), mark.label) for at, mark in zip(places, marks, strict=True))


def descending(record: Record) -> Bool[np.ndarray, " row"]:
    """Rows of powered descent, or all where it never began."""
    powered = record["phase"] == 1
    return powered if powered.any() else np.ones(powered.shape, dtype=bool)


def powered_range(record: Record, name: str) -> tuple[float, float]:
    """From zero or below to a little over the highest of powered descent, in thousands."""
    values = np.append(np.nan_to_num(record[name][descending(record)]), 0.0) / 1e3
    return float(values.min()), max(1.05 * float(values.max()), 0.1)


def limit_line(level: float | None, text: str) -> tuple[tuple[float, str], ...]:
    """A limit as a row draws it, its number put into the text; nothing without a limit."""
    return () if level is None else ((level, text.format(level)),)
