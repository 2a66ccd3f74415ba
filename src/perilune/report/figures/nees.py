"""Whether navigation was as sure as it may be: squared errors over variance, by check point."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from perilune.campaign.statistics.filter_consistency import (
    CAUTIOUS,
    INSIDE,
    OVERCONFIDENT,
    consistency,
    degrees_of,
    flagged,
)
from perilune.campaign.statistics.minimum_counts import percentile
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import level
from perilune.report.figures.charts import CLEAN, UNCLEAN, plain
from perilune.report.figures.figure import Figure, Words
from perilune.report.unit_labels import spelled_out

ONE_FLIGHT = 0.95
_FAR = 5.0
_AXES = {
    "along": "along-track",
    "cross": "cross-track",
    "cross_1": "first cross-axis",
    "cross_2": "second cross-axis",
}
"""Axes of a group of errors in words, where they differ from their names."""


def consistency_figures(flights: Flights) -> list[Figure]:
    """The mean of NEES at each check point, one figure a group of errors with enough flights.

    A group that is one axis of another (`position_along`) is judged in that one's title and in
    the table, and has no figure.
    """
    rows = [each for each in consistency_rows(flights) if each["verdict"] is not None]
    groups = dict.fromkeys(each["group"] for each in rows)
    whole = [group for group in groups if _whole(group) == group or _whole(group) not in groups]
    return [_figure(flights, group, rows) for group in whole]


def _whole(group: str) -> str:
    return group.partition("_")[0]


def consistency_rows(flights: Flights) -> list[Mapping]:
    """The document's own conclusions, of check points that some flight came to."""
    kept = flights.document.get("consistency")
    if kept is None:
        kept = consistency(flights.table, flights.document["confidence"])
    return [each for each in kept if each["count"]]


def consistency_words(rows: Sequence[Mapping]) -> str:
    """`overconfident in position at gate, its rms error is 2.45 times its sigma`, worst two."""
    outside = flagged(rows)
    kinds = ([row for row in outside if row["verdict"] == one] for one in (OVERCONFIDENT, CAUTIOUS))
    worst = [rows[0] for rows in kinds if rows]
    named = [
        f"{each['verdict']} in {group_words(each)} at {point_words(each)}, "
        f"{each['words'].partition(': ')[2]}"
        for each in worst
    ]
    rest = len(outside) - len(named)
    return "; ".join(named) + (f"; {rest} other means of NEES outside their band" if rest else "")


def point_words(each: Mapping) -> str:
    """A check point in words: `gate`, `10 m height`."""
    return re.sub(r"^height (.+)", r"\1 height", each["point"].replace("_", " "))


def group_words(each: Mapping) -> str:
    """A group of errors in words: `height`, `along-track position`."""
    whole, _, axis = each["group"].partition("_")
    return f"{_AXES.get(axis, axis.replace('_', ' '))} {whole}".strip()


class FlightBand(NamedTuple):
    """Where most flights of a consistent filter lie, and that in words."""

    low: float
    high: float
    words: str


def _figure(flights: Flights, group: str, every: list[Mapping]) -> Figure:
    degrees, rows = degrees_of(group), [each for each in every if each["group"] == group]
    axes = [each for each in every if each["group"] != group and _whole(each["group"]) == group]
    low, high = chi2.ppf([(1 - ONE_FLIGHT) / 2, (1 + ONE_FLIGHT) / 2], degrees) / degrees
    caption = (
        f"Mean NEES over the flights, divided by its {degrees} degree{'s'[: degrees > 1]} of "
        "freedom, at each checkpoint. Green bar: the band of the mean for a consistent filter, "
        f"simultaneous for all means on this page at {level(flights.document['confidence'])}. "
        "Thin bar: 5th to 95th percentile of the flights. A mean above its band is "
        "overconfident, one below it cautious."
    )
    words = Words(f"nees-{group.replace('_', '-')}", _title(group, rows) + _of_axes(axes), caption)
    band = FlightBand(float(low), float(high), "95 % of single flights, if consistent")
    return _drawn(words, flights, rows, band)


