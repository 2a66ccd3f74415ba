"""Figures of how fast the lander went: its descent rate in its corridor, and over the ground."""

import numpy as np
from jaxtyping import Float

from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.report.figures.axes import descending, limit_line, marks_at, time_axis
from perilune.report.figures.figure import Across, Figure, Row, Words, between, line, stack
from perilune.report.record import Record, has, limit, since_pdi_s

_LOWEST_M, _SLOWEST_M_S = 0.1, 0.05  # where the logarithmic axes begin


def speed_figures(record: Record) -> list[Figure]:
    """Descent rate against height, and speed over the ground."""
    return [descent_rate(record), horizontal_speed(record)]


def descent_rate(record: Record) -> Figure:
    """Descent rate against height, both logarithmic, under the rate full thrust can still stop."""
    moving = descending(record) & (record["height_m"] > _LOWEST_M)
    height_m, rate_m_s = record["height_m"][moving], record["vertical_speed_m_s"][moving]
    rate = line(height_m, np.where(rate_m_s > 0, rate_m_s, np.nan), "descent rate", "--blue")
    stop_m_s = stopping_rate_m_s(record)
    traces: tuple[dict, ...] = (rate,)
    if stop_m_s is not None:
        floor = np.full(height_m.shape, _SLOWEST_M_S)
        corridor = between(height_m, floor, stop_m_s[moving], "full thrust suffices", "--green")
        traces = (*corridor, rate)
    top = float(np.log10(max(np.nanmax(height_m, initial=1.0), 1.0)))
    return stack(
        Words(
            "descent-rate",
            "Descent rate against height",
            "Time runs from left to right. Inside the shaded corridor, full thrust straight up "
            "at the current mass still reduces the descent rate to the touchdown limit before "
            "the ground; climbing is not drawn.",
        ),
        Across(
            "true height, m",
            (top, float(np.log10(_LOWEST_M))),
            marks_at(record, "height_m", 1.0),
            log=True,
        ),
        [
            Row(
                "descent rate, m/s",
                traces,
                lines=limit_line(limit(record, "vertical_speed_m_s"), "limit {:g} m/s"),
                span=(float(np.log10(_SLOWEST_M_S)), 2.7),
                log=True,
            )
        ],
    )


def horizontal_speed(record: Record) -> Figure:
    """Speed over the ground, logarithmic, so that the limit at contact can be seen."""
    speed_m_s = np.maximum(record["horizontal_speed_m_s"], 1e-2)
    trace = line(since_pdi_s(record), speed_m_s, "speed over the ground", "--blue")
    return stack(
        Words(
            "horizontal-speed",
            "Speed over the ground",
            "Logarithmic scale, from orbital speed to rest. The limit applies at first contact. "
            "Speeds below 1 cm/s are drawn as 1 cm/s.",
        ),
        time_axis(record),
        [
            Row(
                "speed, m/s",
                (trace,),
                lines=limit_line(limit(record, "horizontal_speed_m_s"), "limit {:g} m/s"),
                span=(-2.0, 3.4),
                log=True,
            )
        ],
    )


def stopping_rate_m_s(record: Record) -> Float[np.ndarray, " row"] | None:
    """The fastest descent full thrust can still slow to the touchdown limit.

    v² = v₁² + 2 (F/m - g) h, v₁ the limit, from a constant deceleration F/m - g over the height;
    g is gravity less what the speed over the ground takes off it, v²/r. None without the
    engine's `full_thrust_n` among the limits.
    """
    thrust_n = limit(record, "full_thrust_n")
    if thrust_n is None or not has(record, "mass_kg", "horizontal_speed_m_s"):
        return None
    radius_m = record["altitude_m"] + MOON_RADIUS_M
    gravity = MOON_GM_M3_S2 / radius_m**2 - record["horizontal_speed_m_s"] ** 2 / radius_m
    brake = np.maximum(thrust_n / record["mass_kg"] - gravity, 0.0)
    at_contact = limit(record, "vertical_speed_m_s") or 0.0
    return np.sqrt(at_contact**2 + 2.0 * brake * np.maximum(record["height_m"], 0.0))
