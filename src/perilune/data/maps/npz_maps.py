"""The project's own map files, `.npz`: `height_m`, `meta`, and axes in degrees, metres, or none."""

import dataclasses
import functools
import json
import math
import re
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Shaped

from perilune.data.maps import pixel_projections
from perilune.data.maps.height_units import Stored
from perilune.data.maps.pixel_projections import Axis
from perilune.data.maps.pixel_reader import Layout, Opened, opened
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M

UNREADABLE = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    SyntaxError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)
AXES = ("lat_deg", "lon_deg", "x_m", "y_m")
EVEN_FRACTION = 0.01
"""How far, in steps, a coordinate may lie from where even spacing puts it."""


Default = TypeVar("Default", bound=float | None)


def open_npz(path: Path) -> Opened:
    """The map of a file that declares the 1737.4 km sphere and the mean-Earth frame."""
    held = _held(path)
    for needed in ("height_m", "meta"):
        if needed not in held:
            raise InputError(
                f"{path}: a map of this kind must hold `height_m` and `meta`, but holds "
                f"{', '.join(sorted(held)) or 'nothing'}; write it as docs/understand/terrain.md "
                "says."
            )
    meta, height = _meta(path, held["meta"]), _heights(path, held["height_m"])
    if "x_m" in held or "y_m" in held:
        layout, projection = _polar(path, held, meta), "polar stereographic"
    else:
        layout, projection = _angles(path, held, meta), "latitude and longitude"
    nodata = _nodata(path, meta)

    def read(rows: slice, columns: slice) -> Float[np.ndarray, "row column"]:
        with np.errstate(invalid="ignore"):  # signalling not-a-numbers
            numbers = height[rows, columns].astype(np.float64)
        if nodata is not None:
            numbers[numbers == nodata] = np.nan
        return numbers

    stored = Stored(
        where=str(path),
        unit=str(meta.get("unit", "")),
        cure='declare the unit in `meta`, as "unit": "km"',
    )
    source = str(meta.get("source", "undeclared"))
    about = {"kind": "npz", "projection": projection, "provenance": source}
    found = opened(layout, lambda: nullcontext(read), stored, about)
    return dataclasses.replace(found, unit=str(meta.get("unit", "m")))


def _held(path: Path) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The arrays that matter; nothing pickled is ever read."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {name: file[name] for name in ("height_m", "meta", *AXES) if name in file.files}
    except UNREADABLE as error:
        raise InputError(
            f"{path}: a map of this kind must be a whole `.npz` of plain arrays, but NumPy cannot "
            f"read it ({' '.join(str(error).split())}); fetch it again, or write it with "
            "`numpy.savez`, numbers as numbers and `meta` as a JSON text."
        ) from error


def _meta(path: Path, array: Shaped[np.ndarray, "..."]) -> dict[str, Any]:
    try:
        meta = json.loads(str(array))
    except ValueError:
        meta = None
    if not isinstance(meta, dict):
        raise InputError(
            f"{path}: `meta` must be a JSON text with `datum`, `frame` and `source`, but is "
            f"{str(array)[:40]!r}; write it with `json.dumps`."
        )
    datum, frame = str(meta.get("datum", "")), str(meta.get("frame", ""))
    if "1737.4 km sphere" not in datum or "mean-Earth" not in frame:
        raise InputError(
            f"{path}: `meta` must declare a datum above the 1737.4 km sphere and the mean-Earth "
            f"frame, but says datum {meta.get('datum')!r}, frame {meta.get('frame')!r}; convert "
            "the heights and declare both."
        )
    return meta


def _heights(
    path: Path, height: Shaped[np.ndarray, "row column"]
) -> Shaped[np.ndarray, "row column"]:
    is_numbers = height.dtype.kind in "iuf" and height.dtype.itemsize > 1
    if height.ndim != 2 or not is_numbers or min(height.shape) < 2:
        raise InputError(
            f"{path}: `height_m` must be real numbers of 16 bits or more in at least two rows and "
            f"two columns, but is "
            f"{height.dtype} of shape {height.shape}; write it again."
        )
    return height


def _number(path: Path, meta: dict[str, Any], name: str, default: Default) -> float | Default:
    found = meta.get(name, default)
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if found is not default and not (is_number and math.isfinite(found)):
        raise InputError(
            f"{path}: `{name}` in `meta` must be a number, but is {found!r}; write it as one."
        )
    return found


def _nodata(path: Path, meta: dict[str, Any]) -> float | None:
    """The value of no height, under its own name or in the words of the projection."""
    found = re.search(r"\bnodata (-?\d+)", str(meta.get("projection", "")))
    return _number(path, meta, "nodata", float(found[1]) if found else None)


