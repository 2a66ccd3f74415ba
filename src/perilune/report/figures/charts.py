"""Figures that many flights need: histograms of clean and unclean, bars by name, plain axes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int

from perilune.report.figures.decimate import Floats, packed
from perilune.report.figures.figure import Figure, LegendEntry, Words

BINS, MOST_BINS = 40, 160
FAR = 6.0
"""Values so many quartile ranges off the quartiles are counted in the end bars."""
HEIGHT_PX = 300
CLEAN, UNCLEAN = "--blue", "--orange"
_BAR_PX, _NEARLY = 34, 1e-9
_FEW = 8
"""Bars lower than this are counted off flight by flight."""


def histogram(
    words: Words,
    axis: str,
    values: Float[np.ndarray, " flight"],
    clean: Bool[np.ndarray, " flight"],
    limits: Sequence[tuple[float, str]] = (),
    zero: float | None = None,
) -> Figure:
    """How many flights had which value, clean ones below and unclean ones on top of them.

    `words` are key, title and caption, `limits` (value, text) are drawn as red lines. A bar ends
    at the first limit and at `zero`, where the quantity itself is nothing, so that none holds
    flights of both sides. Values far from the rest are counted in the end bars, and the caption
    says how many.
    """
    known = np.isfinite(values)
    edges = _edges(values[known], [at for at, _ in limits], zero)
    inside = np.clip(values, edges[0], edges[-1])
    groups = (("clean flights", CLEAN, known & clean), ("unclean flights", UNCLEAN, known & ~clean))
    data = [
        _columns(edges, np.histogram(inside[which], edges)[0], name, colour)
        for name, colour, which in groups
        if which.any()
    ]
    key, title, caption = words
    body = plain(axis, "flights", data)
    body["layout"] |= {"barmode": "stack", "bargap": 0}
    body["layout"]["xaxis"] |= _ticked(edges)
    if np.histogram(inside[known], edges)[0].max(initial=0) < _FEW:
        body["layout"]["yaxis"]["dtick"] = 1
    for at, text in limits:
        draw_limit(body["layout"], at, text)
    caption = f"{caption}{_beyond(values[known], edges)}"
    return Figure(Words(key, title, caption), body, legend=bar_legend(data))


def bars(words: Words, axis: str, rows: Iterable[tuple], colour: str) -> Figure:
    """A bar a name, longest first: `rows` are (name, value, text beside the bar)."""
    parted = [(name, (value,), text) for name, value, text in rows]
    return replace(stacked_bars(words, axis, parted, ((axis, colour),)), legend=())


def stacked_bars(
    words: Words,
    axis: str,
    rows: Sequence[tuple[str, Sequence[float], str]],
    kinds: Sequence[tuple[str, str]],
) -> Figure:
    """A bar a name in parts, longest first: `rows` are (name, value a kind, text of the bar).

    `kinds` are (name, colour). The text stands in the longest part.
    """
    rows = rows[::-1]
    data = [_part(rows, number, *kind) for number, kind in enumerate(kinds)]
    data = [trace for trace in data if any(trace["x"])] or data[:1]
    body = plain(axis, "", data, height=90 + _BAR_PX * max(len(rows), 1))
    body["layout"]["yaxis"] |= {"type": "category", "title": {"text": " "}}
    body["layout"]["xaxis"]["rangemode"] = "tozero"
    body["layout"] |= {"hovermode": "closest", "barmode": "stack"}
    return Figure(words, body=body, legend=bar_legend(data))


def _part(rows: Sequence[tuple], number: int, kind: str, colour: str) -> dict:
    longest = [max(range(len(parts)), key=parts.__getitem__) for _, parts, _ in rows]
    texts = [text if at == number else "" for (_, _, text), at in zip(rows, longest, strict=True)]
    return {
        "type": "bar",
        "orientation": "h",
        "name": kind,
        "x": [float(parts[number]) for _, parts, _ in rows],
        "y": [name for name, _, _ in rows],
        "text": texts,
        "textposition": "auto",
        "textangle": 0,
        "marker": {"color": colour},
        "hovertemplate": f"%{{y}}, {kind}: %{{x:,}}<extra></extra>",
    }


def plain(x_axis: str, y_axis: str, data: list[dict], height: int = HEIGHT_PX) -> dict:
    """A body of one plot with two named axes."""
    layout = {
        "xaxis": {"title": {"text": x_axis}, "anchor": "y"},
        "yaxis": {"title": {"text": y_axis}, "anchor": "x"},
        "shapes": [],
        "annotations": [],
        "height": height,
    }
    return {"data": data, "layout": layout}


def draw_limit(layout: dict, at: float, text: str, across: str = "x") -> None:
    """A red dashed line at a value of one axis, its words beside it."""
    along = "y" if across == "x" else "x"
    rim = {"color": "--red", "width": 1.3, "dash": "dash"}
    ends = {f"{across}0": at, f"{across}1": at, f"{along}0": 0, f"{along}1": 1}
    layout["shapes"].append({"type": "line", f"{along}ref": "paper", "line": rim, **ends})
    place = {across: at, f"{along}ref": "paper", along: 1.0 if across == "x" else 0.005}
    side = _side(layout["xaxis"].get("range"), at) if across == "x" else "left"
    anchors = {"xanchor": side, "yanchor": "bottom"}
    font = {"color": "--red", "size": 11}
    layout["annotations"].append(
        {"text": text, "showarrow": False, "font": font, **place, **anchors}
    )


def _ticked(edges: Float[np.ndarray, " edge"]) -> dict:
    """The axis of a histogram, ticked at round numbers; else ticks would follow its bars."""
    low, high = float(edges[0]), float(edges[-1])
    rough = (high - low) / 7.0
    scale = 10.0 ** np.floor(np.log10(rough))
    step = scale * next(each for each in (1.0, 2.0, 5.0, 10.0) if each * scale >= rough)
    return {"range": [low, high], "tick0": 0.0, "dtick": float(step)}


def _side(span: Sequence[float] | None, at: float) -> str:
    """Which side of its line words hang on, so that they stay inside the plot."""
    if not span:
        return "center"
    place = (at - span[0]) / (span[1] - span[0])
    return "left" if place < 0.2 else "right" if place > 0.8 else "center"


def bar_legend(data: Iterable[dict]) -> tuple[LegendEntry, ...]:
    """A legend row for each trace of bars."""
    return tuple((trace["name"], trace["marker"]["color"], "bar") for trace in data)


def points(
    x: Floats,
    y: Floats,
    names: tuple[str, str],
    size: float,
    symbol: str = "circle",
    texts: Sequence[str] = (),
) -> dict:
    """Points of one kind; `names` are its name and colour, `texts` what each says when asked."""
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": names[0],
        "x": packed(x),
        "y": packed(y),
        "marker": {"color": names[1], "size": size, "symbol": symbol, "line": {"width": 0}},
    }
    return trace | ({"text": list(texts)} if len(texts) else {})


def _columns(
    edges: Float[np.ndarray, " edge"], counts: Int[np.ndarray, " bin"], name: str, colour: str
) -> dict:
    return {
        "type": "bar",
        "name": name,
        "x": packed(0.5 * (edges[:-1] + edges[1:])),
        "y": packed(counts),
        "width": float(edges[1] - edges[0]),
        "marker": {"color": colour, "line": {"width": 0}},
    }


def _edges(
    values: Float[np.ndarray, " n"], limits: Sequence[float], zero: float | None
) -> Float[np.ndarray, " edge"]:
    """Edges of the bars: of the bulk of the values and of the limits, as wide as the bulk asks."""
    if not values.size:
        return np.linspace(0.0, 1.0, 3)
    first, low, high, last = np.percentile(values, [1.0, 25.0, 75.0, 99.0])
    reach = high - low if high - low > 0.02 * (last - first) else 0.25 * (last - first)
    reach = max(reach, 1e-3 * max(abs(low), abs(high)), 1e-6)
    low, high = max(values.min(), low - FAR * reach), min(values.max(), high + FAR * reach)
    count = int(np.clip(2 * np.sqrt(values.size), 8, BINS))
    width = max(high - low, reach) / count
    low, high = min([low, *limits]), max([high, *limits])
    anchors = [each for each in (*limits[:1], zero) if each is not None] or [low]
    return _anchored((low, high), max(width, (high - low) / MOST_BINS), anchors, limits)


def _anchored(
    span: tuple[float, float], width: float, anchors: Sequence[float], limits: Sequence[float]
) -> Float[np.ndarray, " edge"]:
    """Edges over a span, one at each anchor, and a bar to each side of the limits."""
    apart = abs(anchors[-1] - anchors[0])
    if apart > 0.5 * width:
        width = apart / max(round(apart / width), 1)
    first = np.floor((span[0] - anchors[0]) / width + _NEARLY)
    last = np.ceil((span[1] - anchors[0]) / width - _NEARLY)
    if limits:
        first -= span[0] >= min(limits)
        last += span[1] <= max(limits)
    return anchors[0] + width * np.arange(first, max(last, first + 1) + 1)


def _beyond(values: Float[np.ndarray, " n"], edges: Float[np.ndarray, " edge"]) -> str:
    slack = _NEARLY * (edges[-1] - edges[0])
    below, above = (values < edges[0] - slack).sum(), (values > edges[-1] + slack).sum()
    if not below + above:
        return ""
    return f" The end bars include {below + above} beyond the axis."
