"""Each criterion with its limit, its violations and margins, and bounds by order statistics."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from perilune.campaign.analysis.landing_footprint import FIXED
from perilune.campaign.statistics.minimum_counts import least_for, percentile
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_data import MARGIN, Flights, criteria_of, limit_of
from perilune.report.campaign_words import criterion_words, level, number, share_of
from perilune.report.figures.convergence import counts_of_violations
from perilune.report.figures.margins import CENSORED, NEARLY, STROKE, TOUCHES, count_beyond
from perilune.report.pages.content import (
    Inline,
    Paragraph,
    Part,
    Table,
    Text,
    lines,
    small,
    strong,
)
from perilune.report.unit_labels import NOTHING, unit_of

_HEADS = ("Criterion", "Limit", "Violated", "Not reached")
_POINTS = {"1 % worst": 0.01, "Median": 0.5, "1 % best": 0.99}
_OF_FEW = {"Worst": 0.0, "Median": 0.5, "Best": 1.0}
"""Which points of the margins are shown; of few flights the ends themselves."""


def margins_table(flights: Flights) -> list[Part]:
    """Each criterion: its limit, who violated it, and three points of its margins."""
    counts = counts_of_violations(flights)
    rows = [_row(flights, name, count) for name, count in counts.items()]
    note = (
        "Margin is limit minus value, in the unit of the criterion; a negative margin is a "
        "violation. The last three columns cover the flights that reached the criterion; a 1 % "
        f"point needs {least_for(0.01)} of them."
    )
    heads = (*_HEADS, *_points(flights))
    return [Paragraph(note), *_felt(flights), Table(heads, rows, "margins")]


def _points(flights: Flights) -> dict[str, float]:
    return _OF_FEW if flights.document["runs"] < least_for(0.01) else _POINTS


def _felt(flights: Flights) -> list[Part]:
    """How many flights touched with hull or bell or bottomed out, where that was judged."""
    runs, judged = flights.document["runs"], criteria_of(flights)
    words = [
        f"{criterion_words(name)} in {share_of(count_beyond(flights, name), runs)}."
        for name in TOUCHES
        if name in judged
    ]
    if STROKE in judged:
        words.append(f"Legs bottomed out in {share_of(count_beyond(flights, STROKE), runs)}.")
    return [Paragraph(f"{' '.join(words)} {CENSORED}")] if words else []


def order_table(flights: Flights) -> list[Part]:
    """What is met in so many of all landings with so much confidence, by order statistics."""
    bounds = flights.document.get("order_statistics") or []
    if not bounds:
        return []
    kinds = {(each["fraction"], each["confidence"]): each.get("least_count") for each in bounds}
    cells = {(each["column"], each["fraction"], each["confidence"]): each for each in bounds}
    rows = [
        (criterion_words(name), *(_bound(cells.get((name, *kind))) for kind in kinds))
        for name in dict.fromkeys(each["column"] for each in bounds)
    ]
    assumes = bounds[0].get("assumes") or FIXED
    note = (
        f"Distribution-free bounds: with the stated confidence, at least this share of all "
        f"landings {OF_WHAT} stays within the bound (Hanson and Beard, NASA/TP-2010-216447). A "
        "dash means too few flights for a bound, or a bound that falls on a flight that did "
        "not reach the figure, which counts as the worst. "
    )
    heads = ("Figure", *(_kind(*each) for each in kinds.items()))
    return [Paragraph([note, _takes(assumes)]), Table(heads, rows, "order")]


def _takes(assumes: str) -> Inline:
    if assumes == FIXED:
        return f"Assumed: {assumes}."
    return strong(f"After this campaign they are {assumes}.")


def _kind(kind: tuple[float, float], least: int | None) -> Inline:
    takes = f"; needs {least:,} flights" if least else ""
    return lines([f"{level(kind[0])} of landings", small(f"confidence {level(kind[1])}{takes}")])


def _bound(each: Mapping | None) -> str:
    if each is None or each["bound"] is None:
        return NOTHING
    side = "above" if str(each.get("sense")).startswith(("low", "above")) else "below"
    unit = unit_of(each["column"]) or each.get("unit") or ""
    return f"{side} {number(each['bound'], unit)}"


def _row(flights: Flights, name: str, count: int) -> tuple[Inline, ...]:
    margin, unit = flights[MARGIN + name], unit_of(name)
    known = margin[np.isfinite(margin)]
    points = [_at(known, share) for share in _points(flights).values()]
    kind = "not" if count else "met"
    runs = flights.document["runs"]
    return (
        criterion_words(name),
        number(limit_of(flights, name), unit) if name != "at_rest" else "required",
        Text(share_of(count, runs), kind),
        f"{margin.size - known.size:,}",
        *(_point(name, point, unit, limit_of(flights, name)) for point in points),
    )


def _at(known: Float[np.ndarray, " n"], share: float) -> float | None:
    """A percentile where the margins are enough for it; the ends as they are."""
    if share in {0.0, 1.0}:
        return float(np.quantile(known, share)) if known.size else None
    return percentile(known, share)


def _point(name: str, margin: float | None, unit: str, limit: float | None) -> str:
    """A margin; none of what is only counted, and of a leg without stroke left that it is so."""
    if name == "at_rest" or name in TOUCHES:
        return NOTHING
    if name == STROKE and margin is not None and margin <= NEARLY * (limit or 0.0):
        return "bottomed out"
    return number(margin, unit)
