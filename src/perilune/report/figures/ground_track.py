"""Figures of the path over the ground: where the lander flew and rested, and where it aimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.report.figures.figure import Figure, Words, dots, line, look_of
from perilune.report.figures.relief import Frame, contours, cropped, scale_bar, shaded, stretch_of
from perilune.report.record import Record, limit
from perilune.report.sentence import aside_words

RADIUS_KM = MOON_RADIUS_M / 1e3
_NORTH_EAST_DEG = 45.0
_SAME_M = 0.5
_FAR_KM = 20.0
_ENDED = {"CRASHED": "struck the ground"} | dict.fromkeys(
    ("TIMED_OUT", "NUMERICAL_FAILURE", "SPUN_UP"), "ended"
)
_AIR = 1.25


@dataclass(frozen=True)
class View:
    """How a map is laid on the screen: its ranges (east, north) in km, upright or on its side."""

    chart: Mapping
    frame: Frame
    turned: bool = False
    height_px: int = 560


def ground_track_figures(record: Record) -> list[Figure]:
    """The last stretch, the site and the approach, as far as there are maps of them."""
    maps = (record.extras.get("map") or []) if "site" in record.extras else []
    maps = [maps] if isinstance(maps, Mapping) else maps
    if not maps:
        return []
    named = {each.get("shows"): each for each in maps}
    figures = [_close_up(record, named.get("aim"), maps)]
    for number, each in enumerate(each for each in maps if each.get("shows") != "aim"):
        figures.append(_overview(record, each, number))
    return figures


def track_km(
    latitude_deg: Any, longitude_deg: Any, site: Mapping
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """East and north of the site, in its stereographic plane, of points given by their angles.

    Stereographic about the site, true to scale there (Snyder 1987, equations 21-2 to 21-4, k0=1),
    on the sphere of the site's `radius_km`, 1,737.4 km where it has none.
    """
    lat, lat0 = np.radians(latitude_deg), np.radians(site["latitude_deg"])
    east = np.radians(longitude_deg) - np.radians(site["longitude_deg"])
    up = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(east)
    scale = 2.0 * site.get("radius_km", RADIUS_KM) / (1.0 + up)
    north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(east)
    return scale * np.cos(lat) * np.sin(east), scale * north


def site_of(record: Record) -> Mapping:
    """The site, and the radius of the sphere along which its distances are measured."""
    radius_m = record.aim.get("aim_radius_m") or MOON_RADIUS_M
    return {**record.extras["site"], "radius_km": radius_m / 1e3}


def map_error_km(record: Record) -> tuple[float, float]:
    """How far the ground truly lies east and north of where the map draws it."""
    true, drawn = aim_km(record, "true"), aim_km(record, "map")
    return true[0] - drawn[0], true[1] - drawn[1]


def aim_km(record: Record, where: str) -> tuple[float, float]:
    """The aim point, `true` or on the `map`, east and north of the site."""
    aim = record.aim
    if not aim:
        return 0.0, 0.0
    latitude_deg, longitude_deg = (
        aim[f"aim_{where}_{angle}_deg"] for angle in ("latitude", "longitude")
    )
    east, north = track_km(latitude_deg, longitude_deg, site_of(record))
    return float(east), float(north)


def _close_up(record: Record, chart: Mapping | None, maps: list) -> Figure:
    """The ground about the aim point, wide enough for ring, aim points and where it ended."""
    east, north = map_error_km(record)
    aim = aim_km(record, "true")
    allowed_m = limit(record, "miss_m")
    ring_km = (allowed_m or 500.0) / 1e3
    reach = [ring_km + abs(each) for each in aim]
    end = _end_km(record)
    if end is not None and max(map(abs, end)) < _FAR_KM:
        reach += map(abs, end)
    most = _AIR * max(reach)
    maps = [_at_the_ground(record, each) for each in maps]
    chart = None if chart is None else _at_the_ground(record, chart)
    fits = chart is not None and most + max(abs(east), abs(north)) <= np.max(chart["x_km"])
    chart = chart if fits and chart is not None else maps[0]
    view = View(chart, Frame((-most, most), (-most, most)))
    circle = "" if allowed_m is None else f" The ring about it is the {allowed_m:g} m criterion."
    lines, step_m = contours(cropped(_moved(chart, (east, north)), view.frame))
    caption = f"{_axes_words(record)}{circle} Contours every {step_m:g} m."
    title = f"Aim point and where the lander {_ENDED.get(record.outcome, 'came to rest')}"
    words = Words("ground-track-end", title, caption)
    figure = _drawn(record, view, words, lines)
    if allowed_m is not None:
        figure.body["layout"]["shapes"].append(_ring(aim, allowed_m / 1e3))
    return figure


def _overview(record: Record, chart: Mapping, number: int) -> Figure:
    """A whole map; a long one lies on its side."""
    chart = _at_the_ground(record, chart)
    x_km, y_km = np.asarray(chart["x_km"]), np.asarray(chart["y_km"])
    east, north = map_error_km(record)
    frame = Frame(
        (float(x_km.min() + east), float(x_km.max() + east)),
        (float(y_km.min() + north), float(y_km.max() + north)),
    )
    across, along = (high - low for low, high in frame)
    turned = along > 1.5 * across
    view = View(chart, frame, turned, 480 if turned else 560)
    words = Words(
        f"ground-track-{number}", chart.get("title") or "Ground track", _axes_words(record)
    )
    return replace(_drawn(record, view, words), wide=turned)


def _axes_words(record: Record) -> str:
    """What the axes count from, and where the ground is drawn."""
    east, north = (1e3 * each for each in map_error_km(record))
    axes = "True east and north of the coordinates of the site."
    if np.hypot(east, north) < _SAME_M:
        return (
            f"{axes} The map of this flight is registered exactly: its coordinates are true "
            "coordinates."
        )
    return (
        f"{axes} In this flight the true ground, the aim point included, lies "
        f"{aside_words(east, north)} of its place on the map; ground is drawn at its true place."
    )


def _drawn(record: Record, view: View, words: Words, over: dict | None = None) -> Figure:
    chart = _moved(view.chart, map_error_km(record))
    lamp = _NORTH_EAST_DEG if view.turned else 315.0
    traces = [shaded(chart, lamp), *([over] if over else [])]
    points = [*_tracks(record, view.frame), *_aims(record)]
    key, title, caption = words
    caption = f"{caption} {_light_words(view)}{_ground_words(view.chart)}"
    data = traces + points
    if view.turned:
        _turn(data)
    body = {"data": data, "layout": _layout(view)}
    legend = tuple((trace["name"], *look_of(trace)) for trace in points)
    return Figure(Words(key, title, caption), body=body, legend=legend)


def _light_words(view: View) -> str:
    lamp = "north-east" if view.turned else "north-west"
    stretch = stretch_of(view.chart)
    heights = "" if stretch == 1.0 else f" with heights {stretch:g} times exaggerated"
    return f"Shaded as if lit from the {lamp} at 45°{heights}, not by the Sun."


def _ground_words(chart: Mapping) -> str:
    return f" {chart['ground']}" if chart.get("ground") else ""


def _at_the_ground(record: Record, chart: Mapping) -> Mapping:
    """A map of the 1,737.4 km sphere at the scale of the sphere through the aim point."""
    scale = site_of(record)["radius_km"] / RADIUS_KM
    axes = {name: scale * np.asarray(chart[name], float) for name in ("x_km", "y_km")}
    return {**chart, **axes}


def _moved(chart: Mapping, error_km: tuple[float, float]) -> Mapping:
    """The map's picture laid where the ground truly is."""
    return {
        "x_km": np.asarray(chart["x_km"], float) + error_km[0],
        "y_km": np.asarray(chart["y_km"], float) + error_km[1],
        "height_m": chart["height_m"],
    }


