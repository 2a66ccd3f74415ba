"""Where the pixels of a raster lie: its projection, the sphere it is on, rows and columns."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from rasterio.transform import Affine

from perilune.data.maps import pixel_projections
from perilune.data.maps.height_units import body_of
from perilune.data.maps.pixel_projections import Angles, Places
from perilune.data.maps.pixel_reader import Layout
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M

RADIUS_SLACK_M = 5_000.0
ToMap = Callable[[Angles, Angles], Places]


def projection(path: Path, crs: rasterio.CRS) -> pyproj.CRS:
    """A file's projection as PROJ understands it; InputError where it does not."""
    try:
        return pyproj.CRS.from_wkt(crs.to_wkt())
    except (pyproj.exceptions.CRSError, rasterio.errors.CRSError) as error:
        raise InputError(
            f"{path}: the projection must be one that PROJ knows, but is not "
            f"({' '.join(str(error).split())}); declare another with `gdal_edit.py -a_srs`."
        ) from error


def sphere_radius_m(path: Path, crs: pyproj.CRS) -> float:
    """The radius of the sphere that a projection is on; InputError where it is not the Moon's."""
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or abs(ellipsoid.semi_major_metre - MOON_RADIUS_M) > RADIUS_SLACK_M:
        raise InputError(
            f"{path}: the projection must be on a sphere of the Moon, about 1737400 m, but its "
            f"datum has {_sphere_words(ellipsoid)}; if the heights are the Moon's, declare its "
            "sphere, for instance with `gdal_edit.py -a_srs IAU_2015:30100`, else take another map."
        )
    if ellipsoid.semi_major_metre != ellipsoid.semi_minor_metre:
        raise InputError(f"{path}: the datum must be a sphere, but is flattened; reproject it.")
    return float(ellipsoid.semi_major_metre)


def _sphere_words(ellipsoid: pyproj.crs.Ellipsoid | None) -> str:
    """The radius of a datum, and whose it is where that is known."""
    if ellipsoid is None:
        return "none"
    radius_m = ellipsoid.semi_major_metre
    body = body_of(radius_m, radius_m)
    return f"{radius_m:.0f} m{f', {body}' if body else ''}"


def layout_of(
    crs: pyproj.CRS, radius_m: float, transform: Affine, shape: tuple[int, int]
) -> Layout:
    """Where the pixels of a raster lie, and how far round the Moon and over its poles they go."""
    to_map = _to_map(crs, radius_m)
    turn = _turn(to_map)
    middle = transform.c + 0.5 * (transform.a * shape[1] + transform.b * shape[0])
    place = functools.partial(_pixels, to_map, ~transform, (middle, turn))
    unit_m = crs.axis_info[0].unit_conversion_factor * (radius_m if crs.is_geographic else 1.0)
    step_m = (
        unit_m * float(np.hypot(transform.b, transform.e)),
        unit_m * float(np.hypot(transform.a, transform.d)),
    )
    upright = turn and transform.b == transform.d == 0.0
    count = pixel_projections.turn_count(shape[1], turn / transform.a) if upright else 0
    mirrors: tuple[int | None, int | None] = (None, None)
    if count:
        poles = [float(place(np.array(each), np.array(0.0))[0]) for each in _POLES_RAD]
        mirrors = pixel_projections.pole_mirrors(shape[0], poles)
    return Layout(
        shape=shape, pixel_from_angles=place, step_m=step_m, turn_count=count, mirrors=mirrors
    )


def _to_map(crs: pyproj.CRS, radius_m: float) -> ToMap:
    """From longitude and latitude, degrees, to x and y; pyproj makes degrees of radians."""
    degrees = pyproj.CRS.from_dict({"proj": "longlat", "R": radius_m, "no_defs": True})
    transform = pyproj.Transformer.from_crs(degrees, crs, always_xy=True).transform
    if crs.is_geographic and crs.axis_info[0].unit_conversion_factor == 1.0:
        return lambda east_deg, north_deg: tuple(np.radians(transform(east_deg, north_deg)))
    return transform


_POLES_RAD = (-0.5 * np.pi, 0.5 * np.pi)


def _turn(to_map: ToMap) -> float:
    """How far x goes in a turn of longitude, where it goes evenly and alone; else zero."""
    for base in (0.0, 120.0, -120.0):
        x, _ = to_map(np.array([0.0, 10.0, 20.0, 10.0]) + base, np.array([0.0, 0.0, 0.0, 40.0]))
        if not np.isfinite(x).all():
            continue
        step = x[1] - x[0]
        if abs(x[2] - x[1] - step) + abs(x[3] - x[1]) < 1e-9 * abs(step):
            return 36.0 * float(step)
    return 0.0


def _pixels(
    to_map: ToMap,
    inverse: Affine,
    turning: tuple[float, float],
    latitude_rad: Angles,
    longitude_rad: Angles,
) -> Places:
    """Row and column, pixel centres whole; not finite where the projection has no image."""
    x, y = to_map(np.degrees(longitude_rad), np.degrees(latitude_rad))
    middle, turn = turning
    with np.errstate(invalid="ignore"):
        if turn:
            x = pixel_projections.on_turn(x, middle, turn)
        column = inverse.a * np.asarray(x) + inverse.b * np.asarray(y) + inverse.c
        row = inverse.d * np.asarray(x) + inverse.e * np.asarray(y) + inverse.f
    return row - 0.5, column - 0.5
