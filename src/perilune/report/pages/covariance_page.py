"""One page of a linear covariance analysis: true, claimed and flown, and a budget by source."""

from collections.abc import Mapping

from perilune.report.covariance_words import (
    axis_words,
    figure_words,
    largest,
    last_moment,
    point_words,
    unit_words,
)
from perilune.report.figures.budget_plots import budget_bars, over_time_figures
from perilune.report.pages.content import (
    Folded,
    Inline,
    Paragraph,
    Part,
    Section,
    Table,
    lines,
    small,
)
from perilune.report.pages.page_shell import Head, page_html

STEERS = ("height_m", "velocity_along_m_s", "velocity_cross_m_s", "velocity_up_m_s")
"""What the last metres are steered by."""
LEAST_TOLD = 0.01
"""Of a sigma: a flight's own error that is smaller is not told."""


def covariance_html(document: Mapping, summary: str = "") -> str:
    """The page of an analysis, from its `covariance.json` and the mission's summary."""
    moment = last_moment(document)
    budgets = [budget_bars(moment, axis) for axis in STEERS if moment["true"][axis] > 0.0]
    sections = [
        Section("moments", "One sigma at each moment", [_moments_table(document), *_reading()]),
        Section("budget", f"Budget, {point_words(moment['point'])}", budgets),
        Section("time", "Over time", over_time_figures(document)),
        Section("sources", "Every source at every moment", _source_tables(document)),
        Section("provenance", "Provenance", [_provenance(document)]),
    ]
    return page_html(_head(document, moment, summary), sections)


def _head(document: Mapping, moment: Mapping, summary: str) -> Head:
    where = point_words(moment["point"])
    tiles = tuple(
        (
            f"{figure_words(axis, moment['true'][axis])} {unit_words(axis)}",
            f"{axis_words(axis).rsplit(',', 1)[0].lower()}, {where}",
        )
        for axis in STEERS
    )
    height = figure_words("height_m", moment["true"]["height_m"])
    settings = "".join(f"; --set {each}" for each in document["settings"])
    scales = "".join(f"; {name} times {factor:g}" for name, factor in document["scales"].items())
    faults = "".join(f"; fault {each}" for each in document["faults"])
    return Head(
        kind="linear covariance analysis",
        title=f"{document['title']}: where navigation's errors come from",
        tone="open",
        headline=f"{len(document['sources'])} sources, each taken through the filter",
        sentence=(
            f"{where}, height over ground is known to {height} m, one sigma; the largest part of "
            f"it comes from: {largest(moment, 'height_m')}."
        ),
        summary=summary,
        run=f"no error drawn, dropouts of seed {document['seed']}{faults}{settings}{scales}",
        tiles=tiles,
    )


def _reading() -> list[Part]:
    return [
        Paragraph(
            "True: one standard deviation of estimate less truth, by linear analysis about one "
            "flight with the gains that its filter had. In small print what the filter's own "
            "covariance says; where it is more than a hundredth, the error of that flight itself, "
            "which is what the onboard models leave out; and the root mean square error of the "
            "campaign beside, if there is one."
        )
    ]


def _moments_table(document: Mapping) -> Table:
    axes = list(document["moments"][0]["true"])
    rows = [
        (point_words(each["point"]), *(_cell(each, axis) for axis in axes))
        for each in document["moments"]
    ]
    return Table(("Moment", *map(axis_words, axes)), rows, "budget")


def _cell(moment: Mapping, axis: str) -> Inline:
    true, reference = moment["true"][axis], moment["reference"][axis]
    more = [f"filter {figure_words(axis, moment['claimed'][axis])}"]
    if reference > LEAST_TOLD * true:
        more.append(f"none drawn {figure_words(axis, reference)}")
    if moment["flown"] is not None and moment["flown"][axis] is not None:
        more.append(f"flown {figure_words(axis, moment['flown'][axis])}")
    return lines([figure_words(axis, true), *map(small, more)])


def _source_tables(document: Mapping) -> list[Part]:
    return [
        Folded(point_words(moment["point"]), [_sources_table(document, moment)])
        for moment in document["moments"]
    ]


def _sources_table(document: Mapping, moment: Mapping) -> Table:
    axes = list(moment["true"])
    rows: list[tuple[Inline, ...]] = [
        (name, *(figure_words(axis, moment["by_source"][name][axis]) for axis in axes))
        for name in document["sources"]
    ]
    rows.append(("all", *(figure_words(axis, moment["true"][axis]) for axis in axes)))
    return Table(("Source", *map(axis_words, axes)), rows, "budget")


def _provenance(document: Mapping) -> Table:
    of = document["provenance"]
    rows = [
        ("made", of["made"]),
        ("gravity", of["gravity"]),
        ("terrain", of["terrain"]),
        ("plan", of["plan_sha256"]),
        ("campaign beside", of["beside"] or "none"),
    ]
    return Table(("What", "Which"), rows)
