"""Figures of the path over the ground: the true and believed track on the shaded map."""

from collections.abc import Mapping

import numpy as np

from perilune.report.figure import Figure, dots, line
from perilune.report.record import Record
from perilune.report.thin import packed

RADIUS_KM = 1737.4
_LIGHT_AZIMUTH_DEG, _LIGHT_ELEVATION_DEG = 315.0, 45.0    # a cartographer's lamp, not the Sun
_PIXELS = 420


def ground_track_figures(record: Record) -> list[Figure]:
    """One figure for each map in the extras, none without a map."""
    maps = record.extras.get("map") or []
    maps = [maps] if isinstance(maps, Mapping) else maps
    return [_figure(record, each, number) for number, each in enumerate(maps)]


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
    x_km, y_km, height_m = _coarser(chart)
    traces = [_shaded(x_km, y_km, height_m), *_tracks(record, x_km, y_km)]
    traces.append(dots([0.0], [0.0], "aim point", "--on-map-aim", "cross"))
    body = {"data": traces, "layout": _layout(x_km, y_km)}
    legend = tuple((t["name"], _colour(t), _look(t)) for t in traces[1:])
    title = chart.get("title") or "Ground track"
    says = ("East and north of the aim point in its stereographic plane. Shaded as if lit from "
            "the north-west at 45°, which is not where the Sun stood; touch the map for heights.")
    return Figure(f"ground-track-{number}", title, says, body, legend)


def _coarser(chart: Mapping) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The map at no more pixels than the page can show."""
    x_km, y_km = np.asarray(chart["x_km"], float), np.asarray(chart["y_km"], float)
    height_m = np.asarray(chart["height_m"], float)
    by_y, by_x = -(-len(y_km) // _PIXELS), -(-len(x_km) // _PIXELS)
    return x_km[::by_x], y_km[::by_y], height_m[::by_y, ::by_x]


def _shaded(x_km: np.ndarray, y_km: np.ndarray, height_m: np.ndarray) -> dict:
    bright = hillshade(height_m, x_km, y_km)
    dark, light = np.nanpercentile(bright, [1.0, 99.0])
    scaled = np.clip((bright - dark) / max(light - dark, 1e-9), 0.0, 1.0)
    return {
        "type": "heatmap", "name": "ground", "x": packed(x_km), "y": packed(y_km),
        "z": packed(np.nan_to_num(255.0 * scaled), "u1"), "customdata": packed(height_m),
        "colorscale": [[0, "#26241f"], [1, "#e9e5dc"]], "zmin": 0, "zmax": 255,
        "showscale": False, "zsmooth": "best",
        "hovertemplate": "%{x:.2f} km E, %{y:.2f} km N<br>%{customdata:.0f} m<extra></extra>",
    }


def _tracks(record: Record, x_km: np.ndarray, y_km: np.ndarray) -> list[dict]:
    """The part of the true track near the map, and where it ended if it ended there."""
    east, north = track_km(
        record["true_latitude_deg"], record["true_longitude_deg"], record.extras["site"]
    )
    reach_x, reach_y = np.ptp(x_km), np.ptp(y_km)
    near = (east > x_km.min() - reach_x) & (east < x_km.max() + reach_x)
    near &= (north > y_km.min() - reach_y) & (north < y_km.max() + reach_y)
    traces = [line(east[near], north[near], "true track", "--on-map-track")]
    if record.contact_s is not None:
        end = dots([east[-1]], [north[-1]], "where it ended", "--on-map-end", "circle-open")
        end["marker"] |= {"size": 13, "line": {"width": 2.5, "color": "--on-map-end"}}
        traces.append(end)
    return traces


def _layout(x_km: np.ndarray, y_km: np.ndarray) -> dict:
    """Square kilometres, framed by the map; as tall as the map's shape asks, within reason."""
    x_span, y_span = [float(x_km.min()), float(x_km.max())], [float(y_km.min()), float(y_km.max())]
    return {
        "xaxis": {"title": {"text": "east, km"}, "range": x_span, "constrain": "domain"},
        "yaxis": {"title": {"text": "north, km"}, "range": y_span, "scaleanchor": "x",
                  "constrain": "domain"},
        "height": 560, "hovermode": "closest",
    }


def _colour(trace: dict) -> str:
    return (trace.get("line") or trace["marker"])["color"]


def _look(trace: dict) -> str:
    return trace["line"]["dash"] if trace["mode"] == "lines" else trace["marker"]["symbol"]
