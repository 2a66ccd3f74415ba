"""Figures of a budget of errors: shares of the variance over time, and a bar a source."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from perilune.report.covariance_words import (
    axis_words,
    figure_words,
    point_words,
    told,
    unit_words,
)
from perilune.report.figures.charts import bars
from perilune.report.figures.figure import Across, Figure, Row, Words, line, stack
from perilune.report.unit_labels import spelled_out

COLOURS = ("--blue", "--orange", "--green", "--pink", "--brown", "--sky")
OTHERS = "--mark"
LEAST_FIGURE = 1e-12
MOST_BARS = 12
LEAST_SHARE = 0.001
_OVER_TIME = (
    "One sigma, on a logarithmic axis: true by linear analysis, as the filter has it, and what "
    "each of the largest sources makes of it alone. Squares of all sources add up to that of the "
    "true one. Where the filter's line is above the true one it is cautious, where below "
    "overconfident."
)


def over_time_figures(document: Mapping[str, Any]) -> list[Figure]:
    """A figure for each group of errors, each axis with its own largest sources."""
    axes = list(document["over_time"]["true"])
    return [_over_time(document, axis) for axis in axes]


def _over_time(document: Mapping[str, Any], axis: str) -> Figure:
    along = document["over_time"]
    time_s = np.array(along["time_s"])
    shown = time_s >= min(-600.0, time_s[-1])
    rows = [line(time_s[shown], _figures(along["true"], axis, shown), "true", "--ink")]
    rows.append(
        line(time_s[shown], _figures(along["claimed"], axis, shown), "filter", "--red", "dash")
    )
    names = _largest(along, axis, shown)
    rows += [
        line(time_s[shown], _figures(along["by_source"][name], axis, shown), name, colour, "dot")
        for name, colour in zip(names, COLOURS, strict=False)
    ]
    words = Words(f"over-time-{axis.replace('_', '-')}", spelled_out(axis), _OVER_TIME)
    across = Across("time since ignition, s", (float(time_s[shown][0]), float(time_s[-1])))
    low = _lowest(_figures(along["true"], axis, shown))
    high = max(np.max(_figures(along[each], axis, shown)) for each in ("true", "claimed"))
    row = Row(axis_words(axis), tuple(rows), log=True, span=(low, float(np.log10(2.0 * high))))
    return stack(words, across, [row])


def _figures(
    by_axis: Mapping[str, Any], axis: str, shown: Bool[np.ndarray, " rows"]
) -> Float[np.ndarray, " rows"]:
    figures = np.array(by_axis[axis])[shown]
    return np.maximum(told(axis, 1.0) * figures, LEAST_FIGURE)


def _lowest(true: Float[np.ndarray, " rows"]) -> float:
    """Where the axis begins: a tenth of the least."""
    return float(np.log10(0.1 * np.min(true)))


def _largest(along: Mapping[str, Any], axis: str, shown: Bool[np.ndarray, " rows"]) -> list[str]:
    """The sources with the largest shares of the variance, over the time shown."""
    total = _figures(along["true"], axis, shown) ** 2
    shares = {
        name: float(np.mean(_figures(each, axis, shown) ** 2 / total))
        for name, each in along["by_source"].items()
    }
    return sorted(shares, key=lambda name: -shares[name])[: len(COLOURS)]


def budget_bars(moment: Mapping[str, Any], axis: str) -> Figure:
    """A bar a source: its share of the variance at a moment, and its sigma beside it."""
    true, unit = moment["true"][axis], unit_words(axis)
    rows = [
        (name, 100.0 * (each[axis] / true) ** 2, f"{figure_words(axis, each[axis])} {unit}")
        for name, each in moment["by_source"].items()
        if each[axis] ** 2 > LEAST_SHARE * true**2
    ]
    rows = sorted(rows, key=lambda row: -row[1])[:MOST_BARS]
    where = point_words(moment["point"])
    title = f"{spelled_out(axis)}, {where}: {figure_words(axis, true)} {unit}"
    caption = (
        f"Share of the variance that each source makes, and its one sigma. The filter has "
        f"{figure_words(axis, moment['claimed'][axis])} {unit}."
    )
    key = f"budget-{axis.replace('_', '-')}"
    return bars(Words(key, title, caption), "share of the variance, %", rows, "--blue")
