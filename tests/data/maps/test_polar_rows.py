"""A row of pixels round a pole that holds no heights is found and replaced."""

import json

import numpy as np
import pytest

from perilune.data.maps.map_description import describe_map
from perilune.data.maps.map_files import open_source

PER_DEGREE = 2
LAT_DEG = 90.0 - (np.arange(180 * PER_DEGREE) + 0.5) / PER_DEGREE
LON_DEG = (np.arange(360 * PER_DEGREE) + 0.5) / PER_DEGREE
META = {
    "datum": "height above a 1737.4 km sphere, metres",
    "frame": "Moon mean-Earth/polar-axis, east-positive planetocentric",
    "source": "made for a test",
}


def ground_m(latitude_deg, longitude_deg):
    """A plane through each pole, steep enough to be seen across it."""
    away = np.cos(np.radians(latitude_deg))
    return 500.0 + 20_000.0 * away * np.cos(np.radians(longitude_deg))


def opened(tmp_path, **rows_m):
    """The map with whole rows set: `north` the first one, `south` the last."""
    height_m = np.clip(ground_m(LAT_DEG[:, None], LON_DEG[None, :]), -8_000.0, 8_000.0)
    for name, value in rows_m.items():
        height_m[{"north": 0, "south": -1}[name]] = value
    path = tmp_path / "map.npz"
    np.savez(path, height_m=height_m, lat_deg=LAT_DEG, lon_deg=LON_DEG, meta=json.dumps(META))
    return open_source(path)


def beside_the_pole_m(source, latitude_deg):
    longitudes = np.arange(0.0, 360.0, 15.0)
    latitudes = np.full(longitudes.shape, latitude_deg)
    found_m = source.sample(np.radians(latitudes), np.radians(longitudes))
    return found_m, ground_m(latitudes, longitudes)


@pytest.mark.parametrize(
    ("name", "latitude_deg", "which"),
    [
        ("north", 89.8, "first"),
        ("south", -89.8, "last"),
    ],
)
def test_a_row_that_stands_off_the_next_is_replaced_by_lines_across_the_pole(
    tmp_path, name, latitude_deg, which
):
    """The ground is a plane there, of which straight lines are exact."""
    source = opened(tmp_path, **{name: 6_000.0})
    found_m, true_m = beside_the_pole_m(source, latitude_deg)
    np.testing.assert_allclose(found_m, true_m, atol=5.0)
    (note,) = [each for each in describe_map(source.path).notes if "pole" in each]
    assert f"the {which} row" in note


def test_a_pole_that_is_ground_is_left_as_it_is(tmp_path):
    source = opened(tmp_path)
    for latitude_deg in (89.8, -89.8):
        found_m, true_m = beside_the_pole_m(source, latitude_deg)
        np.testing.assert_allclose(found_m, true_m, atol=5.0)
    assert not [each for each in describe_map(source.path).notes if "pole" in each]
