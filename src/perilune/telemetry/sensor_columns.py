"""What each sensor read, whether it was good, and what the filter made of it, as columns."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from perilune.interfaces.sensor import Rate, Sensor
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.interfaces.units import kind_of, stem_of
from perilune.telemetry.samples import Rows

Put = Callable[[Shaped[np.ndarray, " k"], Bool[np.ndarray, " k"]], Float[np.ndarray, " n"]]
"""Values, and where they are known, to a column."""


def sensor_columns(rows: Rows) -> dict[str, Float[np.ndarray, " n"]]:
    """Name → column, (n,), of `Rows`; flags are 1, 0, or not-a-number where nothing was asked.

    What reads once a cycle stands at the tick that ends it, what reads once a frame at that of its
    frame. What a reading that is not good says is left out.
    """
    columns: dict[str, Float[np.ndarray, " n"]] = {}
    for rate, ends in ((Rate.CYCLE, rows.cycles), (Rate.FRAME, rows.frames)):
        readings, results = ends.readings, ends.results

        def put(
            values: Shaped[np.ndarray, " k"],
            known: Bool[np.ndarray, " k"],
            places: Int[np.ndarray, " k"] = ends.row_count,
        ) -> Float[np.ndarray, " n"]:
            return _at(rows, places, values, known)

        for sensor in SENSORS:
            for label in sorted(readings) if sensor.rate is rate and sensor.channels else ():
                if kind_of(label) == sensor.kind:
                    columns |= unit_columns(sensor, label, readings[label], results[label], put)
    return columns


def unit_columns(
    sensor: Sensor, label: str, reading: Any, results: Any, put: Put
) -> dict[str, Float[np.ndarray, " n"]]:
    """The columns of one unit, as its kind's declaration says."""
    stem, columns = stem_of(label), {}
    if sensor.one_validity:
        every = np.ones_like(reading.valid)
        columns[f"{stem}_valid"] = put(reading.valid, every)
        columns[f"{stem}_used"] = put(results.used.any(axis=-1), every)
    for index, channel in enumerate(sensor.channels):
        place, good, asked = _channel(sensor, reading, index)
        name = f"{stem}_{channel}"
        if sensor.value:
            value = getattr(reading, sensor.value[0])
            value = value if value.ndim == good.ndim else value[:, index]
            columns[f"{name}_{sensor.value[1]}"] = put(value, good)
        for shown in sensor.shown:
            columns[f"{name}_{shown}"] = put(getattr(reading, shown)[:, index], good)
        if not sensor.one_validity:
            columns[f"{name}_valid"] = put(good, asked)
            columns[f"{name}_used"] = put(results.used[:, place], asked)
        for what in ("innovation", "gate"):
            values = getattr(results, what)[:, place]
            shown = np.degrees(values) if sensor.column_unit.startswith("deg") else values
            columns[f"{name}_{what}_{sensor.column_unit}"] = put(shown, good)
    return columns


def _channel(
    sensor: Sensor, reading: Any, index: int
) -> tuple[int, Bool[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    """Which scalar a channel is, where it is good, and where it was asked at all."""
    if sensor.in_use:
        mine = getattr(reading, sensor.in_use) == index
        return 0, reading.valid & mine, mine
    good = reading.valid if reading.valid.ndim == 1 else reading.valid[:, index]
    return index, good, np.ones_like(good)


def _at(
    rows: Rows,
    places: Int[np.ndarray, " k"],
    values: Float[np.ndarray, " k"],
    known: Bool[np.ndarray, " k"],
) -> Float[np.ndarray, " n"]:
    """A column with `values` at some rows where they are known, not-a-number elsewhere."""
    column = np.full(len(rows.time_s), np.nan)
    column[places] = np.where(known, values, np.nan)
    return column
