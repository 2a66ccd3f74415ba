"""One page that shows P(clean) and its interval over the values of what was varied."""

from collections.abc import Mapping, Sequence

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import (
    decision_of,
    interval_words,
    level,
    percent,
    run_words,
    share_of,
)
from perilune.report.figures.figure import Figure, Words
from perilune.report.figures.points import interval_figure, pointed
from perilune.report.pages.campaign_page import head_of
from perilune.report.pages.content import Inline, Paragraph, Part, Section, Table, Text, code
from perilune.report.pages.flight_tables import provenance_table
from perilune.report.pages.page_shell import Head, page_html
from perilune.report.pages.pairwise_table import pairs_sentence, pairs_table
from perilune.report.unit_labels import NOTHING, shown, spelled_out, unit_of

_FIGURES = ("vertical_speed_m_s", "horizontal_speed_m_s", "tilt_deg", "miss_m", "propellant_kg")


def sweep_html(points: Sequence[Mapping], extras: Mapping) -> str:
    """The page of a sweep.

    Each of `points` has `values`, path to the value as it was given (a number, or text such as
    "3.1 kN"), `document`, its `campaign.json`, or None and a `problem`, why it was not flown, and
    may have `folder`. `extras` may have `title`, `summary`, `notes`, and `pairwise`, what
    `pairwise_tests.compare_points` has of them. All points fly the same run numbers.
    """
    paths = list(dict.fromkeys(path for point in points for path in point["values"]))
    flown = [point for point in points if point.get("document")]
    sections = [
        Section("probability", "P(clean)", [_probability(flown, paths)]),
        Section("points", "Points", [_points_table(points, paths)]),
        Section("pairs", "Pairs of points", _pairs(points, extras)),
        Section("touchdown", "Touchdown figures", _figures(flown, paths)),
        Section("provenance", "Provenance", [provenance_table(_provenance(flown))]),
    ]
    return page_html(_head(points, paths, extras), sections)


def _pairs(points: Sequence[Mapping], extras: Mapping) -> list[Part]:
    notes = [Paragraph(note) for note in extras.get("notes") or ()]
    pairwise = extras.get("pairwise") or {}
    if not pairwise.get("pairs"):
        return [*notes]
    names = [_named(point) for point in points]
    words = Paragraph(pairs_sentence(pairwise, names))
    return [words, *pairs_table(pairwise, names), *notes]


def _head(points: Sequence[Mapping], paths: list[str], extras: Mapping) -> Head:
    flown = [point for point in points if point.get("document")]
    whole = head_of(flown[0]["document"], extras, "sweep")
    ranked = sorted(flown, key=lambda point: point["document"]["probability"])
    worst, best = ranked[0], ranked[-1]
    left = len(points) - len(flown)
    tiles = (
        (f"{len(points)}", f"points, {left} of them cannot be flown" if left else "points"),
        (f"{sum(point['document']['runs'] for point in flown):,}", "flights"),
        *_ends(worst, best),
    )
    return Head(
        kind="sweep",
        title=f"{whole.title}: {', '.join(paths)} varied",
        tone="open",
        headline=f"{len(flown)} points on the same run numbers",
        sentence=f"{_sentence(worst, best)} {_differ(points, extras)}{_unflown(points)}",
        summary=whole.summary,
        run=run_words({**flown[0]["document"], "settings": _settings(flown)}),
        tiles=tiles,
    )


def _ends(worst: Mapping, best: Mapping) -> tuple[tuple[str, str], ...]:
    low, high = (percent(each["document"]["probability"]) for each in (worst, best))
    if low == high:
        return ((low, "of flights clean at every point"),)
    return ((high, f"highest, at {_named(best)}"), (low, f"lowest, at {_named(worst)}"))


def _settings(flown: Sequence[Mapping]) -> list:
    """What was set alike at every point."""
    each = [point["document"].get("settings") or () for point in flown]
    return [setting for setting in each[0] if all(setting in others for others in each)]


