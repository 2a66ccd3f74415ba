"""GeoTIFF and `.npz` maps in every convention give the closed-form ground, or are refused."""

import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyproj
import rasterio
from hypothesis import assume, given
from hypothesis import strategies as st
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from perilune.data.maps.map_files import open_source
from perilune.data.maps.site_agreement import site_findings
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from tests.fuzz.ground import (
    assert_ground,
    assert_refused_or_lunar,
    broken,
    edits,
    ground_m,
)

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
FLAT = "+proj=eqc +R=1737400 +lon_0={lon} +lat_ts={lat} +units={unit}"
STEREO = "+proj=stere +lat_0={pole} +lon_0={lon} +k=1 +R=1737400 +units={unit}"
SHAPE = (40, 60)
LENGTHS = st.sampled_from((("m", 1.0), ("km", 1_000.0), ("us-ft", 1200.0 / 3937.0)))
CENTRES = st.sampled_from((0.0, 37.0, 180.0, -120.0))


@st.composite
def polar(draw):
    """A square about or beside a pole: CRS, step in its unit and in degrees, left, top, width."""
    unit, metres = draw(LENGTHS)
    crs = STEREO.format(pole=draw(st.sampled_from((-90, 90))), lon=draw(CENTRES), unit=unit)
    step_deg = draw(st.sampled_from((0.05, 0.2)))
    left = draw(st.sampled_from((-30.0, 15.0, -90.0)))
    top = draw(st.sampled_from((20.0, -15.0)))
    return crs, np.radians(step_deg) * MOON_RADIUS_M / metres, step_deg, (left, top), SHAPE


@st.composite
def even(draw):
    """Even angles, in degrees or in lengths of an equirectangular map: part of the Moon."""
    (unit, metres), lat = draw(LENGTHS), draw(st.sampled_from((0.0, 45.0)))
    crs = draw(st.sampled_from((LONGLAT, FLAT.format(lon=draw(CENTRES), lat=lat, unit=unit))))
    step_deg = draw(st.sampled_from((0.05, 0.2)))
    one = 1.0 if crs == LONGLAT else np.radians(1.0) * MOON_RADIUS_M / metres
    left = draw(st.sampled_from((0.0, -160.0, 20.0, 110.0)))
    left += draw(st.sampled_from((0.0, 350.0, -187.3))) if crs == LONGLAT else 0.0
    corner = left / step_deg, draw(st.sampled_from((10.0, 80.0, -60.0))) / step_deg
    return crs, step_deg * one, step_deg, corner, SHAPE


@st.composite
def round_the_moon(draw):
    """The whole Moon, or a band of latitudes round it."""
    (unit, metres), lat = draw(LENGTHS), draw(st.sampled_from((0.0, 45.0)))
    crs = draw(st.sampled_from((LONGLAT, FLAT.format(lon=draw(CENTRES), lat=lat, unit=unit))))
    one = 3.0 if crs == LONGLAT else np.radians(3.0) * MOON_RADIUS_M / metres
    left = draw(st.sampled_from((0.0, -180.0, 20.0, -90.0))) if crs == LONGLAT else -180.0
    shape = draw(st.sampled_from(((60, 120), (40, 120))))
    return crs, one, 3.0, (left / 3.0, shape[0] / 2), shape


@st.composite
def layouts(draw):
    """Where the pixels lie: CRS, transform, shape, and how coarse they are, rad."""
    drawn = draw(st.one_of(polar(), even(), even(), round_the_moon()))
    crs, step, step_deg, corner, shape = drawn
    goes_round = shape[1] == 120
    wide = 1.0 if goes_round else draw(st.sampled_from((1.0, 1.5)))
    narrow = np.cos(np.radians(45.0)) if "lat_ts=45" in crs else 1.0
    transform = Affine(
        step * wide * narrow, 0.0, corner[0] * step * narrow, 0.0, -step, corner[1] * step
    )
    if draw(st.booleans()):  # southernmost row first
        transform = transform @ Affine(1.0, 0.0, 0.0, 0.0, -1.0, shape[0])
    if not goes_round and draw(st.booleans()):  # easternmost column first
        transform = transform @ Affine(-1.0, 0.0, shape[1], 0.0, 1.0, 0.0)
    return SimpleNamespace(
        crs=crs,
        transform=transform,
        shape=shape,
        goes_round=goes_round,
        step_rad=np.radians(step_deg) * wide,
        polar="stere" in crs,
    )


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


OPTIONS = (
    {},
    {"tiled": True, "blockxsize": 16, "blockysize": 16},
    {"compress": "deflate"},
    {"compress": "lzw", "tiled": True, "blockxsize": 32, "blockysize": 16},
    {"BIGTIFF": "YES", "ENDIANNESS": "BIG"},
)


