"""Numbers as map files store them, their gaps, and what is asked of a map."""

from types import SimpleNamespace

import numpy as np
import pyproj
import rasterio
from hypothesis import assume
from hypothesis import strategies as st
from rasterio.enums import ColorInterp

from perilune.mechanics.constants import MOON_RADIUS_M

UNITS = {
    1.0: ("", "m", "metre", "Meters", "METERS", " metres ", "meter", "<meter>", "'METER'"),
    1_000.0: ("km", "KM", "kilometer", "Kilometres", "KILOMETERS"),
    0.3048: ("ft", "feet", "Foot", "FEET", "international_foot"),
    0.1: ("dm", "decimetre"),
    0.01: ("cm", "Centimeters"),
}


LOST = {"<i2": -32768, "<u2": 65535, "<i4": -2147483648, "<f4": -3.4028234663852886e38}


LOST |= {"<f8": -1.7976931348623157e308}


@st.composite
def numbers(draw):
    """How heights are stored: type, unit, scale, offset, heights or radii, whether declared."""
    metres = draw(st.sampled_from(list(UNITS)))
    return SimpleNamespace(
        kind=np.dtype(draw(st.sampled_from(list(LOST)))),
        metres=metres,
        unit=draw(st.sampled_from(UNITS[metres])),
        scale=draw(st.sampled_from((1.0, 0.5, 0.25, 0.1, 2.0, -0.5))),
        base_m=draw(st.sampled_from((0.0, MOON_RADIUS_M))),
        offset_m=draw(st.sampled_from((0.0, 1_000.0, MOON_RADIUS_M, -500.0))),
    )


def stored(number, height_m):
    """The stored values of heights, and how coarse they are, m."""
    scale = number.scale * (1e-3 if number.metres == 1_000.0 and number.kind.kind != "f" else 1.0)
    number.scale, number.offset = scale, number.offset_m / number.metres
    values = ((height_m + number.base_m) / number.metres - number.offset) / scale
    if number.kind.kind == "f":
        quantum = float(np.spacing(np.abs(values).max().astype(number.kind)))
    else:
        info, quantum = np.iinfo(number.kind), 1.0
        assume(info.min + 10 < values.min() < values.max() < info.max - 10)
        values = np.round(values)
    quantum_m = quantum * abs(scale) * number.metres
    assume(quantum_m <= 30.0)
    return values.astype(number.kind), quantum_m


LONGLAT = "+proj=longlat +R=1737400 +no_defs"


def angles(layout, pixels):
    """Latitude and longitude, rad, of fractional pixels, by PROJ's own inverse."""
    to_angles = pyproj.Transformer.from_crs(
        pyproj.CRS.from_user_input(layout.crs), pyproj.CRS.from_user_input(LONGLAT), always_xy=True
    )
    x, y = layout.transform @ (pixels[1] + 0.5, pixels[0] + 0.5)
    lon_deg, lat_deg = to_angles.transform(x, y)
    return np.radians([lat_deg, lon_deg])


def centres(layout):
    return np.stack(np.meshgrid(*[np.arange(n, dtype=float) for n in layout.shape], indexing="ij"))


@st.composite
def holes(draw):
    """(rows, columns) of pixels without a height, as fractions of the map's sides."""
    if draw(st.booleans()):
        return None
    side = st.sampled_from((0.0, 0.25, 0.45, 0.8))
    return draw(side), draw(side), draw(st.sampled_from((0.05, 0.2))), draw(st.booleans())


def emptied(shape, hole):
    empty = np.zeros(shape, bool)
    if hole is not None:
        row, column = (round(at * n) for at, n in zip(hole, shape, strict=False))
        rows = slice(row, row + max(2, round(hole[2] * shape[0])))
        columns = slice(column, column + max(2, round(hole[2] * shape[1])))
        empty[rows, columns] = True
        empty[shape[0] // 2, shape[1] // 2] |= hole[3]
    return empty


def asked(shape, goes_round, seed):
    """Fractional pixels all over a map and a little beyond it."""
    random = np.random.default_rng(seed)
    spare = np.array([[2.0], [0.5 if goes_round else 2.0]])
    count = np.array(shape)[:, None]
    return random.uniform(-spare, count - 1 + spare, (2, 60))


HIDING = ("declared", "nan", "impossible", "mask", "alpha", "positive")


@st.composite
def gaps(draw):
    return draw(holes()), draw(st.sampled_from(HIDING))


def hidden(values, empty, number, hiding):
    """The value that stands for no height, after it is put into the gaps; None for a mask."""
    if hiding == "nan":
        assume(values.dtype.kind == "f")
        values[empty] = np.nan
        return None
    if hiding in ("mask", "alpha"):
        values[empty] = 0
        return None
    lost = LOST[f"<{values.dtype.str[1:]}"]
    if hiding == "positive" and values.dtype.kind == "f":
        lost = -lost
    if hiding == "declared" and values.dtype.kind != "u":
        lost = -9_999
    assume(not (values == lost).any())
    with np.errstate(over="ignore"):
        height_m = (lost * number.scale + number.offset) * number.metres - number.base_m
    assume(hiding != "impossible" or not -9_300.0 <= height_m <= 10_900.0)
    values[empty] = lost
    return lost


def write_tif(path, values, layout, number, more):
    kind = {"height": values.shape[0], "width": values.shape[1], "dtype": values.dtype}
    alpha = more["hiding"] == "alpha" and bool(more["empty"].any())
    declared = more["lost"] if more["hiding"] in ("declared", "positive") else None
    seen = np.where(more["empty"], 0, 255).astype(np.uint8)
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path,
            "w",
            driver="GTiff",
            crs=layout.crs,
            transform=layout.transform,
            count=1 + alpha,
            nodata=declared,
            **kind,
            **more["options"],
        ) as file,
    ):
        file.update_tags(AREA_OR_POINT=more["point"])
        file.write(values, 1)
        if alpha:
            file.write(seen.astype(values.dtype), 2)
            file.colorinterp = (ColorInterp.gray, ColorInterp.alpha)
        file.units = (number.unit, *[""] * alpha)
        file.scales = (number.scale, *[1.0] * alpha)
        file.offsets = (number.offset, *[0.0] * alpha)
        if more["hiding"] == "mask" and more["empty"].any():
            file.write_mask(seen)


META = {
    "datum": "height above a 1737.4 km sphere, metres",
    "frame": "Moon mean-Earth/polar-axis, east-positive planetocentric",
    "source": "made for a test",
}
