"""PDS3 and PDS4 labels of every common spelling give one closed-form ground, or are refused."""

import re

import numpy as np
import pytest
import rasterio

from perilune.data.maps.map_files import open_source
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from tests.data.maps.pds3_label import LABEL, changed
from tests.data.maps.pds_ground import (
    GAP,
    IN_GAP,
    STEP_M,
    assert_ground,
    ground_m,
    refusal,
    square_m,
)


def write(folder, label=LABEL, values=None, names=("M.LBL", "M.IMG"), before=b""):
    values = square_m().astype("<f4") if values is None else values
    (folder / names[1]).write_bytes(before + values.tobytes())
    (folder / names[0]).write_text(label)
    return folder / names[0]


@pytest.mark.parametrize(
    "label",
    [
        changed(OFFSET="0.000000"),
        changed(OFFSET="'N/A'", MISSING_CONSTANT='"N/A"', FIRST_STANDARD_PARALLEL="'N/A'"),
        changed(UNIT="'N/A'"),
        changed(MAP_PROJECTION_ROTATION="360.0"),
        changed(MAP_PROJECTION_ROTATION="-360 <DEG>"),
        changed(NOTE='"The first.\nEND\nThe last."'),
        changed(ENCODING_TYPE='"N/A"', POINTER='"DATA/M.IMG"'),
        changed(MAP_SCALE=f"{STEP_M / 1e3} <KILOMETERS_PER_PIXEL>", MAP_RESOLUTION="'N/A'"),
        LABEL.replace("  SCALING_FACTOR = 1.0\n  OFFSET = 1737400.\n", ""),
        changed(UNIT='"meters"', SAMPLE_TYPE='"PC_REAL"', POSITIVE_LONGITUDE_DIRECTION="EAST"),
        changed(LINES="200 /* north to south */", MAP_RESOLUTION="10.0 <pix/deg> /* fine */"),
        changed(MAP_RESOLUTION="'N/A'", MAP_SCALE=f"{STEP_M} <METERS/PIXEL>"),
        changed(MAP_RESOLUTION="'N/A'", MAP_SCALE=f"{STEP_M / 1e3} <KILOMETERS/PIXEL>"),
        changed(MAP_SCALE=f"{STEP_M / 1e3}", A_AXIS_RADIUS="1737400.0 <M>"),
        changed(MAXIMUM_LATITUDE="10.0 <DEG>", WESTERNMOST_LONGITUDE="380 <DEG>"),
        changed(DESCRIPTION='"Lines of\n  OFFSET = 5 and more"'),
        LABEL.replace("METER", "meter").replace(
            "OBJECT = IMAGE\n  LINES", "object = image\n  lines"
        ),
        re.sub(r"(?m)^( *\^?\w+) =", lambda found: found[0].lower(), LABEL),
        LABEL.replace("\n", "\r\n"),
        LABEL.replace("UNIT =", "HISTOGRAM_UNIT =\n  ").replace(
            "SAMPLE_BITS", "UNIT = M\n SAMPLE_BITS"
        ),
    ],
)
def test_labels_are_read_however_they_are_spelt(tmp_path, label):
    assert_ground(write(tmp_path, label))


