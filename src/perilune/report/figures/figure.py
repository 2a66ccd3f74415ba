"""How a figure is put together: rows of one quantity each above one axis, in plotly.js's words."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np

from perilune.report.figures.decimate import Floats, packed, thinned
from perilune.report.record import Mark

ROW_PX, HEAD_PX, GAP = 190, 72, 0.045
_LABEL_SHARE = 0.05  # of the axis, between two labels


@dataclass(frozen=True)
class Row:
    """One quantity: its axis, its traces, its limits as lines and its forbidden bands."""

    axis: str
    traces: tuple[dict, ...]
    _: KW_ONLY
    lines: tuple[tuple[float, str], ...] = ()
    bands: tuple[tuple[float, float, str], ...] = ()
    span: tuple[float, float] | None = None
    log: bool = False


@dataclass(frozen=True)
class Across:
    """The axis all rows share; `marks` are in its own unit."""

    axis: str
    span: tuple[float, float]
    marks: tuple[Mark, ...] = ()
    log: bool = False


class Words(NamedTuple):
    """What is written about a figure: its key in links, its title, its caption."""

    key: str
    title: str
    caption: str


LegendEntry = tuple[str, str, str]
"""A name, the colour it has, and the dash or symbol that identifies it without colour."""


@dataclass(frozen=True)
class Figure:
    """A figure: its words, its body in plotly.js's terms, and a legend for the page to set."""

    kind: ClassVar[str] = "figure"
    words: Words
    body: dict
    legend: tuple[LegendEntry, ...] = ()
    wide: bool = False

    @property
    def key(self) -> str:
        """Its key in links."""
        return self.words.key

    @property
    def title(self) -> str:
        """What it shows, in one line."""
        return self.words.title

    @property
    def caption(self) -> str:
        """How to read it."""
        return self.words.caption


def line(x: Floats, y: Floats, name: str, colour: str, dash: str = "solid") -> dict:
    """A line, thinned and packed, or nothing where there is nothing to draw.

    Colours are the page's variables, such as `--blue`.
    """
    if not (np.isfinite(x) & np.isfinite(y)).any():
        return {}
    x, y = thinned(np.asarray(x), np.asarray(y))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": packed(x),
        "y": packed(y),
        "line": {"color": colour, "width": 1.7, "dash": dash},
    }


def dots(x: Floats, y: Floats, name: str, colour: str, symbol: str = "circle") -> dict:
    """Single points, or nothing where there are none."""
    if not len(x):
        return {}
    size = 4 if symbol == "circle" else 8
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": packed(x),
        "y": packed(y),
        "marker": {"color": colour, "size": size, "symbol": symbol, "line": {"width": 0}},
    }


def between(x: Floats, low: Floats, high: Floats, name: str, colour: str) -> tuple[dict, ...]:
    """A filled band between two lines, drawn under what comes after it."""
    if not (np.isfinite(low) & np.isfinite(high)).any():
        return ()
    edge = {"color": colour, "width": 1, "dash": "solid"}
    lower = line(x, low, name, colour) | {"line": edge, "hoverinfo": "skip"}
    upper = line(x, high, name, colour) | {"line": edge, "fill": "tonexty", "hoverinfo": "skip"}
    return lower, upper | {"fillcolor": colour + "-fill"}


def stack(words: Words, across: Across, rows: Iterable[Row]) -> Figure:
    """A figure of `rows` one above the other; `words` are its key, title and caption."""
    rows = tuple(row for row in map(_drawable, rows) if row.traces)
    traces: list[dict] = []
    layout: dict = {"xaxis": _x_axis(across, len(rows)), "shapes": [], "annotations": []}
    for number, row in enumerate(rows, start=1):
        layout["yaxis" + _nth(number)] = _y_axis(row, number, len(rows))
        traces += [trace | {"xaxis": "x", "yaxis": "y" + _nth(number)} for trace in row.traces]
        _draw_limits(layout, row, number)
    _draw_marks(layout, across)
    layout["height"] = HEAD_PX + ROW_PX * max(len(rows), 1) + (60 if len(rows) == 1 else 0)
    return Figure(words, body={"data": traces, "layout": layout}, legend=_legend(rows))


def _drawable(row: Row) -> Row:
    """The row less the traces that have nothing to draw."""
    return replace(row, traces=tuple(trace for trace in row.traces if trace))


