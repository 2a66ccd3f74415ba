"""Every criterion: how many violated it, and how the margins to its limit are distributed."""

from collections.abc import Mapping
from html import escape

import numpy as np

from perilune.campaign.analysis.landing_footprint import FIXED
from perilune.campaign.statistics.minimum_counts import least_for, percentile
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_data import MARGIN, Flights, clean_of, criteria_of, limit_of, varies
from perilune.report.campaign_words import criterion_words, level, number, share_of
from perilune.report.figures.charts import histogram
from perilune.report.figures.convergence import counts_of_violations
from perilune.report.figures.figure import Figure
from perilune.report.flight_tables import table
from perilune.report.unit_labels import NOTHING, unit_of

_TOUCHES = ("hull_contact_n", "bell_contact_n")
_STROKE, _NEARLY = "leg_stroke_m", 1e-6
_CENSORED = (
    "A flight that crashed or tipped over ended before hull, bell and legs could be felt in full."
)
_HEADS = ("Criterion", "Limit", "Violated", "Never came to it")
_POINTS = {"1 % worst": 0.01, "Median": 0.5, "1 % best": 0.99}
_OF_FEW = {"Worst": 0.0, "Median": 0.5, "Best": 1.0}
"""Which points of the margins are shown; of few flights the ends themselves."""


def margin_figures(flights: Flights) -> list[Figure]:
    """A histogram of the margin of each criterion that has more than two values.

    What may not touch at all has none: it is a count, and stands above the table.
    """
    counts = counts_of_violations(flights)
    judged = [name for name in criteria_of(flights) if name not in _TOUCHES]
    named = [name for name in judged if varies(flights[MARGIN + name])]
    return [_figure(flights, name, counts[name]) for name in named]


def margins_table(flights: Flights) -> str:
    """Each criterion: its limit, who violated it, and three points of its margins."""
    counts = counts_of_violations(flights)
    rows = [_row(flights, name, count) for name, count in counts.items()]
    note = (
        "<p>Margin is limit less value, in the criterion's own unit: negative is outside. The "
        "last three are of the flights that came to the criterion; a 1 % point takes "
        f"{least_for(0.01)} of them.</p>{_felt(flights)}"
    )
    return note + table((*_HEADS, *_points(flights)), rows, "margins")


def _points(flights: Flights) -> dict[str, float]:
    return _OF_FEW if flights.document["runs"] < least_for(0.01) else _POINTS


def _felt(flights: Flights) -> str:
    """How many flights touched with hull or bell or bottomed out, where that was judged."""
    runs, judged = flights.document["runs"], criteria_of(flights)
    told = [
        f"{criterion_words(name)}: felt by {share_of(_beyond(flights, name), runs)}."
        for name in _TOUCHES
        if name in judged
    ]
    if _STROKE in judged:
        told.append(f"Legs bottomed out in {share_of(_beyond(flights, _STROKE), runs)}.")
    return f"<p>{' '.join(told)} {_CENSORED}</p>" if told else ""


def _beyond(flights: Flights, name: str) -> int:
    """Flights that touched, or that left a leg no stroke: legs end at their limit, not past it."""
    margin = flights[MARGIN + name]
    if name == _STROKE:
        return int((margin <= _NEARLY * (limit_of(flights, name) or 0.0)).sum())
    return int((margin < 0.0).sum())


def order_table(flights: Flights) -> str:
    """What is met in so many of all landings with so much confidence, by order statistics."""
    bounds = flights.document.get("order_statistics") or []
    if not bounds:
        return ""
    kinds = {(each["fraction"], each["confidence"]): each.get("least_count") for each in bounds}
    cells = {(each["column"], each["fraction"], each["confidence"]): each for each in bounds}
    rows = [
        (criterion_words(name), *(_bound(cells.get((name, *kind))) for kind in kinds))
        for name in dict.fromkeys(each["column"] for each in bounds)
    ]
    assumes = bounds[0].get("assumes") or FIXED
    note = (
        f"<p>With the confidence stated, at least this share of all landings {OF_WHAT} stays "
        "within the bound, whatever the distribution (Hanson and Beard, NASA/TP-2010-216447). A "
        "dash: too few flights for a bound, or it falls on one that never came to the figure, "
        f"which counts as worst. {_takes(assumes)}</p>"
    )
    return note + table(("Figure", *(_kind(*each) for each in kinds.items())), rows, "order")


def _takes(assumes: str) -> str:
    if assumes == FIXED:
        return f"Taken for granted: {escape(assumes)}."
    return f"<strong>After this campaign they are {escape(assumes)}.</strong>"


def _kind(kind: tuple[float, float], least: int | None) -> str:
    takes = f"; takes {least:,} flights" if least else ""
    return f"{level(kind[0])} of landings<br><small>confidence {level(kind[1])}{takes}</small>"


def _bound(each: Mapping | None) -> str:
    if each is None or each["bound"] is None:
        return NOTHING
    side = "above" if str(each.get("sense")).startswith(("low", "above")) else "below"
    unit = unit_of(each["column"]) or each.get("unit") or ""
    return f"{side} {number(each['bound'], unit)}"


def _row(flights: Flights, name: str, count: int) -> tuple[str, ...]:
    margin, unit = flights[MARGIN + name], unit_of(name)
    known = margin[np.isfinite(margin)]
    points = [_at(known, share) for share in _points(flights).values()]
    kind = "not" if count else "met"
    runs = flights.document["runs"]
    return (
        criterion_words(name),
        number(limit_of(flights, name), unit) if name != "at_rest" else "must",
        f'<span class="{kind}">{share_of(count, runs)}</span>',
        f"{margin.size - known.size:,}",
        *(_point(name, point, unit, limit_of(flights, name)) for point in points),
    )


def _at(known: np.ndarray, share: float) -> float | None:
    """A percentile where the margins are enough for it; the ends as they are."""
    if share in {0.0, 1.0}:
        return float(np.quantile(known, share)) if known.size else None
    return percentile(known, share)


def _point(name: str, margin: float | None, unit: str, limit: float | None) -> str:
    """A margin; none of what is only counted, and of a leg without stroke left that it is so."""
    if name == "at_rest" or name in _TOUCHES:
        return NOTHING
    if name == _STROKE and margin is not None and margin <= _NEARLY * (limit or 0.0):
        return "bottomed out"
    return number(margin, unit)


def _figure(flights: Flights, name: str, count: int) -> Figure:
    unit, limit = unit_of(name), limit_of(flights, name)
    allowed = f" of {number(limit, unit)}" if limit is not None else ""
    title = f"{criterion_words(name)}: violated by {share_of(count, flights.document['runs'])}"
    never = int(np.isnan(flights[MARGIN + name]).sum())
    title += f", {never:,} of them never came to it" if never else ""
    says = (
        f"Margin to the limit{allowed}. Right of the red line is inside; the closer the bulk "
        "stands to it, the less it takes to violate it."
    )
    if name == _STROKE:
        bottomed = share_of(_beyond(flights, name), flights.document["runs"])
        title, says = f"{criterion_words(name)}: bottomed out in {bottomed}", f"{says} {_CENSORED}"
    words = (f"margin-{name.replace('_', '-')}", title, says)
    axis = f"margin, {unit}" if unit else "margin"
    limits, margin = ((0.0, "limit"),), flights[MARGIN + name]
    return histogram(words, axis, margin, clean_of(flights.table), limits, limit)
