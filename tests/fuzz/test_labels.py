"""PDS3 and PDS4 labels however they are written give the closed-form ground, or are refused."""

import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyproj
import rasterio
from hypothesis import assume, given
from hypothesis import strategies as st
from rasterio.transform import Affine

from perilune.mechanics.constants import MOON_RADIUS_M
from tests.fuzz.ground import (
    assert_ground,
    assert_refused_or_lunar,
    broken,
    broken_lines,
    edits,
    ground_m,
)

KINDS = {
    ("PC_REAL", 32): "<f4",
    ("IEEE_REAL", 32): ">f4",
    ("REAL", 64): ">f8",
    ("PC_REAL", 64): "<f8",
    ("LSB_INTEGER", 16): "<i2",
    ("MSB_INTEGER", 16): ">i2",
    ("INTEGER", 32): ">i4",
    ("SUN_INTEGER", 16): ">i2",
    ("LSB_UNSIGNED_INTEGER", 16): "<u2",
}
UNITS = {
    1.0: ("METER", "METERS", '"meter"', "'m'", "<m>", '"N/A"', None, "metres"),
    1_000.0: ("KILOMETER", '"KM"', "km", "'Kilometers'"),
}
EMPTY_KEYS = ("MISSING_CONSTANT", "CORE_NULL", "INVALID_CONSTANT", "NULL", "MISSING")
ROWS, COLUMNS = 30, 40


@st.composite
def images(draw):
    """How heights are stored: type, unit, scale, offset, gaps and the bytes round them."""
    said = draw(st.sampled_from(list(KINDS)))
    metres = draw(st.sampled_from(list(UNITS)))
    return SimpleNamespace(
        said=said,
        kind=np.dtype(KINDS[said]),
        metres=metres,
        unit=draw(st.sampled_from(UNITS[metres])),
        scale=draw(st.sampled_from((1.0, 0.5, 0.25))) * (1.0 if metres == 1.0 else 1e-3),
        offset_m=draw(st.sampled_from((0.0, MOON_RADIUS_M, 1_000.0))),
        empty_key=draw(st.sampled_from((None, *EMPTY_KEYS))),
        radix=draw(st.sampled_from((10, 16, 2))),
        around=draw(st.sampled_from(((0, 0), (0, 0), (8, 4), (3, 0)))),
    )


@st.composite
def projections(draw):
    """The projection's statements, the angles of fractional pixels, and what is coarse about it."""
    kind = draw(st.sampled_from(("simple", "parallel", "polar", "globe", "band")))
    step_deg, center = 0.1, draw(st.sampled_from((0.0, 180.0, 37.0, -90.0)))
    rows, columns, goes_round, parallel = ROWS, COLUMNS, False, 0.0
    line, sample = draw(st.sampled_from(((14.5, -200.5), (-700.0, 3.5), (55.25, 90.0))))
    if kind in ("globe", "band"):
        step_deg, columns, goes_round = 3.0, 120, True
        rows = 60 if kind == "globe" else 40
        line, sample = rows / 2 - 0.5, 59.5
    if kind == "parallel":
        parallel = draw(st.sampled_from((60.0, -45.0)))
    if kind == "polar":
        parallel = draw(st.sampled_from((-90.0, 90.0)))
        line, sample = draw(st.sampled_from(((14.5, 19.5), (-30.0, 60.0))))
    step_m = float(np.radians(step_deg) * MOON_RADIUS_M)
    types = {"polar": "POLAR STEREOGRAPHIC", "parallel": "EQUIRECTANGULAR"}
    stated = {
        "MAP_PROJECTION_TYPE": f'"{types.get(kind, "SIMPLE CYLINDRICAL")}"',
        "A_AXIS_RADIUS": draw(st.sampled_from(("1737.4 <KM>", "1737.4", "1737400.0 <M>"))),
        "CENTER_LATITUDE": f"{parallel} <DEG>",
        "CENTER_LONGITUDE": f"{center} <deg>",
        "LINE_PROJECTION_OFFSET": f"{line} <PIXEL>",
        "SAMPLE_PROJECTION_OFFSET": f"{sample}",
        "POSITIVE_LONGITUDE_DIRECTION": draw(st.sampled_from(("EAST", '"EAST"', "'East'"))),
        "MAP_PROJECTION_ROTATION": draw(st.sampled_from(("0.0", "0", "0.0 <DEG>", '"N/A"'))),
    }
    stated |= draw(scales(kind == "polar", step_deg, step_m))
    place = _polar if kind == "polar" else _cylindrical
    return SimpleNamespace(
        stated=stated,
        shape=(rows, columns),
        goes_round=goes_round,
        polar=kind == "polar",
        step_rad=np.radians(step_deg) / (np.cos(np.radians(parallel)) if kind != "polar" else 1.0),
        angles=lambda pixels: place(
            (pixels[0] - line, pixels[1] - sample), np.radians(step_deg), (parallel, center)
        ),
    )


