"""The closed-form ground of the fuzzed maps, what is asked of a map of it, and broken bytes."""

import math

import numpy as np
from hypothesis import strategies as st

from perilune.data.maps.map_description import describe_map
from perilune.data.maps.map_files import open_source
from perilune.errors import InputError

LOWEST_M, HIGHEST_M = -9_300.0, 10_900.0
"""The Moon's own range, with 0.1 km on either side."""
SPLINE_GAIN = 2.5
"""How much a cubic spline in two axes may enlarge the rounding of its pixels (1.55 in each)."""


def ground_m(latitude_rad, longitude_rad):
    """Smooth ground of a kilometre, the same at every turn of longitude."""
    return 1_000.0 + 800.0 * np.sin(3.0 * latitude_rad) * np.cos(2.0 * longitude_rad)


def bound_m(latitude_rad, step_rad, quantum_m):
    """How far a spline through pixels may lie from the ground, at an edge or a gap as well.

    A quarter of the second derivative times the step squared (7,200 m along a meridian, and
    4 * 800 m over the colatitude squared across it), and what is lost by rounding.
    """
    curve_m = 7_200.0 + 3_200.0 / np.maximum(np.cos(latitude_rad), 1e-3) ** 2
    return 1e-3 + 0.25 * curve_m * step_rad**2 + SPLINE_GAIN * 0.5 * quantum_m


def assert_ground(path, pixels, place, **how):
    """Each sampled height is the ground's, not a number outside and in gaps.

    `pixels` (2, n) are fractional rows and columns and `place` the latitude and longitude there;
    `how` has `empty` (rows, columns), `step_rad`, `quantum_m` and whether columns go round.
    """
    found_m = open_source(path).sample(*place)
    known, absent = _expected(pixels, how["empty"], how.get("goes_round", False))
    off_m = np.abs(found_m - ground_m(*place))
    allowed_m = bound_m(place[0], how["step_rad"], how["quantum_m"])
    wrong = known & ~(off_m <= allowed_m)
    assert not wrong.any(), (found_m[wrong], ground_m(*place)[wrong], pixels[:, wrong])
    assert np.isnan(found_m[absent]).all(), (found_m[absent], pixels[:, absent])
    either = ~known & ~absent
    near = np.isnan(found_m[either]) | (off_m[either] <= allowed_m[either])
    assert near.all(), (found_m[either], pixels[:, either])


def _expected(pixels, empty, goes_round):
    """Where all pixels round a place have a height, and where none has."""
    count = np.array(empty.shape)[:, None]
    corner = np.floor(pixels).astype(int)
    first, last = (-0.5, -0.5) if goes_round else (0.0, 0.0), count - 1
    clear = np.all((pixels >= np.array(first)[:, None] + 0.01) & (pixels <= last - 0.01), axis=0)
    beyond = np.any((pixels < -0.51) | (pixels > last + 0.51), axis=0)
    if goes_round:
        clear = (pixels[0] >= 0.01) & (pixels[0] <= last[0] - 0.01)
        beyond = (pixels[0] < -0.51) | (pixels[0] > last[0] + 0.51)
        column = (corner[1] + np.array([[0], [1]])) % count[1]
    else:
        column = np.clip(corner[1] + np.array([[0], [1]]), 0, last[1])
    row = np.clip(corner[0] + np.array([[0], [1]]), 0, last[0])
    gaps = np.sum([empty[r, c] for r in row for c in column], axis=0)
    return clear & (gaps == 0), beyond | (clear & (gaps == 4))


def assert_refused_or_lunar(path):
    """A broken map is refused in one sentence, or its heights lie on the Moon; nothing else."""
    random = np.random.default_rng(7)
    try:
        said = describe_map(path)
        source = open_source(path)
        heights_m = source.sample(*random.uniform([[-1.5], [-3.1]], [[1.5], [3.1]], (2, 40)))
    except InputError as error:
        sentence = str(error)
        assert "\n" not in sentence
        assert path.name.split(".")[0] in sentence
        assert sentence.endswith("."), sentence
        return False
    assert said.resolution_m > 0.0
    assert math.isfinite(said.resolution_m)
    low_m, high_m = said.lowest_m, said.highest_m
    if low_m is not None:
        assert LOWEST_M <= low_m <= high_m <= HIGHEST_M
        spare_m = high_m - low_m
        held_m = heights_m[np.isfinite(heights_m)]
        assert np.all((held_m >= low_m - spare_m) & (held_m <= high_m + spare_m))
    assert not np.isinf(heights_m).any()
    return True


places = st.integers(min_value=0, max_value=2**20)
edits = st.lists(
    st.tuples(
        st.sampled_from(("flip", "set", "cut", "insert", "drop", "zero")),
        places,
        st.integers(min_value=0, max_value=255),
    ),
    min_size=1,
    max_size=4,
)


def broken(whole, changes):
    """Bytes after some edits: (kind, where, with which byte)."""
    data = bytearray(whole)
    for kind, place, byte in changes:
        if not data:
            break
        at = place % len(data)
        if kind == "flip":
            data[at] ^= 1 << (byte % 8)
        elif kind == "set":
            data[at] = byte
        elif kind == "cut":
            del data[at:]
        elif kind == "insert":
            data[at:at] = bytes([byte]) * (1 + byte % 7)
        elif kind == "drop":
            del data[at : at + 1 + byte % 7]
        else:
            data[at : at + 1 + byte] = bytes(len(data[at : at + 1 + byte]))
    return bytes(data)


def broken_lines(text, changes):
    """A text after some edits of its lines, or of letters in one of them."""
    lines = text.splitlines()
    for kind, place, byte in changes:
        if not lines:
            break
        at = place % len(lines)
        if kind == "cut":
            lines[at] = lines[at][: byte % (len(lines[at]) + 1)]
        elif kind == "insert":
            lines.insert(at, lines[byte % len(lines)])
        elif kind == "drop":
            del lines[at]
        elif kind == "zero":
            lines[at], lines[byte % len(lines)] = lines[byte % len(lines)], lines[at]
        else:
            line = lines[at].encode("latin-1", "replace")
            lines[at] = broken(line, [(kind, place // 97, byte)]).decode("latin-1")
    return "\n".join(lines) + "\n"
