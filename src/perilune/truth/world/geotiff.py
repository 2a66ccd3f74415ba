"""GeoTIFF height maps: the file's own projection, read by window."""

import functools

import numpy as np
import pyproj
import rasterio
from rasterio.windows import Window

from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.truth.world.terrain_grid import PixelGrid

LOWEST_RADIUS_M = 1_000_000.0
"""Values above this are distances from the Moon's centre, not heights."""
RADIUS_SLACK_M = 5_000.0
METRES_PER_UNIT = {"": 1.0, "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "km": 1000.0}


def pixel_grid(path):
    """The `PixelGrid` of band 1, its resolution in metres and its provenance.

    The file must declare its projection on a sphere. GDAL gives the transform of pixel corners
    whatever AREA_OR_POINT says, so a centre is half a pixel in. Values near 1,737 km are radii.
    """
    with rasterio.open(path) as file:
        if file.crs is None:
            raise InputError(
                f"{path}: the GeoTIFF must declare its projection, but has no CRS; add one, for "
                "instance with `gdal_edit.py -a_srs`."
            )
        crs = pyproj.CRS.from_wkt(file.crs.to_wkt())
        inverse, shape, nodata = ~file.transform, file.shape, file.nodata
        unit, scale, offset = file.units[0] or "", file.scales[0], file.offsets[0]
        middle = file.read(1, window=Window(shape[1] // 2, shape[0] // 2, 1, 1))[0, 0]
        step = abs(file.transform.a)
    radius_m = _sphere_radius_m(path, crs)
    metres = _metres_per_unit(path, unit)
    is_radius = metres * (scale * middle + offset) > LOWEST_RADIUS_M
    grid = PixelGrid(
        shape,
        functools.partial(_window, path),
        functools.partial(_pixels, crs, inverse),
        height_scale=metres * scale,
        height_offset_m=metres * offset + (0.0 if is_radius else radius_m) - MOON_RADIUS_M,
        nodata=None if nodata is None or np.isnan(nodata) else nodata,
    )
    step_m = np.radians(step) * radius_m if crs.is_geographic else step
    return grid, float(step_m), f"GeoTIFF, {crs.name}"


def _sphere_radius_m(path, crs):
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or abs(ellipsoid.semi_major_metre - MOON_RADIUS_M) > RADIUS_SLACK_M:
        named = "none" if ellipsoid is None else f"{ellipsoid.semi_major_metre:.0f} m"
        raise InputError(
            f"{path}: the projection must be on a sphere of the Moon, about 1737400 m, but its "
            f"datum has {named}; declare the Moon's."
        )
    if ellipsoid.semi_major_metre != ellipsoid.semi_minor_metre:
        raise InputError(f"{path}: the datum must be a sphere, but is flattened; reproject it.")
    return ellipsoid.semi_major_metre


def _metres_per_unit(path, unit):
    if unit.lower() not in METRES_PER_UNIT:
        raise InputError(
            f"{path}: heights must be in m or km, but the band's unit is `{unit}`; convert them."
        )
    return METRES_PER_UNIT[unit.lower()]


def _window(path, rows, columns):
    with rasterio.open(path) as file:
        return file.read(1, window=Window.from_slices(rows, columns))


def _pixels(crs, inverse, latitude_rad, longitude_rad):
    """Row and column, pixel centres whole; infinite where the projection has no image."""
    geographic = crs if crs.is_geographic else crs.geodetic_crs
    to_map = pyproj.Transformer.from_crs(geographic, crs, always_xy=True)
    x, y = to_map.transform(np.degrees(longitude_rad), np.degrees(latitude_rad))
    column = inverse.a * np.asarray(x) + inverse.b * np.asarray(y) + inverse.c
    row = inverse.d * np.asarray(x) + inverse.e * np.asarray(y) + inverse.f
    return row - 0.5, column - 0.5