def _axis(path: Path, name: str, values: Shaped[np.ndarray, " count"], count: int) -> Axis:
    """An evenly spaced axis, rising or falling, as long as the side of `height_m` it belongs to."""
    if values.dtype.kind not in "iuf" or values.shape != (count,):
        raise InputError(
            f"{path}: `{name}` must be {count} numbers, one for each "
            f"{'row' if name in ('lat_deg', 'y_m') else 'column'} of `height_m`, but is "
            f"{values.dtype} of shape {values.shape}; rows go with `lat_deg` or `y_m`, columns "
            "with `lon_deg` or `x_m`."
        )
    values = values.astype(np.float64)
    if name == "lon_deg" and np.isfinite(values).all():
        values = np.unwrap(values, period=360.0)
    step = (values[-1] - values[0]) / (count - 1)
    off = np.abs(values - (values[0] + step * np.arange(count)))
    if not np.isfinite(values).all() or step == 0.0 or off.max() > EVEN_FRACTION * abs(step):
        raise InputError(
            f"{path}: `{name}` must be evenly spaced and rise or fall throughout, but is not; "
            "resample the map to an even grid."
        )
    return Axis(float(values[0]), float(step), count)


def _angles(
    path: Path, held: Mapping[str, Shaped[np.ndarray, "..."]], meta: dict[str, Any]
) -> Layout:
    shape = held["height_m"].shape
    if "lat_deg" in held and "lon_deg" in held:
        latitude = _axis(path, "lat_deg", held["lat_deg"], shape[0])
        longitude = _axis(path, "lon_deg", held["lon_deg"], shape[1])
    elif {"lat0", "lon0", "pixels_per_degree"} <= set(meta) and not set(AXES) & set(held):
        north, west, per_degree = (
            _number(path, meta, name, math.nan) for name in ("lat0", "lon0", "pixels_per_degree")
        )
        if not per_degree > 0:
            raise InputError(f"{path}: `pixels_per_degree` in `meta` must be above 0.")
        latitude = Axis(north, -1.0 / per_degree, shape[0])
        longitude = Axis(west, 1.0 / per_degree, shape[1])
    else:
        raise InputError(
            f"{path}: the map must place its pixels by `lat_deg` and `lon_deg`, by `x_m` and "
            "`y_m`, or by lat0, lon0 and pixels_per_degree in `meta`, but has none of these pairs "
            "whole; add one."
        )
    _check_angles(path, latitude, longitude, meta)
    place = functools.partial(pixel_projections.pixel_from_angles, latitude, longitude)
    per_turn = 360.0 / longitude.step
    turn = pixel_projections.turn_count(shape[1], per_turn)
    poles = [latitude.index(each) for each in (-90.0, 90.0)]
    row_m, column_m = (
        float(np.radians(abs(axis.step)) * MOON_RADIUS_M) for axis in (latitude, longitude)
    )
    return Layout(
        shape=shape,
        pixel_from_angles=place,
        step_m=(row_m, column_m),
        turn_count=turn,
        mirrors=pixel_projections.pole_mirrors(shape[0], poles) if turn else (None, None),
    )


def _check_angles(path: Path, latitude: Axis, longitude: Axis, meta: dict[str, Any]) -> None:
    ends = latitude.first, latitude.first + latitude.step * (latitude.count - 1)
    if max(abs(each) for each in ends) > 90.0 + 1e-9:
        raise InputError(
            f"{path}: rows must lie between 90 S and 90 N, but reach from {ends[0]:.6g} to "
            f"{ends[1]:.6g} deg; check `lat_deg`, and that rows are latitudes."
        )
    if abs(longitude.step) * (longitude.count - 1) > 360.0 + 1e-9:
        raise InputError(
            f"{path}: columns must go at most once round the Moon, but span "
            f"{abs(longitude.step) * (longitude.count - 1):.6g} deg; check `lon_deg`."
        )
    per_degree = _number(path, meta, "pixels_per_degree", None)
    for name, axis in (("lat0", latitude), ("lon0", longitude)):
        stated = _number(path, meta, name, None)
        off = 0.0 if stated is None else (stated - axis.first + 180.0) % 360.0 - 180.0
        if abs(off) > abs(axis.step):
            raise InputError(
                f"{path}: `{name}` of `meta` must be where the first pixel lies, {axis.first:.6g}, "
                f"but is {stated:g}; correct the one that is wrong."
            )
    if per_degree and abs(abs(latitude.step) * per_degree - 1.0) > 0.01:
        raise InputError(
            f"{path}: `lat_deg` must go with the pixels_per_degree of `meta`, {per_degree:g}, but "
            f"its step is {abs(latitude.step):.6g} deg; correct the one that is wrong."
        )


def _polar(
    path: Path, held: Mapping[str, Shaped[np.ndarray, "..."]], meta: dict[str, Any]
) -> Layout:
    pole_named = re.search(
        r"\b(north|south) polar stereographic", str(meta.get("projection", "")), re.I
    )
    if pole_named is None or not {"x_m", "y_m"} <= set(held):
        raise InputError(
            f"{path}: a map with `x_m` and `y_m` must have both and declare in `meta` that their "
            "projection is south (or north) polar stereographic, but it says "
            f"{meta.get('projection')!r}; declare it."
        )
    pole = 1 if pole_named[1].lower() == "north" else -1
    shape = held["height_m"].shape
    x_m = _axis(path, "x_m", held["x_m"], shape[1])
    y_m = _axis(path, "y_m", held["y_m"], shape[0])
    place = functools.partial(pixel_projections.pixel_from_polar, pole, MOON_RADIUS_M, x_m, y_m)
    return Layout(shape=shape, pixel_from_angles=place, step_m=(abs(y_m.step), abs(x_m.step)))
