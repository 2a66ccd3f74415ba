"""How the estimate settled as the runs came in, and what came out of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from perilune.campaign.analysis.failure_modes import violated
from perilune.campaign.statistics.binomial_interval import clopper_pearson
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_data import MARGIN, Flights, clean_of, criteria_of
from perilune.report.campaign_words import (
    criterion_words,
    decision_of,
    interval_words,
    level,
    outcome_words,
    percent,
    share_of,
)
from perilune.report.figures.charts import CLEAN, UNCLEAN, bars, stacked_bars
from perilune.report.figures.figure import Across, Figure, Row, Words, between, line, stack

_FEW = 30


class Band(NamedTuple):
    """The ends of an interval at each look."""

    low: Float[np.ndarray, " look"]
    high: Float[np.ndarray, " look"]


def settled_figures(flights: Flights) -> list[Figure]:
    """The running estimate with its band; nothing where no batch was noted."""
    steps = flights.document.get("settled") or []
    if not steps:
        return []
    is_one = len(steps) == 1
    runs, estimate, low, high = _flight_by_flight(flights) if is_one else _by_batch(steps)
    asked = flights.document.get("requirement")
    band = Band(low, high)
    traces = _running(runs, estimate, band)
    span = _span(band, asked)
    row = Row("P(clean touchdown)", traces, lines=_requirement_line(asked), span=span)
    words = Words("settled", _title(flights), _caption(flights))
    across = Across("flights, in the order of their run numbers", (0.0, float(runs[-1]) * 1.03))
    figure = stack(words, across, [row])
    _draw_decision(figure, decision_of(flights.document), runs[-1])
    return [Figure(words, figure.body, figure.legend, wide=True)]


def _by_batch(steps: Sequence[Mapping]) -> Float[np.ndarray, "4 look"]:
    """Flights, share of clean ones, and both ends of its interval, after each batch."""
    return np.array(
        [[step[name] for step in steps] for name in ("runs", "probability", "lo", "hi")], float
    )


def _flight_by_flight(flights: Flights) -> Float[np.ndarray, "4 look"]:
    """The same after each flight, of a campaign of one batch."""
    clean = clean_of(flights.table)
    runs, so_far = np.arange(1, len(clean) + 1), np.cumsum(clean)
    low, high = clopper_pearson(so_far, runs, flights.document["confidence"])
    return np.stack([runs, so_far / runs, low, high])


def outcome_figures(flights: Flights) -> list[Figure]:
    """Flights by how they ended, and by the criterion they violated, where any was."""
    runs = flights.document["runs"]
    ended = sorted(flights.document["outcomes"].items(), key=lambda each: -each[1])
    rows = [(outcome_words(name), count, share_of(count, runs)) for name, count in ended if count]
    title = f"{percent(ended[0][1] / runs)} {outcome_words(ended[0][0])}" if runs else "No flight"
    outcomes = bars(
        Words("ended", f"How the flights ended: {title}", _OUTCOMES), "flights", rows, CLEAN
    )
    return [outcomes, *_violations(flights, runs)]


def counts_of_violations(flights: Flights) -> dict[str, int]:
    """Each criterion and how many flights violated it."""
    known = flights.document.get("violations") or {}
    return {
        name: int(known.get(name, violated(flights.table, name).sum()))
        for name in criteria_of(flights)
    }


def _violations(flights: Flights, runs: int) -> list[Figure]:
    every = sorted(counts_of_violations(flights).items(), key=lambda each: -each[1])
    counts = [each for each in every if each[1]]
    if not counts:
        return []
    rows = [_violation(flights, *each, runs) for each in counts]
    worst = next((name for name, _ in counts if name != "miss_m"), None)
    title = (
        f"{criterion_words(worst)} is violated most often"
        if worst
        else "Nothing that makes a touchdown unclean was violated"
    )
    never = ", ".join(criterion_words(name).lower() for name, count in every if not count)
    caption = f"{_VIOLATIONS} Never violated: {never}." if never else _VIOLATIONS
    kinds = (("violated", UNCLEAN), ("not reached", "--mark"))
    return [stacked_bars(Words("violations", title, caption), "flights", rows, kinds)]


def _violation(flights: Flights, name: str, count: int, runs: int) -> tuple:
    """A bar of two parts: those that violated a criterion, and those that never came to it."""
    never = min(int(np.isnan(flights[MARGIN + name]).sum()), count)
    return criterion_words(name), (count - never, never), share_of(count, runs)


_ONE_BATCH = (
    f"The line is the share of clean flights so far, the band the interval of P(clean) {OF_WHAT} "
    "(Clopper-Pearson) after each flight, in the order of the run numbers. It is one batch: the "
    "right edge is the result, and what is before it shows how the interval narrows, about with "
    "the root of the flights."
)
_OUTCOMES = (
    "The outcome of a flight is the first event that ends it. At rest on its legs is not enough "
    "for a clean touchdown: every limit must be met too."
)
_VIOLATIONS = (
    "A flight can violate several criteria. One that ended before a criterion applies, for "
    "example a crash before rest, counts as a violation of it. The miss is judged separately "
    "and does not make a touchdown unclean."
)


def _title(flights: Flights) -> str:
    """Where the estimate stood at the end, and when the decision fell."""
    last, decision = flights.document["settled"][-1], decision_of(flights.document)
    between = interval_words((last["lo"], last["hi"]))
    after = decision.get("after_runs")
    decided = decision["verdict"] in {"met", "refuted"} and after
    fell = f"; decided after {after:,}" if decided else ""
    estimate = f"{percent(last['probability'])} ({between})"
    return f"After {last['runs']:,} flights: P(clean) {OF_WHAT} is {estimate}{fell}"


def _caption(flights: Flights) -> str:
    if len(flights.document["settled"]) == 1:
        return _ONE_BATCH
    caption = (
        "The line is the share of clean flights so far, the band the interval of P(clean) "
        f"{OF_WHAT} after each batch. "
        "If the line still drifts or the band is still wide at the right edge, more runs are "
        "needed."
    )
    if flights.document.get("requirement"):
        caption += " The sequential test may decide shortly before the band clears the red line."
    method = flights.document.get("method") or {}
    return f"{caption} Band: {method['name']}." if method.get("name") else caption


def _requirement_line(asked: Mapping | None) -> tuple[tuple[float, str], ...]:
    if not asked:
        return ()
    return ((asked["probability"], f"required: {level(asked['probability'])}"),)


def _span(band: Band, asked: Mapping | None) -> tuple[float, float]:
    """The axis: the whole band and the requirement, with a little air."""
    levels = [float(band.low.min()), float(band.high.max())]
    levels += [asked["probability"]] if asked else []
    air = 0.05 * (max(levels) - min(levels)) + 1e-3
    return max(-0.002, min(levels) - air), min(1.002, max(levels) + air)


def _running(
    runs: Float[np.ndarray, " look"], estimate: Float[np.ndarray, " look"], band: Band
) -> tuple[dict, ...]:
    over = _marked(line(runs, estimate, "estimate", CLEAN), len(runs))
    return (*between(runs, band.low, band.high, "interval", "--brown"), over)


def _marked(trace: dict, count: int) -> dict:
    """A line of few points shows the points too."""
    if not trace or count > _FEW:
        return trace
    return trace | {"mode": "lines+markers", "marker": {"size": 6, "color": CLEAN}}


def _draw_decision(figure: Figure, decision: Mapping, last: float) -> None:
    after = decision.get("after_runs")
    if decision["verdict"] not in {"met", "refuted"} or not after:
        return
    layout = figure.body["layout"]
    dashes = {"color": "--mark", "width": 1.5, "dash": "dot"}
    ends = {"x0": after, "x1": after, "yref": "paper", "y0": 0, "y1": 1}
    layout["shapes"].append({"type": "line", "line": dashes, **ends})
    place = {"x": after, "yref": "paper", "y": 1.0, "yanchor": "bottom"}
    side = {"xanchor": "right" if after > 0.6 * last else "left", "showarrow": False}
    text = {"text": decision["verdict"], "font": {"color": "--ink", "size": 12}}
    layout["annotations"].append({**place, **side, **text})
