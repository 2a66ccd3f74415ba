"""Figures of the landing itself: the impact in milliseconds, and what settled afterwards."""

import math

import numpy as np
from jaxtyping import Bool, Float

from perilune.mechanics.spring_damper import restitution
from perilune.report.figures.axes import limit_line
from perilune.report.figures.figure import Across, Figure, Row, Words, line, stack
from perilune.report.record import Mark, Record, has, limit
from perilune.report.unit_labels import figures

LEG_COLOURS = ("--blue", "--orange", "--green", "--pink", "--brown", "--sky", "--blue", "--orange")
LEG_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "dot", "dot", "longdash")
LEAD_S, SHORTEST_S, LONGEST_S = 0.05, 0.3, 3.0
CALM_M_S = 0.02
NEAR = 1.3
"""A limit is drawn where it is within this many times what was reached; else it is only named."""
SMALLEST_J = 1e-3
"""No smaller energy is named."""
ROUNDING = 1e-3
"""The share of what the ground took by which the curve of energy may rise: of the step."""


def contact_figures(record: Record) -> list[Figure]:
    """The impact and the settling, where there was a contact."""
    if record.contact_s is None:
        return []
    return [impact(record, record.contact_s), settling(record, record.contact_s)]


def impact(record: Record, contact_s: float) -> Figure:
    """Crush, loads, height and speed of the first instants, each on an axis of its own size."""
    time_s = record["time_s"] - contact_s
    seen = (time_s >= -LEAD_S) & (time_s <= _calm_s(record, time_s))
    time_ms = 1e3 * time_s
    crush_mm = _legs(record, "leg_stroke_*_m", time_ms, seen, 1e3)
    load_kn = _legs(record, "leg_load_*_n", time_ms, seen, 1e-3)
    height = line(time_ms[seen], 1e3 * record["height_m"][seen], "lowest pad", "--green")
    speed = line(time_ms[seen], record["vertical_speed_m_s"][seen], "down", "--blue")
    end_ms = float(time_ms[seen][-1]) if seen.any() else 0.0
    marks = tuple(Mark(1e3 * (mark.at - contact_s), mark.label) for mark in record.marks)
    return stack(
        Words(
            "impact",
            "Impact",
            "Stroke and load of each leg, height of the lowest footpad above the ground and "
            "downward speed, at the integration step of contact. A footpad below the ground "
            "compresses the spring of the ground."
            + _limits_named(record, seen)
            + drop_words(record)
            + _past_validity(record),
        ),
        Across("TD+, ms", (-1e3 * LEAD_S, end_ms), marks),
        [
            Row("crush, mm", crush_mm, lines=_near(record, "leg_stroke_*_m", 1e3, _stroke(record))),
            Row("load, kN", load_kn, lines=_near(record, "leg_load_*_n", 1e-3, _crush(record))),
            Row("lowest pad, mm", (height,)),
            Row("speed down, m/s", (speed,)),
        ],
    )


def settling(record: Record, contact_s: float) -> Figure:
    """Tilt, rates and energy from just before first contact to rest."""
    time_s = record["time_s"] - contact_s
    seen = time_s > -LEAD_S
    tilt = line(time_s[seen], record["tilt_deg"][seen], "tilt", "--blue")
    total = line(time_s[seen], record["total_energy_j"][seen], "energy", "--green")
    net = line(time_s[seen], net_energy_j(record)[seen], "without thrust's work", "--pink", "dash")
    marks = tuple(Mark(mark.at - contact_s, mark.label) for mark in record.marks)
    crashed = _past_validity(record)
    return stack(
        Words(
            "settling",
            "After contact" if crashed else "Settling on the legs",
            "Tilt, body rates, and the sum of kinetic, potential and spring energy, after first "
            "contact (TD+)." + (crashed or f" {energy_words(record)}"),
        ),
        Across("TD+, s", (-LEAD_S, float(time_s[-1])), marks),
        [
            Row("tilt, °", (tilt,), lines=_near(record, "tilt_deg", 1.0, _tilt(record), seen)),
            Row("rate, °/s", body_rates(record, time_s, seen)),
            Row("energy, J", (total, net)),
        ],
    )


def body_rates(
    record: Record, time: Float[np.ndarray, " row"], seen: Bool[np.ndarray, " row"]
) -> tuple[dict, ...]:
    """The true rates about the three axes over `time`, of the rows seen."""
    return tuple(
        line(time[seen], record[f"true_rate_{axis}_deg_s"][seen], f"rate about {axis}", *look)
        for axis, *look in zip("xyz", LEG_COLOURS, LEG_DASHES, strict=False)
    )


def net_energy_j(record: Record) -> Float[np.ndarray, " row"]:
    """Energy less the work that engine and thrusters have done since first contact."""
    work_j = record["thrust_work_j"]
    at_contact = int(np.searchsorted(record["time_s"], (record.contact_s or 0.0) - 1e-6))
    return record["total_energy_j"] - (work_j - work_j[min(at_contact, len(work_j) - 1)])


