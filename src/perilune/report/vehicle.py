"""Figures of what the lander did: attitude, throttle, tanks, and legs while it settles."""

import numpy as np

from perilune.report.axes import limit_line, time_axis
from perilune.report.figure import Across, Figure, Row, line, stack
from perilune.report.record import Mark, Record, has, limit, powered_span_s, since_pdi_s

_COLOURS = ("--blue", "--orange", "--green", "--pink", "--brown", "--sky")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "solid")
_LEAD_S = 2.0


def vehicle_figures(record: Record) -> list[Figure]:
    """Tilt and rates, throttle, tanks, and the legs where there was a contact."""
    figures = [attitude(record), throttle(record), tanks(record)]
    if record.contact_s is None:
        return figures
    return [*figures, settling(record, record.contact_s)]


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
        (
            "attitude",
            "Tilt and body rates",
            "Tilt of the body's axis from local vertical; its limit counts at rest. Braking lies "
            "near the horizon, pitch-over brings the lander upright.",
        ),
        time_axis(record),
        [
            Row(
                "tilt, °",
                (tilt,),
                lines=limit_line(limit(record, "tilt_deg"), "limit at rest {:g}°"),
            ),
            Row("rate, °/s", rates, lines=rate_limits),
        ],
    )


def throttle(record: Record) -> Figure:
    """Commanded throttle, the thrust that came, and the band the engine cannot reach."""
    time_s = since_pdi_s(record)
    traces: tuple[dict, ...] = (line(time_s, record["throttle"], "commanded", "--blue"),)
    full_n = limit(record, "full_thrust_n")
    if full_n is not None and has(record, "thrust_n"):
        traces += (line(time_s, record["thrust_n"] / full_n, "true thrust", "--orange", "dash"),)
    floor = record.extras.get("throttle_floor")
    bands = () if not floor else ((0.0, floor, "below the floor: off, or not reachable"),)
    planned = limit(record, "planned_thrust_fraction")
    return stack(
        (
            "throttle",
            "Throttle",
            "As a fraction of full thrust. What is held back above the plan closes the loop; below "
            "the floor the engine only knows off.",
        ),
        time_axis(record),
        [
            Row(
                "fraction of full thrust",
                traces,
                bands=bands,
                span=(-0.03, 1.08),
                lines=((1.0, "full"), *limit_line(planned, "planned peak {:g}")),
            )
        ],
    )


def tanks(record: Record) -> Figure:
    """What was left in the tanks."""
    time_s = since_pdi_s(record)
    propellant = line(time_s, record["propellant_kg"], "propellant", "--blue")
    gas = line(time_s, record["cold_gas_kg"], "cold gas", "--orange")
    return stack(
        ("tanks", "Propellant and cold gas", "True mass left in the tanks."),
        time_axis(record),
        [
            Row("propellant, kg", (propellant,), span=_from_zero(record, "propellant_kg", time_s)),
            Row("cold gas, kg", (gas,), span=_from_zero(record, "cold_gas_kg", time_s)),
        ],
    )


def settling(record: Record, contact_s: float) -> Figure:
    """Leg strokes, tilt and energy from just before first contact to rest."""
    time_s = record["time_s"] - contact_s
    seen = time_s > -_LEAD_S
    tilt = line(time_s[seen], record["tilt_deg"][seen], "tilt", "--blue")
    energy = line(time_s[seen], record["total_energy_j"][seen] / 1e3, "energy", "--green")
    stroke_m = limit(record, "leg_stroke_m")
    stroke_mm = None if stroke_m is None else 1e3 * stroke_m
    tilt_limit = limit_line(limit(record, "tilt_deg"), "limit at rest {:g}°")
    marks = tuple(Mark(mark.at - contact_s, mark.label) for mark in record.marks)
    return stack(
        (
            "settling",
            "Settling on the legs",
            "Crush of each leg's absorber, tilt and the energy left, after first contact: TD+. "
            "Contact may only take energy out.",
        ),
        Across("TD+, s", (-_LEAD_S, float(time_s[-1])), marks),
        [
            Row("crush, mm", _legs(record, time_s, seen), limit_line(stroke_mm, "stroke {:g} mm")),
            Row("tilt, °", (tilt,), lines=tilt_limit),
            Row("energy, kJ", (energy,)),
        ],
    )


def _legs(record: Record, time_s: np.ndarray, seen: np.ndarray) -> tuple[dict, ...]:
    return tuple(
        line(time_s[seen], 1e3 * record[name][seen], f"leg {number}", colour, dash)
        for number, (colour, dash) in enumerate(zip(_COLOURS, _DASHES, strict=True), start=1)
        if has(record, name := f"leg_stroke_{number}_m")
    )


def _from_zero(record: Record, name: str, time_s: np.ndarray) -> tuple[float, float]:
    """From empty to what was there when the drawn span begins."""
    drawn = np.nan_to_num(record[name][time_s >= powered_span_s(record)[0]])
    return 0.0, max(1.05 * float(drawn.max()), 0.1)
