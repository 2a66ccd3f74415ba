"""Speeds, tilt and rates at contact, what the legs took, and what was left in the tanks."""

import numpy as np
from jaxtyping import Bool, Float, Int

from perilune.campaign.statistics.minimum_counts import percentile
from perilune.report.campaign_data import Flights, clean_of, has, limit_of, varies
from perilune.report.campaign_words import number, share_of
from perilune.report.figures.charts import CLEAN, UNCLEAN, draw_limit, histogram, plain, points
from perilune.report.figures.decimate import every
from perilune.report.figures.figure import Figure, Words
from perilune.report.unit_labels import spelled_out, unit_of

MOST_POINTS = 4000
_FAR = 2.5
_MANY = 0.1
"""Where more of the flights than this lie beyond the axes, the axes are logarithmic instead."""
_SLOWEST_M_S = 1e-3
_LOGARITHMIC = " Logarithmic scales show the fastest; speeds below 1 mm/s are drawn as 1 mm/s."

_HISTOGRAMS = (
    (
        "tilt_at_contact_deg",
        "tilt_deg",
        "Angle from local vertical at first contact; the line is the limit at rest.",
    ),
    (
        "tilt_deg",
        "tilt_deg",
        "Angle from local vertical at rest. Flights right of the line are not clean.",
    ),
    (
        "body_rate_deg_s",
        "body_rate_deg_s",
        "Body rate at first contact. Flights right of the line are not clean.",
    ),
    (
        "leg_stroke_m",
        "leg_stroke_m",
        "The largest stroke of any leg; at the limit the leg has bottomed out. A flight that "
        "crashed or tipped over records it only up to its end.",
    ),
    (
        "miss_m",
        "miss_m",
        "Distance from the true aim point at rest. It does not affect whether a "
        "touchdown is clean.",
    ),
)
_TANKS = (
    ("propellant_kg", "Mass left at the end of the flight. A tail near zero means little reserve."),
    (
        "cold_gas_kg",
        "Mass left at the end of the flight. Near zero, attitude control was nearly lost.",
    ),
    (
        "peak_thrust_fraction",
        "Highest thrust of the flight as a fraction of full thrust. Near 1, no thrust is in "
        "reserve.",
    ),
)


def contact_figures(flights: Flights) -> list[Figure]:
    """Speeds against each other, then one histogram a figure that was judged."""
    speeds = (
        [_speeds(flights)] if has(flights, "vertical_speed_m_s", "horizontal_speed_m_s") else []
    )
    drawn = [each for each in _HISTOGRAMS if varies(flights[each[0]])]
    return speeds + [_judged(flights, *each) for each in drawn]


def reserve_figures(flights: Flights) -> list[Figure]:
    """What was left: propellant, cold gas, thrust."""
    return [_left(flights, name, caption) for name, caption in _TANKS if varies(flights[name])]


def kept_points(
    clean: Bool[np.ndarray, " flight"], known: Bool[np.ndarray, " flight"]
) -> tuple[Int[np.ndarray, " clean"], Int[np.ndarray, " unclean"], str]:
    """Rows of clean and of unclean flights to draw as points, and a note where some are not."""
    kept = [_some(np.flatnonzero(known & which)) for which in (clean, ~clean)]
    left_out = int(known.sum()) - sum(len(each) for each in kept)
    drawn = f"{sum(len(each) for each in kept):,} of {int(known.sum()):,}"
    note = f" Shown are {drawn} points, spread evenly over the run numbers." if left_out else ""
    return kept[0], kept[1], note


