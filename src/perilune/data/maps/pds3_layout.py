"""Where the pixels of a PDS3 map lie, by the projection its label declares."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float

from perilune.data.maps import pixel_projections
from perilune.data.maps.pds_labels import LabelKeys
from perilune.data.maps.pixel_projections import Axis
from perilune.data.maps.pixel_reader import Layout
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M

RADIUS_SLACK_M = 5_000.0
CYLINDRICAL = ("SIMPLE CYLINDRICAL", "SIMPLE_CYLINDRICAL", "EQUIRECTANGULAR", "EQUIDISTANT")
POLAR = ("POLAR STEREOGRAPHIC", "POLAR_STEREOGRAPHIC", "STEREOGRAPHIC")
PER_PIXEL = re.compile(
    r"(k?m|(?:kilo)?met(?:er|re)s?)(?:\s*/\s*|[\s_]per[\s_])(?:pix|pixel|px)s?", re.IGNORECASE
)
NOTED_FRACTION = 0.4
"""Of a pixel: half of one is a corner taken for a centre, one is counting from 1."""
AGREEING_FRACTION = 0.02
"""Pixels per degree and metres per pixel, where a label has both, differ by no more."""


def layout_of(label: dict[str, tuple[str, str]], path: Path, shape: tuple[int, int]) -> Layout:
    """The layout of a map of that many lines and samples; InputError for what is not supported."""
    keys = LabelKeys(label, path, "IMAGE_MAP_PROJECTION")
    kind = keys.text("MAP_PROJECTION_TYPE").upper()
    _check_turning(keys)
    if kind in CYLINDRICAL:
        return _cylindrical(keys, shape, sphere_radius_m(label, path))
    if kind in POLAR and abs(keys.number("CENTER_LATITUDE")) == 90.0:
        return _polar(keys, shape, sphere_radius_m(label, path))
    raise InputError(
        f"{path}: the projection must be simple cylindrical, equirectangular, or polar "
        f"stereographic about a pole, but is {kind} about latitude "
        f"{keys.number('CENTER_LATITUDE', np.nan):g}; convert the map to GeoTIFF."
    )


def sphere_radius_m(label: dict[str, tuple[str, str]], path: Path) -> float:
    """The radius of the label's sphere; the Moon's where it declares none."""
    keys = LabelKeys(label, path, "IMAGE_MAP_PROJECTION")
    axes = [keys.number(f"{axis}_AXIS_RADIUS", 1e-3 * MOON_RADIUS_M) for axis in "ABC"]
    radii_m = [axis if axis > 1e5 else 1e3 * axis for axis in axes]
    if max(abs(each - MOON_RADIUS_M) for each in radii_m) > RADIUS_SLACK_M:
        raise InputError(
            f"{path}: A_AXIS_RADIUS, B and C must be the Moon's, about 1737.4 km, but are "
            f"{', '.join(f'{each:g}' for each in axes)}; correct the label."
        )
    if max(radii_m) - min(radii_m) > 1.0:
        raise InputError(f"{path}: the datum must be a sphere, but is flattened; reproject it.")
    return radii_m[0]


def _check_turning(keys: LabelKeys) -> None:
    rotation_deg = keys.number("MAP_PROJECTION_ROTATION", 0.0)
    if rotation_deg % 360.0 != 0.0:
        raise InputError(
            f"{keys.path}: MAP_PROJECTION_ROTATION must be 0 or a whole turn, but is "
            f"{rotation_deg:g}, which is not supported; convert the map to GeoTIFF with `gdalwarp`."
        )
    direction = keys.text("POSITIVE_LONGITUDE_DIRECTION").upper()
    if direction != "EAST":
        raise InputError(
            f"{keys.path}: longitudes must be positive east, but POSITIVE_LONGITUDE_DIRECTION is "
            f"{direction}; convert the map."
        )
    frame = keys._said("COORDINATE_SYSTEM_NAME")[0].upper()
    if "PRINCIPAL" in frame or re.search(r"(^|[^A-Z])PA([^A-Z]|$)", frame):
        raise InputError(
            f"{keys.path}: maps must be in the mean-Earth frame, but COORDINATE_SYSTEM_NAME is "
            f"{frame}, 875 m away; convert the map."
        )


def _cylindrical(keys: LabelKeys, shape: tuple[int, int], radius_m: float) -> Layout:
    """Rows of even latitude from the equator, columns of even longitude from the centre.

    With a standard parallel (CENTER_LATITUDE) columns are wider by its secant (Snyder 1987, 12-1).
    """
    row_deg = 1.0 / _per_degree(keys, radius_m)
    parallel_deg = keys.number("CENTER_LATITUDE", 0.0)
    if abs(parallel_deg) > 89.0:
        raise InputError(
            f"{keys.path}: CENTER_LATITUDE of a cylindrical map must lie within 89 deg, but is "
            f"{parallel_deg:g}; take the label that was published with the image."
        )
    standard_deg = keys.number("FIRST_STANDARD_PARALLEL", parallel_deg)
    if abs(abs(standard_deg) - abs(parallel_deg)) > 1e-6:
        raise InputError(
            f"{keys.path}: FIRST_STANDARD_PARALLEL of a cylindrical map must be its "
            f"CENTER_LATITUDE, {parallel_deg:g}, but is {standard_deg:g}; correct the label."
        )
    parallel_rad = np.radians(parallel_deg)
    column_deg = row_deg / np.cos(parallel_rad)
    line, sample = _origin(keys)
    latitude = Axis(row_deg * line, -row_deg, shape[0])
    longitude = Axis(keys.number("CENTER_LONGITUDE") - column_deg * sample, column_deg, shape[1])
    notes = tuple(_edges(keys, latitude, longitude))
    turn = pixel_projections.turn_count(shape[1], 360.0 / column_deg)
    poles = [latitude.index(each) for each in (-90.0, 90.0)]
    step_m = float(np.radians(row_deg) * radius_m)
    return Layout(
        shape=shape,
        pixel_from_angles=functools.partial(
            pixel_projections.pixel_from_angles, latitude, longitude
        ),
        step_m=(step_m, step_m),
        turn_count=turn,
        mirrors=pixel_projections.pole_mirrors(shape[0], poles) if turn else (None, None),
        notes=notes,
    )


def _edges(keys: LabelKeys, latitude: Axis, longitude: Axis) -> Iterator[str]:
    """The label's own bounds must be met within two pixels; a note where one is not within 0.4."""
    offsets: dict[str, float] = {}
    for key, axis, number in (
        ("MAXIMUM_LATITUDE", latitude, -0.5),
        ("MINIMUM_LATITUDE", latitude, latitude.count - 0.5),
        ("WESTERNMOST_LONGITUDE", longitude, -0.5),
        ("EASTERNMOST_LONGITUDE", longitude, longitude.count - 0.5),
    ):
        if not keys.has(key):
            continue
        stated, found = keys.number(key), axis.first + number * axis.step
        off = stated - found
        if axis is longitude:
            off = (off + 180.0) % 360.0 - 180.0
        if abs(off) > 2.0 * abs(axis.step):
            raise InputError(
                f"{keys.path}: {key} must agree with the projection offsets, which give "
                f"{found:.6g}, but is {stated:.6g}; take the label that was published with the "
                "image."
            )
        offsets[key] = abs(off / axis.step)
    farthest = max(offsets, key=lambda key: offsets[key], default=None)
    if farthest is not None and offsets[farthest] > NOTED_FRACTION:
        yield (
            f"{keys.path}: {farthest} is {offsets[farthest]:.2g} pixels from where the projection "
            "offsets put the map's edge; the offsets are followed."
        )


