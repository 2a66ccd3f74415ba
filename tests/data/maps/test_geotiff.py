"""GeoTIFF maps of every common convention give one closed-form ground, or are refused."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from perilune.data.maps.map_files import open_source
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from tests.data.maps.geotiff_ground import (
    DEGREES,
    PLACES,
    TENTH,
    assert_ground,
    ground_m,
    pixels_m,
    square,
    write,
)

GAP = slice(60, 75), slice(165, 176)  # holds 3.3 N 37 E


IN_GAP = np.radians([[3.3], [37.0]])


def refusal(path):
    with pytest.raises(InputError) as caught:
        open_source(path).sample(*PLACES)
    return str(caught.value)


@pytest.mark.parametrize("nodata", [3.4028234663852886e38, -3.4028226550889045e38, -9999.0, 0.0])
def test_a_declared_nodata_value_in_the_middle_decides_nothing(tmp_path, nodata):
    values = square()
    values[95:105, 95:105] = nodata
    values[GAP] = nodata
    path = write(tmp_path / "t.tif", values, nodata=nodata)
    assert_ground(path)
    assert np.isnan(open_source(path).sample(*IN_GAP))


@pytest.mark.parametrize("empty", [np.nan, np.inf, -1e32, -32768.0, -9999.0, 0.0, -5e6])
def test_a_gap_that_is_not_declared_has_no_height_in_a_map_of_radii(tmp_path, empty):
    values = square("float64") + RADIUS_M
    values[95:105, 95:105] = empty
    values[GAP] = empty
    path = write(tmp_path / "t.tif", values)
    assert_ground(path)
    assert np.isnan(open_source(path).sample(*IN_GAP))


@pytest.mark.parametrize("empty", [-32768, -32767, 32767, -9999, -30000])
def test_an_impossible_value_that_is_not_declared_is_a_gap_and_a_note(tmp_path, empty):
    values = square("int16")
    values[GAP] = empty
    source = open_source(write(tmp_path / "t.tif", values))
    assert np.isnan(source.sample(*IN_GAP))
    assert str(empty) in source.notes[0]


def test_a_gap_may_be_most_of_the_map(tmp_path):
    values = square("float64") + RADIUS_M
    values[:, 60:] = -32768.0
    assert_ground(write(tmp_path / "t.tif", values), places=PLACES[:, :1])


def test_an_internal_mask_and_an_alpha_band_are_gaps(tmp_path):
    mask = np.full((200, 200), 255, np.uint8)
    mask[GAP] = 0
    values = square()
    values[mask == 0] = 0.0
    masked = write(tmp_path / "m.tif", values, mask=mask)
    kind = {"height": 200, "width": 200, "count": 2, "dtype": "float32", "driver": "GTiff"}
    with rasterio.open(
        tmp_path / "a.tif", "w", crs=DEGREES, transform=TENTH, alpha="yes", **kind
    ) as file:
        file.write(np.stack([values, mask.astype("float32")]))
    for path in (masked, tmp_path / "a.tif"):
        assert_ground(path)
        assert np.isnan(open_source(path).sample(*IN_GAP))


def test_scale_and_offset_do_not_touch_nodata(tmp_path):
    values = np.round((square("float64") - 500.0) / 0.5).astype("int16")
    values[GAP] = -32768
    for nodata in (-32768, None):
        path = write(tmp_path / f"{nodata}.tif", values, nodata=nodata, scale=0.5, offset=500.0)
        assert_ground(path, atol=0.5)
        assert np.isnan(open_source(path).sample(*IN_GAP))


def test_nodata_may_be_declared_as_it_is_after_scaling(tmp_path):
    values = np.round((square("float64") - 500.0) / 0.5).astype("int16")
    values[GAP] = -25_000
    path = write(tmp_path / "t.tif", values, nodata=-12_000, scale=0.5, offset=500.0)
    assert_ground(path, atol=0.5)
    assert np.isnan(open_source(path).sample(*IN_GAP))


@pytest.mark.parametrize(
    ("unit", "per_metre"),
    [
        *((unit, 1.0) for unit in ("metre", "meters", "METERS", "Meter", "m", "")),
        *((unit, 1e-3) for unit in ("km", "kilometer", "Kilometres")),
        *((unit, 1.0 / 0.3048) for unit in ("ft", "feet", "Foot")),
    ],
)
@pytest.mark.parametrize("base_m", [0.0, RADIUS_M])
def test_units_are_understood_as_they_are_spelt(tmp_path, unit, per_metre, base_m):
    values = (square("float64") + base_m) * per_metre
    assert_ground(write(tmp_path / "t.tif", values, unit=unit))


def test_an_unknown_unit_is_refused(tmp_path):
    assert "furlong" in refusal(write(tmp_path / "t.tif", square(), unit="furlong"))


@pytest.mark.parametrize("base_m", [0.0, RADIUS_M])
def test_kilometres_without_a_unit_are_refused_with_the_cure(tmp_path, base_m):
    said = refusal(write(tmp_path / "t.tif", (square("float64") + base_m) / 1_000.0))
    assert "in kilometres" in said
    assert "gdal_edit.py -units km" in said


def test_heights_that_no_place_on_the_moon_has_are_refused_with_a_likely_cause(tmp_path):
    high = 5.0 * square("float64")  # 1 to 9 km
    assert "feet" in refusal(write(tmp_path / "t.tif", high / 0.3048))
    assert "-9200 to 10800 m" in refusal(write(tmp_path / "h.tif", 9.0 * high))


@pytest.mark.parametrize(
    ("body", "radius_m"), [("Earth", 6_371_000.0), ("Mars", 3_390_000.0), ("Venus", 6_052_000.0)]
)
@pytest.mark.parametrize("unit_m", [1.0, 1_000.0])
def test_distances_from_another_bodys_centre_are_refused_by_its_name(
    tmp_path, body, radius_m, unit_m
):
    radii = (square("float64") + radius_m) / unit_m
    assert f"{body}'s centre" in refusal(write(tmp_path / "t.tif", radii))


@pytest.mark.parametrize("scale", [0.0, np.nan, np.inf])
def test_a_scale_that_makes_no_heights_is_refused(tmp_path, scale):
    assert "scale" in refusal(write(tmp_path / "t.tif", square(), scale=scale))


def test_a_projection_whose_unit_is_wrong_by_a_thousand_is_noted(tmp_path):
    polar = "+proj=stere +lat_0=-90 +R=1737400 +units={}"
    kilometres = Affine(1.0, 0.0, -150.0, 0.0, -1.0, 150.0)
    heights_m = pixels_m(polar.format("km"), kilometres, (300, 300)).astype("float32")
    right = write(tmp_path / "r.tif", heights_m, polar.format("km"), kilometres)
    wrong = write(tmp_path / "w.tif", heights_m, polar.format("m"), kilometres)
    assert open_source(right).notes == ()
    assert "steeper than the Moon" in open_source(wrong).notes[0]


@pytest.mark.parametrize("value", [0.0, -1.0, 500.0])
@pytest.mark.parametrize("kind", ["float32", "int16"])
@pytest.mark.parametrize("gap", [GAP, np.s_[:, 150:], np.s_[:150, :]])
def test_a_possible_height_that_stands_for_none_is_noted(tmp_path, value, kind, gap):
    values = square("float64").round()
    values[gap] = value
    (note,) = open_source(write(tmp_path / "t.tif", values.astype(kind))).notes
    assert f"exactly {value:g}," in note
    assert "declared as nodata" in note
    assert open_source(write(tmp_path / "d.tif", values.astype(kind), nodata=value)).notes == ()


@pytest.mark.parametrize("kind", ["float32", "int16"])
def test_heights_of_zero_that_are_ground_are_not_noted(tmp_path, kind):
    plain_m = np.maximum(square("float64") - 1_000.0, 0.0).round()  # no cliff at its border
    values = np.where(np.arange(200) < 100, plain_m, (square("float64") - 1_000.0).round())
    assert np.mean(values == 0.0) > 0.1
    assert open_source(write(tmp_path / "t.tif", values.astype(kind))).notes == ()


def test_flat_ground_is_read_and_noted(tmp_path):
    source = open_source(write(tmp_path / "t.tif", np.full((50, 50), 12.0, "float32")))
    assert "all heights are the same" in source.notes[0]
    assert source.resolution_m == pytest.approx(np.radians(0.1) * RADIUS_M)


@pytest.mark.parametrize(
    ("rows_m", "columns_m"), [(0.0, 50.0), (40.0, 0.0), (30.0, -20.0)], ids=["x", "y", "both"]
)
def test_a_ramp_beside_a_gap_and_at_the_edge_stays_a_ramp(tmp_path, rows_m, columns_m):
    values = 1_000.0 + rows_m * np.arange(200)[:, None] + columns_m * np.arange(200)[None, :]
    values[:, 150:] = -32768.0
    values[150:, :] = -32768.0
    values[20:40, 30:50] = -32768.0
    source = open_source(write(tmp_path / "r.tif", values, nodata=-32768))
    rows, columns = np.array([[66.2, 148.5, 0.5, 19.0, 100.3], [148.5, 66.3, 0.5, 29.0, 0.2]])
    places = np.radians([9.95 - 0.1 * rows, 20.05 + 0.1 * columns])
    expected = 1_000.0 + rows_m * rows + columns_m * columns
    np.testing.assert_allclose(source.sample(*places), expected, atol=1e-5)


def test_a_rough_gap_does_not_ring(tmp_path):
    random = np.random.default_rng(3)
    values = square("float64")
    values[random.uniform(size=values.shape) < 0.02] = np.nan
    source = open_source(write(tmp_path / "r.tif", values))
    latitude_rad, longitude_rad = np.radians(random.uniform([[-9], [21]], [[9], [39]], (2, 4_000)))
    found_m = source.sample(latitude_rad, longitude_rad)
    off_m = np.abs(found_m - ground_m(latitude_rad, longitude_rad))
    assert 0.85 < np.isfinite(found_m).mean() < 0.97
    assert np.nanmax(off_m) < 0.2


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_pictures_and_files_without_a_place_are_refused(tmp_path):
    signed = (square("float64") / 20.0).astype("int8")
    assert "picture" in refusal(write(tmp_path / "i.tif", signed))
    assert "picture" in refusal(write(tmp_path / "p.tif", np.ones((9, 9), "uint8")))
    assert "geotransform" in refusal(
        write(tmp_path / "t.tif", square(), transform=Affine.identity())
    )


def test_a_map_with_no_height_at_all_is_refused(tmp_path):
    said = refusal(write(tmp_path / "e.tif", np.full((9, 9), -32768, "int16"), nodata=-32768))
    assert "empty" in said


def test_a_file_cut_short_is_refused_in_a_sentence(tmp_path):
    path = write(tmp_path / "t.tif", square())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "fetch it again" in refusal(path)
