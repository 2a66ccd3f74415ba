"""P(clean) along each factor of an envelope, its bounds, its levels and what fails first."""

from collections.abc import Mapping, Sequence

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import level as level_words
from perilune.report.envelope_words import (
    HALF,
    HELD,
    REFUSED,
    TOLD,
    UNTOLD,
    cause_at,
    cause_words,
    crossing_of,
    unit_words,
    value_words,
)
from perilune.report.figures.charts import CLEAN, draw_limit, plain
from perilune.report.figures.figure import Figure, Words
from perilune.report.figures.points import bars

HEIGHT_PX = 330
ALL_CLEAN = "all clean"
LOOKS = (
    ("--orange", "diamond"),
    ("--pink", "cross"),
    ("--brown", "circle-open"),
    ("--green", "diamond"),
    ("--sky", "cross"),
)
"""Of causes, in the order in which they first appear on the page, again from the first after."""
REFUSED_LOOK = ("--red", "x")


def looks_of(factors: Sequence[Mapping]) -> dict[str | None, tuple[str, str]]:
    """Cause → colour and symbol, the same in every figure of a page."""
    causes = dict.fromkeys(
        cause for factor in factors for point in factor["points"] if (cause := cause_at(point))
    )
    found: dict[str | None, tuple[str, str]] = {None: (CLEAN, "circle"), REFUSED: REFUSED_LOOK}
    for number, cause in enumerate(each for each in causes if each != REFUSED):
        found[cause] = LOOKS[number % len(LOOKS)]
    return found


def envelope_figure(
    factor: Mapping, confidence: float, looks: Mapping[str | None, tuple[str, str]]
) -> Figure:
    """Of one factor: a point a value, coloured by what most often fails first there."""
    causes = list(dict.fromkeys(map(cause_at, factor["points"])))
    traces = [_line(factor), *(_points(factor, cause, looks[cause]) for cause in causes)]
    body = plain(
        f"{factor['title'].lower()}, {unit_words(factor)}", "P(clean touchdown)", traces, HEIGHT_PX
    )
    layout = body["layout"]
    layout["hovermode"] = "closest"
    layout["xaxis"]["range"] = _range(factor)
    layout["yaxis"]["range"] = [-0.04, 1.06]
    _shade(layout, factor)
    for at in (HELD, HALF):
        draw_limit(layout, at, f"{at:g}", "y")
    _mark(layout, factor["start"], "as it is", 0.02)
    for limit in _limits_inside(factor):
        _mark(layout, limit["value"], limit["words"], 0.14)
    legend = tuple((_named(cause), *looks[cause]) for cause in causes)
    return Figure(_words(factor, confidence), body, legend=legend)


def _named(cause: str | None) -> str:
    return ALL_CLEAN if cause is None else cause_words(cause)


def _words(factor: Mapping, confidence: float) -> Words:
    told = TOLD if factor["told"] else UNTOLD
    caption = (
        f"P(clean) {OF_WHAT}, with its interval at {level_words(confidence)} confidence for each "
        f"value alone; the flight software is {told}. Green: the estimate holds 0.99. Red: the "
        "interval is below it."
    )
    if factor["returned"]:
        caption += f" {factor['returned']} runs are clean again farther out."
    return Words(f"envelope-{factor['name']}", factor["title"], caption)


def _range(factor: Mapping) -> list[float]:
    """From the start at the left, beside the words of the levels, to the furthest value."""
    room = factor["furthest"] - factor["start"]
    return [factor["start"] - 0.09 * room, factor["furthest"] + 0.04 * room]


def _line(factor: Mapping) -> dict:
    flown = [each for each in factor["points"] if each["problem"] is None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "P(clean)",
        "x": [each["value"] for each in flown],
        "y": [each["probability"] for each in flown],
        "line": {"color": "--mark", "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _points(factor: Mapping, cause: str | None, look: tuple[str, str]) -> dict:
    points = [each for each in factor["points"] if cause_at(each) == cause]
    middle = [each["probability"] or 0.0 for each in points]
    ends = [each["interval"] or (0.0, 0.0) for each in points]
    colour, symbol = look
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _named(cause),
        "x": [each["value"] for each in points],
        "y": middle,
        "error_y": bars(middle, ends, colour, (1.6, 5)),
        "marker": {"color": colour, "symbol": symbol, "size": 9},
        "text": [_hover(factor, each) for each in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(factor: Mapping, point: Mapping) -> str:
    where = value_words(factor, point["value"])
    if point["problem"] is not None:
        return f"{where}: cannot be flown"
    causes = [f"{cause_words(name)} {count}" for name, count in point["causes"].items()]
    return "<br>".join([f"{where}: {point['clean']} of {point['runs']} clean", *causes])


def _shade(layout: dict, factor: Mapping) -> None:
    """Green where the estimate holds 0.99, red where the interval is below it."""
    found, (low, high) = crossing_of(factor, HELD), layout["xaxis"]["range"]
    if found["holds_to"] is not None:
        end = high if found["lost_at"] is None else found["holds_to"]
        layout["shapes"].append(_band(low, end, "--green-fill"))
    if found["shown_lost_at"] is not None:
        layout["shapes"].append(_band(found["shown_lost_at"], high, "--red-fill"))


def _band(low: float, high: float, colour: str) -> dict:
    return {
        "type": "rect",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "x0": low,
        "x1": high,
        "fillcolor": colour,
        "line": {"width": 0},
        "layer": "below",
    }


def _limits_inside(factor: Mapping) -> list[Mapping]:
    low, high = sorted((factor["start"], factor["furthest"]))
    return [each for each in factor["limits"] if low <= each["value"] <= high]


def _mark(layout: dict, at: float, words: str, height: float) -> None:
    """A dotted line at a value, its words beside it."""
    start, end = layout["xaxis"]["range"]
    side = "right" if (at - start) / (end - start) > 0.6 else "left"
    line = {"color": "--mark", "width": 1.3, "dash": "dot"}
    ends = {"x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1}
    layout["shapes"].append({"type": "line", "line": line, **ends})
    layout["annotations"].append(
        {
            "text": words,
            "x": at,
            "xanchor": side,
            "yref": "paper",
            "y": height,
            "yanchor": "bottom",
            "showarrow": False,
            "bgcolor": "--paper-thin",
            "font": {"color": "--muted", "size": 11},
        }
    )