def scales(needs_metres, step_deg, step_m):
    per_degree = [
        {"MAP_RESOLUTION": f"{1.0 / step_deg!r} {unit}"}
        for unit in ("<PIX/DEG>", "<pixel/degree>", "", "<PIXELS/DEGREE>")
    ]
    lengths = [
        {"MAP_SCALE": f"{step_m / metres!r} <{unit}>"}
        for unit, metres in (("M/PIXEL", 1.0), ("KM/PIX", 1e3), ("METERS/PIXEL", 1.0))
    ]
    both = [each | length for each in per_degree for length in lengths]
    both += [each | {"MAP_SCALE": f"{step_m / 1e3!r}"} for each in per_degree]
    return st.sampled_from(lengths + both if needs_metres else per_degree + lengths + both)


def _cylindrical(off, step_rad, center_deg):
    column_rad = step_rad / np.cos(np.radians(center_deg[0]))
    return np.array([-off[0] * step_rad, np.radians(center_deg[1]) + off[1] * column_rad])


def _polar(off, step_rad, center_deg):
    """Snyder's inverse about a pole (1987, equations 20-14 to 21-15)."""
    pole = np.sign(center_deg[0])
    x, y = off[1] * step_rad, -off[0] * step_rad
    colatitude_rad = 2.0 * np.arctan(0.5 * np.hypot(x, y))
    longitude_rad = np.radians(center_deg[1]) + np.arctan2(x, -pole * y)
    return np.array([pole * (0.5 * np.pi - colatitude_rad), longitude_rad])


styles = st.fixed_dictionaries(
    {
        "lower": st.booleans(),
        "newline": st.sampled_from(("\n", "\r\n")),
        "equals": st.sampled_from((" = ", "=", "                 = ", " =\n    ")),
        "comment": st.sampled_from(("", " /* a comment */", " /* LINES = 7 */")),
        "objects": st.booleans(),
        "extra": st.sampled_from(
            ("", 'NOTE = "OFFSET = 5 and\n LINES = 3"', "/* OFFSET = 5 */", "FILE_RECORDS = 'N/A'")
        ),
        "attached": st.sampled_from((None, None, "records", "bytes")),
        "pointer": st.sampled_from(('"M.IMG"', '("M.IMG", 3)', '("m.img",{} <BYTES>)', "'M.IMG'")),
    }
)


def statements(pairs, style):
    cased = str.lower if style["lower"] else str
    return [f"{cased(key)}{style['equals']}{value}{style['comment']}" for key, value in pairs]


def label_of(image, projection, style, pointer):
    rows, columns = projection.shape
    line_bytes = columns * image.kind.itemsize
    pixels = {
        "LINES": rows,
        "LINE_SAMPLES": columns,
        "SAMPLE_TYPE": image.said[0],
        "SAMPLE_BITS": image.said[1],
        "SCALING_FACTOR": repr(image.scale),
        "OFFSET": repr(image.offset_m / image.metres),
    }
    pixels |= {} if image.unit is None else {"UNIT": image.unit}
    pixels |= {} if image.empty_key is None else {image.empty_key: lost(image)[1]}
    if image.around != (0, 0):
        pixels |= dict(zip(("LINE_PREFIX_BYTES", "LINE_SUFFIX_BYTES"), image.around, strict=True))
    head = {
        "PDS_VERSION_ID": "PDS3",
        "RECORD_TYPE": "FIXED_LENGTH",
        "RECORD_BYTES": line_bytes,
        "^IMAGE": pointer,
    }
    lines = [f"PDS_VERSION_ID = PDS3{style['comment']}"]
    lines += statements(list(head.items())[1:], style)
    for name, part in (("IMAGE", pixels), ("IMAGE_MAP_PROJECTION", projection.stated)):
        inside = statements(part.items(), style)
        if style["objects"]:
            inside = [f"OBJECT = {name}", *(f"  {each}" for each in inside), f"END_OBJECT = {name}"]
        lines += [*inside, style["extra"]]
    return style["newline"].join([*lines, "END", ""])


