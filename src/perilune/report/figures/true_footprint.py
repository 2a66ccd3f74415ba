"""Landings in true coordinates: each beside the place where its own aim point truly lay."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from perilune.report.campaign_data import Flights, clean_of
from perilune.report.figures.charts import plain, points
from perilune.report.figures.contact_histograms import kept_points
from perilune.report.figures.decimate import every, packed
from perilune.report.figures.figure import Figure, Words, look_of

_HEIGHT_PX = 620
_SAME_M = 0.5
_MOST = 2000
_MOST_JOINED = 300
_SIGNS = {"cross-thin-open": "cross", "x-thin-open": "x"}
_CAPTION = (
    "The same landings in true coordinates. Each flight draws its own registration error of the "
    "map, which moves the aim point to that flight's small cross. A lander that navigates by "
    "the map lands near its cross, not at the nominal coordinates; its miss is the distance to "
    "its cross."
)
ON_PAPER = {
    "clean": "--blue",
    "unclean": "--orange",
    "ellipse": "--brown",
    "region": "--green",
    "aim": "--ink",
    "behind": "--paper-thin",
}


class Places(NamedTuple):
    """A place of each flight, from the nominal aim point; not-a-number where it has none."""

    east_m: Float[np.ndarray, " flight"]
    north_m: Float[np.ndarray, " flight"]


def true_figures(flights: Flights) -> list[Figure]:
    """Where landings and aim points truly lay; none where every map was registered exactly."""
    off = Places(flights["map_error_east_m"], flights["map_error_north_m"])
    if not np.any(np.hypot(*off) >= _SAME_M):
        return []
    east, north = (o + flights[f"miss_{w}_m"] for o, w in zip(off, ("east", "north"), strict=True))
    known = np.isfinite(east) & np.isfinite(north)
    note, dotted = landing_dots(flights, known, Places(east, north), ON_PAPER)
    drawn = [*_aims(off), *dotted, _coordinates()]
    across, up = "true east of the nominal aim point, m", "true north of it, m"
    body = plain(across, up, [*_joins(off, Places(east, north), known), *drawn], _HEIGHT_PX)
    square(body["layout"], 1.08 * float(np.nanmax(np.abs([*off, east, north]))))
    looks = ((each["name"], *look_of(each)) for each in drawn)
    legend = tuple((name, colour, _SIGNS.get(look, look)) for name, colour, look in looks)
    words = Words("landing-true", "True places of the landings", _CAPTION + note)
    return [Figure(words, body, legend, wide=True)]


def landing_dots(
    flights: Flights, known: Bool[np.ndarray, " flight"], places: Places, look: Mapping
) -> tuple[str, list[dict]]:
    """(what the caption adds, traces) of the landings at these places."""
    east, north = places
    clean, unclean, note = kept_points(clean_of(flights.table), known)
    runs = flights["run"].astype(int)
    kinds = (
        (clean, "came to rest cleanly", look["clean"], 7, "circle"),
        (unclean, "came to rest, not clean", look["unclean"], 7, "x"),
    )
    dotted = [
        points(
            east[rows], north[rows], (name, colour), size, symbol, [f"run {r}" for r in runs[rows]]
        )
        for rows, name, colour, size, symbol in kinds
        if len(rows)
    ]
    for trace in dotted:
        trace["hovertemplate"] = "%{text}<br>%{x:.1f} m E, %{y:.1f} m N<extra></extra>"
    return note, dotted


def square(layout: dict, reach_m: float) -> None:
    """Axes alike in both directions, as far as `reach_m` about their origin."""
    span = [-reach_m, reach_m]
    layout["xaxis"] |= {"range": span, "constrain": "domain"}
    layout["yaxis"] |= {"range": span, "constrain": "domain", "scaleanchor": "x"}
    layout["hovermode"] = "closest"
    layout["margin"] = {"l": 8, "r": 10, "t": 10, "b": 8}


def _aims(off: Places) -> list[dict]:
    rows = np.flatnonzero(np.isfinite(off.east_m) & np.isfinite(off.north_m))
    rows = rows[every(rows, _MOST)]
    colour = ON_PAPER["ellipse"]
    words = ("true aim point of a flight", colour)
    aims = points(off.east_m[rows], off.north_m[rows], words, 6, "cross-thin-open")
    aims["marker"]["line"] = {"width": 1.5, "color": colour}
    return [aims]


def _coordinates() -> dict:
    words = ("aim point on the map", ON_PAPER["aim"])
    aim = points([0.0], [0.0], words, 13, "x-thin-open")
    aim["marker"]["line"] = {"width": 2.5, "color": ON_PAPER["aim"]}
    return aim


def _joins(off: Places, places: Places, known: Bool[np.ndarray, " flight"]) -> list[dict]:
    """A hair from each landing to its own aim point, where they are few enough to distinguish."""
    if not 0 < known.sum() <= _MOST_JOINED:
        return []
    gap = np.full(int(known.sum()), np.nan)
    x, y = (
        np.stack([start[known], end[known], gap], axis=1).ravel()
        for start, end in zip(off, places, strict=True)
    )
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "miss",
            "x": packed(x),
            "y": packed(y),
            "line": {"color": "--mark", "width": 0.6},
            "hoverinfo": "skip",
        }
    ]
