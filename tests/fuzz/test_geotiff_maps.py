"""GeoTIFF and `.npz` maps in every convention give the closed-form ground, or are refused."""

import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine

from perilune.data.maps.map_files import open_source
from perilune.data.maps.site_agreement import site_findings
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from tests.fuzz.ground import (
    assert_ground,
    ground_m,
)
from tests.fuzz.stored_numbers import (
    LONGLAT,
    angles,
    asked,
    centres,
    emptied,
    gaps,
    hidden,
    numbers,
    stored,
    write_tif,
)

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
