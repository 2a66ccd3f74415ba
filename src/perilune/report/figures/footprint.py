"""Where the flights came to rest: on the shaded ground, with ellipses and a region of any shape."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Bool

from perilune.campaign.analysis.landing_footprint import FIXED, PLACED, STOPPED
from perilune.campaign.statistics.minimum_counts import percentile
from perilune.report.campaign_data import Flights, has, limit_of
from perilune.report.campaign_words import number, percent
from perilune.report.figures.charts import plain, points
from perilune.report.figures.decimate import packed
from perilune.report.figures.figure import Figure, Words, line, look_of
from perilune.report.figures.relief import Frame, coarser, contours, scale_bar, shaded, stretch_of
from perilune.report.figures.true_footprint import (
    ON_PAPER,
    Places,
    landing_dots,
    square,
    true_figures,
)

_HEIGHT_PX = 620
_DASHES = ("dot", "dash", "dashdot", "solid")
_ON_MAP = {
    "clean": "--on-map-aim",
    "unclean": "--on-map-end",
    "ellipse": "--on-map-track",
    "region": "--on-map-region",
    "aim": "--on-map-ring",
    "behind": "--on-map-behind",
}


def landing_figures(flights: Flights) -> list[Figure]:
    """The landings about the true aim point, and in true coordinates; none where nobody rested."""
    if not has(flights, "miss_east_m", "miss_north_m"):
        return []
    return [_about_the_aim(flights), *true_figures(flights)]


def _about_the_aim(flights: Flights) -> Figure:
    """Each landing from where the aim point truly lay in its own flight, on the map's ground."""
    east, north = flights["miss_east_m"], flights["miss_north_m"]
    known = np.isfinite(east) & np.isfinite(north)
    ground = flights.extras.get("map")
    look = _ON_MAP if ground else ON_PAPER
    places = Places(east, north)
    note, dotted = landing_dots(flights, known, places, look)
    lines = [*_ellipses(flights, look), *_outlines(flights, look)]
    aim = points([0.0], [0.0], ("aim point", look["aim"]), 13, "cross-thin-open")
    aim["marker"]["line"] = {"width": 2.5, "color": look["aim"]}
    drawn = [*dotted, *lines, aim]
    data = [*_ground(ground), *drawn] if ground else drawn
    body = plain(
        "east of the true aim point, m", "north of the true aim point, m", data, _HEIGHT_PX
    )
    square(body["layout"], reach_m(flights.document, places, limit_of(flights, "miss_m")))
    _circle(body["layout"], limit_of(flights, "miss_m"), look["aim"])
    body["layout"]["annotations"] += [_name(each, look) for each in ellipses_of(flights)]
    if ground:
        _scale(body["layout"])
    words = Words("landing-scatter", _title(flights, known), _caption(flights) + note)
    legend = (*_legend(drawn), *_ring_legend(limit_of(flights, "miss_m"), look["aim"]))
    return Figure(words, body, legend, wide=True)


def _ellipses(flights: Flights, look: Mapping) -> Iterable[dict]:
    for number_of, each in enumerate(ellipses_of(flights)):
        dash = _DASHES[number_of % len(_DASHES)]
        yield _outline(each["polygon"], each["name"], look["ellipse"], dash)


def _name(each: Mapping, look: Mapping) -> dict:
    """An ellipse's name, at its northernmost point."""
    east_m, north_m = max(each["polygon"], key=lambda place: place[1])
    font = {"color": look["ellipse"], "size": 11}
    place = {"x": east_m, "y": north_m, "bgcolor": look["behind"], "showarrow": False}
    return {
        "text": each["name"].replace(" sigma", "\N{GREEK SMALL LETTER SIGMA}"),
        "font": font,
    } | place


def _outlines(flights: Flights, look: Mapping) -> Iterable[dict]:
    region = region_of(flights)
    does = "drawn for" if region.get("assumes") == STOPPED else "holding"
    name = f"region {does} {percent(share_held(region))}"
    for polygon in region.get("polygons") or ():
        yield _outline(polygon, name, look["region"], "solid")


def share_held(region: Mapping) -> float | None:
    """What a region holds for sure: as asked, or less where there were too few landings."""
    reached = region.get("reached")
    return None if reached is None else min(region["fraction"], reached)


def _outline(polygon: Sequence, name: str, colour: str, dash: str) -> dict:
    ring = np.asarray(polygon, dtype=float)
    trace = line(ring[:, 0], ring[:, 1], name, colour, dash) | {"hoverinfo": "skip"}
    return trace | {"line": trace["line"] | {"width": 2.2}}