def _polar(keys: LabelKeys, shape: tuple[int, int], radius_m: float) -> Layout:
    pole = 1 if keys.number("CENTER_LATITUDE") > 0.0 else -1
    step_m, (line, sample) = _scale_m(keys, radius_m), _origin(keys)
    turned_rad = np.radians(keys.number("CENTER_LONGITUDE"))
    x_m = Axis(-step_m * sample, step_m, shape[1])
    y_m = Axis(step_m * line, -step_m, shape[0])

    def place(
        latitude_rad: Float[np.ndarray, "..."], longitude_rad: Float[np.ndarray, "..."]
    ) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
        turned = longitude_rad - turned_rad
        return pixel_projections.pixel_from_polar(pole, radius_m, x_m, y_m, latitude_rad, turned)

    return Layout(shape=shape, pixel_from_angles=place, step_m=(step_m, step_m))


def _origin(keys: LabelKeys) -> tuple[float, float]:
    return keys.number("LINE_PROJECTION_OFFSET"), keys.number("SAMPLE_PROJECTION_OFFSET")


def _per_degree(keys: LabelKeys, radius_m: float) -> float:
    """Pixels per degree of latitude, as the label gives them or by its metres per pixel."""
    degree_m = float(np.radians(1.0) * radius_m)
    if not keys.has("MAP_RESOLUTION"):
        return degree_m / _scale_m(keys, radius_m)
    per_degree = keys.above_zero("MAP_RESOLUTION")
    _check_agreement(keys, per_degree, degree_m)
    if keys.unit("MAP_RESOLUTION") and "deg" not in keys.unit("MAP_RESOLUTION"):
        raise InputError(
            f"{keys.path}: MAP_RESOLUTION must be in pixels per degree, but is {per_degree:g} "
            f"<{keys.unit('MAP_RESOLUTION')}>; correct the label."
        )
    return per_degree


def _check_agreement(keys: LabelKeys, per_degree: float, degree_m: float) -> None:
    per_pixel = PER_PIXEL.fullmatch(keys.unit("MAP_SCALE")) if keys.has("MAP_SCALE") else None
    if per_pixel is None:
        return
    scale_m = keys.above_zero("MAP_SCALE") * _metres(per_pixel)
    if abs(scale_m * per_degree / degree_m - 1.0) > AGREEING_FRACTION:
        raise InputError(
            f"{keys.path}: MAP_SCALE must go with MAP_RESOLUTION, whose pixels are "
            f"{degree_m / per_degree:.6g} m, but gives {scale_m:.6g} m; correct the one that is "
            "wrong."
        )


def _metres(per_pixel: re.Match[str]) -> float:
    return 1000.0 if per_pixel[1].lower().startswith("k") else 1.0


def _scale_m(keys: LabelKeys, radius_m: float) -> float:
    """Metres per pixel; where no unit stands, kilometres or metres, by the pixels per degree."""
    scale, unit = keys.above_zero("MAP_SCALE"), keys.unit("MAP_SCALE")
    per_pixel = PER_PIXEL.fullmatch(unit)
    if per_pixel is not None:
        return scale * _metres(per_pixel)
    if not unit and keys.has("MAP_RESOLUTION"):
        expected_m = float(np.radians(1.0) * radius_m) / keys.above_zero("MAP_RESOLUTION")
        for factor in (1000.0, 1.0):
            if abs(scale * factor - expected_m) < 0.01 * expected_m:
                return scale * factor
    raise InputError(
        f"{keys.path}: MAP_SCALE must be in metres or kilometres per pixel, but is {scale:g} "
        f"<{unit}>; write its unit, for instance <M/PIXEL>."
    )
