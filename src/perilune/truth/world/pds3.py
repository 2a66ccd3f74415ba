"""PDS3 map images: what their labels declare, and their pixels read where needed."""

import functools
import re

import numpy as np

from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.truth.world import map_projections
from perilune.truth.world.terrain_grid import PixelGrid

SAMPLE_TYPES = {
    ("LSB_INTEGER", 16): "<i2",
    ("MSB_INTEGER", 16): ">i2",
    ("LSB_INTEGER", 32): "<i4",
    ("MSB_INTEGER", 32): ">i4",
    ("PC_REAL", 32): "<f4",
    ("IEEE_REAL", 32): ">f4",
}


def read_label(path):
    """The `KEY = value` pairs of a label as text, units and quotes taken off; first one counts."""
    text = path.read_text("latin-1")
    label = {}
    for key, value in re.findall(r"^\s*(\^?[A-Z_]+)\s*=\s*([^\r\n]+)", text, re.MULTILINE):
        label.setdefault(key, re.sub(r"\s*<[^>]*>\s*$", "", value.strip()).strip('"').strip())
    return label


def pixel_grid(label, label_path, image_path):
    """The `PixelGrid`, its resolution in metres and its provenance; `InputError` names what lacks.

    Heights are DN * SCALING_FACTOR above the sphere; the radius that label and map give must be
    that of the 1,737,400 m sphere, else the difference is added.
    """
    ask = functools.partial(_asked, label, label_path)
    lines, samples = int(ask("LINES")), int(ask("LINE_SAMPLES"))
    kind = SAMPLE_TYPES.get((ask("SAMPLE_TYPE"), int(ask("SAMPLE_BITS"))))
    if kind is None:
        raise InputError(
            f"{label_path}: SAMPLE_TYPE must be one of {sorted({t for t, _ in SAMPLE_TYPES})}, but "
            f"is {label['SAMPLE_TYPE']} of {label['SAMPLE_BITS']} bits; convert it to GeoTIFF."
        )
    pixels = _mapped(image_path, kind, (lines, samples))
    place, resolution_m, turn = _placed(ask, label_path, samples)
    nodata = label.get("MISSING_CONSTANT")
    metres = _metres_per_unit(ask("UNIT"), label_path)
    grid = PixelGrid(
        (lines, samples),
        lambda rows, columns: pixels[rows, columns],
        place,
        height_scale=metres * float(ask("SCALING_FACTOR")),
        height_offset_m=metres * float(ask("OFFSET")) - MOON_RADIUS_M,
        nodata=None if nodata is None else float(nodata),
        turn_count=turn,
    )
    return grid, resolution_m, f"PDS3 {label.get('DATA_SET_ID', '')} {label.get('PRODUCT_ID', '')}"


def _asked(label, label_path, key):
    if key not in label:
        raise InputError(
            f"{label_path}: the label must declare {key}, but does not; take the label that was "
            "published with the image."
        )
    return label[key]


def _metres_per_unit(unit, label_path):
    metres = {"METER": 1.0, "METERS": 1.0, "KILOMETER": 1000.0, "KILOMETERS": 1000.0}
    if unit.upper() not in metres:
        raise InputError(
            f"{label_path}: UNIT must be METER or KILOMETER, but is {unit}; convert the map."
        )
    return metres[unit.upper()]


def _mapped(image_path, kind, shape):
    expected = np.dtype(kind).itemsize * shape[0] * shape[1]
    size = image_path.stat().st_size
    if size != expected:
        raise InputError(
            f"{image_path}: the image must have the {expected} bytes its label declares, but has "
            f"{size}; fetch it again."
        )
    return np.memmap(image_path, dtype=kind, mode="r", shape=shape)


def _placed(ask, label_path, samples):
    """Pixel places, resolution and columns per turn, from the map projection of the label."""
    kind = ask("MAP_PROJECTION_TYPE").upper()
    centre = float(ask("LINE_PROJECTION_OFFSET")), float(ask("SAMPLE_PROJECTION_OFFSET"))
    if ask("POSITIVE_LONGITUDE_DIRECTION").upper() != "EAST":
        raise InputError(f"{label_path}: longitudes must be positive east; convert the map.")
    middle = float(ask("CENTER_LATITUDE")), float(ask("CENTER_LONGITUDE"))
    if kind == "SIMPLE CYLINDRICAL" and middle[0] == 0.0:
        per_degree = float(ask("MAP_RESOLUTION"))
        north, west = centre[0] / per_degree, middle[1] - centre[1] / per_degree
        place = functools.partial(
            map_projections.pixel_from_angles, north, west, per_degree, samples
        )
        turn = round(360.0 * per_degree)
        return place, np.radians(1.0 / per_degree) * MOON_RADIUS_M, turn * (turn == samples)
    if kind == "POLAR STEREOGRAPHIC" and middle in ((90.0, 0.0), (-90.0, 0.0)):
        step_m = float(ask("MAP_SCALE")) * (1000.0 if _in_kilometres(label_path) else 1.0)
        pole = 1 if middle[0] > 0.0 else -1
        place = functools.partial(
            map_projections.pixel_from_polar, pole, MOON_RADIUS_M, centre, step_m
        )
        return place, step_m, 0
    raise InputError(
        f"{label_path}: the projection must be simple cylindrical about the equator or polar "
        f"stereographic about a pole and longitude 0, but is {kind} about {middle}; convert the "
        "map to GeoTIFF."
    )


def _in_kilometres(label_path):
    text = label_path.read_text("latin-1")
    return re.search(r"MAP_SCALE\s*=[^<\n]*<\s*km", text, re.IGNORECASE) is not None