def _nth(number: int) -> str:
    """plotly.js calls its first axis plain `y`, the second `y2`."""
    return "" if number == 1 else str(number)


def _x_axis(across: Across, count: int) -> dict:
    axis = {
        "title": {"text": across.axis},
        "anchor": "y" + _nth(count),
        "range": list(across.span),
    }
    return axis | ({"type": "log", "dtick": 1} if across.log else {})


def _y_axis(row: Row, number: int, count: int) -> dict:
    height = (1.0 - GAP * (count - 1)) / count
    top = 1.0 - (number - 1) * (height + GAP)
    axis = {
        "title": {"text": row.axis},
        "domain": [max(top - height, 0.0), top],
        "anchor": "x",
    }
    axis |= {"range": list(row.span)} if row.span else {}
    return axis | ({"type": "log", "dtick": 1} if row.log else {})


def _draw_limits(layout: dict, row: Row, number: int) -> None:
    for low, high, text in row.bands:
        layout["shapes"].append(
            {
                "type": "rect",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y" + _nth(number),
                "y0": low,
                "y1": high,
                "fillcolor": "--red-fill",
                "line": {"width": 0},
                "layer": "below",
            }
        )
        layout["annotations"].append(_note(text, (low + high) / 2, number, "middle"))
    for level, text in row.lines:
        layout["shapes"].append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y" + _nth(number),
                "y0": level,
                "y1": level,
                "line": {"color": "--red", "width": 1.3, "dash": "dash"},
            }
        )
        shown_at = float(np.log10(level)) if row.log else level
        layout["annotations"].append(_note(text, shown_at, number, "bottom"))


def _note(text: str, level: float, number: int, anchor: str) -> dict:
    return {
        "text": text,
        "xref": "paper",
        "x": 0.005,
        "xanchor": "left",
        "yref": "y" + _nth(number),
        "y": level,
        "yanchor": anchor,
        "showarrow": False,
        "font": {"color": "--red", "size": 11},
        "bgcolor": "--paper-thin",
    }


def _draw_marks(layout: dict, across: Across) -> None:
    inside = _inside(across)
    layout["shapes"] += [
        {
            "type": "line",
            "x0": at,
            "x1": at,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": "--mark", "width": 1, "dash": "dot"},
            "layer": "below",
        }
        for at, _, _ in inside
    ]
    layout["annotations"] += [
        {
            "text": label,
            "x": shown_at,
            "yref": "paper",
            "y": 1.0,
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"color": "--muted", "size": 11},
        }
        for _, shown_at, label in _spaced(inside, across)
    ]


def _inside(across: Across) -> list[tuple[float, float, str]]:
    """Marks within the span: where, where as the axis counts (a logarithm or not), the label."""
    low, high = sorted(across.span)
    usable = [mark for mark in across.marks if not across.log or mark.at > 0]
    places = [
        (mark.at, float(np.log10(mark.at)) if across.log else mark.at, mark.label)
        for mark in usable
    ]
    return [place for place in places if low <= place[1] <= high]


def _spaced(inside: list[tuple[float, float, str]], across: Across) -> list:
    """Those marks whose labels do not run into another's; words go before mere numbers."""
    kept: list[tuple[float, float, str]] = []
    width = abs(across.span[1] - across.span[0])
    for place in sorted(inside, key=lambda each: each[2].isdigit()):
        if all(abs(place[1] - other[1]) >= _LABEL_SHARE * width for other in kept):
            kept.append(place)
    return kept


def _legend(rows: Iterable[Row]) -> tuple[LegendEntry, ...]:
    """Each name once, in the order drawn, of the rows that have more than one."""
    crowded = [row.traces for row in rows if len({trace["name"] for trace in row.traces}) > 1]
    looks = {trace["name"]: look_of(trace) for traces in crowded for trace in traces}
    return tuple((name, *look) for name, look in looks.items())


def look_of(trace: dict) -> tuple[str, str]:
    """A trace's colour, and the dash or symbol that identifies it without colour."""
    if trace["mode"] == "markers":
        return trace["marker"]["color"], trace["marker"]["symbol"]
    return trace["line"]["color"], "band" if "fillcolor" in trace else trace["line"]["dash"]
