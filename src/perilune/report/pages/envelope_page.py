"""One page that shows how far each factor of an envelope may move: a table, then a plot each."""

from collections.abc import Mapping

from perilune.campaign.analysis.failure_modes import WORDS
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import interval_words, level, run_words, share_of
from perilune.report.envelope_words import (
    HALF,
    HELD,
    REFUSED,
    TOLD,
    UNTOLD,
    between_words,
    crossing_of,
    first_failure,
    holds_words,
    limit_words,
    shown_words,
    value_words,
)
from perilune.report.figures.envelope_plots import envelope_figure, looks_of
from perilune.report.pages.content import (
    Inline,
    Paragraph,
    Part,
    Section,
    Table,
    Text,
    code,
    lines,
    small,
)
from perilune.report.pages.flight_tables import provenance_table
from perilune.report.pages.page_shell import Head, page_html
from perilune.report.unit_labels import NOTHING


def envelope_html(document: Mapping, summary: str = "") -> str:
    """The page of an envelope, from its `envelope.json` and the mission's summary."""
    looks, factors = looks_of(document["factors"]), document["factors"]
    figures = [envelope_figure(each, document["confidence"], looks) for each in factors]
    sections = [
        Section("table", "How far it holds", [_table(document), *_reading(document)]),
        Section("factors", "P(clean) along each factor", figures),
        Section("left-out", "Left out", _left_out(document)),
        Section("points", "Every value flown", [_points_table(document)]),
        Section("provenance", "Provenance", [provenance_table(document["provenance"])]),
    ]
    return page_html(_head(document, summary), sections)


def _head(document: Mapping, summary: str) -> Head:
    factors = document["factors"]
    points = [point for factor in factors for point in factor["points"][1:]]
    flown = [point for point in points if point["problem"] is None]
    held = sum(crossing_of(each, HELD)["lost_at"] is None for each in factors)
    flights = sum(point["runs"] for point in flown) + document["runs"]
    return Head(
        kind="envelope",
        title=f"{document['title']}: how far guidance and control hold",
        tone="open",
        headline=f"{len(factors)} factors, one at a time",
        sentence=(
            f"P(clean), {OF_WHAT}, along each factor, by {document['runs']:,} runs at each value, "
            "the same runs at all."
        ),
        summary=summary,
        run=run_words({"sampling": "random", **document}),
        tiles=(
            (f"{len(factors)}", "factors"),
            (f"{held}", "hold 0.99 over their whole range"),
            (f"{len(flown) + 1}", "values flown"),
            (f"{flights:,}", "flights"),
        ),
    )


def _table(document: Mapping) -> Table:
    heads = ("Factor", "Software", "As it is", "Holds at 0.99 to", "0.5 at", "What fails first")
    rows = [_row(each, document) for each in document["factors"]]
    return Table(heads, rows, "cards envelope")


def _row(factor: Mapping, document: Mapping) -> tuple[Inline, ...]:
    sure = level(document["confidence"])
    return (
        factor["title"],
        TOLD if factor["told"] else UNTOLD,
        value_words(factor, factor["start"]),
        _cell(holds_words(factor, HELD), _beside(factor), limit_words(factor)),
        _cell(between_words(factor, HALF), _sure(shown_words(factor, HALF), sure)),
        _failure(factor),
    )


def _cell(words: str, *more: str) -> Inline:
    """What counts, and what is beside it in small print, a line each."""
    return lines([words, *(small(each) for each in more if each)])


def _beside(factor: Mapping) -> str:
    """What is next to the last value that holds 0.99, and from where the interval is below."""
    found = crossing_of(factor, HELD)
    if found["lost_at"] is None:
        return ""
    point = next(each for each in factor["points"] if each["value"] == found["lost_at"])
    where = value_words(factor, found["lost_at"])
    if point["problem"] is not None:
        return f"{where} cannot be flown"
    words = f"{where}: {point['clean']} of {point['runs']}"
    if found["shown_lost_at"] is not None:
        words += f"; interval below 0.99 from {value_words(factor, found['shown_lost_at'])}"
    return words


def _sure(words: str, sure: str) -> str:
    return "" if words == NOTHING else f"{words} at {sure}"


def _failure(factor: Mapping) -> Inline:
    cause = first_failure(factor)
    if cause is None:
        return NOTHING
    if cause != REFUSED:
        return WORDS[cause]
    at = crossing_of(factor, HELD)["lost_at"]
    problem = next(each["problem"] for each in factor["points"] if each["value"] == at)
    return lines(["refused at design", small(problem)])


def _reading(document: Mapping) -> list[Part]:
    """What the bounds assume, and how many runs 0.99 would take."""
    return [
        Paragraph(
            f"Told: the plan is made for the value and the flight software has it. Not told: truth "
            f"alone has it. A level is crossed between two values flown, the last at which the "
            f"share of clean runs is no lower and the first at which it is; bounds at "
            f"{level(document['confidence'])} are those values at which the interval of P(clean) "
            "leaves the level. They are order statistics of the value at which each run is lost, "
            "which assumes that a run once lost stays lost farther out; where some come back, the "
            "caption of the plot says how many."
        ),
        Paragraph(
            f"All of {document['runs']:,} runs clean shows no more than P(clean) of at least "
            f"{level(round(_least(document), 3))}. To show 0.99 by an interval takes 368 runs or "
            "more at a value, all clean, at 95\N{NO-BREAK SPACE}% confidence."
        ),
    ]


def _least(document: Mapping) -> float:
    """The lower bound of P(clean) where every run is clean."""
    return float((0.5 * (1.0 - document["confidence"])) ** (1.0 / document["runs"]))


def _left_out(document: Mapping) -> list[Part]:
    return [Paragraph(f"{each['title']}: {each['why']}.") for each in document["left_out"]]


def _points_table(document: Mapping) -> Table:
    heads = ("Factor", "Value", "Clean", "Interval", "First causes", "Folder")
    rows = [
        _point_row(factor, point) for factor in document["factors"] for point in factor["points"]
    ]
    return Table(heads, rows, "points")


def _point_row(factor: Mapping, point: Mapping) -> tuple[Inline, ...]:
    name = f"{factor['title']} ({TOLD if factor['told'] else UNTOLD})"
    where = value_words(factor, point["value"])
    if point["problem"] is not None:
        why = Text("cannot be flown", "not"), f": {point['problem']}"
        return name, where, why, NOTHING, NOTHING, NOTHING
    causes = lines([f"{WORDS[cause]}: {count}" for cause, count in point["causes"].items()])
    return (
        name,
        where,
        share_of(point["clean"], point["runs"]),
        interval_words(point["interval"]),
        causes or NOTHING,
        code(point["folder"]),
    )