def _sentence(worst: Mapping, best: Mapping) -> str:
    low, high = worst["document"], best["document"]
    if worst is best:
        return f"P(clean), {OF_WHAT}, is {_estimate(low)} at {_named(worst)}."
    if low["probability"] == high["probability"]:
        return f"P(clean), {OF_WHAT}, has the same estimate at every point: {_estimate(low)}."
    return (
        f"P(clean), {OF_WHAT}, is lowest, {_estimate(low)}, at {_named(worst)} and highest, "
        f"{_estimate(high)}, at {_named(best)}. Each interval is for one point alone."
    )


def _differ(points: Sequence[Mapping], extras: Mapping) -> str:
    pairwise = extras.get("pairwise") or {}
    if not pairwise.get("pairs"):
        return "Points were not compared in pairs."
    return pairs_sentence(pairwise, [_named(point) for point in points])


def _unflown(points: Sequence[Mapping]) -> str:
    """Which points could not be flown; the table says why."""
    named = [_named(point) for point in points if not point.get("document")]
    return f" Cannot be flown: {'; '.join(named)}." if named else ""


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


def _number(value: object) -> tuple[float | None, str]:
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
    caption = (
        f"P(clean) {OF_WHAT} at each value, with its interval at "
        f"{level(points[0]['document']['confidence'])} confidence for that point alone. Whether "
        "two points differ is tested below, in pairs and run by run; it cannot be read from "
        "the bars."
    )
    words = Words("sweep-probability", f"P(clean) over {', '.join(paths)}", caption)
    figure = interval_figure(words, axis, rows, asked["probability"] if asked else None)
    return Figure(words, figure.body, wide=True)


def _points_table(points: Sequence[Mapping], paths: list[str]) -> Table:
    heads = (*paths, "Clean", "Interval", "Decision", "Folder")
    return Table(heads, [_point_row(point, paths) for point in points], "points")


def _point_row(point: Mapping, paths: list[str]) -> tuple[Inline, ...]:
    values = [str(point["values"].get(path, "as in the file")) for path in paths]
    document = point.get("document")
    if not document:
        why = Text("cannot be flown", "not"), f": {point['problem']}"
        return (*values, why, NOTHING, NOTHING, NOTHING)
    return (
        *values,
        share_of(document["clean"], document["runs"]),
        interval_words(document["interval"]),
        decision_of(document)["verdict"],
        code(point.get("folder", "")),
    )


def _figures(points: Sequence[Mapping], paths: list[str]) -> list[Figure]:
    axis, places = _places(points, paths)
    drawn = []
    for name in _FIGURES:
        found = [(point["document"].get("figures") or {}).get(name) for point in points]
        known = [each for each in found if each and each.get("p50") is not None]
        if len(known) == len(points):
            drawn.append(_figure(name, axis, places, known))
    return drawn


def _figure(name: str, axis: str, places: list, found: list[Mapping]) -> Figure:
    unit = unit_of(name)
    middle = [each["p50"] for each in found]
    is_few = any(each["p01"] is None or each["p99"] is None for each in found)
    low, high = ("min", "max") if is_few else ("p01", "p99")
    ends = [(each[low], each[high]) for each in found]
    low_end, high_end = shown(min(middle), unit), shown(max(middle), unit)
    spread = f"from {low_end} to {high_end}" if low_end != high_end else f"{low_end} at every point"
    title = f"{spelled_out(name)}: median {spread}"
    bars = "smallest to the largest" if is_few else "1st to the 99th percentile"
    caption = f"Median over the flights that reached it; bars from the {bars}."
    words = Words(f"sweep-{name.replace('_', '-')}", title, caption)
    return pointed(words, (axis, f"{spelled_out(name).lower()}, {unit}"), places, (middle, ends))


def _provenance(points: Sequence[Mapping]) -> Mapping:
    return points[0]["document"].get("provenance") or {}
