"""Directions at the site, the ground along the approach, and what the filter is told of its map."""

import math

import numpy as np
import pytest

from perilune import load_mission
from perilune.design.survey import (
    HEAVY_TAIL_FACTOR,
    NEARBY_TAIL_FACTOR,
    ground_along_track,
    map_error,
    survey,
)
from perilune.mechanics.map_tiles import heights_on_host, heights_on_plane


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


@pytest.mark.usefixtures("data_folder")
def test_the_belief_of_the_ground_is_near_it_and_the_filter_is_told_how_near(surveyed):
    """The error told covers the difference at the aim point, and is no wild guess."""
    ranges_m, sigmas_m, independent_m, alike_m, _ = map_error(surveyed, None)
    off_m = surveyed.terrain_report.site_height_m - surveyed.believed_height_m
    assert 0.0 < abs(off_m) < 3.0 * sigmas_m[0]
    assert np.all((sigmas_m > 1.0) & (sigmas_m < 300.0))
    assert ranges_m[-1] > 1e6
    assert independent_m >= 1_000.0
    assert 100.0 < alike_m < 2_000.0


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize("apart_m", [30.0, 100.0, 300.0, 1_000.0, 1_700.0])
def test_the_maps_error_below_is_as_unlike_that_at_the_strike_as_the_filter_assumes(
    surveyed, apart_m
):
    """Predicted from one place to another all along the last 150 km, against the ground itself."""
    ranges_m, sigmas_m, _, length_m, _ = map_error(surveyed, None)
    along_m = -np.arange(100.0, 150_000.0, 100.0)
    sigma_m = np.interp(-along_m, ranges_m, sigmas_m) * NEARBY_TAIL_FACTOR / HEAVY_TAIL_FACTOR
    alike = np.exp(-((apart_m / length_m) ** 2))
    squares = []
    for aside_m in (-1_000.0, 0.0, 1_000.0):
        below_m, struck_m = (
            sum(
                sign * heights_on_plane(each, _on_plane(surveyed, along_m + ahead_m, aside_m))
                for sign, each in ((1.0, surveyed.terrain.map), (-1.0, surveyed.onboard_map))
            )
            for ahead_m in (0.0, apart_m)
        )
        squares.append((below_m - alike * struck_m) ** 2 / (sigma_m**2 * (1.0 - alike**2)))
    assert 0.4 < np.mean(squares) < 1.0  # 1 / 1.25 squared is 0.64
    assert np.mean(np.array(squares) > 9.0) < 0.015


def _on_plane(surveyed, along_m, aside_m):
    ahead = surveyed.downrange_site[:2]
    return along_m[:, None] * ahead + aside_m * np.array([ahead[1], -ahead[0]])


def test_northbound_comes_from_the_other_side():
    other = survey(load_mission("athena", ['orbit.approach="northbound"']))
    np.testing.assert_allclose(other.downrange_site, [0.0, 1.0, 0.0], atol=1e-12)
