"""The table of where flights came to rest: ellipses and the region of any shape."""

from collections.abc import Mapping

import numpy as np

from perilune.campaign.analysis.landing_footprint import LEAST_COUNT
from perilune.campaign.statistics.minimum_counts import too_few
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import number, percent
from perilune.report.figures.footprint import ellipses_of, region_of, region_sentence, share_held
from perilune.report.pages.content import Inline, Paragraph, Part, Table, lines, small


def footprint_table(flights: Flights) -> list[Part]:
    """Each ellipse and the region: what it should hold, and what it held."""
    rows = [_ellipse_row(each) for each in ellipses_of(flights)]
    region, count = region_of(flights), (flights.document.get("scatter") or {}).get("count", 0)
    if not region.get("words"):
        return []
    if not rows and not region.get("polygons"):
        return [Paragraph(f"No ellipse and no region is drawn: {_why_none(region, count)}.")]
    heads = ("Outline", "Nominal share", "Share inside", "Semi-axes or area", "Major axis, azimuth")
    note = (
        "The ellipses assume a Gaussian scatter. Where the share inside differs from the nominal "
        f"share by more than chance, the scatter is not Gaussian. {_known_to(count)} "
        f"{region_sentence(region)}"
    )
    return [Paragraph(note), Table(heads, [*rows, _region_row(region)], "scatter")]


def _why_none(region: Mapping, count: int) -> str:
    return too_few(count, LEAST_COUNT, "landings") if count < LEAST_COUNT else region["words"]


def _known_to(count: int) -> str:
    """How well so many landings pin down a semi-axis: a sigma's own error, twice."""
    share = 1.96 / np.sqrt(2.0 * (count - 1.0))
    within = f"within {percent(share)} at 95 % confidence"
    return f"From {count:,} landings each semi-axis of a Gaussian is known to {within}."


def _ellipse_row(each: Mapping) -> tuple[str, ...]:
    return (
        each["name"],
        percent(each["probability"]),
        percent(each["inside"]),
        f"{number(each['semi_major_m'], 'm')} by {number(each['semi_minor_m'], 'm')}",
        f"{each['azimuth_deg']:.0f}° from north",
    )


def _region_row(region: Mapping) -> tuple[Inline, ...]:
    area = region.get("area_m2")
    return (
        lines(["region of any shape", small(region["words"])]),
        percent(share_held(region)),
        percent(region.get("inside")),
        number(area, "m²") if area is not None else number(None),
        number(None),
    )
