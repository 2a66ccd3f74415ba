"""Figures of the path over the ground: the true and believed track on the shaded map."""

from collections.abc import Mapping

import numpy as np

from perilune.report.figure import Figure, dots, line, look_of
from perilune.report.record import Record, limit
from perilune.report.thin import packed

RADIUS_KM = 1737.4
_LIGHT_AZIMUTH_DEG, _LIGHT_ELEVATION_DEG = 315.0, 45.0  # a cartographer's lamp, not the Sun
_PIXELS = 420
_FAR_KM = 20.0
_SAYS = (
    "East and north of the aim point in its stereographic plane. Shaded as if lit from the "
    "north-west at 45°, which is not where the Sun stood."
)


def ground_track_figures(record: Record) -> list[Figure]:
    """One figure for each map in the extras and one of the last stretch; none without a map."""
    maps = (record.extras.get("map") or []) if "site" in record.extras else []
    maps = [maps] if isinstance(maps, Mapping) else maps
    figures = [_figure(record, each, number) for number, each in enumerate(maps)]
    return [*figures, _close_up(record, maps[0])] if maps else []


def track_km(latitude_deg, longitude_deg, site: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """East and north of the site, in its stereographic plane, of points given by their angles.

    Stereographic about the site, true to scale there (Snyder 1987, equations 21-2 to 21-4, k0=1),
    on the 1,737.4 km sphere.
    """
    lat, lat0 = np.radians(latitude_deg), np.radians(site["latitude_deg"])
    east = np.radians(longitude_deg) - np.radians(site["longitude_deg"])
    up = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(east)
    scale = 2.0 * RADIUS_KM / (1.0 + up)
    north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(east)
    return scale * np.cos(lat) * np.sin(east), scale * north


def hillshade(height_m: np.ndarray, x_km: np.ndarray, y_km: np.ndarray) -> np.ndarray:
    """Brightness 0 to 1 of a matt surface under a lamp in the north-west, 45° high.

    `height_m` has a row for each `y_km` (north) and a column for each `x_km` (east): cosine of
    the angle between the surface's normal and the lamp, nothing below the horizon of the slope.
    """
    north, east = np.gradient(height_m, 1e3 * y_km, 1e3 * x_km)
    azimuth, elevation = np.radians(_LIGHT_AZIMUTH_DEG), np.radians(_LIGHT_ELEVATION_DEG)
    level = np.cos(elevation) * (-east * np.sin(azimuth) - north * np.cos(azimuth))
    return np.clip((level + np.sin(elevation)) / np.sqrt(1.0 + east**2 + north**2), 0.0, 1.0)


def _figure(record: Record, chart: Mapping, number: int) -> Figure:
    x_km, y_km, _ = coarser(chart)
    frame = ((float(x_km.min()), float(x_km.max())), (float(y_km.min()), float(y_km.max())))
    words = (f"ground-track-{number}", chart.get("title") or "Ground track", _SAYS)
    return _drawn(record, chart, words, frame)


def _close_up(record: Record, chart: Mapping) -> Figure:
    """The ground about the aim point, wide enough for where the lander ended."""
    miss_km = float(record["range_m"][-1]) / 1e3
    allowed_m = limit(record, "miss_m")
    reach = 1.3 * max(miss_km if miss_km < _FAR_KM else 0.0, (allowed_m or 500.0) / 1e3)
    circle = "" if allowed_m is None else f" The ring is the {allowed_m:g} m criterion."
    words = ("ground-track-end", "About the aim point", _SAYS + circle)
    figure = _drawn(record, chart, words, ((-reach, reach), (-reach, reach)))
    if allowed_m is not None:
        figure.body["layout"]["shapes"] = [_ring(allowed_m / 1e3)]
    return figure


def _drawn(record: Record, chart: Mapping, words: tuple[str, str, str], frame: tuple) -> Figure:
    traces = [shaded(*coarser(chart)), *_tracks(record, frame)]
    traces.append(dots([0.0], [0.0], "aim point", "--on-map-aim", "cross"))
    legend = tuple((trace["name"], *look_of(trace)) for trace in traces[1:])
    return Figure(*words, body={"data": traces, "layout": _layout(frame)}, legend=legend)


def _ring(radius_km: float) -> dict:
    return {
        "type": "circle",
        "x0": -radius_km,
        "x1": radius_km,
        "y0": -radius_km,
        "y1": radius_km,
        "line": {"color": "--on-map-aim", "width": 1.5, "dash": "dash"},
    }


def coarser(chart: Mapping) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The map at no more pixels than the page can show."""
    x_km, y_km = np.asarray(chart["x_km"], float), np.asarray(chart["y_km"], float)
    height_m = np.asarray(chart["height_m"], float)
    by_y, by_x = -(-len(y_km) // _PIXELS), -(-len(x_km) // _PIXELS)
    return x_km[::by_x], y_km[::by_y], height_m[::by_y, ::by_x]


def shaded(x_km: np.ndarray, y_km: np.ndarray, height_m: np.ndarray) -> dict:
    """The ground as a picture of its slopes, stretched so that few pixels are black or white."""
    bright = hillshade(height_m, x_km, y_km)
    dark, light = np.nanpercentile(bright, [1.0, 99.0])
    scaled = np.clip((bright - dark) / max(light - dark, 1e-9), 0.0, 1.0)
    return {
        "type": "heatmap",
        "name": "ground",
        "x": packed(x_km),
        "y": packed(y_km),
        "z": packed(np.nan_to_num(255.0 * scaled), "u1"),
        "customdata": packed(height_m),
        "colorscale": [[0, "#26241f"], [1, "#e9e5dc"]],
        "zmin": 0,
        "zmax": 255,
        "showscale": False,
        "zsmooth": "best",
        "hovertemplate": "%{x:.2f} km E, %{y:.2f} km N<br>%{customdata:.0f} m<extra></extra>",
    }


def _tracks(record: Record, frame: tuple) -> list[dict]:
    """The part of the true track near the frame, and where it ended if it ended on the ground."""
    east, north = track_km(
        record["true_latitude_deg"], record["true_longitude_deg"], record.extras["site"]
    )
    near = _beside(east, frame[0]) & _beside(north, frame[1])
    traces = [line(east[near], north[near], "true track", "--on-map-track")]
    if record.contact_s is not None:
        end = dots([east[-1]], [north[-1]], "where it ended", "--on-map-end", "circle-open")
        end["marker"] |= {"size": 13, "line": {"width": 2.5, "color": "--on-map-end"}}
        traces.append(end)
    return [trace for trace in traces if trace]


def _beside(values: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Within the span or as far again outside it."""
    reach = span[1] - span[0]
    return (values > span[0] - reach) & (values < span[1] + reach)


def _layout(frame: tuple) -> dict:
    """Square kilometres in the frame."""
    return {
        "xaxis": {"title": {"text": "east, km"}, "range": list(frame[0]), "constrain": "domain"},
        "yaxis": {
            "title": {"text": "north, km"},
            "range": list(frame[1]),
            "scaleanchor": "x",
            "constrain": "domain",
        },
        "height": 560,
        "hovermode": "closest",
        "margin": {"l": 8, "r": 10, "t": 10, "b": 8},
    }
