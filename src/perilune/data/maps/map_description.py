"""How a map file is read: its kind, projection, datum, unit, resolution, heights and gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from perilune.data.maps.height_units import HeightRule, heights_m
from perilune.data.maps.map_files import open_source
from perilune.data.maps.pixel_grid import SourceMap
from perilune.data.maps.pixel_reader import looks

WHOLE_COUNT = 20_000_000
"""Of a map with more pixels only windows spread over it are examined."""


@dataclass(frozen=True, kw_only=True)
class MapDescription:
    """What a map file declares and holds, as the readers understand it.

    Heights are above the 1,737,400 m sphere. `lowest_m` and `highest_m` are None where no pixel
    examined has a height. `empty_fraction` is the share of examined pixels without one;
    `examined_fraction` is below 1 for maps too large to be read whole. `notes` are sentences about
    what was assumed, for instance a nodata value that the file does not declare.
    """

    path: str
    kind: str
    projection: str
    datum: str
    unit: str
    row_count: int
    column_count: int
    resolution_m: float
    lowest_m: float | None
    highest_m: float | None
    empty_fraction: float
    examined_fraction: float
    provenance: str
    notes: tuple[str, ...]


def describe_map(path: Path) -> MapDescription:
    """The description of a map file; `InputError`, one sentence, where it cannot be read."""
    source = open_source(path)
    grid = source.grid
    with grid.reading() as read:
        held = [_held(grid.rule, each) for each in looks(grid.shape, read, WHOLE_COUNT)]
    total = sum(each.pixel_count for each in held)
    examined = min(1.0, total / (grid.shape[0] * grid.shape[1]))
    lowest = [each.lowest_m for each in held if each.lowest_m is not None]
    highest = [each.highest_m for each in held if each.highest_m is not None]
    return MapDescription(
        path=source.path,
        kind=source.kind,
        projection=source.projection,
        datum=source.datum,
        unit=source.unit,
        row_count=grid.shape[0],
        column_count=grid.shape[1],
        resolution_m=source.resolution_m,
        lowest_m=min(lowest, default=None),
        highest_m=max(highest, default=None),
        empty_fraction=sum(each.empty_count for each in held) / total,
        examined_fraction=examined,
        provenance=source.provenance,
        notes=(*source.notes, *_partial(source.path, examined), *_replaced(source)),
    )


def _partial(path: str, examined: float) -> Iterator[str]:
    if examined < 1.0:
        yield (
            f"{path}: range and empty share are of {100.0 * examined:.2g} % of the pixels, in "
            "windows spread over the map."
        )


@dataclass(frozen=True)
class _Held:
    lowest_m: float | None
    highest_m: float | None
    pixel_count: int
    empty_count: int


def _held(rule: HeightRule, numbers: Float[np.ndarray, "row column"]) -> _Held:
    heights = heights_m(rule, numbers)
    known = heights[np.isfinite(heights)]
    lowest_m, highest_m = (float(known.min()), float(known.max())) if known.size else (None, None)
    return _Held(lowest_m, highest_m, heights.size, heights.size - known.size)


def height_m(path: Path, latitude_rad: float, longitude_rad: float) -> float | None:
    """Height, m, at a planetocentric MOON_ME place; None outside the map and in its gaps."""
    found_m = open_source(path).sample(np.array([latitude_rad]), np.array([longitude_rad]))[0]
    return float(found_m) if np.isfinite(found_m) else None


def _replaced(source: SourceMap) -> Iterator[str]:
    """A note on each row of pixels next to a pole that was replaced."""
    for row in source.grid.replaced_rows:
        which = "first" if row == 0 else "last"
        yield (
            f"{source.path}: the {which} row of pixels, round a pole, stands off the next one by "
            "more than ten times the usual step and is taken for no heights; the ground there is "
            "the straight line across the pole."
        )
