"""Every criterion: how many violated it, and how the margins to its limit are distributed."""

from collections.abc import Mapping

import numpy as np

from perilune.report.campaign.charts import histogram
from perilune.report.campaign.flights import (
    MARGIN,
    Flights,
    clean_of,
    criteria_of,
    limit_of,
    varies,
)
from perilune.report.campaign.settled import counts_of_violations
from perilune.report.campaign.words import criterion_words, level, number, share_of
from perilune.report.figure import Figure
from perilune.report.tables import table
from perilune.report.units import NOTHING, unit_of

_HEADS = ("Criterion", "Limit", "Violated", "Never came to it", "1 % worst", "Median", "1 % best")


def margin_figures(flights: Flights) -> list[Figure]:
    """A histogram of the margin of each criterion that has more than two values."""
    counts = counts_of_violations(flights)
    named = [name for name in criteria_of(flights) if varies(flights[MARGIN + name])]
    return [_figure(flights, name, counts[name]) for name in named]


def margins_table(flights: Flights) -> str:
    """Each criterion: its limit, who violated it, and three points of its margins."""
    counts = counts_of_violations(flights)
    rows = [_row(flights, name, count) for name, count in counts.items()]
    note = (
        "<p>Margin is limit less value, in the criterion's own unit: negative is outside. The "
        "percentiles are of the flights that came to the criterion.</p>"
    )
    return note + table(_HEADS, rows, "margins")


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
    note = (
        "<p>With the confidence stated, at least this share of all landings stays within the "
        "bound, whatever the distribution (Hanson and Beard, NASA/TP-2010-216447). A dash: too "
        "few flights for a bound, or it falls on one that never came to the figure, which counts "
        "as worst.</p>"
    )
    return note + table(("Figure", *(_kind(*each) for each in kinds.items())), rows, "order")


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
    points = np.percentile(known, [1, 50, 99]) if known.size else [None] * 3
    kind = "not" if count else "met"
    runs = flights.document["runs"]
    return (
        criterion_words(name),
        number(limit_of(flights, name), unit) if name != "at_rest" else "must",
        f'<span class="{kind}">{share_of(count, runs)}</span>',
        f"{margin.size - known.size:,}",
        *((number(point, unit) if name != "at_rest" else NOTHING) for point in points),
    )


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
    words = (f"margin-{name.replace('_', '-')}", title, says)
    axis = f"margin, {unit}" if unit else "margin"
    limits = ((0.0, "limit"),)
    return histogram(words, axis, flights[MARGIN + name], clean_of(flights.table), limits)
