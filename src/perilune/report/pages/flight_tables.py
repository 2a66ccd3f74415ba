"""The flight page's tables: criteria, events, terrain and provenance."""

from collections.abc import Iterable, Mapping

import numpy as np

from perilune.report.pages.content import Inline, Meter, Table, Text, small, strong
from perilune.report.record import Record, has
from perilune.report.unit_labels import (
    NOTHING,
    criterion_cells,
    shown,
    spelled_out,
    to_four_figures,
    unit_of,
)

OF_THE_MISSION = "miss_m"
"""The criterion that says nothing of whether a touchdown is clean."""
_TIMES = 10.0
"""From so many times a limit on, its share is given in times rather than in per cent."""


def criteria_table(result: Mapping) -> Table:
    """Each criterion with its value, limit and margin, and how much of the limit was used."""
    heads = ("Criterion", "Value", "Limit", "Margin", "Share of limit", "Met")
    return Table(heads, [_criterion(each) for each in result["criteria"]], "criteria")


def events_table(result: Mapping, pdi_s: float | None, contact_s: float | None) -> Table:
    """Each event, numbered as on the figures, in UTC, T+, PDI+ and TD+."""
    rows = [
        (
            str(number),
            spelled_out(event["name"]),
            _clock(event["utc"]),
            _after(event["time_s"], 0.0),
            _after(event["time_s"], pdi_s),
            _after(event["time_s"], contact_s),
        )
        for number, event in enumerate(result["events"], start=1)
    ]
    return Table(("No.", "Event", "UTC", "T+", "PDI+", "TD+"), rows, "events")


def faults_table(record: Record) -> list[Table]:
    """Each fault of each signal, with when it began and ended; nothing without faults."""
    rows = [
        (
            span.fault,
            span.signal.replace("_", " "),
            "did not begin" if span.begins_s is None else _after(span.begins_s, 0.0),
            NOTHING if span.begins_s is None else _after(span.begins_s, record.pdi_s),
            NOTHING if span.ends_s is None else _after(span.ends_s, record.pdi_s),
        )
        for span in record.faults
    ]
    heads = ("Fault", "Of", "Begins, T+", "Begins, PDI+", "Ends, PDI+")
    return [Table(heads, rows, "faults")] if rows else []


def phases_table(record: Record) -> list[Table]:
    """Each phase of the flight software, how long it lasted and how it began; nothing untold."""
    names = record.extras.get("modes") or {}
    if not names or not has(record, "mode"):
        return []
    time_s, mode = record["time_s"], record["mode"]
    begins = [0, *(np.flatnonzero(np.diff(mode)) + 1)]
    ends_s = [*(float(time_s[row]) for row in begins[1:]), float(time_s[-1])]
    rows = [
        (
            names.get(int(mode[row]), str(int(mode[row]))).replace("_", " "),
            _after(float(time_s[row]), record.pdi_s),
            shown(round(end_s - float(time_s[row]), 1), "s"),
            *(shown(_at(record, column, row), unit) for column, unit, _ in _BEGAN),
        )
        for row, end_s in zip(begins, ends_s, strict=True)
    ]
    heads = ("Phase", "PDI+", "Lasts", *(head for _, _, head in _BEGAN))
    return [Table(heads, rows, "phases")]


_BEGAN = (
    ("height_m", "m", "Height"),
    ("vertical_speed_m_s", "m/s", "Down"),
    ("horizontal_speed_m_s", "m/s", "Across"),
    ("tilt_deg", "°", "Tilt"),
)
"""What a phase begins with."""


def _at(record: Record, column: str, row: int) -> float:
    return float(f"{record[column][row]:.4g}") + 0.0


def terrain_table(terrain: Iterable[Mapping]) -> Table:
    """What is measured and what is made up, one row a piece of ground, columns as they come."""
    pieces = list(terrain)
    names = list(dict.fromkeys(name for piece in pieces for name in piece))
    rows = [[_cell(piece.get(name), name) for name in names] for piece in pieces]
    return Table([_head(name) for name in names], rows, "terrain")


def draws_table(draws: Iterable[Mapping]) -> Table:
    """What a flight drew: each number, its nominal value, how many sigmas lie between, and how."""
    rows = [
        (
            each["path"],
            to_four_figures(each["value"]),
            to_four_figures(each["nominal"]),
            NOTHING if each["sigma"] is None else shown(round(float(each["sigma"]), 2)),
            to_four_figures(each["drawn"]),
        )
        for each in draws
    ]
    return Table(("Parameter", "Value", "Nominal", "Sigmas off", "Drawn"), rows, "draws")


def provenance_table(provenance: Mapping) -> Table:
    """Everything the result was made from, nested names joined by dots."""
    rows = [(path, shown(value)) for path, value in _flat(provenance)]
    return Table(("What", "Which"), rows, "provenance")


def _criterion(each: Mapping) -> tuple[Inline, ...]:
    met = Text("✓ met", "met") if each["met"] else Text("✗ not met", "not")
    name: Inline = spelled_out(each["name"])
    if each["name"] == OF_THE_MISSION:
        name = (name, small(" the mission's own; a clean touchdown may miss"))
    return name, *criterion_cells(each), _meter(each), met


def _meter(each: Mapping) -> Inline:
    """A bar as long as the share of the limit that was used, full when it is passed."""
    if each["value"] is None or not each["limit"] or not unit_of(each["name"]):
        return ""
    share = abs(each["value"] / each["limit"])
    words = f"{100.0 * share:.0f} %" if share < _TIMES else f"{share:.3g} times"
    return Meter(share, bool(each["met"])), f" {words}"


def _clock(utc: str) -> Inline:
    """`2025-03-06T17:32:00.123Z` as `result.json` and the terminal have it, the day in small."""
    day, clock = utc.rstrip("Z").split("T")
    return small(day), f" {clock}"


def _after(time_s: float, zero_s: float | None) -> str:
    if zero_s is None:
        return NOTHING
    after_s = time_s - zero_s
    sign, tenths = ("\N{MINUS SIGN}" if after_s <= -0.05 else "+"), round(abs(after_s) * 10)
    hours, tenths = divmod(tenths, 36_000)
    minutes, tenths = divmod(tenths, 600)
    whole = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{whole}:{tenths // 10:02d}.{tenths % 10}"


def _flat(values: Mapping, path: str = "") -> Iterable[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _head(name: str) -> str:
    unit = unit_of(name)
    return spelled_out(name) + (f", {unit}" if unit else "")


def _cell(value: object, name: str) -> Inline:
    return strong(shown(value)) if name in {"kind", "measured", "origin"} else shown(value)
