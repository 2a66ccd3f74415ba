"""PDS3 and PDS4 labels however they are written give the closed-form ground, or are refused."""

import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyproj
import rasterio
from hypothesis import given
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
from tests.fuzz.labels import (
    PDS3_IMAGE,
    PDS3_LABEL,
    asked,
    centres,
    odd_values,
    stored,
)

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