def _title(group: str, rows: list[Mapping]) -> str:
    name, outside = spelled_out(group), flagged(rows)
    if not outside:
        return f"{name}: mean inside its band at all {len(rows)} checkpoints"
    worst = outside[0]
    return (
        f"{name}: mean outside its band at {len(outside)} of {len(rows)} checkpoints, most at "
        f"{point_words(worst)} ({worst['words']})"
    )


def _of_axes(axes: list[Mapping]) -> str:
    """How many means of single axes lie outside, which a mean over the axes can hide."""
    return f"; of single axes {len(flagged(axes))} of {len(axes)} outside" if axes else ""


def _drawn(words: Words, flights: Flights, rows: list[Mapping], band: FlightBand) -> Figure:
    spread = [
        (percentile(flights[each["column"]], 0.05), percentile(flights[each["column"]], 0.95))
        for each in rows
    ]
    data = [_bands(rows)]
    parts = (
        ("mean inside its band", CLEAN, "circle", lambda each: each["verdict"] == INSIDE),
        ("mean outside its band", UNCLEAN, "x", lambda each: each["verdict"] != INSIDE),
    )
    legend = []
    for name, colour, symbol, holds in parts:
        chosen = [(each, ends) for each, ends in zip(rows, spread, strict=True) if holds(each)]
        if chosen:
            data.append(_means(chosen, name, colour, symbol))
            legend.append((name, colour, symbol))
    body = plain("checkpoint, in order of time", "NEES per axis", data, height=360)
    order = [point_words(each) for each in rows]
    body["layout"]["xaxis"] |= {
        "type": "category",
        "tickangle": -40,
        "categoryorder": "array",
        "categoryarray": order,
    }
    known = [end for ends in spread for end in ends if end is not None]
    means = [each[name] for each in rows for name in ("mean", "lo", "hi")]
    every = [*known, *means]
    body["layout"]["yaxis"] |= _scale(every, every, band)
    ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": max(band.low, 1e-3), "y1": band.high}
    rim = {"type": "rect", "fillcolor": "--green-fill", "line": {"width": 0}, "layer": "below"}
    body["layout"]["shapes"] += [rim | ends]
    legend += [("band of the mean", "--green", "solid"), (band.words, "--green", "band")]
    return Figure(words, body, tuple(legend))


def _bands(rows: list[Mapping]) -> dict:
    """The band of the mean at each check point, as a thick bar about 1."""
    bar = {
        "type": "data",
        "symmetric": False,
        "array": [each["hi"] - 1.0 for each in rows],
        "arrayminus": [1.0 - each["lo"] for each in rows],
        "color": "--green",
        "thickness": 2.5,
        "width": 9,
    }
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "band of the mean",
        "x": [point_words(each) for each in rows],
        "y": [1.0] * len(rows),
        "error_y": bar,
        "marker": {"color": "--green", "size": 1},
        "hoverinfo": "skip",
    }


def _means(chosen: list[tuple], name: str, colour: str, symbol: str) -> dict:
    bar = {"type": "data", "symmetric": False, "color": colour, "thickness": 1.4}
    bar["array"] = [_length(each["mean"], high) for each, (_, high) in chosen]
    bar["arrayminus"] = [_length(low, each["mean"]) for each, (low, _) in chosen]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [point_words(each) for each, _ in chosen],
        "y": [each["mean"] for each, _ in chosen],
        "error_y": bar,
        "marker": {"color": colour, "size": 8, "symbol": symbol},
        "text": [each["words"] for each, _ in chosen],
        "hovertemplate": "%{x}: mean %{y:.3g}, %{text}<extra></extra>",
    }


def _length(low: float | None, high: float | None) -> float:
    """The length of a bar; a mean beyond the percentile has none."""
    return 0.0 if low is None or high is None else max(high - low, 0.0)


def _scale(low: list, high: list, band: FlightBand) -> dict:
    """From zero, or by decades where the flights reach far over the band."""
    top = 1.08 * max(*high, band.high)
    if top < _FAR * band.high:
        return {"range": [0.0, top]}
    bottom = max(min(*low, max(band.low, 0.1)), 1e-3)
    return {"type": "log", "dtick": 1, "range": [float(np.log10(bottom)), float(np.log10(top))]}