def lost(image):
    """The value of no height, and how the label writes it: decimal, or its bits in a radix."""
    value = np.array(-9_999 if image.kind.kind == "i" else 65_535, image.kind)
    if image.kind.kind == "f":
        value = np.array(-3.4028226550889045e38, image.kind)
    if image.radix == 10:
        return value, repr(value.item())
    bits = int.from_bytes(value.astype(image.kind.newbyteorder(">")).tobytes(), "big")
    return value, f"{image.radix}#{bits:X}#" if image.radix == 16 else f"2#{bits:b}#"


def stored(image, height_m):
    values = (
        height_m - image.offset_m + MOON_RADIUS_M * (image.offset_m == MOON_RADIUS_M)
    ) / image.metres
    values /= image.scale
    if image.kind.kind == "f":
        return values.astype(image.kind), float(
            np.spacing(np.abs(values).max().astype(image.kind.newbyteorder("=")))
        ) * image.scale * image.metres
    info = np.iinfo(image.kind)
    assume(info.min + 10 < values.min() < values.max() < info.max - 10)
    return np.round(values).astype(image.kind), image.scale * image.metres


def image_bytes(image, values):
    rows = values.shape[0]
    before, after = (np.full((rows, n), 7, np.uint8) for n in image.around)
    plain = np.ascontiguousarray(values).view(np.uint8).reshape(rows, -1)
    return np.concatenate([before, plain, after], axis=1).tobytes()


def write(folder, image, projection, style, pixels):
    """The label's path, its image beside it or behind it."""
    record = projection.shape[1] * image.kind.itemsize
    if style["attached"] is None:
        pointer, before = style["pointer"], b""
        if "3" in pointer:
            before = bytes(2 * record)
        elif "{}" in pointer:
            pointer, before = pointer.format(101), bytes(100)
        label = label_of(image, projection, style, pointer)
        Path(folder, "M.IMG").write_bytes(before + pixels)
        Path(folder, "M.LBL").write_bytes(label.encode("ascii"))
        return Path(folder, "M.LBL")
    count = 4_000 // record + 2
    pointer = f"{count + 1}" if style["attached"] == "records" else f"{count * record + 1} <BYTES>"
    label = label_of(image, projection, style, pointer).encode("ascii")
    assume(len(label) < count * record)
    path = Path(folder, "attached.img")
    path.write_bytes(label.ljust(count * record) + pixels)
    return path


def centres(shape):
    return np.stack(np.meshgrid(*[np.arange(n, dtype=float) for n in shape], indexing="ij"))


def asked(projection, seed):
    """Fractional pixels all over a map and a little beyond, and their angles."""
    random = np.random.default_rng(seed)
    spare = np.array([[2.0], [0.5 if projection.goes_round else 2.0]])
    count = np.array(projection.shape)[:, None]
    pixels = random.uniform(-spare, count - 1 + spare, (2, 60))
    place = projection.angles(pixels)
    keep = np.abs(place[0]) < np.radians(90.0) - 1e-9
    if projection.polar:  # the ground is not smooth at a pole, which a spline forgets
        keep &= np.cos(place[0]) > 12.0 * projection.step_rad
    return pixels[:, keep], place[:, keep]


@given(image=images(), projection=projections(), style=styles, seed=st.integers(0, 2**32))
def test_a_pds3_label_however_written_gives_the_ground(image, projection, style, seed):
    values, quantum_m = stored(image, ground_m(*projection.angles(centres(projection.shape))))
    empty = np.zeros(projection.shape, bool)
    if image.empty_key is not None:
        assume(not (values == lost(image)[0]).any())
        empty[3:9, 5:12] = empty[projection.shape[0] // 2, projection.shape[1] // 2] = True
        values[empty] = lost(image)[0]
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, image, projection, style, image_bytes(image, values))
        assert_ground(
            path,
            *asked(projection, seed),
            empty=empty,
            step_rad=projection.step_rad,
            quantum_m=quantum_m,
            goes_round=projection.goes_round,
        )