@pytest.mark.parametrize(
    ("key", "text", "value", "kind"),
    [
        ("MISSING_CONSTANT", "16#FF7FFFFB#", -3.4028226550889045e38, "f4"),
        ("CORE_NULL", "16#FF7FFFFB#", -3.4028226550889045e38, "f4"),
        ("NULL", "-1234.5", -1_234.5, "f4"),
        ("CORE_LOW_INSTR_SATURATION", "16#FF7FFFFD#", -3.402822252e38, "f4"),
        ("INVALID_CONSTANT", "-3000", -3_000, "i2"),
        ("MISSING_CONSTANT", "16#F448#", -3_000, "i2"),
        ("MISSING_CONSTANT", "(-1, -3000)", -3_000, "i2"),
        ("NOT_APPLICABLE_CONSTANT", "2#1111010001001000#", -3_000, "i2"),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_constant_that_stands_for_no_height_is_a_gap(tmp_path, key, text, value, kind, order):
    values = square_m().round(0 if kind == "i2" else 6).astype(order + kind)
    values[GAP] = value
    values[95:105, 95:105] = value
    names = {"<f4": "PC_REAL", ">f4": "IEEE_REAL", "<i2": "LSB_INTEGER", ">i2": "MSB_INTEGER"}
    label = changed(SAMPLE_TYPE=names[order + kind], SAMPLE_BITS=8 * int(kind[1]), **{key: text})
    path = write(tmp_path, label, values)
    assert_ground(path, atol=0.7)
    assert np.isnan(open_source(path).sample(*IN_GAP))


@pytest.mark.parametrize(
    ("pointer", "before"),
    [
        ('("M.IMG", 3)', bytes(1_600)),
        ('("M.IMG", 801 <BYTES>)', bytes(800)),
        ('"m.img"', b""),
        ('("m.img",2)', bytes(800)),
    ],
)
def test_the_image_begins_where_its_pointer_says(tmp_path, pointer, before):
    assert_ground(write(tmp_path, changed(POINTER=pointer), before=before))


@pytest.mark.parametrize(("pointer", "length"), [("5", 3_200), ("3201 <BYTES>", 3_200)])
def test_a_label_may_be_attached_to_its_image(tmp_path, pointer, length):
    label = changed(POINTER=pointer).encode().ljust(length)
    path = tmp_path / "attached.img"
    path.write_bytes(label + square_m().astype("<f4").tobytes())
    assert_ground(path)


@pytest.mark.parametrize("names", [("m.lbl", "m.img"), ("m.lbl", "M.IMG"), ("M.LBL", "m.img")])
def test_names_may_be_in_either_case(tmp_path, names):
    write(tmp_path, changed(POINTER='"M.IMG"'), names=names)
    assert_ground(tmp_path / names[0])
    assert_ground(tmp_path / names[1])


def test_bytes_before_and_after_each_line_are_passed_over(tmp_path):
    values = np.zeros((200, 812), np.uint8)
    values[:, 8:808] = square_m().astype("<f4").view(np.uint8)
    label = changed(LINE_PREFIX_BYTES=8, LINE_SUFFIX_BYTES=4)
    assert_ground(write(tmp_path, label, values))


def test_half_metres_and_kilometres_are_scaled(tmp_path):
    half = (2.0 * square_m()).round().astype("<i2")
    label = changed(SAMPLE_TYPE="LSB_INTEGER", SAMPLE_BITS=16, SCALING_FACTOR=0.5)
    assert_ground(write(tmp_path, label, half), atol=0.5)
    label = changed(UNIT="KILOMETER", OFFSET=1737.4)
    assert_ground(write(tmp_path, label, (square_m() / 1e3).astype("<f4")))
    assert open_source(tmp_path / "M.LBL").notes == ()


@pytest.mark.parametrize("unit", ["<KILOMETERS/PIXEL>", "<km/pix>"])
@pytest.mark.parametrize("turned_deg", [0.0, 40.0])
def test_a_polar_map_has_its_scale_in_any_unit_and_its_centre_at_any_longitude(
    tmp_path, unit, turned_deg
):
    x_m = (np.arange(300) - 149.5) * 1_000.0
    distance_m = np.hypot(x_m[None, :], x_m[:, None])
    latitude_rad = -0.5 * np.pi + 2.0 * np.arctan(0.5 * distance_m / RADIUS_M)
    longitude_rad = np.arctan2(x_m[None, :], -x_m[:, None]) + np.radians(turned_deg)
    label = changed(
        LINES=300,
        LINE_SAMPLES=300,
        RECORD_BYTES=1_200,
        CENTER_LATITUDE="-90.0 <DEG>",
        MAP_RESOLUTION="'N/A'",
        LINE_PROJECTION_OFFSET=149.5,
        SAMPLE_PROJECTION_OFFSET=149.5,
        CENTER_LONGITUDE=f"{turned_deg} <DEG>",
        MAP_SCALE=f"1.0 {unit}",
        MAP_PROJECTION_TYPE='"POLAR STEREOGRAPHIC"',
    )
    source = open_source(
        write(tmp_path, label, ground_m(latitude_rad, longitude_rad).astype("<f4"))
    )
    places = np.radians([[-86.3, -88.5, -88.0], [118.0, -70.0, 0.0]])
    np.testing.assert_allclose(source.sample(*places), ground_m(*places), atol=0.02)
    assert source.resolution_m == 1_000.0


def test_an_equirectangular_map_has_wider_columns_by_its_standard_parallel(tmp_path):
    column_rad = np.radians(0.1) / np.cos(np.radians(60.0))
    longitude_rad = np.radians(20.05) + column_rad * np.arange(200)
    values = ground_m(np.radians(9.95 - 0.1 * np.arange(200))[:, None], longitude_rad[None, :])
    label = changed(
        MAP_PROJECTION_TYPE='"EQUIRECTANGULAR"',
        CENTER_LATITUDE="60.0 <DEG>",
        SAMPLE_PROJECTION_OFFSET=-np.radians(20.05) / column_rad,
    )
    assert_ground(write(tmp_path, label, values.astype("<f4")))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"MAP_PROJECTION_ROTATION": "90.0"}, "MAP_PROJECTION_ROTATION"),
        ({"MAP_PROJECTION_TYPE": '"SINUSOIDAL"'}, "SINUSOIDAL"),
        ({"POSITIVE_LONGITUDE_DIRECTION": '"WEST"'}, "WEST"),
        ({"A_AXIS_RADIUS": "3396.19 <KM>"}, "A_AXIS_RADIUS"),
        ({"COORDINATE_SYSTEM_NAME": '"PRINCIPAL AXIS OF DE421"'}, "mean-Earth"),
        ({"COORDINATE_SYSTEM_NAME": '"MOON_PA"'}, "mean-Earth"),
        ({"MAXIMUM_LATITUDE": "30.0 <DEG>"}, "MAXIMUM_LATITUDE"),
        ({"EASTERNMOST_LONGITUDE": "-40 <DEG>"}, "EASTERNMOST_LONGITUDE"),
        ({"FIRST_STANDARD_PARALLEL": "40 <DEG>"}, "FIRST_STANDARD_PARALLEL"),
        ({"MAP_SCALE": "500 <M/PIXEL>"}, "MAP_SCALE"),
        ({"ENCODING_TYPE": '"HUFFMAN_FIRST_DIFFERENCE"'}, "uncompressed"),
        ({"LINE_PREFIX_BYTES": "-8"}, "LINE_PREFIX_BYTES"),
        ({"UNIT": "FATHOM"}, "FATHOM"),
        ({"LINES": "many"}, "LINES"),
        ({"SAMPLE_TYPE": "EBCDIC"}, "EBCDIC"),
        ({"OFFSET": "1737.4"}, "in kilometres"),
        ({"SCALING_FACTOR": "100"}, "-9200 to 10800 m"),
        ({"MAP_RESOLUTION": "'N/A'", "MAP_SCALE": "1.0 <LEAGUE>"}, "league"),
        ({"BANDS": "3"}, "one band"),
        ({"POINTER": '"GONE.IMG"'}, "GONE.IMG"),
    ],
)
def test_what_a_label_says_that_is_not_supported_is_refused_by_its_key(tmp_path, values, named):
    assert named in refusal(write(tmp_path, changed(**values)))


