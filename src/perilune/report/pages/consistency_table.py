"""What the means of NEES say of the navigation filter, and those outside their band."""

from perilune.campaign.statistics.filter_consistency import CAUTIOUS, OVERCONFIDENT, flagged
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import level, number
from perilune.report.figures.nees import consistency_rows, group_words, point_words
from perilune.report.pages.content import Inline, Paragraph, Part, Table, Text

_HEADS = ("Checkpoint", "Error", "Flights", "Mean", "Band of the mean", "The filter is")


def consistency_table(flights: Flights) -> list[Part]:
    """What the means say of the filter, and those outside the band of a consistent one."""
    rows = consistency_rows(flights)
    if not rows:
        return []
    outside = flagged(rows)
    words = Paragraph(_says(rows, outside, level(flights.document["confidence"])))
    if not outside:
        return [words]
    return [words, Table(_HEADS, [_row(each) for each in outside], "consistency")]


def _says(rows, outside, sure) -> str:
    told = [each for each in rows if each["verdict"] is not None]
    if not told:
        return f"Nothing can be said of the filter's consistency: {rows[0]['words']}."
    rule = (
        "A consistent filter's squared error over its own variance (NEES, over the degrees of "
        "freedom) has mean 1. Overconfident: its errors are larger than it believes. Cautious: its "
        "sigma is larger than its errors, which loses accuracy and is no merit. "
    )
    counted = (
        f"{len(outside)} of {len(told)} means lie outside the band that those of a consistent "
        f"filter keep to, all together at {sure} confidence"
    )
    if not outside:
        return f"{rule}All {len(told)} means lie inside the band of a consistent filter, {sure}."
    kinds = [
        f"{sum(each['verdict'] == kind for each in outside)} {kind}"
        for kind in (OVERCONFIDENT, CAUTIOUS)
    ]
    return f"{rule}{counted}: {' and '.join(kinds)}."


def _row(each) -> tuple[Inline, ...]:
    return (
        point_words(each),
        group_words(each),
        f"{each['count']:,}",
        number(each["mean"]),
        f"{number(each['lo'])} to {number(each['hi'])}",
        Text(each["words"], "not"),
    )
