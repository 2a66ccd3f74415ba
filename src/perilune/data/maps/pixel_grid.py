"""A published height map as a grid of pixels, and its smooth resampling anywhere."""

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import ndimage

from perilune.data.maps.gaps import filled
from perilune.data.maps.height_units import HeightRule, heights_m

MARGIN_COUNT = 12
"""Pixels kept round a window: the spline's memory of its edge is 0.27 a pixel, 1e-7 after 12."""
TOUCHED_FRACTION = 1e-6
WHOLE_COUNT = 3_000_000
"""Maps of no more pixels than this are prepared whole, once; larger ones in blocks."""
BLOCK_COUNT = 256
"""Rows and columns of the blocks in which a large map is read."""
CROWDED_COUNT = 100_000_000
"""In maps of more pixels than this, columns that crowd near a pole are passed over."""
ROW_BLOCK_COUNT = 4_096
"""Columns of the blocks where a file is stored in whole rows."""
CHUNK_COUNT = 8_192
"""Columns read at a time where only every n-th is kept, or 64 rows where rows are stored whole."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PixelGrid:
    """The pixels of a map, and how they become heights.

    `reading()` opens the file, as a context, and gives `read(rows, columns)`: the stored values of
    two slices inside the map, the second maybe with a step, as float64, not-a-number where the file
    declares none. `pixel_from_angles` gives the fractional row and column, pixel centres whole.
    `turn_count` is the number of columns that go once round the Moon, zero if the map does not.
    `mirrors` holds, for the first and the last edge, the sum of the row numbers that face each
    other across a pole, None where the map ends elsewhere. `rows_first` is the order in which the
    file is best read, False where it is stored in tiles. `replaced_rows`, next to a pole, were no
    heights (`polar_rows`).
    """

    shape: tuple[int, int]
    reading: Callable[[], AbstractContextManager[Callable]]
    pixel_from_angles: Callable
    rule: HeightRule
    turn_count: int = 0
    mirrors: tuple[int | None, int | None] = (None, None)
    rows_first: bool = True
    replaced_rows: tuple[int, ...] = ()


_OpenGrid = tuple[PixelGrid, Callable]
"""A grid, and `read` of its open file."""
_Block = tuple[
    Int[np.ndarray, "2"], Float[np.ndarray, "row column"], Float[np.ndarray, "row column"] | None
]
"""What `_prepared` gives."""


@dataclass(frozen=True, kw_only=True)
class SourceMap:
    """A height map as its file gives it.

    `sample(latitude_rad, longitude_rad)` gives heights, m, above the 1,737,400 m sphere at
    planetocentric MOON_ME angles, shape kept, not-a-number where the map has nothing. `unit` is
    that of the stored values; `notes` are sentences about what was assumed in reading them.
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


