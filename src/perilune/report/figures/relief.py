"""Relief as a picture: the ground lit at its own scale, its contours and a bar of scale."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from perilune.report.figures.decimate import packed

ELEVATION_DEG = 45.0
NORTH_WEST_DEG = 315.0
STRETCHES = (1.0, 2.0, 5.0, 10.0)
"""By how much heights may be exaggerated, so that gentle ground shows its form at all."""
_STEEPEST = 0.6  # slopes are exaggerated up to this at most, nineteen in twenty of them
_PIXELS = 420
_CONTOURS = 8
_BAR_SHARE = 0.3


class Frame(NamedTuple):
    """The ranges of a map that are shown, each from left or bottom on."""

    east: Sequence[float]
    north: Sequence[float]


def hillshade(
    height_m: Float[np.ndarray, "y x"],
    x_km: Float[np.ndarray, " x"],
    y_km: Float[np.ndarray, " y"],
    azimuth_deg: float = NORTH_WEST_DEG,
) -> Float[np.ndarray, "y x"]:
    """Brightness 0 to 1 of a matt surface under a lamp 45° high, in the north-west by default.

    `height_m` has a row for each `y_km` (north) and a column for each `x_km` (east): cosine of
    the angle between the surface's normal and the lamp, nothing below the horizon of the slope.
    """
    north, east = np.gradient(height_m, 1e3 * y_km, 1e3 * x_km)
    azimuth, elevation = np.radians(azimuth_deg), np.radians(ELEVATION_DEG)
    level = np.cos(elevation) * (-east * np.sin(azimuth) - north * np.cos(azimuth))
    return np.clip((level + np.sin(elevation)) / np.sqrt(1.0 + east**2 + north**2), 0.0, 1.0)


def stretch_of(chart: Mapping) -> float:
    """The factor, of `STRETCHES`, by which the heights of this map are exaggerated in shading."""
    x_km, y_km, height_m = coarser(chart)
    north, east = np.gradient(height_m, 1e3 * y_km, 1e3 * x_km)
    steep = float(np.percentile(np.hypot(north, east), 95.0))
    return max(s for s in STRETCHES if s == 1.0 or s * steep <= _STEEPEST)


def coarser(
    chart: Mapping,
) -> tuple[Float[np.ndarray, " x"], Float[np.ndarray, " y"], Float[np.ndarray, "y x"]]:
    """The map at no more pixels than the page can show."""
    x_km, y_km = np.asarray(chart["x_km"], float), np.asarray(chart["y_km"], float)
    height_m = np.asarray(chart["height_m"], float)
    by_y, by_x = -(-len(y_km) // _PIXELS), -(-len(x_km) // _PIXELS)
    return x_km[::by_x], y_km[::by_y], height_m[::by_y, ::by_x]


def cropped(chart: Mapping, frame: Frame) -> Mapping:
    """The part of a map inside a frame of its own unit, and a node around it."""
    x_km, y_km = np.asarray(chart["x_km"], float), np.asarray(chart["y_km"], float)
    across, up = (_within(axis, span) for axis, span in zip((x_km, y_km), frame, strict=True))
    height_m = np.asarray(chart["height_m"], float)[up, across]
    return {**chart, "x_km": x_km[across], "y_km": y_km[up], "height_m": height_m}


def _within(axis: Float[np.ndarray, " n"], span: Sequence[float]) -> slice:
    first = max(int(np.searchsorted(axis, span[0])) - 1, 0)
    return slice(first, int(np.searchsorted(axis, span[1])) + 2)


def shaded(chart: Mapping, azimuth_deg: float = NORTH_WEST_DEG) -> dict:
    """The ground lit by one law: black is unlit, white faces the lamp, level ground is 71 %."""
    x_km, y_km, height_m = coarser(chart)
    bright = hillshade(stretch_of(chart) * height_m, x_km, y_km, azimuth_deg)
    return {
        "type": "heatmap",
        "name": "ground",
        "x": packed(x_km),
        "y": packed(y_km),
        "z": packed(np.nan_to_num(255.0 * bright), "u1"),
        "colorscale": [[0, "#26241f"], [1, "#e9e5dc"]],
        "zmin": 0,
        "zmax": 255,
        "showscale": False,
        "zsmooth": "best",
        "hoverinfo": "skip",
    }


def contours(chart: Mapping) -> tuple[dict, float]:
    """Lines of equal height over the same map, and how many metres lie between two of them."""
    x_km, y_km, height_m = coarser(chart)
    low, high = float(np.nanmin(height_m)), float(np.nanmax(height_m))
    step_m = round_number(max(high - low, 0.1) / _CONTOURS)
    trace = {
        "type": "contour",
        "name": "contours",
        "x": packed(x_km),
        "y": packed(y_km),
        "z": packed(height_m),
        "autocontour": False,
        "contours": {
            "coloring": "none",
            "showlabels": True,
            "start": step_m * math.ceil(low / step_m),
            "end": step_m * math.floor(high / step_m),
            "size": step_m,
            "labelfont": {"size": 10, "color": "#16181d"},
        },
        "line": {"width": 0.8, "color": "#16181d", "smoothing": 1},
        "showscale": False,
        "hovertemplate": "%{x:.3f}, %{y:.3f}<br>%{z:.1f} m<extra></extra>",
    }
    return trace, step_m


def round_number(value: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(factor * power for factor in (1.0, 2.0, 5.0) if factor * power <= value * 1.0001)


def scale_bar(frame: Frame, unit_m: float) -> tuple[list[dict], list[dict]]:
    """(shapes, annotations) of a bar of round length in the lower left corner of a frame.

    `unit_m` is how many metres one unit of it is.
    """
    (left, right), (bottom, top) = frame
    across, up = right - left, top - bottom
    long = round_number(_BAR_SHARE * min(abs(across), abs(up)) * unit_m) / unit_m
    at, end = left + 0.05 * across, left + 0.05 * across + math.copysign(long, across)
    height = bottom + 0.05 * up
    length_m = long * unit_m
    words = f"{length_m / 1e3:g} km" if length_m >= 1e3 else f"{length_m:g} m"
    bar = {
        "type": "line",
        "x0": at,
        "x1": end,
        "y0": height,
        "y1": height,
        "line": {"color": "#ffffff", "width": 4},
    }
    edge = bar | {"line": {"color": "#16181d", "width": 7}}
    note = {
        "text": words,
        "x": 0.5 * (at + end),
        "y": height,
        "yanchor": "bottom",
        "yshift": 3,
        "showarrow": False,
        "font": {"color": "#ffffff", "size": 12},
        "bgcolor": "--on-map-behind",
    }
    return [edge, bar], [note]