def test_whole_numbers_without_a_scale_are_taken_as_they_stand_and_noted(tmp_path):
    label = changed(SAMPLE_TYPE="LSB_INTEGER", SAMPLE_BITS=16, OFFSET=0)
    label = label.replace("  SCALING_FACTOR = 1.0\n", "")
    path = write(tmp_path, label, square_m().round().astype("<i2"))
    assert_ground(path, atol=0.7)
    assert "SCALING_FACTOR" in open_source(path).notes[0]


def test_a_constant_that_is_out_of_the_samples_range_is_one_of_the_heights(tmp_path):
    values = (2.0 * square_m()).round()
    values[GAP] = -2_000.0  # 1,736,400 m from the centre, stored as half metres
    label = changed(
        SAMPLE_TYPE="LSB_INTEGER", SAMPLE_BITS=16, SCALING_FACTOR=0.5, MISSING_CONSTANT="1736400.0"
    )
    path = write(tmp_path, label, values.astype("<i2"))
    assert_ground(path, atol=0.5)
    assert np.isnan(open_source(path).sample(*IN_GAP))


def test_bounds_that_lie_a_pixel_from_the_offsets_are_noted(tmp_path):
    found = open_source(write(tmp_path, changed(MAXIMUM_LATITUDE="10.1", MINIMUM_LATITUDE="-10")))
    (note,) = found.notes
    assert "MAXIMUM_LATITUDE is 1 pixels" in note


def test_a_label_of_another_image_is_refused(tmp_path):
    assert "bytes" in refusal(write(tmp_path, values=square_m()))


def test_pixels_agree_with_gdal_where_gdal_reads_the_label(tmp_path):
    path = write(tmp_path, changed(POINTER='("M.IMG", 3)'), before=bytes(1_600))
    with rasterio.open(path) as theirs, open_source(path).grid.reading() as read:
        np.testing.assert_array_equal(theirs.read(1), read(slice(0, 200), slice(0, 200)))
