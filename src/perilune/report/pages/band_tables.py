"""The campaign page's part on what is not known: the band, its two corners, every assumption."""

from collections.abc import Mapping
from typing import Any

from perilune.mechanics.si_units import printed
from perilune.report.band_words import (
    band_sentence,
    difference_words,
    epistemic_paths,
    shares_of,
    values_of,
)
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import p_words, percent
from perilune.report.pages.content import Inline, Paragraph, Part, Table, lines, small, strong
from perilune.report.unit_labels import to_four_figures


def band_tables(flights: Flights) -> list[Part]:
    """What the band is and rests on; of a campaign without one, what is declared as not known."""
    document = flights.document
    band = document.get("band")
    if band is None:
        paths = ", ".join(epistemic_paths(document))
        listed = [Paragraph(f"Declared epistemic: {paths}.")] if paths else []
        return [Paragraph(band_sentence(document)), *listed]
    heads = ("Assumption", "Range flown", "Clean at low, median, high", "Difference", "p")
    rows = [_row(each) for each in band["assumptions"]]
    corners = ", ".join(
        f"{each['name']} {percent(each['probability'])} of {each['runs']:,} clean"
        for each in band["corners"]
    )
    note = (
        f"All together at their {corners}, on run numbers of seed {band['seeds'][1]}, which chose "
        f"neither. {band['method']}. {band['assumes']}"
    )
    tested = (
        "Difference: share clean at the best of the three levels less that at the worst, in the "
        "same runs, with an interval that holds for all assumptions at once; p is McNemar's, "
        "corrected by Holm for all pairs of levels of all of them."
    )
    return [Paragraph(note), Paragraph(tested), Table(heads, rows, "band cards")]


def _row(each: Mapping[str, Any]) -> tuple[Inline, ...]:
    name = strong(each["path"]) if each["moved"] else each["path"]
    drawn = printed(to_four_figures(each["distribution"]))
    about = small(f"{drawn}; {each['source'].strip('[]')}")
    return (
        lines([name, about]),
        values_of(each),
        ", ".join(shares_of(each)),
        difference_words(each),
        f"p {p_words(each['p_adjusted'])}",
    )
