"""A published height map as a grid of pixels, and its smooth resampling anywhere."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

MARGIN_COUNT = 4
"""Pixels kept round a window, so that its edge does not show in the spline."""
TOUCHED_FRACTION = 1e-6
WHOLE_COUNT = 3_000_000
"""Maps of no more pixels than this are prepared whole, once; of larger ones only a window."""


@dataclass(frozen=True)
class PixelGrid:
    """Raw pixels and how they become heights.

    `window(rows, columns)` gives the raw values of two slices; `pixel_from_angles` gives the
    fractional row and column, pixel centres whole. `turn_count` is the number of columns that go
    once round the Moon, zero if the map does not.
    """

    shape: tuple[int, int]
    window: Callable
    pixel_from_angles: Callable
    height_scale: float = 1.0
    height_offset_m: float = 0.0
    nodata: float | None = None
    turn_count: int = 0


@dataclass(frozen=True)
class SourceMap:
    """A height map as its file gives it.

    `sample(latitude_rad, longitude_rad)` gives heights, m, above the 1,737,400 m sphere at
    planetocentric MOON_ME angles, shape kept, not-a-number where the map has nothing.
    """

    name: str
    path: str
    datum: str
    provenance: str
    resolution_m: float
    sample: Callable
    grid: PixelGrid
    kind: str
    projection: str
    unit: str
    notes: tuple[str, ...] = ()


def sample_grid(grid, latitude_rad, longitude_rad):
    """Heights, m, by cubic B-spline through the pixel centres; not-a-number outside and at nodata.

    The two angles share a shape. Of a large map only the window that holds the points is read.
    """
    place = np.stack(grid.pixel_from_angles(np.asarray(latitude_rad), np.asarray(longitude_rad)))
    flat = place.reshape(2, -1)
    held = _held(grid, flat)
    height_m = np.full(flat.shape[1], np.nan)
    if held.any():
        height_m[held] = _interpolated(grid, flat[:, held])
    return height_m.reshape(place.shape[1:])


def _held(grid, place):
    """Which places lie between pixel centres, or on a map that goes round, within half a pixel."""
    spare = np.array([[0.5], [np.inf]]) if grid.turn_count else np.zeros((2, 1))
    last = np.array(grid.shape)[:, None] - 1
    slack = 1e-6
    return np.all((place >= -spare - slack) & (place <= last + spare + slack), axis=0)


def _interpolated(grid, place):
    first = np.floor(place.min(axis=1)).astype(int) - MARGIN_COUNT
    last = np.ceil(place.max(axis=1)).astype(int) + MARGIN_COUNT
    if not grid.turn_count:
        first, last = np.maximum(first, 0), np.minimum(last, np.array(grid.shape) - 1)
    if grid.shape[0] * grid.shape[1] <= WHOLE_COUNT:
        margin = MARGIN_COUNT if grid.turn_count else 0
        first, last = np.array([-margin] * 2), np.array(grid.shape) - 1 + margin
        coefficients, empty = _whole(grid, tuple(first), tuple(last))
    else:
        coefficients, empty = _prepared(grid, first, last)
    inside = place - first[:, None]
    values = ndimage.map_coordinates(coefficients, inside, order=3, mode="mirror", prefilter=False)
    height_m = grid.height_offset_m + grid.height_scale * values
    if empty is not None:
        touched = ndimage.map_coordinates(empty, inside, order=1, mode="nearest")
        height_m[touched > TOUCHED_FRACTION] = np.nan
    return height_m


def _prepared(grid, first, last):
    """Cubic spline coefficients of a window, and 1.0 where a pixel is empty (None: nowhere).

    Empty pixels get the mean of the others, only so that the spline can be made.
    """
    raw = _block(grid, first, last)
    empty = ~np.isfinite(raw) if grid.nodata is None else ~np.isfinite(raw) | (raw == grid.nodata)
    if not empty.any():
        return ndimage.spline_filter(raw, order=3, mode="mirror"), None
    raw[empty] = 0.0 if empty.all() else raw[~empty].mean()
    return ndimage.spline_filter(raw, order=3, mode="mirror"), empty.astype(float)


@functools.lru_cache(maxsize=8)
def _whole(grid, first, last):
    """A small map prepared once, since every tile of the ground and of the map on board asks it."""
    return _prepared(grid, np.array(first), np.array(last))


def _block(grid, first, last):
    """The raw pixels of a window; round the Moon and over its poles where the map goes round."""
    if not grid.turn_count:
        window = grid.window(slice(first[0], last[0] + 1), slice(first[1], last[1] + 1))
        return np.asarray(window, float)
    rows, columns = np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1)
    count = grid.shape[0]
    over = (rows < 0) | (rows >= count)
    rows = np.where(rows < 0, -1 - rows, np.where(rows >= count, 2 * count - 1 - rows, rows))
    base = rows.min()
    strip = np.asarray(grid.window(slice(base, rows.max() + 1), slice(None)))
    shift = np.where(over, grid.turn_count // 2, 0)
    return strip[rows[:, None] - base, (columns + shift[:, None]) % grid.turn_count].astype(float)
