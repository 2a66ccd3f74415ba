"""PDS3 and PDS4 labels however they are written give the closed-form ground, or are refused."""

import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from perilune.mechanics.constants import MOON_RADIUS_M
from tests.fuzz.ground import (
    assert_ground,
    assert_refused_or_lunar,
    broken_lines,
    edits,
    ground_m,
)
from tests.fuzz.labels import (
    PDS3_IMAGE,
    PDS3_LABEL,
    asked,
    centres,
    image_bytes,
    label_of,
    lost,
    odd_values,
    stored,
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


@given(changes=edits)
def test_a_pds3_label_with_broken_lines_is_refused_in_a_sentence_or_lunar(changes):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.IMG").write_bytes(PDS3_IMAGE)
        path = Path(folder, "M.LBL")
        path.write_bytes(broken_lines(PDS3_LABEL, changes).encode("latin-1", "replace"))
        assert_refused_or_lunar(path)


NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:E[+-]?\d+)?(?![\w.#])")


@given(place=st.integers(0, 10_000), value=odd_values)
def test_a_pds3_number_of_another_value_is_refused_in_a_sentence_or_lunar(place, value):
    found = list(NUMBER.finditer(PDS3_LABEL))
    here = found[place % len(found)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "M.IMG").write_bytes(PDS3_IMAGE)
        path = Path(folder, "M.LBL")
        path.write_text(PDS3_LABEL[: here.start()] + value + PDS3_LABEL[here.end() :])
        assert_refused_or_lunar(path)
