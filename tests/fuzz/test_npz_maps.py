"""GeoTIFF and `.npz` maps in every convention give the closed-form ground, or are refused."""

import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from perilune.mechanics.constants import MOON_RADIUS_M
from tests.fuzz.ground import (
    assert_ground,
    ground_m,
)
from tests.fuzz.stored_numbers import (
    META,
    asked,
    centres,
    emptied,
    gaps,
    hidden,
    numbers,
    stored,
)


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
