"""Where a map is flattest near a point, and how the ground slopes: figures for a site file.

    python tools/flattest_site.py im1_malapert_a_64ppd.npz -80.13 1.44 --within 1500

MAP is a file in the terrain folder of PERILUNE_DATA with `height_m`, `lat_deg` and `lon_deg`.
A slope is that of the plane fitted by least squares to the map, read bilinearly on a square grid
around the point. The square is one pixel of latitude across to find the flattest point, the finest
the map can show, and three across for the slope and aspect that a site file gives.
"""

import argparse
import os
from pathlib import Path

import numpy as np

RADIUS_M = 1_737_400.0
STEP_M = 100.0


def load(name):
    """Heights (m), latitudes and longitudes (deg) of a map in PERILUNE_DATA."""
    with np.load(Path(os.environ["PERILUNE_DATA"]) / "terrain" / name) as data:
        return data["height_m"].astype(float), data["lat_deg"], data["lon_deg"]


def heights_m(terrain, latitude_deg, longitude_deg):
    """Bilinear heights (m) at points given in degrees."""
    height_m, lat_deg, lon_deg = terrain
    row = (latitude_deg - lat_deg[0]) / (lat_deg[1] - lat_deg[0])
    column = (longitude_deg - lon_deg[0]) / (lon_deg[1] - lon_deg[0])
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    v, u = row - i, column - j
    upper = height_m[i, j] * (1 - u) + height_m[i, j + 1] * u
    lower = height_m[i + 1, j] * (1 - u) + height_m[i + 1, j + 1] * u
    return upper * (1 - v) + lower * v


def moved(latitude_deg, longitude_deg, east_m, north_m):
    """The point some metres east and north, in degrees; good to a few kilometres off the pole."""
    east_deg = np.degrees(east_m / RADIUS_M) / np.cos(np.radians(latitude_deg))
    return latitude_deg + np.degrees(north_m / RADIUS_M), longitude_deg + east_deg


def slope_deg(terrain, latitude_deg, longitude_deg, across_m):
    """Slope and downhill azimuth (deg, clockwise from north) of the plane fitted to a square."""
    offsets_m = np.linspace(-across_m / 2, across_m / 2, 17)
    east_m, north_m = (grid.ravel() for grid in np.meshgrid(offsets_m, offsets_m))
    ground_m = heights_m(terrain, *moved(latitude_deg, longitude_deg, east_m, north_m))
    plane = np.column_stack([east_m, north_m, np.ones_like(east_m)])
    east, north, _ = np.linalg.lstsq(plane, ground_m, rcond=None)[0]
    return np.degrees(np.arctan(np.hypot(east, north))), np.degrees(np.arctan2(-east, -north)) % 360


def flattest(terrain, latitude_deg, longitude_deg, within_m):
    """The point of a 100 m grid, no further than `within_m`, with the least slope over a pixel."""
    offsets_m = np.arange(-within_m, within_m + 1.0, STEP_M)
    points = [
        moved(latitude_deg, longitude_deg, east_m, north_m)
        for north_m in offsets_m
        for east_m in offsets_m
        if np.hypot(east_m, north_m) <= within_m
    ]
    return min(points, key=lambda point: slope_deg(terrain, *point, pixel_m(terrain))[0])


def pixel_m(terrain):
    """The size of a pixel along the meridian."""
    return RADIUS_M * np.radians(abs(terrain[1][1] - terrain[1][0]))


def describe(terrain, latitude_deg, longitude_deg):
    """One paragraph of figures for a point."""
    finest_m = pixel_m(terrain)
    height_m = heights_m(terrain, np.array(latitude_deg), np.array(longitude_deg))
    lines = [f"{latitude_deg:.4f} deg {longitude_deg:.4f} deg, height {height_m:.1f} m"]
    for across_m in (finest_m, 3 * finest_m):
        slope, aspect = slope_deg(terrain, latitude_deg, longitude_deg, across_m)
        lines.append(f"  over {across_m:6.0f} m: slope {slope:.2f} deg, downhill {aspect:.1f} deg")
    return "\n".join(lines)


def main():
    """Print the figures of the point asked for and of the flattest one near it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map")
    parser.add_argument("latitude_deg", type=float)
    parser.add_argument("longitude_deg", type=float)
    parser.add_argument("--within", type=float, default=1500.0, metavar="METRES")
    asked = parser.parse_args()
    terrain = load(asked.map)
    point = (asked.latitude_deg, asked.longitude_deg)
    print("asked for", describe(terrain, *point))
    print("flattest ", describe(terrain, *flattest(terrain, *point, asked.within)))


if __name__ == "__main__":
    main()
