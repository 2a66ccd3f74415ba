"""Figures of what the lander did: attitude, throttle, tanks, and legs while it settles."""

import numpy as np

from perilune.report.figure import Across, Figure, Row, line, stack
from perilune.report.record import Mark, Record, has, limit
from perilune.report.record import since_pdi_s
from perilune.report.trajectory import time_axis

_COLOURS = ("--blue", "--orange", "--green", "--pink", "--brown", "--sky")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "solid")


def vehicle_figures(record: Record) -> list[Figure]:
    """Tilt and rates, throttle, tanks, and the legs where there was a contact."""
    figures = [attitude(record), throttle(record), tanks(record)]
    return figures if record.contact_s is None else [*figures, settling(record)]


def attitude(record: Record) -> Figure:
    """Tilt from vertical and the body rates."""
    time_s = since_pdi_s(record)
    tilt = line(time_s, record["tilt_deg"], "tilt", "--blue")
    rates = tuple(
        line(time_s, record[f"true_rate_{axis}_deg_s"], f"rate about {axis}", colour, dash)
        for axis, colour, dash in zip("xyz", _COLOURS, _DASHES, strict=False)
    )
    most = limit(record, "body_rate_deg_s")
    rate_limits = () if most is None else ((most, f"limit at contact ±{most:g}°/s"), (-most, ""))
    return stack(
        ("attitude", "Tilt and body rates",
         "Tilt of the body's axis from local vertical; its limit counts at rest. Braking lies "
         "near the horizon, pitch-over brings the lander upright."),
        time_axis(record),
        [Row("tilt, °", (tilt,), lines=_at(limit(record, "tilt_deg"), "limit at rest {:g}°")),
         Row("rate, °/s", rates, lines=rate_limits)],
    )


def throttle(record: Record) -> Figure:
    """Commanded throttle, the thrust that came, and the band the engine cannot reach."""
    time_s = since_pdi_s(record)
    traces = (line(time_s, record["throttle"], "commanded", "--blue"),)
    full_n = limit(record, "full_thrust_n")
    if full_n is not None and has(record, "thrust_n"):
        traces += (line(time_s, record["thrust_n"] / full_n, "true thrust", "--orange", "dash"),)
    floor = record.extras.get("throttle_floor")
    bands = () if not floor else ((0.0, floor, "below the floor: off, or not reachable"),)
    planned = limit(record, "planned_thrust_fraction")
    return stack(
        ("throttle", "Throttle",
         "As a fraction of full thrust. What is held back above the plan closes the loop; below "
         "the floor the engine only knows off."),
        time_axis(record),
        [Row("fraction of full thrust", traces, bands=bands, span=(-0.03, 1.08),
             lines=((1.0, "full"), *_at(planned, "planned peak {:g}")))],
    )


def tanks(record: Record) -> Figure:
    """What was left in the tanks."""
    time_s = since_pdi_s(record)
    propellant = line(time_s, record["propellant_kg"], "propellant", "--blue")
    gas = line(time_s, record["cold_gas_kg"], "cold gas", "--orange")
    return stack(
        ("tanks", "Propellant and cold gas", "True mass left in the tanks."),
        time_axis(record),
        [Row("propellant, kg", (propellant,), span=_from_zero(record, "propellant_kg", time_s)),
         Row("cold gas, kg", (gas,), span=_from_zero(record, "cold_gas_kg", time_s))],
    )


def settling(record: Record) -> Figure:
    """Leg strokes, tilt and energy from just before first contact to rest."""
    time_s = record["time_s"] - record.contact_s
    seen = time_s > -2.0
    time_s = time_s[seen]
    legs = tuple(
        line(time_s, 1e3 * record[f"leg_stroke_{leg}_m"][seen], f"leg {leg}", colour, dash)
        for leg, colour, dash in zip("123456", _COLOURS, _DASHES, strict=True)
        if has(record, f"leg_stroke_{leg}_m")
    )
    stroke_m = limit(record, "leg_stroke_m")
    stroke = () if stroke_m is None else ((1e3 * stroke_m, f"stroke {1e3 * stroke_m:g} mm"),)
    tilt = line(time_s, record["tilt_deg"][seen], "tilt", "--blue")
    rows = [Row("crush, mm", legs, lines=stroke),
            Row("tilt, °", (tilt,), lines=_at(limit(record, "tilt_deg"), "limit at rest {:g}°"))]
    if has(record, "total_energy_j"):
        energy = line(time_s, record["total_energy_j"][seen] / 1e3, "energy", "--green")
        rows.append(Row("energy, kJ", (energy,)))
    marks = tuple(Mark(mark.time_s - record.contact_s, mark.name) for mark in record.marks)
    return stack(
        ("settling", "Settling on the legs",
         "Crush of each leg's absorber, tilt and the energy left, after first contact: TD+. "
         "Contact may only take energy out."),
        Across("TD+, s", (-2.0, float(time_s[-1])), marks), rows,
    )


def _at(level: float | None, text: str) -> tuple[tuple[float, str], ...]:
    return () if level is None else ((level, text.format(level)),)


def _from_zero(record: Record, name: str, time_s: np.ndarray) -> tuple[float, float]:
    """From empty to what was there when the drawn span begins."""
    drawn = record[name][time_s >= (-30.0 if record.pdi_s is not None else time_s[0])]
    return 0.0, float(np.nanmax(drawn, initial=0.1)) * 1.05