def sample_grid(
    grid: PixelGrid, latitude_rad: Float[np.ndarray, "..."], longitude_rad: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """Heights, m, by cubic B-spline through the pixel centres; not-a-number outside and in gaps.

    The two angles share a shape. A large map is read by blocks, and only those that hold points.
    """
    latitude_rad = np.asarray(latitude_rad)
    place = np.stack(grid.pixel_from_angles(latitude_rad, np.asarray(longitude_rad)))
    return sample_pixels(grid, place, latitude_rad)


def sample_pixels(
    grid: PixelGrid, place: Float[np.ndarray, "2 ..."], latitude_rad: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """As `sample_grid`, at fractional rows and columns (2, ...) that lie at these latitudes."""
    flat = place.reshape(2, -1)
    held = np.flatnonzero(_held(grid, flat))
    height_m = np.full(flat.shape[1], np.nan)
    if held.size and grid.shape[0] * grid.shape[1] <= WHOLE_COUNT:
        height_m[held] = _evaluated(_whole(grid), flat[:, held])
    elif held.size:
        cosine = np.cos(latitude_rad.ravel()[held])
        for some, block, there in _blocks(grid, flat[:, held], cosine):
            height_m[held[some]] = _evaluated(block, there)
    return height_m.reshape(place.shape[1:])


def _held(grid: PixelGrid, place: Float[np.ndarray, "2 n"]) -> Bool[np.ndarray, " n"]:
    """Which places lie between pixel centres, or on a map that goes round, within half a pixel."""
    spare = np.array([[0.5], [np.inf]]) if grid.turn_count else np.zeros((2, 1))
    last = np.array(grid.shape)[:, None] - 1
    slack = 1e-5
    return np.all((place >= -spare - slack) & (place <= last + spare + slack), axis=0)


def _blocks(
    grid: PixelGrid, place: Float[np.ndarray, "2 n"], cosine: Float[np.ndarray, " n"]
) -> Iterator:
    """Indices of points, the prepared block that holds them, and their places in the map.

    Near a pole meridians crowd, and of a very large map only every n-th column is taken, so many
    that columns still lie at least twice as close as rows.
    """
    with grid.reading() as read:
        for some, stride in _blocked(grid, place, cosine):
            there = np.stack([place[0, some], place[1, some] / stride])
            first = np.floor(there.min(axis=1)).astype(int) - MARGIN_COUNT
            last = np.ceil(there.max(axis=1)).astype(int) + MARGIN_COUNT
            yield some, _prepared((grid, read), first, last, stride), there


def _blocked(
    grid: PixelGrid, place: Float[np.ndarray, "2 n"], cosine: Float[np.ndarray, " n"]
) -> list[tuple[Int[np.ndarray, " _"], int]]:
    """The points of each block with its stride, so ordered that the file is read through once."""
    found, width = [], ROW_BLOCK_COUNT if grid.rows_first else BLOCK_COUNT
    for some in _grouped(np.floor(place[0] / BLOCK_COUNT)):
        stride = _stride(grid, cosine[some].max())
        for within in _grouped(np.floor(place[1, some] / (stride * width))):
            inside = some[within]
            row, column = place[:, inside[0]] // (BLOCK_COUNT, CHUNK_COUNT)
            found.append(((row, column) if grid.rows_first else (column, row), inside, stride))
    return [(inside, stride) for _, inside, stride in sorted(found, key=lambda each: each[0])]


def _grouped(number: Float[np.ndarray, " n"]) -> list[Int[np.ndarray, " _"]]:
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)


def _stride(grid: PixelGrid, cosine: float) -> int:
    """A power of two that divides half a turn; 1 where columns are not too many."""
    stride = 1
    if grid.turn_count and grid.shape[0] * grid.shape[1] > CROWDED_COUNT:
        while grid.turn_count % (4 * stride) == 0 and 4 * stride * cosine <= 1.0:
            stride *= 2
    return stride


@functools.lru_cache(maxsize=8)
def _whole(grid: PixelGrid) -> _Block:
    """A small map prepared once, since every tile of ground and onboard map samples it."""
    with grid.reading() as read:
        first = np.array([-MARGIN_COUNT] * 2)
        return _prepared((grid, read), first, np.array(grid.shape) - 1 + MARGIN_COUNT)


def _evaluated(block: _Block, place: Float[np.ndarray, "2 n"]) -> Float[np.ndarray, " n"]:
    first, coefficients, empty = block
    inside = place - first[:, None]
    height_m = ndimage.map_coordinates(
        coefficients, inside, order=3, mode="mirror", prefilter=False
    )
    if empty is not None:
        touched = ndimage.map_coordinates(empty, inside, order=1, mode="nearest")
        height_m[touched > TOUCHED_FRACTION] = np.nan
    return height_m


def _prepared(
    opened: _OpenGrid, first: Int[np.ndarray, "2"], last: Int[np.ndarray, "2"], stride: int = 1
) -> _Block:
    """Where a block begins, its cubic spline coefficients, and 1.0 where a pixel is empty.

    The last is None where none is. Gaps are continued from their surroundings for the spline only.
    """
    height_m = _block(opened, first, last, stride)
    empty = np.isnan(height_m)
    if not empty.any():
        return first, ndimage.spline_filter(height_m, order=3, mode="mirror"), None
    coefficients = ndimage.spline_filter(filled(height_m, empty), order=3, mode="mirror")
    return first, coefficients, empty.astype(float)


def _block(
    opened: _OpenGrid, first: Int[np.ndarray, "2"], last: Int[np.ndarray, "2"], stride: int
) -> Float[np.ndarray, "row column"]:
    """Heights of a window, round the Moon and over its poles where the map goes there.

    Beyond any other edge the map is continued point-symmetrically, which keeps its slope.
    """
    grid, _ = opened
    count = grid.shape[0]
    inside = slice(max(first[0], 0), min(last[0] + 1, count))
    parts, missing = [_strip(opened, inside, (first[1], last[1]), stride)], [0, 0]
    for edge, beyond in enumerate((max(-first[0], 0), max(last[0] + 1 - count, 0))):
        mirror = grid.mirrors[edge]
        if not beyond or mirror is None:
            missing[edge] = beyond
            continue
        near = mirror + 1 if edge == 0 else mirror - count - beyond + 1
        rows = slice(near, near + beyond)
        across = _strip(opened, rows, (first[1], last[1]), stride, grid.turn_count // 2)[::-1]
        parts.insert(0 if edge == 0 else len(parts), across)
    height_m = np.concatenate(parts)
    sides = (0, 0)
    if not grid.turn_count:
        sides = max(-first[1], 0), max(last[1] + 1 - grid.shape[1], 0)
    return np.pad(height_m, (missing, sides), mode="reflect", reflect_type="odd")


def _strip(
    opened: _OpenGrid, rows: slice, columns: tuple[int, int], stride: int, shift: int = 0
) -> Float[np.ndarray, "row column"]:
    """Heights of whole rows between two columns (both kept), of which every n-th is read."""
    grid, read = opened
    if not grid.turn_count:
        inside = slice(max(columns[0], 0), min(columns[1] + 1, grid.shape[1]))
        return heights_m(grid.rule, read(rows, inside))
    begin, left = columns[0] * stride + shift, (columns[1] - columns[0]) * stride + 1
    pieces = []
    while left > 0:
        at = begin % grid.turn_count
        count = min(left, grid.turn_count - at)
        if not grid.rows_first:
            count = min(count, max(CHUNK_COUNT // stride, 1) * stride)
        pieces.append(_chunked(read, rows, slice(at, at + count, stride)))
        begin, left = begin + count, left - count
    return heights_m(grid.rule, np.concatenate(pieces, axis=1))


def _chunked(read: Callable, rows: slice, columns: slice) -> Float[np.ndarray, "row column"]:
    """A window of many columns, a few rows at a time: little is held before it is thinned."""
    if columns.stop - columns.start <= CHUNK_COUNT:
        return read(rows, columns)
    each = range(rows.start, rows.stop, 64)
    return np.concatenate([read(slice(row, min(row + 64, rows.stop)), columns) for row in each])