def energy_words(record: Record) -> str:
    """What the curve of energy shows, by its own numbers: who put in how much, what was taken."""
    down = record["time_s"] >= (record.contact_s or 0.0) - 1e-6
    net_j, total_j = net_energy_j(record)[down], record["total_energy_j"][down]
    if not np.isfinite(net_j).any():
        return ""
    taken_j, work_j = net_j[0] - net_j[-1], total_j[-1] - net_j[-1]
    rise_j, total_rise_j = _rise_j(net_j), _rise_j(total_j)
    way = "put in" if work_j >= 0.0 else "took out"
    thrust = f"Engine and thrusters {way} {figures(abs(work_j))} J after contact"
    if total_rise_j > rise_j + 1.0:
        thrust += f", and raised the energy by {total_rise_j:.3g} J at most on the way"
    rest = f"without that work the energy only falls, to within {max(rise_j, SMALLEST_J):.1g} J"
    if rise_j > ROUNDING * max(taken_j, 1.0):
        rest = f"without that work the energy rises by {rise_j:.2g} J, an integration error"
    return f"{thrust}; {rest}. The ground and the legs dissipated {figures(taken_j)} J."


def _rise_j(energy_j: Float[np.ndarray, " row"]) -> float:
    """How far a curve ever climbs above its lowest so far."""
    return float(np.max(energy_j - np.minimum.accumulate(energy_j)))


def drop_words(record: Record) -> str:
    """What these legs give back of a level drop that crushes nothing, by the closed form."""
    legs = record.extras.get("legs")
    if legs is None or record.outcome == "CRASHED" or not has(record, "mass_kg"):
        return ""
    mass_kg = record["mass_kg"][-1] / legs["count"]
    critical_n_s_per_m = 2.0 * math.sqrt(legs["stiffness_n_per_m"] * mass_kg)
    share = restitution(legs["damping_n_s_per_m"] / critical_n_s_per_m)
    return (
        f" In a level drop without weight and without crushing, these legs return {share:.2g} of "
        f"the speed, {share**2:.1%} of its energy; crushing returns nothing."
    )


def _calm_s(record: Record, time_s: Float[np.ndarray, " row"]) -> float:
    """When the vertical speed last left its calm, and a little more."""
    moving = np.flatnonzero((time_s > 0.0) & (np.abs(record["vertical_speed_m_s"]) > CALM_M_S))
    last_s = float(time_s[moving[-1]]) if len(moving) else 0.0
    return min(max(1.2 * last_s, SHORTEST_S), LONGEST_S)


def _legs(
    record: Record,
    names: str,
    time: Float[np.ndarray, " row"],
    seen: Bool[np.ndarray, " row"],
    scale: float,
) -> tuple[dict, ...]:
    return tuple(
        line(time[seen], scale * record[name][seen], f"leg {number}", colour, dash)
        for number, (colour, dash) in enumerate(zip(LEG_COLOURS, LEG_DASHES, strict=True), start=1)
        if has(record, name := names.replace("*", str(number)))
    )


def _stroke(record: Record) -> tuple[float | None, str]:
    return limit(record, "leg_stroke_m"), "stroke {:g} mm"


def _crush(record: Record) -> tuple[float | None, str]:
    """The force at which this flight's legs crush, as drawn, or the nominal one, called so."""
    legs = record.extras.get("legs")
    if legs is None:
        return limit(record, "crush_force_n"), "crushes at {:g} kN, nominal"
    return legs["crush_force_n"], "crushes at {:.3g} kN"


def _tilt(record: Record) -> tuple[float | None, str]:
    return limit(record, "tilt_deg"), "limit at rest {:g}°"


def _most(record: Record, names: str, seen: Bool[np.ndarray, " row"] | None = None) -> float:
    """The largest value of a column, or of those of the legs that there are."""
    every = [names.replace("*", str(leg)) for leg in range(1, 1 + len(LEG_COLOURS))]
    columns = [record[name] for name in dict.fromkeys(every) if has(record, name)]
    largest = [np.nanmax(one if seen is None else one[seen], initial=0.0) for one in columns]
    return float(max(largest, default=0.0))


def _near(
    record: Record,
    names: str,
    scale: float,
    bound: tuple[float | None, str],
    seen: Bool[np.ndarray, " row"] | None = None,
) -> tuple[tuple[float, str], ...]:
    """The limit as a row draws it, where it does not press the curve flat."""
    level, text = bound
    if level is None or level > NEAR * _most(record, names, seen):
        return ()
    return limit_line(scale * level, text)


def _past_validity(record: Record) -> str:
    """That a crash is faster than the legs' model knows, in words; nothing of any other flight."""
    if record.outcome != "CRASHED":
        return ""
    most = limit(record, "crash_speed_m_s")
    past = "" if most is None else f", {most:g} m/s"
    return (
        " It struck the ground faster than the model of the legs is valid for"
        f"{past}: loads and motion after first contact are no prediction here."
    )


def _limits_named(record: Record, seen: Bool[np.ndarray, " row"]) -> str:
    """What is too far away to be drawn, in words."""
    stroke_m, most_m = limit(record, "leg_stroke_m"), _most(record, "leg_stroke_*_m", seen)
    if stroke_m is None or stroke_m <= NEAR * most_m:
        return ""
    return f" The stroke of a leg is {1e3 * stroke_m:g} mm."
