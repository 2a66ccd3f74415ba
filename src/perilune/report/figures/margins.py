"""How the margin of each criterion to its limit is distributed."""

import numpy as np

from perilune.report.campaign_data import MARGIN, Flights, clean_of, criteria_of, limit_of, varies
from perilune.report.campaign_words import criterion_words, number, share_of
from perilune.report.figures.charts import histogram
from perilune.report.figures.convergence import counts_of_violations
from perilune.report.figures.figure import Figure, Words
from perilune.report.unit_labels import unit_of

TOUCHES = ("broken_legs_count", "hull_contact_n", "bell_contact_n")
STROKE, NEARLY = "leg_stroke_m", 1e-6
CENSORED = (
    "A flight that crashed or tipped over records contact of hull, bell and legs only up to its "
    "end."
)


def margin_figures(flights: Flights) -> list[Figure]:
    """A histogram of the margin of each criterion that has more than two values.

    What may not touch at all has none: it is a count, and stands above the table.
    """
    counts = counts_of_violations(flights)
    judged = [name for name in criteria_of(flights) if name not in TOUCHES]
    named = [name for name in judged if varies(flights[MARGIN + name])]
    return [_figure(flights, name, counts[name]) for name in named]


def _figure(flights: Flights, name: str, count: int) -> Figure:
    unit, limit = unit_of(name), limit_of(flights, name)
    allowed = f" of {number(limit, unit)}" if limit is not None else ""
    title = f"{criterion_words(name)}: violated by {share_of(count, flights.document['runs'])}"
    never = int(np.isnan(flights[MARGIN + name]).sum())
    title += f", not reached by {never:,} of them" if never else ""
    caption = (
        f"Margin to the limit{allowed}. Flights right of the red line meet the limit; the closer "
        "the bulk of them is to the line, the smaller the disturbance that violates it."
    )
    if name == STROKE:
        bottomed = share_of(count_beyond(flights, name), flights.document["runs"])
        title, caption = (
            f"{criterion_words(name)}: bottomed out in {bottomed}",
            f"{caption} {CENSORED}",
        )
    words = Words(f"margin-{name.replace('_', '-')}", title, caption)
    axis = f"margin, {unit}" if unit else "margin"
    limits, margin = ((0.0, "limit"),), flights[MARGIN + name]
    return histogram(words, axis, margin, clean_of(flights.table), limits, limit)


def count_beyond(flights: Flights, name: str) -> int:
    """Flights that touched, or that left a leg no stroke: legs end at their limit, not past it."""
    margin = flights[MARGIN + name]
    if name == STROKE:
        return int((margin <= NEARLY * (limit_of(flights, name) or 0.0)).sum())
    return int((margin < 0.0).sum())
