"""How a map file is read: its kind, projection, datum, unit, resolution, heights and gaps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perilune.truth.world.terrain_files import open_source


@dataclass(frozen=True, kw_only=True)
class MapDescription:
    """What a map file says of itself and holds, as the readers understand it.

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
    shape = source.grid.shape
    heights_m = np.asarray(source.grid.window(slice(0, shape[0]), slice(0, shape[1])), float)
    if source.grid.nodata is not None:
        heights_m[heights_m == source.grid.nodata] = np.nan
    heights_m = source.grid.height_offset_m + source.grid.height_scale * heights_m
    held = heights_m[np.isfinite(heights_m)]
    return MapDescription(
        path=source.path,
        kind=source.kind,
        projection=source.projection,
        datum=source.datum,
        unit=source.unit,
        row_count=shape[0],
        column_count=shape[1],
        resolution_m=source.resolution_m,
        lowest_m=float(held.min()) if held.size else None,
        highest_m=float(held.max()) if held.size else None,
        empty_fraction=1.0 - held.size / heights_m.size,
        examined_fraction=1.0,
        provenance=source.provenance,
        notes=source.notes,
    )


def height_m(path: Path, latitude_rad: float, longitude_rad: float) -> float | None:
    """Height, m, at a planetocentric MOON_ME place; None outside the map and in its gaps."""
    found_m = open_source(path).sample(np.array([latitude_rad]), np.array([longitude_rad]))[0]
    return float(found_m) if np.isfinite(found_m) else None
