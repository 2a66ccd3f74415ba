"""Whether navigation was as sure as it may be: squared errors over variance, by check point."""

from collections.abc import Mapping, Sequence
from html import escape

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
from perilune.report.campaign_words import level, number
from perilune.report.figures.charts import CLEAN, UNCLEAN, plain
from perilune.report.figures.figure import Figure
from perilune.report.flight_tables import table
from perilune.report.unit_labels import said

ONE_FLIGHT = 0.95
_FAR = 5.0
_HEADS = ("Checkpoint", "Error", "Flights", "Mean", "Band of the mean", "The filter is")


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


def consistency_table(flights: Flights) -> str:
    """What the means say of the filter, and those outside the band of a consistent one."""
    rows = consistency_rows(flights)
    if not rows:
        return ""
    outside = flagged(rows)
    shown = [_row(each) for each in outside]
    sure = level(flights.document["confidence"])
    return f"<p>{escape(_says(rows, outside, sure))}</p>" + (
        table(_HEADS, shown, "consistency") if shown else ""
    )


def consistency_words(rows: Sequence[Mapping]) -> str:
    """`overconfident in position at gate (its rms error is 2.45 times its sigma)`, worst two."""
    outside = flagged(rows)
    kinds = ([row for row in outside if row["verdict"] == one] for one in (OVERCONFIDENT, CAUTIOUS))
    worst = [rows[0] for rows in kinds if rows]
    named = [
        f"{each['verdict']} in {_group(each)} at {_point(each)}, {each['words'].partition(': ')[2]}"
        for each in worst
    ]
    rest = len(outside) - len(named)
    return "; ".join(named) + (f"; {rest} more means outside their band" if rest else "")


def _says(rows, outside, sure) -> str:
    told = [each for each in rows if each["verdict"] is not None]
    if not told:
        return f"Nothing can be said of the filter's consistency: {rows[0]['words']}."
    rule = (
        "A consistent filter's squared error over its own variance (NEES, over the degrees of "
        "freedom) has mean 1. Overconfident: its errors are larger than it believes. Cautious: its "
        "sigma is larger than its errors, which loses accuracy and is no merit. "
    )
    counted = (
        f"{len(outside)} of {len(told)} means lie outside the band that those of a consistent "
        f"filter keep to, all together at {sure} confidence"
    )
    if not outside:
        return f"{rule}All {len(told)} means lie inside the band of a consistent filter, {sure}."
    kinds = [
        f"{sum(each['verdict'] == kind for each in outside)} {kind}"
        for kind in (OVERCONFIDENT, CAUTIOUS)
    ]
    return f"{rule}{counted}: {' and '.join(kinds)}."


def _row(each) -> tuple[str, ...]:
    return (
        escape(_point(each)),
        escape(_group(each)),
        f"{each['count']:,}",
        number(each["mean"]),
        f"{number(each['lo'])} to {number(each['hi'])}",
        f'<span class="not">{escape(each["words"])}</span>',
    )


def _point(each) -> str:
    return each["point"].replace("_", " ")


def _group(each) -> str:
    return each["group"].replace("_", " ")


def _figure(flights: Flights, group: str, every: list[Mapping]) -> Figure:
    degrees, rows = degrees_of(group), [each for each in every if each["group"] == group]
    axes = [each for each in every if each["group"] != group and _whole(each["group"]) == group]
    band = chi2.ppf([(1 - ONE_FLIGHT) / 2, (1 + ONE_FLIGHT) / 2], degrees) / degrees
    says = (
        "Mean over the flights of the squared error over the filter's own variance (NEES, over its "
        f"{degrees} degree{'s'[: degrees > 1]} of freedom) when each checkpoint was passed. Green "
        "bar: the band that the mean of a consistent filter keeps to, for all means on this page "
        f"together at {level(flights.document['confidence'])}. Thin bar: 5 % to 95 % of the "
        "flights. Above its band a mean is overconfident, below it cautious."
    )
    words = (f"nees-{group.replace('_', '-')}", _title(group, rows) + _of_axes(axes), says)
    places = "95 % of single flights, if consistent"
    return _drawn(words, flights, rows, (*band, places))


def _title(group: str, rows: list[Mapping]) -> str:
    name, outside = said(group), flagged(rows)
    if not outside:
        return f"{name}: mean inside its band at all {len(rows)} checkpoints"
    worst = outside[0]
    return (
        f"{name}: mean outside its band at {len(outside)} of {len(rows)} checkpoints, most at "
        f"{_point(worst)} ({worst['words']})"
    )


def _of_axes(axes: list[Mapping]) -> str:
    """How many means of single axes lie outside, which a mean over the axes can hide."""
    return f"; of single axes {len(flagged(axes))} of {len(axes)} outside" if axes else ""


def _drawn(words: tuple[str, str, str], flights: Flights, rows: list[Mapping], band: tuple):
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
    body = plain("checkpoint, in the order they are passed", "NEES per axis", data, height=360)
    order = [_point(each) for each in rows]
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
    ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": max(band[0], 1e-3), "y1": band[1]}
    rim = {"type": "rect", "fillcolor": "--green-fill", "line": {"width": 0}, "layer": "below"}
    body["layout"]["shapes"] += [rim | ends]
    legend += [("band of the mean", "--green", "solid"), (band[2], "--green", "band")]
    return Figure(*words, body, tuple(legend))


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
        "x": [_point(each) for each in rows],
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
        "x": [_point(each) for each, _ in chosen],
        "y": [each["mean"] for each, _ in chosen],
        "error_y": bar,
        "marker": {"color": colour, "size": 8, "symbol": symbol},
        "text": [each["words"] for each, _ in chosen],
        "hovertemplate": "%{x}: mean %{y:.3g}, %{text}<extra></extra>",
    }


def _length(low: float | None, high: float | None) -> float:
    """The length of a bar; a mean beyond the percentile has none."""
    return 0.0 if low is None or high is None else max(high - low, 0.0)


def _scale(low: list, high: list, band: tuple) -> dict:
    """From zero, or by decades where the flights reach far over the band."""
    top = 1.08 * max(*high, band[1])
    if top < _FAR * band[1]:
        return {"range": [0.0, top]}
    bottom = max(min(*low, max(band[0], 0.1)), 1e-3)
    return {"type": "log", "dtick": 1, "range": [float(np.log10(bottom)), float(np.log10(top))]}
