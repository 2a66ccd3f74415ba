"""What the means of NEES say of the navigation filter, and those outside their band."""

from collections.abc import Mapping, Sequence

from perilune.campaign.statistics.filter_consistency import CAUTIOUS, OVERCONFIDENT, flagged
from perilune.campaign.statistics.innovation_consistency import AS_EXPECTED, innovations
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import level, number
from perilune.report.figures.nees import consistency_rows, group_words, point_words
from perilune.report.pages.content import Folded, Inline, Paragraph, Part, Table, Text

SHOWN_COUNT = 8
"""Of the means outside their band, the farthest first; the others are behind a line."""
_NIS_HEADS = ("Sensor", "Flights", "Mean of NIS", "Interval of the mean", "Its readings are")
_HEADS = ("Checkpoint", "Error", "Flights", "Mean", "Band of the mean", "The filter is")


def consistency_table(flights: Flights) -> list[Part]:
    """What the means say of the filter, and those outside the band of a consistent one."""
    rows = consistency_rows(flights)
    if not rows:
        return []
    outside = flagged(rows)
    words = Paragraph(_caption(rows, outside, level(flights.document["confidence"])))
    if not outside:
        return [words]
    worst, rest = outside[:SHOWN_COUNT], outside[SHOWN_COUNT:]
    more = [Folded(f"The other {len(rest)}", [_table(rest)])] if rest else []
    return [words, _table(worst), *more]


def innovations_table(flights: Flights) -> list[Part]:
    """What readings say of the filter, sensor by sensor."""
    kept = flights.document.get("innovations")
    rows = innovations(flights.table, flights.document["confidence"]) if kept is None else kept
    if not rows:
        return []
    sure = level(flights.document["confidence"])
    words = (
        "NIS is the squared innovation of a reading over the variance that the filter expects of "
        "it. Its mean is 1 for a consistent filter. Readings that the gate refuses do not count. "
        f"The interval holds the mean over all flights, of all sensors together, at {sure} "
        "confidence."
    )
    return [Paragraph(words), Table(_NIS_HEADS, [_reading(each) for each in rows], "innovations")]


def _reading(each: Mapping) -> tuple[Inline, ...]:
    known = each["mean"] is not None
    ends = f"{number(each['lo'])} to {number(each['hi'])}" if known else ""
    mean = number(each["mean"]) if known else ""
    said = each["words"] if each["words"] == AS_EXPECTED else Text(each["words"], "not")
    return each["unit"].replace("_", " "), f"{each['count']:,}", mean, ends, said


def _table(rows: Sequence[Mapping]) -> Table:
    return Table(_HEADS, [_row(each) for each in rows], "consistency")


def _caption(rows: Sequence[Mapping], outside: Sequence[Mapping], sure: str) -> str:
    tested = [each for each in rows if each["verdict"] is not None]
    if not tested:
        return f"The filter's consistency cannot be tested: {rows[0]['words']}."
    rule = (
        "NEES is the squared estimation error over the filter's own variance, divided by the "
        "degrees of freedom. Its mean is 1 for a consistent filter. Overconfident: errors are "
        "larger than the filter's sigma. Cautious: the filter's sigma is larger than its "
        "errors, which costs accuracy. "
    )
    band = f"the simultaneous band of a consistent filter at {sure} confidence"
    if not outside:
        return f"{rule}All {len(tested)} means lie inside {band}."
    kinds = [
        f"{sum(each['verdict'] == kind for each in outside)} {kind}"
        for kind in (OVERCONFIDENT, CAUTIOUS)
    ]
    return f"{rule}{len(outside)} of {len(tested)} means lie outside {band}: {' and '.join(kinds)}."


def _row(each: Mapping) -> tuple[Inline, ...]:
    return (
        point_words(each),
        group_words(each),
        f"{each['count']:,}",
        number(each["mean"]),
        f"{number(each['lo'])} to {number(each['hi'])}",
        Text(each["words"], "not"),
    )
