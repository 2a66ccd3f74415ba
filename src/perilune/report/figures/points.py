"""Several campaigns as points with intervals: P(clean), and a figure's median with its spread."""

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.report.campaign_words import level
from perilune.report.figures.charts import CLEAN, draw_limit, plain
from perilune.report.figures.figure import Figure, Words
from perilune.report.figures.labels import plot_text

Point = tuple[float | str, Mapping]
"""Where on the axis, a number or a name, and the campaign's document."""


def interval_figure(
    words: Words,
    axis: str,
    rows: Sequence[Point],
    required: float | None = None,
) -> Figure:
    """P(clean) of each campaign with its interval, along what differs between them."""
    middle = [document["probability"] for _, document in rows]
    ends = [document["interval"] for _, document in rows]
    figure = pointed(words, (axis, "P(clean touchdown)"), [at for at, _ in rows], (middle, ends))
    lowest = min(low for low, _ in ends)
    floor = min([lowest, *([required] if required else [])])
    layout = figure.body["layout"]
    layout["yaxis"]["range"] = [max(0.0, floor - 0.08 * (1.0 - floor) - 1e-3), 1.005]
    if required:
        draw_limit(layout, required, f"required: {level(required)}", "y")
    return figure


def bars(middle: list, ends: list, colour: str, size: tuple[float, float]) -> dict[str, Any]:
    """Error bars from low to high about the middles; `size` is thickness and width, px."""
    thickness, width = size
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - at, 0.0) for at, (_, high) in zip(middle, ends, strict=True)],
        "arrayminus": [max(at - low, 0.0) for at, (low, _) in zip(middle, ends, strict=True)],
        "color": colour,
        "thickness": thickness,
        "width": width,
    }


def pointed(words: Words, axes: tuple[str, str], places: list, spread: tuple[list, list]) -> Figure:
    """Points with bars from low to high; `spread` is the middles and the (low, high) of each."""
    middle, ends = spread
    numeric = all(isinstance(place, (int, float)) for place in places)
    places = [plot_text(place) if isinstance(place, str) else place for place in places]
    trace = {
        "type": "scatter",
        "mode": "lines+markers" if numeric else "markers",
        "name": axes[1],
        "x": places,
        "y": middle,
        "error_y": bars(middle, ends, CLEAN, (1.8, 6)),
        "line": {"color": CLEAN, "width": 1, "dash": "dot"},
        "marker": {"color": CLEAN, "size": 9},
        "hovertemplate": "%{x}: %{y:.4g}<extra></extra>",
    }
    body = plain(*axes, [trace], height=380)
    body["layout"]["hovermode"] = "closest"
    if not numeric:
        body["layout"]["xaxis"] |= {"type": "category", "range": [-0.6, len(places) - 0.4]}
    return Figure(words, body)
