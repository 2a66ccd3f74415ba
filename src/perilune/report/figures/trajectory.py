"""Figures of where the lander was: altitude and height, in time and along the ground."""

import numpy as np
from jaxtyping import Bool, Float

from perilune.report.figures.axes import descending, marks_at, powered_range, time_axis
from perilune.report.figures.figure import Across, Figure, Row, Words, between, line, stack
from perilune.report.record import Record, powered_span_s, since_pdi_s

_LAST_M = 2000.0
_ALL = slice(None)


def trajectory_figures(record: Record) -> list[Figure]:
    """Altitude and height against time, the profile over the ground, and the end of it."""
    return [altitude_in_time(record), altitude_in_range(record), last_kilometres(record)]


def altitude_in_time(record: Record) -> Figure:
    """Altitude above the sphere, height above the ground, and the error of the height believed."""
    time_s = since_pdi_s(record)
    sphere = line(time_s, record["altitude_m"] / 1e3, "above the 1,737.4 km sphere", "--blue")
    rows = [
        Row("altitude, km", (sphere,), span=powered_range(record, "altitude_m")),
        Row("height, km", _heights(record, time_s, 1e-3), span=powered_range(record, "height_m")),
        Row("believed less true, m", _height_error(record, time_s)),
    ]
    return stack(
        Words(
            "altitude-time",
            "Altitude and height",
            "Top: altitude of the centre of mass above the 1,737.4 km sphere. Middle: height of "
            "the lowest footpad above the ground, true and estimated. Bottom: estimated minus "
            "true height. Dotted lines are events and where faults "
            "begin and end, with their name or their number in the "
            "table above. Double-click for the whole flight.",
        ),
        time_axis(record),
        rows,
    )


def altitude_in_range(record: Record) -> Figure:
    """The descent as a profile over the ground it crossed."""
    moving = descending(record)
    range_km = record["range_m"][moving] / 1e3
    altitude_km = record["altitude_m"][moving] / 1e3
    ground_km = altitude_km - record["height_m"][moving] / 1e3
    bottom_km = np.full(ground_km.shape, np.nanmin(ground_km, initial=0.0) - 0.5)
    ground = between(range_km, bottom_km, ground_km, "ground under the lander", "--brown")
    path = line(range_km, altitude_km, "lander", "--blue")
    span = (float(np.nanmax(range_km, initial=1.0)), 0.0)
    return stack(
        Words(
            "altitude-range",
            "Profile over the ground",
            "Altitude above the sphere against the distance to the aim point along the ground, "
            "zero at the right edge. The ground is altitude minus true height.",
        ),
        Across("range to go, km", span, marks_at(record, "range_m", 1e-3)),
        [Row("above the sphere, km", (*ground, path))],
    )


def last_kilometres(record: Record) -> Figure:
    """The end of the approach: height against range, true and believed."""
    near = descending(record) & (record["range_m"] < 1.2 * _LAST_M)
    return stack(
        Words(
            "last-kilometres",
            "The last two kilometres",
            "Height above the ground against the distance to the aim point: a vertical descent "
            "is a vertical line.",
        ),
        Across("range to go, m", (_LAST_M, 0.0), marks_at(record, "range_m", 1.0)),
        [Row("height, m", _heights(record, record["range_m"], 1.0, near))],
    )


def _heights(
    record: Record,
    x: Float[np.ndarray, " row"],
    scale: float,
    seen: slice | Bool[np.ndarray, " row"] = _ALL,
) -> tuple[dict, ...]:
    """True and believed height over `x`, of the rows seen."""
    true, believed = (scale * record[name][seen] for name in ("height_m", "estimated_height_m"))
    return (
        line(x[seen], true, "true height above the ground", "--green"),
        line(x[seen], believed, "estimated height", "--orange", "dash"),
    )


def _height_error(record: Record, time_s: Float[np.ndarray, " row"]) -> tuple[dict, ...]:
    """Believed less true height, from powered descent on."""
    error_m = record["estimated_height_m"] - record["height_m"]
    seen = time_s >= powered_span_s(record)[0]
    return (line(time_s[seen], error_m[seen], "height error", "--orange"),)
