"""One page that shows P(clean) and its interval over the values of what was varied."""

from collections.abc import Mapping, Sequence
from html import escape

from perilune.report.campaign.page import head_of
from perilune.report.campaign.points import interval_figure, pointed
from perilune.report.campaign.words import decision_of, interval_words, level, percent, share_of
from perilune.report.figure import Figure
from perilune.report.sheet import Group, Head, page_html
from perilune.report.tables import provenance_table, table
from perilune.report.units import said, shown, unit_of

_FIGURES = ("vertical_speed_m_s", "horizontal_speed_m_s", "tilt_deg", "miss_m", "propellant_kg")


def sweep_html(points: Sequence[Mapping], extras: Mapping) -> str:
    """The page of a sweep.

    Each of `points` has `values`, path to the value as it was given (a number, or text such as
    "3.1 kN"), `document`, its `campaign.json`, and may have `folder`. `extras` may have `title`,
    `summary`. All points fly the same run numbers.
    """
    paths = list(dict.fromkeys(path for point in points for path in point["values"]))
    groups: list[Group] = [
        ("probability", "P(clean)", [_probability(points, paths)]),
        ("points", "Points", [_points_table(points, paths)]),
        ("touchdown", "Touchdown figures", _figures(points, paths)),
        ("provenance", "Provenance", [provenance_table(_provenance(points))]),
    ]
    return page_html(_head(points, paths, extras), [group for group in groups if group[2]])


def _head(points: Sequence[Mapping], paths: list[str], extras: Mapping) -> Head:
    first = points[0]["document"]
    whole = head_of(first, extras, "sweep")
    ranked = sorted(points, key=lambda point: point["document"]["probability"])
    worst, best = ranked[0], ranked[-1]
    tiles = (
        (f"{len(points)}", "points"),
        (f"{sum(point['document']['runs'] for point in points):,}", "flights"),
        (percent(best["document"]["probability"]), f"highest, at {_named(best)}"),
        (percent(worst["document"]["probability"]), f"lowest, at {_named(worst)}"),
    )
    return Head(
        kind="sweep",
        title=f"{whole.title}: {', '.join(paths)} varied",
        tone="open",
        headline=f"{len(points)} points on the same run numbers",
        sentence=_sentence(worst, best),
        summary=whole.summary,
        run=whole.run,
        tiles=tiles,
    )


def _sentence(worst: Mapping, best: Mapping) -> str:
    low, high = worst["document"], best["document"]
    said_so = f"P(clean) runs from {_estimate(low)} at {_named(worst)} to "
    said_so += f"{_estimate(high)} at {_named(best)}."
    if low["interval"][1] >= high["interval"][0]:
        return (
            f"{said_so} Their intervals overlap, and each is of one point by itself: to tell two "
            "points apart, compare their folders, which pairs the runs."
        )
    return f"{said_so} Their intervals do not overlap."


def _estimate(document: Mapping) -> str:
    between = interval_words(document["interval"], " and ")
    return f"{percent(document['probability'])} (between {between})"


def _named(point: Mapping) -> str:
    return ", ".join(str(value) for value in point["values"].values())


def _places(points: Sequence[Mapping], paths: list[str]) -> tuple[str, list]:
    """The axis and where each point lies on it: a number where one path took plain numbers."""
    if len(paths) == 1:
        read = [_number(point["values"].get(paths[0])) for point in points]
        units = {unit for _, unit in read}
        if len(units) == 1 and all(value is not None for value, _ in read):
            unit = units.pop() or unit_of(paths[0])
            return f"{paths[0]}{f', {unit}' if unit else ''}", [value for value, _ in read]
    return ", ".join(paths), [_named(point) for point in points]


def _number(value) -> tuple[float | None, str]:
    """A value as given, `3.1 kN`, as its number and its unit's text."""
    text, _, unit = str(value).strip().partition(" ")
    try:
        return float(text), unit.strip()
    except ValueError:
        return None, ""


def _probability(points: Sequence[Mapping], paths: list[str]) -> Figure:
    axis, places = _places(points, paths)
    rows = [(place, point["document"]) for place, point in zip(places, points, strict=True)]
    asked = points[0]["document"].get("requirement")
    says = (
        "The share of clean flights at each value, with its interval at "
        f"{level(points[0]['document']['confidence'])} confidence for that point alone. A trend "
        "larger than the bars is real; one within them needs more flights."
    )
    words = ("sweep-probability", f"P(clean) over {', '.join(paths)}", says)
    figure = interval_figure(words, axis, rows, asked["probability"] if asked else None)
    return Figure(*words, figure.body, wide=True)


def _points_table(points: Sequence[Mapping], paths: list[str]) -> str:
    rows = [
        (
            *(escape(str(point["values"].get(path, "as in the file"))) for path in paths),
            share_of(point["document"]["clean"], point["document"]["runs"]),
            interval_words(point["document"]["interval"]),
            escape(decision_of(point["document"])["verdict"]),
            f"<code>{escape(str(point.get('folder', '')))}</code>",
        )
        for point in points
    ]
    heads = (*map(escape, paths), "Clean", "Interval", "Decision", "Folder")
    return table(heads, rows, "points")


def _figures(points: Sequence[Mapping], paths: list[str]) -> list[Figure]:
    axis, places = _places(points, paths)
    drawn = []
    for name in _FIGURES:
        found = [(point["document"].get("figures") or {}).get(name) for point in points]
        told = [each for each in found if each and each.get("p50") is not None]
        if len(told) == len(points):
            drawn.append(_figure(name, axis, places, told))
    return drawn


def _figure(name: str, axis: str, places: list, found: list[Mapping]) -> Figure:
    unit = unit_of(name)
    middle = [each["p50"] for each in found]
    ends = [(each["p01"], each["p99"]) for each in found]
    title = f"{said(name)}: median from {shown(min(middle), unit)} to {shown(max(middle), unit)}"
    says = "Median of the flights that came to it; the bars run from their 1st to 99th percentile."
    words = (f"sweep-{name.replace('_', '-')}", title, says)
    return pointed(words, (axis, f"{said(name).lower()}, {unit}"), places, (middle, ends))


def _provenance(points: Sequence[Mapping]) -> Mapping:
    return points[0]["document"].get("provenance") or {}