def ellipses_of(flights: Flights) -> list[Mapping]:
    """The ellipses of a campaign, the smallest first."""
    found = (flights.document.get("scatter") or {}).get("ellipses") or {}
    return list(found.get("ellipses") or ())


def region_of(flights: Flights) -> Mapping:
    """The region of any shape of a campaign, empty where it has none."""
    return (flights.document.get("scatter") or {}).get("region") or {}


def region_sentence(region: Mapping) -> str:
    """What the region takes for granted, or why it is no promise or is not there."""
    assumes = region.get("assumes") or FIXED
    if assumes == PLACED:
        return f"No region of any shape is drawn: it takes {assumes}."
    if assumes == STOPPED:
        return f"The region assumes no shape, but is {assumes}."
    return f"The region assumes: {assumes}."


def _ground(chart: Mapping) -> list[dict]:
    """Shade and contours of the ground, in metres."""
    lines, _ = contours(chart)
    return [each | _in_metres(chart) for each in (shaded(chart), lines)]


def _scale(layout: dict) -> None:
    """A bar of round length in the corner."""
    shapes, notes = scale_bar(Frame(layout["xaxis"]["range"], layout["yaxis"]["range"]), 1.0)
    layout["shapes"] += shapes
    layout["annotations"] += notes


def _in_metres(chart: Mapping) -> dict:
    x_km, y_km, _ = coarser(chart)
    return {"x": packed(1e3 * x_km), "y": packed(1e3 * y_km)}


def reach_m(document: Mapping, places: Places, allowed_m: float | None) -> float:
    """Half the figure's side: bulk of the landings, their ellipses, the circle if not far out."""
    away = np.maximum(*(np.abs(axis[np.isfinite(axis)]) for axis in places))
    far_m = float(np.percentile(away, 99.5)) if away.size else 0.0
    found = (document.get("scatter") or {}).get("ellipses") or {}
    outlines = [np.abs(each["polygon"]).max() for each in found.get("ellipses") or ()]
    far_m = max([far_m, *(min(float(each), 3.0 * far_m) for each in outlines)])
    ring_m = allowed_m if allowed_m is not None and allowed_m < 5.0 * far_m else 0.0
    return 1.08 * max(far_m, ring_m, 1.0)


def _circle(layout: dict, radius_m: float | None, colour: str) -> None:
    if radius_m is None:
        return
    ends = {"x0": -radius_m, "x1": radius_m, "y0": -radius_m, "y1": radius_m}
    rim = {"color": colour, "width": 1.5, "dash": "dash"}
    layout["shapes"].append({"type": "circle", "line": rim, **ends})


def _title(flights: Flights, known: Bool[np.ndarray, " flight"]) -> str:
    miss = flights["miss_m"][known]
    far = percentile(miss, 0.95) if np.isfinite(miss).all() else None
    rest = f"{int(known.sum()):,} of {len(known):,} flights came to rest"
    if far is None:
        return rest
    return f"{rest}, 95 % of those within {number(far, 'm')} of the aim point"


def _caption(flights: Flights) -> str:
    allowed = limit_of(flights, "miss_m")
    circle = f" The dashed ring is the {allowed:g} m criterion." if allowed else ""
    light = _light(flights.extras["map"]) if flights.extras.get("map") else ""
    return (
        "Position at rest, east and north of the true aim point of each flight."
        f"{_compared(region_of(flights))} Flights that did not come to rest are not shown."
        f"{circle}{light}"
    )


def _light(chart: Mapping) -> str:
    stretch = stretch_of(chart)
    heights = "" if stretch == 1.0 else f" with heights {stretch:g} times exaggerated"
    ground = f" {chart['ground']}" if chart.get("ground") else ""
    step_m = contours(chart)[1]
    return (
        f" Ground as on the onboard map, shaded as if lit from the north-west at 45°{heights}, "
        "not by the Sun; "
        f"contours every {step_m:g} m.{ground}"
    )


def _compared(region: Mapping) -> str:
    follows = " Where the region follows the outermost ellipse, the scatter is close to Gaussian."
    is_whole = (region.get("reached") or 0.0) >= (region.get("fraction") or 1.0)
    words = follows if region.get("polygons") and is_whole else ""
    promised = region.get("assumes") in {None, FIXED}
    return words if promised else f"{words} {region_sentence(region)}"


def _legend(drawn: Iterable[dict]) -> tuple:
    looks = {trace["name"]: look_of(trace) for trace in drawn}
    looks["aim point"] = (looks["aim point"][0], "cross")
    return tuple((name, *look) for name, look in looks.items())


def _ring_legend(radius_m: float | None, colour: str) -> tuple:
    return () if radius_m is None else ((f"{radius_m:g} m from the aim point", colour, "dash"),)
