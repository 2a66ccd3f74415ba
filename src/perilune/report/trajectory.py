"""Figures of where the lander was and how fast it went."""

import numpy as np

from perilune.report.figure import Across, Figure, Row, between, line, stack
from perilune.report.record import Mark, Record, at_times, clock_name, has, limit
from perilune.report.record import powered_span_s, since_pdi_s

MOON_GM_M3_S2 = 4.902800118e12          # DE440, Park and others 2021, table 3
_LOWEST_M, _SLOWEST_M_S = 0.1, 0.05     # where the logarithmic axes begin


def trajectory_figures(record: Record) -> list[Figure]:
    """Altitude against time and range, descent rate against height, speed over the ground."""
    figures = [altitude_in_time(record), altitude_in_range(record)]
    return [*figures, descent_rate(record), horizontal_speed(record)]


def time_axis(record: Record) -> Across:
    """The axis of powered descent, with every event of the flight on it."""
    marks = tuple(Mark(since_pdi_s(record, mark.time_s), mark.name) for mark in record.marks)
    return Across(clock_name(record), powered_span_s(record), marks)


def altitude_in_time(record: Record) -> Figure:
    """The whole flight above the sphere, and powered descent above the ground."""
    time_s = since_pdi_s(record)
    above_sphere = line(time_s, record["altitude_m"] / 1e3, "above the 1,737.4 km sphere", "--blue")
    true = line(time_s, record["height_m"] / 1e3, "true height above the ground", "--green")
    rows = [Row("altitude, km", (above_sphere,), span=_powered_range(record, "altitude_m"))]
    heights = (true,)
    if has(record, "estimated_height_m"):
        believed = record["estimated_height_m"] / 1e3
        heights += (line(time_s, believed, "believed height", "--orange", "dash"),)
    rows.append(Row("height, km", heights, span=_powered_range(record, "height_m")))
    return stack(
        ("altitude-time", "Altitude and height",
         "Above: the centre of mass over the sphere. Below: the lowest footpad over the ground, "
         "true and as the flight software believed it. Double-click for the whole flight."),
        time_axis(record), rows,
    )


def altitude_in_range(record: Record) -> Figure:
    """The descent as a profile over the ground it crossed."""
    moving = _descending(record)
    range_km = record["range_m"][moving] / 1e3
    altitude_km = record["altitude_m"][moving] / 1e3
    ground_km = altitude_km - record["height_m"][moving] / 1e3
    ground = line(range_km, ground_km, "ground under the lander", "--brown") | {
        "fill": "tozeroy", "fillcolor": "--brown-fill",
    }
    path = line(range_km, altitude_km, "lander", "--blue")
    span = (float(np.nanmax(range_km, initial=1.0)), 0.0)
    return stack(
        ("altitude-range", "Profile over the ground",
         "Altitude above the sphere against the ground distance left to the aim point, which is "
         "at the right edge; the ground is altitude less true height."),
        Across("range to go, km", span, _marks_at(record, "range_m", 1e-3)),
        [Row("above the sphere, km", (ground, path))],
    )


def descent_rate(record: Record) -> Figure:
    """Descent rate against height, both logarithmic, under the rate full thrust can still stop."""
    moving = _descending(record) & (record["height_m"] > _LOWEST_M)
    height_m, rate_m_s = record["height_m"][moving], record["vertical_speed_m_s"][moving]
    rate = line(height_m, np.where(rate_m_s > 0, rate_m_s, np.nan), "descent rate", "--blue")
    stop_m_s = stopping_rate_m_s(record)
    traces = (rate,)
    if stop_m_s is not None:
        floor = np.full(height_m.shape, _SLOWEST_M_S)
        corridor = between(height_m, floor, stop_m_s[moving], "full thrust can stop it", "--green")
        traces = (*corridor, rate)
    top = float(np.log10(max(np.nanmax(height_m, initial=1.0), 1.0)))
    return stack(
        ("descent-rate", "Descent rate against height",
         "The flight runs left to right. Inside the shaded corridor full thrust, pointed straight "
         "down at the mass of that moment, still brings the rate to the touchdown limit at the "
         "ground; climbing is not drawn."),
        Across("true height, m", (top, float(np.log10(_LOWEST_M))),
               _marks_at(record, "height_m", 1.0), log=True),
        [Row("descent rate, m/s", traces, lines=_limit_line(record, "vertical_speed_m_s", "m/s"),
             span=(float(np.log10(_SLOWEST_M_S)), 2.7), log=True)],
    )


def horizontal_speed(record: Record) -> Figure:
    """Speed over the ground, logarithmic, so that the limit at contact can be seen."""
    speed_m_s = np.maximum(record["horizontal_speed_m_s"], 1e-2)
    trace = line(since_pdi_s(record), speed_m_s, "speed over the ground", "--blue")
    return stack(
        ("horizontal-speed", "Speed over the ground",
         "Logarithmic, from orbital speed to rest; the limit counts at first contact. "
         "Below 1 cm/s is drawn as 1 cm/s."),
        time_axis(record),
        [Row("speed, m/s", (trace,), lines=_limit_line(record, "horizontal_speed_m_s", "m/s"),
             span=(-2.0, 3.4), log=True)],
    )


def stopping_rate_m_s(record: Record) -> np.ndarray | None:
    """The fastest descent full thrust can still slow to the touchdown limit: v² = v₁² + 2 (F/m - g) h.

    g is gravity less what the speed over the ground takes off it, v²/r. None without the
    engine's `full_thrust_n` among the limits.
    """
    thrust_n = limit(record, "full_thrust_n")
    if thrust_n is None or not has(record, "mass_kg", "horizontal_speed_m_s"):
        return None
    radius_m = record["altitude_m"] + 1_737_400.0
    gravity = MOON_GM_M3_S2 / radius_m**2 - record["horizontal_speed_m_s"] ** 2 / radius_m
    brake = np.maximum(thrust_n / record["mass_kg"] - gravity, 0.0)
    at_contact = limit(record, "vertical_speed_m_s") or 0.0
    return np.sqrt(at_contact**2 + 2.0 * brake * np.maximum(record["height_m"], 0.0))


def _descending(record: Record) -> np.ndarray:
    """Rows of powered descent, or all where it never began."""
    powered = record["phase"] == 1
    return powered if powered.any() else np.ones(powered.shape, dtype=bool)


def _powered_range(record: Record, name: str) -> tuple[float, float]:
    values = record[name][_descending(record)] / 1e3
    low, high = min(np.nanmin(values, initial=0.0), 0.0), np.nanmax(values, initial=1.0)
    return float(low), float(high) * 1.05


def _marks_at(record: Record, name: str, scale: float) -> tuple[Mark, ...]:
    """The events of powered descent, placed on an axis that is not time."""
    low = record.pdi_s or 0.0
    high = float("inf") if record.contact_s is None else record.contact_s
    marks = [mark for mark in record.marks if low <= mark.time_s <= high]
    places = at_times(record, name, [mark.time_s for mark in marks]) * scale
    return tuple(Mark(float(at), mark.name) for at, mark in zip(places, marks, strict=True))


def _limit_line(record: Record, name: str, unit: str) -> tuple[tuple[float, str], ...]:
    level = limit(record, name)
    return () if level is None else ((level, f"limit {level:g} {unit}"),)
