"""The figure of what each assumption does to P(clean): clean at its low, median and high value."""

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import interval_words, level
from perilune.report.figures.charts import CLEAN, UNCLEAN, plain
from perilune.report.figures.figure import Figure, Words
from perilune.report.figures.labels import labels_of

_BARS = 12
_SIDES = (("low", "circle", CLEAN), ("median", "cross", "--mark"), ("high", "diamond", UNCLEAN))


def band_figures(flights: Flights) -> list[Figure]:
    """The assumptions that move P(clean) most, over the band; nothing where none was flown."""
    band = flights.document.get("band")
    if band is None:
        return []
    rows = [each for each in band["assumptions"] if each["difference"] > 0.0][:_BARS]
    if not rows:
        return []
    named = labels_of(each["path"] for each in flights.document.get("dispersions") or ())
    names = [named.get(each["path"], each["path"]) for each in rows]
    data = [_side(rows, names, *side) for side in _SIDES]
    body = plain("share of clean flights", "", data, height=120 + 32 * len(rows))
    body["layout"]["hovermode"] = "closest"
    body["layout"]["yaxis"] |= {"type": "category", "title": {"text": " "}, "autorange": "reversed"}
    body["layout"]["shapes"] += [_band(band["interval"]), *map(_join, rows, names)]
    caption = (
        f"Each assumption at the two ends of its range, all others at their medians, in the same "
        f"{band['runs']:,} flights. Shaded: the band over all of them together, "
        f"{interval_words(band['interval'])} at {level(band['confidence'])} confidence. Of many "
        "assumptions some differ by chance; the table says which do not."
    )
    legend = tuple(
        (trace["name"], trace["marker"]["color"], trace["marker"]["symbol"]) for trace in data
    )
    return [Figure(Words("assumptions", f"Largest effect: {names[0]}", caption), body, legend)]


def _side(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], end: str, symbol: str, colour: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{end} value" if end != "median" else "all at their medians",
        "x": [each["clean"][end] / each["runs"] for each in rows],
        "y": list(names),
        "marker": {"color": colour, "size": 9, "symbol": symbol},
        "hovertemplate": "%{y}<br>%{x:.3f}<extra></extra>",
    }


def _join(each: Mapping[str, Any], name: str) -> dict[str, Any]:
    shares = [each["clean"][each[end]] / each["runs"] for end in ("worst", "best")]
    ends = {"x0": shares[0], "x1": shares[1], "y0": name, "y1": name}
    return {"type": "line", "line": {"color": "--mark", "width": 5}, "layer": "below", **ends}


def _band(interval: Sequence[float]) -> dict[str, Any]:
    ends = {"x0": interval[0], "x1": interval[1], "y0": 0.0, "y1": 1.0, "yref": "paper"}
    return {
        "type": "rect",
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": "--green-fill",
        **ends,
    }
