"""A flight as the figures read it: columns as numbers, the moments that matter, the limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float, Float64

from perilune.campaign.statistics.columns import numbers_if_any
from perilune.report.fault_spans import FaultSpan, fault_spans

_LEAD_S = 30.0
_WORDS = {
    "PDI": ("ignition", "powered descent initiation"),
    "gate": ("gate",),
    "TD": ("contact", "touchdown"),
}


@dataclass(frozen=True)
class Mark:
    """A moment drawn as a line: where on the axis, and its label, a word or its event's number."""

    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """One flight, ready to draw: `pdi_s` and `contact_s` are None where it never came to that."""

    table: pa.Table
    marks: tuple[Mark, ...]
    pdi_s: float | None
    contact_s: float | None
    extras: Mapping
    aim: Mapping
    outcome: str = ""
    is_nominal: bool = False
    faults: tuple[FaultSpan, ...] = ()

    def __getitem__(self, name: str) -> Float[np.ndarray, " row"]:
        return numbers_if_any(self.table, name)


def record_of(result: Mapping, telemetry: pa.Table, extras: Mapping) -> Record:
    """The record of a judged flight; powered descent and contact are read off `phase`."""
    time_s, phase = numbers_if_any(telemetry, "time_s"), numbers_if_any(telemetry, "phase")
    events = result["events"]
    pdi_s = _time_of(events, _WORDS["PDI"])
    contact_s = _time_of(events, _WORDS["TD"])
    height_m = numbers_if_any(telemetry, "height_m")
    faults = tuple(fault_spans(extras.get("faults") or (), events, time_s, height_m))
    return Record(
        table=telemetry,
        marks=(
            *(Mark(each["time_s"], _label(each, n)) for n, each in enumerate(events, 1)),
            *_fault_marks(faults),
        ),
        faults=faults,
        pdi_s=_first(time_s, phase >= 1) if pdi_s is None else pdi_s,
        contact_s=_first(time_s, phase == 2) if contact_s is None else contact_s,
        extras=extras,
        aim=result.get("aim") or {},
        outcome=result.get("outcome") or "",
        is_nominal=bool((result.get("provenance") or {}).get("nominal")),
    )


def has(record: Record, *names: str) -> bool:
    """Whether every one of these columns is there and says something."""
    return all(np.isfinite(record[name]).any() for name in names)


def limit(record: Record, name: str) -> float | None:
    """A limit by its name in `extras["limits"]`, None where the flight has no such limit."""
    return record.extras.get("limits", {}).get(name)


def since_pdi_s(record: Record, time_s: Float64[np.ndarray, " ticks"] | float | None = None) -> Any:
    """Time after powered descent began (after the flight's start where it never did)."""
    return (record["time_s"] if time_s is None else time_s) - (record.pdi_s or 0.0)


def powered_span_s(record: Record) -> tuple[float, float]:
    """From shortly before powered descent to the end, as time after it."""
    time_s = since_pdi_s(record)
    first = time_s[0] if record.pdi_s is None else max(time_s[0], -_LEAD_S)
    return min(float(first), float(time_s[-1])), float(time_s[-1]) + 1.0


def clock_name(record: Record) -> str:
    """What the time axis is called."""
    return "T+, s" if record.pdi_s is None else "PDI+, s"


def at_times(
    record: Record, name: str, times_s: Float64[np.ndarray, " times"]
) -> Float64[np.ndarray, " times"]:
    """A column's values at the given times after the start."""
    return np.interp(times_s, record["time_s"], record[name])


def _time_of(events: Sequence[Mapping], words: tuple[str, ...]) -> float | None:
    """When the first event that goes by one of the names happened."""
    return next((each["time_s"] for each in events if _caption(each, words)), None)


def _label(event: Mapping, number: int) -> str:
    known = (label for label, words in _WORDS.items() if _caption(event, words))
    return next(known, str(number))


def _caption(event: Mapping, words: tuple[str, ...]) -> bool:
    name = event["name"].casefold().replace("_", " ").replace("-", " ")
    return name in words


def _fault_marks(faults: Sequence[FaultSpan]) -> list[Mark]:
    """Where each fault begins after the start, and where it ends."""
    begins_s = sorted({each.begins_s for each in faults if each.begins_s})
    ends_s = sorted({each.ends_s for each in faults if each.ends_s is not None})
    return [Mark(at_s, "fault") for at_s in begins_s] + [Mark(at_s, "over") for at_s in ends_s]


def _first(time_s: Float[np.ndarray, " row"], where: Bool[np.ndarray, " row"]) -> float | None:
    return float(time_s[np.argmax(where)]) if where.any() else None
