"""Figures of the inputs that drive the outcome: tornados, and clean beside unclean flights."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
from jaxtyping import Float

from perilune.campaign.analysis.tornado import tornado
from perilune.mechanics.si_units import printed
from perilune.report.campaign_data import Flights, clean_of
from perilune.report.campaign_words import p_words, percent
from perilune.report.figures.charts import CLEAN, UNCLEAN, plain
from perilune.report.figures.figure import Figure, Words, line
from perilune.report.figures.labels import MARK, TOGETHER, figure_words, labels_of
from perilune.report.unit_labels import spelled_out, unit_of

_BARS, _CURVES = 12, 4


def driver_figures(flights: Flights) -> list[Figure]:
    """A tornado for each figure, then the distributions of the surest significant drivers."""
    rows = tornados_of(flights)
    named = labels_of(each["path"] for each in flights.document.get("dispersions") or ())
    one_sort = flights.document["clean"] in {0, flights.document["runs"]}
    drawn = [each for each in rows if each["bars"] and not (one_sort and each["figure"] == "clean")]
    named |= {path: f"{named.get(path, path)} {MARK}" for path in _together(flights)}
    tornados = [_tornado_figure(each, named, _surest(flights, each["figure"])) for each in drawn]
    surest = [each for each in flights.document.get("drivers") or () if each["significant"]]
    return tornados + [_curves(flights, each) for each in surest[:_CURVES]]


def _together(flights: Flights) -> set[str]:
    """The paths of inputs that are drawn together with others."""
    drivers = flights.document.get("drivers") or ()
    return {each["path"] for each in drivers if each.get("together")}


def tornados_of(flights: Flights) -> list[Mapping]:
    """The tornado of each figure, as the document has them or worked out from its rows."""
    if flights.document.get("tornado"):
        return flights.document["tornado"]
    inputs = [
        SimpleNamespace(path=each["path"], column=each["column"])
        for each in flights.document.get("dispersions") or ()
        if each["column"] in flights.table.column_names
    ]
    return tornado(flights.table, inputs) if inputs and flights.table.num_rows else []


def _surest(flights: Flights, figure: str) -> list[str]:
    """The inputs that move a figure beyond chance: drivers of clean, shares of the others."""
    if figure == "clean":
        tested = flights.document.get("drivers") or ()
    else:
        every = flights.document.get("indices") or ()
        tested = [share for each in every if each["figure"] == figure for share in each["shares"]]
    return [each["path"] for each in tested if each["significant"]]


def _tornado_figure(each: Mapping, named: Mapping, surest: list[str]) -> Figure:
    bars, figure = _named_bars(each["bars"][:_BARS], named), each["figure"]
    name = figure_words(figure)
    sides = (("lowest fifth of the input", "low", CLEAN), ("highest fifth", "high", UNCLEAN))
    span = (0.0, 1.0) if figure == "clean" else (-np.inf, np.inf)
    data = [_side(bars, *side, span) for side in sides]
    axis = (
        "share of clean flights"
        if figure == "clean"
        else f"mean {spelled_out(figure).lower()}, {unit_of(figure)}"
    )
    body = plain(axis, "", data, height=100 + 32 * len(bars))
    body["layout"]["hovermode"] = "closest"
    body["layout"]["yaxis"] |= {"type": "category", "title": {"text": " "}, "autorange": "reversed"}
    body["layout"]["shapes"] += [_join(bar) for bar in bars]
    title = f"{name}: {_moved_by(bars[0]['path'], surest)}"
    marked = any(bar["label"].endswith(MARK) for bar in bars)
    caption = (
        f"Means over {each['count']:,} flights with the input in its lowest and in its highest "
        "fifth, each with its standard error. Of many inputs some differ by chance; the table "
        "of drivers (for P(clean)) or of variance shares says which effects are significant."
        f"{' ' + TOGETHER if marked else ''}"
    )
    legend = tuple(
        (trace["name"], trace["marker"]["color"], trace["marker"]["symbol"]) for trace in data
    )
    words = Words(f"tornado-{figure.replace('_', '-')}", title, caption)
    return Figure(words, body, legend)


def _moved_by(widest: str, surest: list[str]) -> str:
    """What the title claims: no more than the tests of all inputs do."""
    if widest in surest or not surest:
        return f"largest effect from {widest}{'' if surest else ', not significant'}"
    more = f" and {len(surest) - 1} more" if surest[1:] else ""
    return f"significant effect of {surest[0]}{more}; the widest bar may be chance"


def _named_bars(bars: list, named: Mapping) -> list[dict]:
    return [bar | {"label": named.get(bar["path"], bar["path"])} for bar in bars]


def _side(bars: list, name: str, side: str, colour: str, span: tuple[float, float]) -> dict:
    """The means of one side; their error bars end where the figure itself must, at `span`."""
    sizes = [(bar[f"{side}_mean"], bar[f"{side}_error"] or 0.0) for bar in bars]
    spread = {"type": "data", "color": colour, "thickness": 1.2, "width": 3, "symmetric": False}
    spread["array"] = [min(error, max(span[1] - mean, 0.0)) for mean, error in sizes]
    spread["arrayminus"] = [min(error, max(mean - span[0], 0.0)) for mean, error in sizes]
    symbol = "circle" if side == "low" else "diamond"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [bar[f"{side}_mean"] for bar in bars],
        "y": [bar["label"] for bar in bars],
        "error_x": spread,
        "marker": {"color": colour, "size": 9, "symbol": symbol},
        "hovertemplate": "%{y}<br>%{x:.4g}<extra></extra>",
    }


def _join(bar: Mapping) -> dict:
    name = bar["label"]
    ends = {"x0": bar["low_mean"], "x1": bar["high_mean"], "y0": name, "y1": name}
    return {"type": "line", "line": {"color": "--mark", "width": 5}, "layer": "below", **ends}


def _curves(flights: Flights, each: Mapping) -> Figure:
    """The share of clean and of unclean flights below each value of one input."""
    values, clean = flights[each["column"]], clean_of(flights.table)
    unit = units_of(flights).get(each["column"], "")
    known = np.isfinite(values)
    kinds = (("clean flights", CLEAN, "solid", clean), ("unclean flights", UNCLEAN, "dash", ~clean))
    data = [
        _climbing(np.sort(values[known & which]), name, colour, dash)
        for name, colour, dash, which in kinds
        if (known & which).any()
    ]
    axis = f"{each['path']}{f', {unit}' if unit else ''}"
    body = plain(axis, "share of flights below", data)
    title = f"{each['path']}: {each['direction']} in unclean flights"
    caption = (
        "Cumulative distributions of the input. Where the curves differ, so does the input "
        f"between clean and unclean flights. Largest gap {percent(each['statistic'])}, corrected "
        f"p {p_words(each['p_adjusted'])}."
    )
    legend = tuple((t["name"], t["line"]["color"], t["line"]["dash"]) for t in data)
    words = Words(f"driver-{each['column'].replace('_', '-')}", title, caption)
    return Figure(words, body, legend)


def _climbing(ordered: Float[np.ndarray, " flight"], name: str, colour: str, dash: str) -> dict:
    share = np.arange(1, len(ordered) + 1) / len(ordered)
    trace = line(ordered, share, name, colour, dash)
    return trace | {"line": trace["line"] | {"shape": "hv"}}


def units_of(flights: Flights) -> dict[str, str]:
    """The unit of each column of a drawn input."""
    return {
        each["column"]: printed(each.get("unit") or "")
        for each in flights.document.get("dispersions") or ()
    }
