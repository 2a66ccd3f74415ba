import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.truth.environment import illumination


@pytest.mark.parametrize(
    ("direction", "place_deg", "elevation_deg", "azimuth_deg"),
    [
        ((0, 0, 1), (0, 0), 0, 0),
        ((0, 1, 0), (0, 0), 0, 90),
        ((0, -1, 0), (0, 0), 0, 270),
        ((1, 0, 0), (0, 0), 90, None),
        ((0, 0, -1), (-60, 10), 60, 180),
        ((1, 0, 0), (-90, 0), 0, 0),
    ],
)
def test_the_plain_directions_of_the_sky(direction, place_deg, elevation_deg, azimuth_deg):
    place_rad = np.radians(place_deg)
    found_deg = np.degrees(
        illumination.elevation_azimuth_rad(jnp.array(direction, float), *place_rad)
    )
    assert found_deg[0] == pytest.approx(elevation_deg, abs=1e-9)
    if azimuth_deg is not None:
        assert np.cos(np.radians(found_deg[1] - azimuth_deg)) == pytest.approx(1.0, abs=1e-12)


@given(st.floats(-89.0, 89.0), st.floats(-180.0, 180.0), st.floats(-80.0, 80.0), st.floats(0, 359))
def test_a_direction_built_from_elevation_and_azimuth_gives_them_back(lat, lon, elevation, azimuth):
    lat, lon, elevation, azimuth = np.radians([lat, lon, elevation, azimuth])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    north = np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    up = np.cross(east, north)
    level = np.sin(azimuth) * east + np.cos(azimuth) * north
    direction = 7.0 * (np.cos(elevation) * level + np.sin(elevation) * up)
    found = illumination.elevation_azimuth_rad(jnp.asarray(direction), lat, lon)
    assert float(found[0]) == pytest.approx(elevation, abs=1e-12)
    assert np.angle(np.exp(1j * (float(found[1]) - azimuth))) == pytest.approx(0.0, abs=1e-12)


def test_the_earth_stands_lower_seen_from_the_surface_than_from_the_centre():
    sky = tabulate(epoch_from_utc("2025-03-06T17:28:50Z"), 60.0)
    place_rad = np.radians([-84.7906, 29.1957])
    surface, centre = (
        illumination.earth_elevation_azimuth_rad(sky, 0.0, *place_rad, radius_m=radius_m)[0]
        for radius_m in (MOON_RADIUS_M, 0.0)
    )
    # Horizontal parallax asin(R / d) times the cosine of the elevation.
    drop_rad = np.arcsin(1_737.4 / 375_166.0) * np.cos(float(surface))
    assert float(centre - surface) == pytest.approx(drop_rad, rel=1e-3)
