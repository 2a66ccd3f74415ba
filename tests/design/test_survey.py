"""Directions at the site and the ground along the approach."""

import math

import numpy as np
import pytest

from perilune import load_mission
from perilune.design.survey import ground_along_track, survey
from perilune.mechanics.map_tiles import heights_on_host


@pytest.fixture(scope="module")
def surveyed(athena):
    return survey(athena)


def test_the_aim_point_is_where_the_mission_says(athena, surveyed):
    x, y, z = surveyed.aim_fixed
    assert math.asin(z) == pytest.approx(athena.site.latitude_rad)
    assert math.atan2(y, x) == pytest.approx(athena.site.longitude_rad)
    np.testing.assert_allclose(surveyed.site_from_fixed @ surveyed.aim_fixed, [0, 0, 1], atol=1e-12)


def test_southbound_the_track_runs_south_along_the_meridian(surveyed):
    np.testing.assert_allclose(surveyed.downrange_site, [0.0, -1.0, 0.0], atol=1e-12)
    assert surveyed.track_normal_fixed @ surveyed.aim_fixed == pytest.approx(0.0, abs=1e-12)
    # The meridian's plane holds the pole.
    assert surveyed.track_normal_fixed[2] == pytest.approx(0.0, abs=1e-12)
    along = np.cross(surveyed.track_normal_fixed, surveyed.aim_fixed)
    assert (surveyed.site_from_fixed @ along) @ surveyed.downrange_site == pytest.approx(1.0)


def test_the_ground_along_the_track_is_the_ground_under_it(surveyed):
    """Against the map asked by direction, the way a flight asks."""
    before_m = np.array([0.0, 5e3, 60e3, 300e3, 560e3])
    angle = before_m[:, None] / 1_737_400.0
    along = np.cross(surveyed.track_normal_fixed, surveyed.aim_fixed)
    places = 1_737_400.0 * (np.cos(angle) * surveyed.aim_fixed - np.sin(angle) * along)
    np.testing.assert_allclose(
        ground_along_track(surveyed, before_m),
        heights_on_host(surveyed.terrain.map, places),
        atol=1e-6,
    )


@pytest.mark.usefixtures("data_folder")
def test_the_plateaus_edge_is_a_step_of_kilometres_before_mons_mouton(surveyed):
    heights_m = ground_along_track(surveyed, np.arange(0.0, 60_000.0, 500.0))
    assert heights_m[0] - heights_m.min() > 5_000.0


def test_northbound_comes_from_the_other_side():
    other = survey(load_mission("athena", ['orbit.approach="northbound"']))
    np.testing.assert_allclose(other.downrange_site, [0.0, 1.0, 0.0], atol=1e-12)
