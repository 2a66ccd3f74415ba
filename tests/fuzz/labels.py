"""Labels of maps for the tests that vary them, and what is asked of a map."""

from types import SimpleNamespace

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from perilune.mechanics.constants import MOON_RADIUS_M
from tests.fuzz.ground import (
    ground_m,
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


ODD = ("0", "-1", "1e300", "1E-300", "nan", "inf", "'N/A'", "16#FF#", "(1, 2)", "9" * 30, "3.5", "")


odd_values = st.one_of(
    st.sampled_from(ODD),
    st.floats(width=32).map(repr),
    st.integers(-70_000, 70_000).map(str),
    st.text(alphabet="()\"'<>/*#= 0123456789E.-+,{}NA\n", max_size=8),
)
