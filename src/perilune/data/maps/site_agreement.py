"""Whether maps agree with the height that a site states, and what is most likely wrong if not."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.data.maps.overlap_agreement import Place, Spot, disagreements
from perilune.data.maps.pixel_grid import SourceMap
from perilune.data.maps.pixel_projections import middle_deg
from perilune.mechanics.constants import MOON_RADIUS_M

TOLERANCE_M, TOLERANCE_PER_PIXEL = 50.0, 0.1
"""A stated height may differ by the first plus the second (a slope of 6 degrees) times a pixel."""
CAUSES = (
    ("its values are in kilometres", 1000.0, 0.0),
    ("its values are radii in kilometres", 1000.0, -MOON_RADIUS_M),
    ("its values are in feet", 0.3048, 0.0),
    ("its values are half metres and its scale of 0.5 is not declared", 0.5, 0.0),
    ("its values are in decimetres", 0.1, 0.0),
    ("its values are in centimetres", 0.01, 0.0),
    ("its values are depths, positive downward", -1.0, 0.0),
    ("its heights are above the sphere of 1738 km", 1.0, 600.0),
)
"""In words, with the factor and the addition, m, that make its height what it ought to be."""
CERTAIN_COUNT = 2
"""The first causes are certain by themselves, the others only with a second map."""


@dataclass(frozen=True)
class SiteFindings:
    """Sentences on the maps of a site: what makes them unusable, and what a user should know."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]


def site_findings(
    site: Place, sources: Sequence[SourceMap], is_stated: bool = True
) -> SiteFindings:
    """The maps, finest first, against the site's stated height; the first must hold the site.

    A map is refused if its values become the stated height by a factor of a thousand, or if it
    differs from it, and from another map of the site that has it. Any other difference is a note:
    the site may have been moved without its height. Maps of the site are compared with one another
    too: one that fits another only when it is turned is refused. Where the height is not stated
    but is the first map's, every difference is a note: either of the two maps may be wrong.
    """
    place = np.array([site.latitude_rad]), np.array([site.longitude_rad])
    found_m = [float(source.sample(*place)[0]) for source in sources]
    problems = [] if math.isfinite(found_m[0]) else [uncovered(site, sources[0])]
    notes = [note for source in sources for note in source.notes]
    agrees = [_agrees(site, *each) for each in zip(sources, found_m, strict=True)]
    for source, here_m, fits in zip(sources, found_m, agrees, strict=True):
        if fits is not False:
            continue
        if not is_stated:
            notes.append(_unlike(source, here_m, sources[0], site.height_m))
            continue
        cause = _cause(here_m, site.height_m)
        known = cause is not None and cause < CERTAIN_COUNT
        witness = next(
            (
                other.name
                for other, there_m, good in zip(sources, found_m, agrees, strict=True)
                if good and abs(there_m - here_m) > _allowed_m(other)
            ),
            "",
        )
        sentence = _differs(source, here_m, site.height_m, cause, witness)
        (problems if known or witness else notes).append(sentence)
    for each in disagreements(site, sources):
        (problems if each.certain else notes).append(each.sentence)
    return SiteFindings(tuple(problems), tuple(notes))


def _agrees(site: Place, source: SourceMap, here_m: float) -> bool | None:
    """True or False; None where the map does not hold the site."""
    if not math.isfinite(here_m):
        return None
    return abs(here_m - site.height_m) <= _allowed_m(source)


def _allowed_m(source: SourceMap) -> float:
    return TOLERANCE_M + TOLERANCE_PER_PIXEL * source.resolution_m


def _cause(here_m: float, stated_m: float) -> int | None:
    """The index of the mistake that best makes one height of the other, or None."""
    off_m = [abs(factor * here_m + added_m - stated_m) for _, factor, added_m in CAUSES]
    best = int(np.argmin(off_m))
    certain = best < CERTAIN_COUNT
    allowed_m = 0.01 * abs(stated_m) + 1.0 if certain else 0.15 * abs(here_m - stated_m)
    return best if off_m[best] <= allowed_m else None


def uncovered(site: Spot, source: SourceMap) -> str:
    """Why a map that does not hold a site is refused: where the map lies, and how far off it is."""
    place = np.array([site.latitude_rad]), np.array([site.longitude_rad])
    row, column = (float(each[0]) for each in source.grid.pixel_from_angles(*place))
    rows, columns = source.grid.shape
    outside = max(-row, row - rows + 1.0, -column, column - columns + 1.0)
    where = "in a gap of it"
    if not outside <= 0.0:
        away = f"{1e-3 * outside * source.resolution_m:.1f} km " if math.isfinite(outside) else ""
        where = f"{away}outside it"
    north_deg, east_deg = middle_deg(source.grid)
    return (
        f"{source.path}: the first map of a site must hold the site, but has no height at "
        f"{math.degrees(site.latitude_rad):.4f} N {math.degrees(site.longitude_rad):.4f} E, "
        f"{where}: it has {rows} by {columns} pixels of {source.resolution_m:.4g} m about "
        f"{north_deg:.4f} N {east_deg:.4f} E; name a map that holds the site first in its `maps`."
    )


def _unlike(source: SourceMap, here_m: float, first: SourceMap, height_m: float) -> str:
    return (
        f"{source.path}: the map has {here_m:.6g} m at the site, but {first.name}, which the "
        f"site's height is taken from, has {height_m:.6g} m; declare unit, scale and datum of "
        "both as they are, or state `site.height`."
    )


def _differs(
    source: SourceMap, here_m: float, stated_m: float, cause: int | None, witness: str
) -> str:
    certain = witness or (cause is not None and cause < CERTAIN_COUNT)
    likely = (
        f"; {'most likely' if certain else 'perhaps'} {CAUSES[cause][0]}"
        if cause is not None
        else ""
    )
    other = f", with which `{witness}` agrees" if witness else ""
    return (
        f"{source.path}: the map has {here_m:.6g} m at the site, but the site's stated height is "
        f"{stated_m:.0f} m{other}{likely}; declare the map's unit, scale and datum as they are, or "
        "correct `site.height`, `site.latitude` or `site.longitude`."
    )