def _some(rows: Int[np.ndarray, " n"]) -> Int[np.ndarray, " kept"]:
    return rows[every(rows, MOST_POINTS // 2)] if rows.size else rows


def _speeds(flights: Flights) -> Figure:
    down, across = flights["vertical_speed_m_s"], flights["horizontal_speed_m_s"]
    known = np.isfinite(down) & np.isfinite(across)
    clean, unclean, note = kept_points(clean_of(flights.table), known)
    limits = tuple(limit_of(flights, f"{which}_speed_m_s") for which in ("horizontal", "vertical"))
    spans = _span(across[known], limits[0]), _span(down[known], limits[1])
    beyond = int((known & ((across > spans[0][1]) | (down > spans[1][1]))).sum())
    is_log = beyond > _MANY * known.sum()
    at = [np.maximum(each, _SLOWEST_M_S) if is_log else each for each in (across, down)]
    data = [
        points(at[0][clean], at[1][clean], ("clean flights", CLEAN), 4),
        points(at[0][unclean], at[1][unclean], ("unclean flights", UNCLEAN), 7, "x"),
    ]
    data = [trace for trace, which in zip(data, (clean, unclean), strict=True) if len(which)]
    body = plain("horizontal speed, m/s", "vertical speed, m/s", data, height=420)
    body["layout"]["hovermode"] = "closest"
    for limit, across_axis in zip(limits, ("x", "y"), strict=True):
        if limit is not None:
            draw_limit(body["layout"], limit, f"limit {number(limit, 'm/s')}", across_axis)
    body["layout"]["xaxis"]["range"], body["layout"]["yaxis"]["range"] = spans
    if is_log:
        _make_logarithmic(body["layout"], at)
    past = _past(down, limits[1]) | _past(across, limits[0])
    title = f"Speeds at contact: {share_of(int((past & known).sum()), len(down))} past a limit"
    caption = (
        "Of the centre of mass at first contact, relative to the ground. The limits are met in "
        "the lower left corner." + (_LOGARITHMIC if is_log else _beyond(beyond)) + note
    )
    legend = tuple(
        (trace["name"], trace["marker"]["color"], trace["marker"]["symbol"]) for trace in data
    )
    return Figure(Words("contact-speeds", title, caption), body, legend)


def _make_logarithmic(layout: dict, speeds_m_s: list[Float[np.ndarray, " flight"]]) -> None:
    """Both axes to powers of ten that hold every flight; plotly takes notes by their logarithm."""
    for axis, values in zip(("xaxis", "yaxis"), speeds_m_s, strict=True):
        ends = np.log10(np.nanmin(values)), np.log10(np.nanmax(values))
        span = [float(np.floor(ends[0])), float(np.ceil(ends[1] + 1e-9))]
        layout[axis] |= {"type": "log", "dtick": 1, "range": span}
    for note in layout["annotations"]:
        for axis in ("x", "y"):
            if note.get(f"{axis}ref") != "paper":
                note[axis] = float(np.log10(note[axis]))


def _span(values: Float[np.ndarray, " n"], limit: float | None) -> list[float]:
    """From zero or below to the 99.5th percentile, as far as it is not far past the limit."""
    top = max(float(np.percentile(values, 99.5)), limit or 0.0, 1e-3)
    return [min(0.0, float(values.min())), 1.12 * min(top, _FAR * limit if limit else top)]


def _beyond(count: int) -> str:
    return f" {count} lie outside the plot, beyond {_FAR:g} times a limit." if count else ""


def _past(values: Float[np.ndarray, " n"], limit: float | None) -> Bool[np.ndarray, " n"]:
    return np.zeros(values.shape, dtype=bool) if limit is None else values > limit


def _judged(flights: Flights, name: str, criterion: str, caption: str) -> Figure:
    limit, unit = limit_of(flights, criterion), unit_of(name)
    lines = () if limit is None else ((limit, f"limit {number(limit, unit)}"),)
    values = flights[name]
    high = percentile(values, 0.99)
    end = f"largest {number(np.nanmax(values), unit)}"
    end = end if high is None else f"99 % of these below {number(high, unit)}"
    title = f"{spelled_out(name)}: median {number(np.nanmedian(values), unit)}, {end}"
    words = Words(f"contact-{name.replace('_', '-')}", title, caption)
    axis = f"{spelled_out(name).lower()}, {unit}"
    return histogram(words, axis, values, clean_of(flights.table), lines, 0.0)


def _left(flights: Flights, name: str, caption: str) -> Figure:
    values, unit = flights[name], unit_of(name)
    low, middle = percentile(values, 0.01), np.nanmedian(values)
    end = f"least {number(np.nanmin(values), unit)}"
    end = end if low is None else f"1 % of these below {number(low, unit)}"
    reading = f"median {number(middle, unit)}, {end}"
    if name == "peak_thrust_fraction":
        reading = f"median {number(middle)}, highest {number(np.nanmax(values))}"
    words = Words(f"left-{name.replace('_', '-')}", f"{spelled_out(name)}: {reading}", caption)
    axis = f"{spelled_out(name).lower()}, {unit or 'of full thrust'}"
    return histogram(words, axis, values, clean_of(flights.table), zero=0.0)
