"""Where a map is flattest near a point, and how the ground slopes: figures for a site file.

    python tools/flattest_site.py im1_malapert_a_64ppd.npz -80.13 1.44 --within 1500

MAP is any map that a mission can name: GeoTIFF, PDS3, PDS4 or .npz; a name without a folder is
looked for in the terrain folder of PERILUNE_DATA. A slope is that of the plane fitted by least
squares to the map, read bilinearly on a square grid around the point. The square is one pixel
across to find the flattest point, the finest the map can show, and three across for the slope and
aspect that a site file gives.
"""

import argparse
from pathlib import Path

import numpy as np

from perilune.data.maps.height_units import heights_m as grid_heights_m
from perilune.data.maps.map_files import open_source
from perilune.data.maps.pixel_grid import SourceMap
from perilune.data.maps.pixel_projections import on_turn
from perilune.environment_variables import data_folder
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.projection import (
    angles_from_direction,
    direction_from_plane,
    site_from_fixed_matrix,
)

STEP_M = 100.0
SIDE_COUNT = 17
"""Points along a side of the square that a plane is fitted to."""


def load(name: str) -> SourceMap:
    """The map of a file, by its path or its name in the terrain folder of PERILUNE_DATA."""
    folder = data_folder()
    return open_source(folder / "terrain" / name if folder else Path(name))


def moved(point_deg, east_m, north_m):
    """Latitudes and longitudes, deg, of places some metres east and north of a point."""
    to_site = site_from_fixed_matrix(*np.radians(point_deg))
    direction = direction_from_plane(np.stack([east_m, north_m], axis=-1), MOON_RADIUS_M)
    return np.degrees(angles_from_direction(direction @ to_site))


def heights_m(terrain: SourceMap, latitude_deg, longitude_deg):
    """Bilinear heights, m, at places in degrees; not-a-number outside the map and in its gaps.

    The places lie near one another: of the map only the pixels about them are read.
    """
    grid = terrain.grid
    row, column = grid.pixel_from_angles(np.radians(latitude_deg), np.radians(longitude_deg))
    if grid.turn_count:  # the same side of the seam
        near = column.ravel()[0]
        column = near + on_turn(column - near, 0.0, grid.turn_count)
    first = [int(np.floor(each.min())) for each in (row, column)]
    last = [int(np.floor(each.max())) + 1 for each in (row, column)]
    known_m = _window(grid, first, last)
    i, j = (np.floor(each).astype(int) for each in (row, column))
    v, u = row - i, column - j
    i, j = i - first[0], j - first[1]
    upper = known_m[i, j] * (1 - u) + known_m[i, j + 1] * u
    lower = known_m[i + 1, j] * (1 - u) + known_m[i + 1, j + 1] * u
    return upper * (1 - v) + lower * v


def _window(grid, first, last):
    """Heights of rows and columns, both ends kept; not-a-number outside the map."""
    rows, columns = (np.arange(a, b + 1) for a, b in zip(first, last, strict=True))
    if grid.turn_count:
        columns = columns % grid.turn_count
    window_m = np.full((rows.size, columns.size), np.nan)
    down, across = (
        (each >= 0) & (each < count)
        for each, count in zip((rows, columns), grid.shape, strict=True)
    )
    if not down.any() or not across.any():
        return window_m
    kept = rows[down]
    with grid.reading() as read:
        for run in np.split(np.flatnonzero(across), _breaks(columns[across])):
            part = slice(int(columns[run[0]]), int(columns[run[-1]]) + 1)
            numbers = read(slice(int(kept[0]), int(kept[-1]) + 1), part)
            window_m[np.ix_(down, run)] = grid_heights_m(grid.rule, numbers)
    return window_m


def _breaks(columns):
    """Where a row of column numbers starts again at the seam."""
    return np.flatnonzero(np.diff(columns) != 1) + 1


def slopes_deg(terrain: SourceMap, points_deg, across_m: float):
    """Slopes and downhill azimuths (deg, clockwise from north) of planes fitted to squares, (n,).

    One square about each of the points (n, 2); not-a-number where the map does not fill it.
    """
    offsets_m = np.linspace(-across_m / 2, across_m / 2, SIDE_COUNT)
    east_m, north_m = (grid.ravel() for grid in np.meshgrid(offsets_m, offsets_m))
    places_deg = np.array([moved(point, east_m, north_m) for point in points_deg])
    ground_m = heights_m(terrain, places_deg[:, 0], places_deg[:, 1])
    plane = np.column_stack([east_m, north_m, np.ones_like(east_m)])
    east, north, _ = np.linalg.pinv(plane) @ ground_m.T
    return np.degrees(np.arctan(np.hypot(east, north))), np.degrees(np.arctan2(-east, -north)) % 360


def flattest(terrain: SourceMap, point_deg, within_m: float):
    """The point of a 100 m grid, no farther than `within_m`, with the least slope over a pixel."""
    offsets_m = np.arange(-within_m, within_m + 1.0, STEP_M)
    east_m, north_m = (grid.ravel() for grid in np.meshgrid(offsets_m, offsets_m))
    inside = np.hypot(east_m, north_m) <= within_m
    points_deg = np.transpose(moved(point_deg, east_m[inside], north_m[inside]))
    slope_deg, _ = slopes_deg(terrain, points_deg, terrain.resolution_m)
    if not np.isfinite(slope_deg).any():
        raise SystemExit(f"{terrain.name} has no heights within {within_m:g} m of the point.")
    return tuple(points_deg[np.nanargmin(slope_deg)])


def describe(terrain: SourceMap, point_deg):
    """One paragraph of figures for a point."""
    (height_m,) = heights_m(terrain, *np.array([point_deg]).T)
    lines = [f"{point_deg[0]:.4f} deg {point_deg[1]:.4f} deg, height {height_m:.1f} m"]
    for across_m in (terrain.resolution_m, 3 * terrain.resolution_m):
        (slope,), (aspect,) = slopes_deg(terrain, [point_deg], across_m)
        lines.append(f"  over {across_m:6.0f} m: slope {slope:.2f} deg, downhill {aspect:.1f} deg")
    return "\n".join(lines)


def main():
    """Print the figures of the point given and of the flattest one near it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map")
    parser.add_argument("latitude_deg", type=float)
    parser.add_argument("longitude_deg", type=float)
    parser.add_argument("--within", type=float, default=1500.0, metavar="METRES")
    given = parser.parse_args()
    terrain = load(given.map)
    point_deg = (given.latitude_deg, given.longitude_deg)
    print("given    ", describe(terrain, point_deg))
    print("flattest ", describe(terrain, flattest(terrain, point_deg, given.within)))


if __name__ == "__main__":
    main()