def _aims(record: Record) -> list[dict]:
    """The aim point where the map has it and where it truly is, or one where these are the same."""
    (true_east, true_north), (east, north) = aim_km(record, "true"), aim_km(record, "map")
    true = ([true_east], [true_north])
    if 1e3 * np.hypot(*map_error_km(record)) < _SAME_M:
        return [dots(*true, "aim point", "--on-map-aim", "cross")]
    return [
        dots([east], [north], "aim point on the map", "--on-map-ring", "x"),
        dots(*true, "true aim point", "--on-map-aim", "cross"),
    ]


def _ring(center_km: tuple[float, float], radius_km: float) -> dict:
    (east, north) = center_km
    return {
        "type": "circle",
        "x0": east - radius_km,
        "x1": east + radius_km,
        "y0": north - radius_km,
        "y1": north + radius_km,
        "line": {"color": "--on-map-aim", "width": 1.5, "dash": "dash"},
    }


def _end_km(record: Record) -> tuple[float, float] | None:
    """Where it ended, if it ended on the ground."""
    if record.contact_s is None:
        return None
    east, north = track_km(
        record["true_latitude_deg"][-1:],
        record["true_longitude_deg"][-1:],
        site_of(record),
    )
    return (float(east[0]), float(north[0])) if np.isfinite(east[0]) else None


def _tracks(record: Record, frame: Frame) -> list[dict]:
    """The part of the true track near the frame, and where it ended if it ended on the ground."""
    east, north = track_km(
        record["true_latitude_deg"], record["true_longitude_deg"], site_of(record)
    )
    near = _beside(east, frame.east) & _beside(north, frame.north)
    traces = [line(east[near], north[near], "true track", "--on-map-track")]
    ended = _end_km(record)
    if ended is not None:
        end = dots([ended[0]], [ended[1]], "where it ended", "--on-map-end", "circle-open")
        end["marker"] |= {"size": 13, "line": {"width": 2.5, "color": "--on-map-end"}}
        traces.append(end)
    return [trace for trace in traces if trace]


def _beside(values: Float[np.ndarray, " n"], span: Sequence[float]) -> Bool[np.ndarray, " n"]:
    """Within the span or as far again outside it."""
    reach = span[1] - span[0]
    return (values > span[0] - reach) & (values < span[1] + reach)


def _turn(traces: list[dict]) -> None:
    """East becomes the screen's upward axis; what lies in rows by north then lies in columns."""
    for trace in traces:
        trace["x"], trace["y"] = trace["y"], trace["x"]
        if trace["type"] == "heatmap":
            trace["transpose"] = True


def _layout(view: View) -> dict:
    """Square kilometres in the frame; a turned one shows north to the left and east upwards."""
    east, north = view.frame
    across, up = (
        (("north, km", north[::-1]), ("east, km", east))
        if view.turned
        else (
            ("east, km", east),
            ("north, km", north),
        )
    )
    shapes, notes = scale_bar(Frame(across[1], up[1]), 1e3)
    return {
        "xaxis": {"title": {"text": across[0]}, "range": list(across[1]), "constrain": "domain"},
        "yaxis": {
            "title": {"text": up[0]},
            "range": list(up[1]),
            "scaleanchor": "x",
            "constrain": "domain",
        },
        "height": view.height_px,
        "hovermode": "closest",
        "margin": {"l": 8, "r": 10, "t": 10, "b": 8},
        "shapes": shapes,
        "annotations": notes,
    }