@given(
    number=numbers(),
    layout=layouts(),
    gap=gaps(),
    options=st.sampled_from(OPTIONS),
    point=st.sampled_from(("Area", "Point")),
    seed=st.integers(0, 2**32),
)
def test_a_geotiff_of_any_convention_gives_the_ground(number, layout, gap, options, point, seed):
    values, quantum_m = stored(number, ground_m(*angles(layout, centres(layout))))
    empty = emptied(layout.shape, gap[0])
    lost = hidden(values, empty, number, gap[1])
    more = {"hiding": gap[1], "empty": empty, "lost": lost, "options": options, "point": point}
    pixels = asked(layout.shape, layout.goes_round, seed)
    place = angles(layout, pixels)
    keep = np.isfinite(place).all(axis=0) & (np.abs(place[0]) < np.radians(90.0) - 1e-9)
    if layout.polar:  # the ground is not smooth at a pole, which a spline forgets in 12 pixels
        keep &= np.cos(place[0]) > 12.0 * layout.step_rad
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.tif")
        write_tif(path, values, layout, number, more)
        assert_ground(
            path,
            pixels[:, keep],
            place[:, keep],
            empty=empty,
            step_rad=layout.step_rad,
            quantum_m=quantum_m,
            goes_round=layout.goes_round,
        )


