"""Figures of each sensor: what was read less what was expected, and what the gate turned away."""

import re
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from perilune.interfaces.sensor_kinds import SENSORS as KINDS
from perilune.mechanics.si_units import printed_unit_of
from perilune.report.figures.axes import time_axis
from perilune.report.figures.decimate import every
from perilune.report.figures.figure import Figure, Row, Words, dots, line, stack
from perilune.report.record import Record, has, powered_span_s, since_pdi_s


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """A sensor's columns: its channels with their words, and where its flags are."""

    key: str
    title: str
    unit: str
    spelling: str
    channels: tuple[tuple[str, str], ...]
    shared_flags: bool


SENSORS = tuple(
    Sensor(
        key=each.kind,
        title=each.title,
        unit=each.column_unit,
        spelling=printed_unit_of(f"value_{each.column_unit}"),
        channels=tuple(each.channels.items()),
        shared_flags=each.one_validity,
    )
    for each in KINDS
    if each.channels
)
_CAPTION = (
    "Innovation (measurement minus prediction) and its gate. Crosses are rejected measurements. "
    "An innovation that drifts from zero shows an error that the filter does not model. Counts "
    "cover the whole flight."
)


def innovation_figures(record: Record) -> list[Figure]:
    """One figure for each unit of a sensor that read anything."""
    drawn = [
        sensor
        for sensor in units_in(record)
        if any(_known(record, sensor, c) for c, _ in sensor.channels)
    ]
    return [_figure(record, sensor) for sensor in drawn]


def units_in(record: Record) -> list[Sensor]:
    """Every unit that the telemetry has columns of, kind after kind; a kind without any as one."""
    return [unit for sensor in SENSORS for unit in _units(sensor, record.table.column_names)]


def _units(sensor: Sensor, columns: list[str]) -> list[Sensor]:
    channels = "|".join(re.escape(channel) for channel, _ in sensor.channels)
    pattern = re.compile(rf"{sensor.key}(?:_(.+))?_(?:{channels})_innovation_{sensor.unit}")
    found = [match[1] for name in columns if (match := pattern.fullmatch(name))]
    return [
        replace(sensor, key=f"{sensor.key}_{name}", title=f"{sensor.title} {name}")
        if name
        else sensor
        for name in dict.fromkeys(found or [None])
    ]


def silent_words(record: Record) -> list[str]:
    """A sentence on each sensor that read nothing or is not there, of which there is no figure."""
    absent = record.extras.get("absent") or ()
    return [
        f"No {sensor.title}: the lander has no such instrument."
        if sensor.key in absent
        else f"No {sensor.title}: it gave no valid reading in this flight."
        for sensor in units_in(record)
        if _asked(record, sensor) and not any(_known(record, sensor, c) for c, _ in sensor.channels)
    ]


def judged(
    record: Record, sensor: Sensor, channel: str
) -> tuple[Bool[np.ndarray, " row"], Bool[np.ndarray, " row"]]:
    """Which rows the filter took and which the gate turned away, of one channel's good readings.

    Where the flight software did not say what it took, the gate does.
    """
    innovation, gate = _columns(record, sensor, channel)
    flags = sensor.key if sensor.shared_flags else f"{sensor.key}_{channel}"
    valid = _flag(record, f"{flags}_valid", np.isfinite(innovation)) & np.isfinite(innovation)
    inside = np.abs(innovation) < gate
    return valid & _flag(record, f"{flags}_used", inside), valid & ~inside


def _figure(record: Record, sensor: Sensor) -> Figure:
    rows = [
        _row(record, sensor, *channel)
        for channel in sensor.channels
        if _known(record, sensor, channel[0])
    ]
    words = Words(f"innovation-{sensor.key}", f"Innovations: {sensor.title}", _CAPTION)
    return stack(words, time_axis(record), rows)


def _row(record: Record, sensor: Sensor, channel: str, spoken: str) -> Row:
    time_s = since_pdi_s(record)
    innovation, gate = _columns(record, sensor, channel)
    used, rejected = judged(record, sensor, channel)
    read = used | rejected
    gates = (
        line(time_s[read], gate[read], "gate", "--green"),
        line(time_s[read], -gate[read], "gate", "--green"),
    )
    taken = _dots(time_s[used], innovation[used], "accepted", "--blue", "circle")
    refused = _dots(time_s[rejected], innovation[rejected], "rejected", "--red", "x")
    axis = f"{spoken}, {sensor.spelling}<br>{used.sum():,} accepted, {rejected.sum():,} rejected"
    low, _ = powered_span_s(record)
    shown = read & (time_s >= low)
    return Row(axis, (*gates, taken, refused), span=_span(innovation[shown], gate[shown]))


def _span(
    innovation: Float[np.ndarray, " row"], gate: Float[np.ndarray, " row"]
) -> tuple[float, float] | None:
    """Wide enough for what was read in the time shown; None leaves it to the figure."""
    reach = np.nanmax(np.concatenate([np.abs(innovation), gate]), initial=0.0)
    return (-1.1 * float(reach), 1.1 * float(reach)) if reach > 0.0 else None


def _dots(
    x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], name: str, colour: str, symbol: str
) -> dict:
    kept = every(x) if len(x) else slice(0)
    return dots(x[kept], y[kept], name, colour, symbol)


def _columns(
    record: Record, sensor: Sensor, channel: str
) -> tuple[Float[np.ndarray, " row"], Float[np.ndarray, " row"]]:
    stem = f"{sensor.key}_{channel}"
    return record[f"{stem}_innovation_{sensor.unit}"], record[f"{stem}_gate_{sensor.unit}"]


def _known(record: Record, sensor: Sensor, channel: str) -> bool:
    return has(record, f"{sensor.key}_{channel}_innovation_{sensor.unit}")


def _asked(record: Record, sensor: Sensor) -> bool:
    """Whether the telemetry says of each reading if it was valid."""
    parts = [""] if sensor.shared_flags else [f"_{channel}" for channel, _ in sensor.channels]
    return any(has(record, f"{sensor.key}{part}_valid") for part in parts)


def _flag(
    record: Record, name: str, otherwise: Bool[np.ndarray, " row"]
) -> Bool[np.ndarray, " row"]:
    return record[name] == 1.0 if has(record, name) else otherwise