def small_pds3():
    """A detached label and its image, small and right."""
    image = SimpleNamespace(
        said=("LSB_INTEGER", 16), kind=np.dtype("<i2"), metres=1.0, unit="METER", scale=0.5
    )
    image.offset_m, image.empty_key, image.radix, image.around = MOON_RADIUS_M, None, 10, (0, 0)
    stated = {
        "MAP_PROJECTION_TYPE": '"SIMPLE CYLINDRICAL"',
        "A_AXIS_RADIUS": "1737.4 <KM>",
        "B_AXIS_RADIUS": "1737.4 <KM>",
        "C_AXIS_RADIUS": "1737.4 <KM>",
        "MAP_RESOLUTION": "1.0 <PIX/DEG>",
        "MAP_SCALE": f"{np.radians(1.0) * MOON_RADIUS_M / 1e3!s} <KM/PIXEL>",
        "CENTER_LATITUDE": "0.0 <DEG>",
        "CENTER_LONGITUDE": "0.0 <DEG>",
        "MAXIMUM_LATITUDE": "6.0 <DEG>",
        "MINIMUM_LATITUDE": "-6.0 <DEG>",
        "WESTERNMOST_LONGITUDE": "20.0 <DEG>",
        "LINE_PROJECTION_OFFSET": "5.5",
        "SAMPLE_PROJECTION_OFFSET": "-20.5",
        "POSITIVE_LONGITUDE_DIRECTION": "EAST",
        "COORDINATE_SYSTEM_NAME": '"MEAN EARTH/POLAR AXIS OF DE421"',
        "MAP_PROJECTION_ROTATION": "0.0",
    }
    projection = SimpleNamespace(stated=stated, shape=(12, 16))
    style = {"lower": False, "newline": "\n", "equals": " = ", "comment": "", "objects": True}
    rows, columns = centres((12, 16))
    height_m = ground_m(np.radians(5.5 - rows), np.radians(20.5 + columns))
    values = np.round(2.0 * height_m).astype("<i2")
    label = label_of(image, projection, style | {"extra": ""}, '"M.IMG"')
    return label, image_bytes(image, values)


PDS3_LABEL, PDS3_IMAGE = small_pds3()


@given(changes=edits)
def test_a_pds3_label_with_broken_lines_is_refused_in_a_sentence_or_lunar(changes):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.IMG").write_bytes(PDS3_IMAGE)
        path = Path(folder, "M.LBL")
        path.write_bytes(broken_lines(PDS3_LABEL, changes).encode("latin-1", "replace"))
        assert_refused_or_lunar(path)


NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:E[+-]?\d+)?(?![\w.#])")
ODD = ("0", "-1", "1e300", "1E-300", "nan", "inf", "'N/A'", "16#FF#", "(1, 2)", "9" * 30, "3.5", "")
odd_values = st.one_of(
    st.sampled_from(ODD),
    st.floats(width=32).map(repr),
    st.integers(-70_000, 70_000).map(str),
    st.text(alphabet="()\"'<>/*#= 0123456789E.-+,{}NA\n", max_size=8),
)


@given(place=st.integers(0, 10_000), value=odd_values)
def test_a_pds3_number_of_another_value_is_refused_in_a_sentence_or_lunar(place, value):
    found = list(NUMBER.finditer(PDS3_LABEL))
    here = found[place % len(found)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.IMG").write_bytes(PDS3_IMAGE)
        path = Path(folder, "M.LBL")
        path.write_text(PDS3_LABEL[: here.start()] + value + PDS3_LABEL[here.end() :])
        assert_refused_or_lunar(path)


# PDS4 -------------------------------------------------------------------------------------------

SQUARE_DEG, WIDE = 0.1, (30, 40)
PDS4_CRS = {
    "plain": "+proj=eqc +R=1737400 +lon_0={lon} +units=m",
    "south": "+proj=stere +lat_0=-90 +k=1 +R=1737400 +lon_0={lon} +units=m",
    "north": "+proj=stere +lat_0=90 +k=1 +R=1737400 +lon_0={lon} +units=m",
}


def pds4_angles(crs, transform, pixels):
    to_angles = pyproj.Transformer.from_crs(crs, "+proj=longlat +R=1737400", always_xy=True)
    return np.radians(to_angles.transform(*(transform @ (pixels[1] + 0.5, pixels[0] + 0.5))))[::-1]


def write_pds4(folder, values, crs, transform, **more):
    kind = {"height": values.shape[0], "width": values.shape[1], "dtype": values.dtype.name}
    path = Path(folder, "M.xml")
    with rasterio.open(
        path, "w", driver="PDS4", crs=crs, transform=transform, count=1, **kind, **more
    ) as file:
        file.write(values, 1)
    return path


@st.composite
def pds4_numbers(draw):
    """How heights are stored: type, scale, offset, unit, and what the label calls a gap."""
    unit = draw(st.sampled_from((None, "m", "Meters", "km", "Elevation")))
    kind = np.dtype(draw(st.sampled_from(("int16", "float32", "float64", "int32", "uint16"))))
    metres = 1_000.0 if unit == "km" else 1.0
    return SimpleNamespace(
        kind=kind,
        unit=unit,
        metres=metres,
        scale=draw(st.sampled_from((1.0, 0.5))) / (1.0 if kind.kind == "f" else metres),
        offset_m=draw(st.sampled_from((0.0, 1_000.0, MOON_RADIUS_M))),
        gap=draw(st.sampled_from((None, "missing_constant", "invalid_constant"))),
        missing=65_535 if kind.kind == "u" else -32_768,
    )


@st.composite
def pds4_places(draw):
    """CRS, transform, and the angles of fractional pixels."""
    name = draw(st.sampled_from(list(PDS4_CRS)))
    crs = PDS4_CRS[name].format(lon=draw(st.sampled_from((0.0, 37.0))))
    step_m = float(np.radians(SQUARE_DEG) * MOON_RADIUS_M)
    left = draw(st.sampled_from((-20.0, -90.0, *((300.0,) * (name == "plain")))))
    top = 60.0 if name == "plain" else 15.0
    transform = Affine(step_m, 0.0, left * step_m, 0.0, -step_m, top * step_m)
    return SimpleNamespace(
        crs=crs,
        transform=transform,
        shape=WIDE,
        goes_round=False,
        polar=name != "plain",
        step_rad=np.radians(SQUARE_DEG),
        angles=lambda pixels: pds4_angles(crs, transform, pixels),
    )


@given(number=pds4_numbers(), place=pds4_places(), image_format=st.sampled_from(("RAW", "GEOTIFF")))
def test_a_pds4_label_of_any_convention_gives_the_ground(number, place, image_format):
    values, quantum_m = stored(number, ground_m(*place.angles(centres(WIDE))))
    empty = np.zeros(WIDE, bool)
    if number.gap is not None:
        empty[3:9, 5:12] = empty[WIDE[0] // 2, WIDE[1] // 2] = True
        values[empty] = number.missing
    said = f"<unit>{number.unit}</unit>" if number.unit else ""
    said += f"<scaling_factor>{number.scale!r}</scaling_factor>"
    said += f"<value_offset>{number.offset_m / number.metres!r}</value_offset>"
    more = {"nodata": number.missing} if number.gap else {}
    with tempfile.TemporaryDirectory() as folder:
        path = write_pds4(
            folder, values, place.crs, place.transform, IMAGE_FORMAT=image_format, **more
        )
        text = path.read_text().replace("missing_constant", number.gap or "missing_constant")
        path.write_text(text.replace("</data_type>", f"</data_type>{said}"))
        assert_ground(
            path,
            *asked(place, 5),
            empty=empty,
            step_rad=place.step_rad,
            quantum_m=quantum_m,
        )


def small_pds4():
    """A label and its image as GDAL writes them, small and right."""
    step_m = float(np.radians(1.0) * MOON_RADIUS_M)
    transform = Affine(step_m, 0.0, 20 * step_m, 0.0, -step_m, 6 * step_m)
    height_m = ground_m(*pds4_angles(PDS4_CRS["plain"].format(lon=0), transform, centres((12, 16))))
    with tempfile.TemporaryDirectory() as folder:
        crs = PDS4_CRS["plain"].format(lon=0)
        path = write_pds4(folder, height_m.astype("int16"), crs, transform, nodata=-32_768)
        return path.read_text(), path.with_suffix(".img").read_bytes()


PDS4_LABEL, PDS4_IMAGE = small_pds4()


@given(changes=edits, how=st.sampled_from(("lines", "bytes", "number")), value=odd_values)
def test_a_pds4_label_that_is_broken_is_refused_in_a_sentence_or_lunar(changes, how, value):
    if how == "lines":
        label = broken_lines(PDS4_LABEL, changes).encode("latin-1", "replace")
    elif how == "bytes":
        label = broken(PDS4_LABEL.encode(), changes)
    else:
        found = list(re.finditer(r"(?<=>)[^<>]+(?=<)", PDS4_LABEL))
        here = found[changes[0][1] % len(found)]
        label = f"{PDS4_LABEL[: here.start()]}{value}{PDS4_LABEL[here.end() :]}".encode()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.img").write_bytes(PDS4_IMAGE)
        path = Path(folder, "M.xml")
        path.write_bytes(label)
        assert_refused_or_lunar(path)


def test_the_whole_small_labels_are_read():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.IMG").write_bytes(PDS3_IMAGE)
        Path(folder, "M.LBL").write_text(PDS3_LABEL)
        assert assert_refused_or_lunar(Path(folder, "M.LBL"))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.img").write_bytes(PDS4_IMAGE)
        Path(folder, "M.xml").write_text(PDS4_LABEL)
        assert assert_refused_or_lunar(Path(folder, "M.xml"))