@given(
    per_metre=st.sampled_from((1e-3, 1.0 / 0.3048, 10.0, 100.0, 1_000.0, 2.0, -1.0)),
    base_m=st.sampled_from((0.0, MOON_RADIUS_M)),
    kind=st.sampled_from(("<f4", "<f8", "<i4")),
    corner=st.tuples(st.sampled_from((0.0, 41.0, -71.0)), st.sampled_from((0.0, 100.0, -63.0))),
)
def test_a_unit_that_is_not_declared_is_refused_or_noted(per_metre, base_m, kind, corner):
    step = 0.02
    layout = SimpleNamespace(
        crs=LONGLAT,
        transform=Affine(step, 0.0, corner[1], 0.0, -step, corner[0] + 20 * step),
        shape=(40, 40),
    )
    values = ((ground_m(*angles(layout, centres(layout))) + base_m) * per_metre).astype(kind)
    plain = SimpleNamespace(unit="", scale=1.0, offset=0.0)
    more = {"hiding": "", "empty": np.zeros(layout.shape, bool), "options": {}, "point": "Area"}
    here = angles(layout, np.array([[19.0], [21.0]]))[:, 0]
    site = SimpleNamespace(
        latitude_rad=here[0], longitude_rad=here[1], height_m=float(ground_m(*here))
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.tif")
        write_tif(path, values, layout, plain, more)
        said = findings(site, path)
    assert said
    assert all(path.name in each for each in said)


def findings(site, path):
    """Every sentence that a map is refused with, or noted, where a site names it."""
    try:
        found = site_findings(site, [open_source(path)])
    except InputError as error:
        return [str(error)]
    return [*found.problems, *found.notes]


META = {
    "datum": "height above a 1737.4 km sphere, metres",
    "frame": "Moon mean-Earth/polar-axis, east-positive planetocentric",
    "source": "made for a test",
}


@st.composite
def grids(draw):
    """The axes of a `.npz` map, the angles of its pixels, and what a fractional pixel is."""
    way, across = (draw(st.sampled_from((1.0, -1.0))) for _ in range(2))
    kind = draw(st.sampled_from(("axes", "axes", "meta", "polar", "globe")))
    step = draw(st.sampled_from((0.05, 0.2)))
    if kind == "polar":
        pole = draw(st.sampled_from((1, -1)))
        step_m = np.radians(step) * MOON_RADIUS_M
        x_m = across * step_m * (np.arange(60) - draw(st.sampled_from((29.5, -20.0, 80.0))))
        y_m = way * step_m * (np.arange(40) - draw(st.sampled_from((19.5, -20.0, 60.0))))
        word = draw(st.sampled_from(("{} polar stereographic", "{} Polar Stereographic, true")))
        said = {"projection": word.format("north" if pole > 0 else "south")}
        return SimpleNamespace(
            axes={"x_m": x_m, "y_m": y_m}, said=said, first=(y_m, x_m), step=step, pole=pole
        )
    lat = draw(st.sampled_from((0.0, 80.0, -61.0))) - way * step * np.arange(40)
    lon = draw(st.sampled_from((0.0, 350.0, 170.0, -187.0))) + across * step * np.arange(60)
    if kind == "globe":
        step = 3.0
        lat = way * (88.5 - step * np.arange(60))
        lon = draw(st.sampled_from((0.0, -178.5, 20.0))) + step * np.arange(120)
    axes, said = {"lat_deg": lat, "lon_deg": lon}, {}
    if kind == "meta":
        lat, lon = lat[0] - step * np.arange(40), lon[0] + step * np.arange(60)
        axes, said = {}, {"lat0": lat[0], "lon0": lon[0], "pixels_per_degree": 1.0 / step}
    elif draw(st.booleans()):  # longitudes on one turn, which may jump
        axes["lon_deg"] = axes["lon_deg"] % 360.0
    return SimpleNamespace(axes=axes, said=said, first=(lat, lon), step=step, pole=0)


def grid_angles(grid, pixels):
    """Latitude and longitude, rad, of fractional pixels; Snyder's inverse about a pole."""
    row, column = (
        axis[0] + (axis[1] - axis[0]) * at for axis, at in zip(grid.first, pixels, strict=True)
    )
    if not grid.pole:
        return np.radians([row, column])
    colatitude_rad = 2.0 * np.arctan(0.5 * np.hypot(row, column) / MOON_RADIUS_M)
    return np.array(
        [grid.pole * (0.5 * np.pi - colatitude_rad), np.arctan2(column, -grid.pole * row)]
    )


@given(
    number=numbers(),
    grid=grids(),
    gap=gaps(),
    save=st.sampled_from((np.savez, np.savez_compressed)),
    seed=st.integers(0, 2**32),
)
def test_an_npz_of_any_convention_gives_the_ground(number, grid, gap, save, seed):
    number.scale, number.offset_m = 1.0, 0.0
    assume(number.kind.kind == "f" or number.metres == 1.0)
    shape = tuple(len(axis) for axis in grid.first)
    every = centres(SimpleNamespace(shape=shape))
    values, quantum_m = stored(number, ground_m(*grid_angles(grid, every)))
    assume(gap[1] not in ("mask", "alpha"))
    empty = emptied(shape, gap[0])
    lost = hidden(values, empty, number, gap[1])
    meta = META | grid.said | ({"unit": number.unit} if number.unit else {})
    if lost is not None and gap[1] in ("declared", "positive"):
        meta |= {"nodata": float(lost) if values.dtype.kind == "f" else int(lost)}
    goes_round = shape == (60, 120)
    pixels = asked(shape, goes_round, seed)
    place = grid_angles(grid, pixels)
    keep = np.abs(place[0]) < np.radians(90.0) - 1e-9
    if grid.pole:
        keep &= np.cos(place[0]) > 12.0 * np.radians(grid.step)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.npz")
        save(path, height_m=values, meta=json.dumps(meta), **grid.axes)
        assert_ground(
            path,
            pixels[:, keep],
            place[:, keep],
            empty=empty,
            step_rad=np.radians(grid.step),
            quantum_m=quantum_m,
            goes_round=goes_round,
        )


def small_files():
    """Whole files of a few pixels, by name, in bytes."""
    layout = SimpleNamespace(
        crs=LONGLAT, transform=Affine(1.0, 0.0, 20.0, 0.0, -1.0, 10.0), shape=(12, 16)
    )
    heights_m = ground_m(*angles(layout, centres(layout)))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, kind, options in (
            ("plain.tif", "<i2", {}),
            ("deflate.tif", "<f4", {"compress": "deflate"}),
            ("tiles.tif", "<f4", {"tiled": True, "blockxsize": 16, "blockysize": 16}),
            ("big.tif", "<f8", {"BIGTIFF": "YES", "ENDIANNESS": "BIG"}),
        ):
            more = {"empty": np.zeros(layout.shape, bool), "options": options, "point": "Area"}
            number = SimpleNamespace(unit="metre", scale=1.0, offset=0.0)
            write_tif(
                Path(folder, name), heights_m.astype(kind), layout, number, more | {"hiding": ""}
            )
        axes = {"lat_deg": 9.5 - np.arange(12.0), "lon_deg": 20.5 + np.arange(16.0)}
        meta = json.dumps(META)
        np.savez(Path(folder, "plain.npz"), height_m=heights_m, meta=meta, **axes)
        np.savez_compressed(Path(folder, "packed.npz"), height_m=heights_m, meta=meta, **axes)
        for each in Path(folder).iterdir():
            found[each.name] = each.read_bytes()
    return found


WHOLE = small_files()


@given(name=st.sampled_from(sorted(WHOLE)), changes=edits)
def test_a_map_with_broken_bytes_is_refused_in_a_sentence_or_lunar(name, changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(broken(WHOLE[name], changes))
        assert_refused_or_lunar(path)


def test_whole_small_files_are_read():
    with tempfile.TemporaryDirectory() as folder:
        for name, whole in WHOLE.items():
            Path(folder, name).write_bytes(whole)
            assert assert_refused_or_lunar(Path(folder, name))
