"""What the filter is told of its map's error, against the ground that the map leaves out."""

import math

import numpy as np
import pytest

from perilune import load_mission
from perilune.design.map_belief import (
    KNOT_COUNT,
    knots_m,
    left_out_share,
    map_error,
    on_plane_m,
    second_difference_m,
)
from perilune.design.survey import survey
from perilune.mechanics import map_tiles
from perilune.mechanics.map_tiles import TilePlan, heights_on_plane
from tests.ground_queries import SOUTHWARDS_RAD

BANDS_M = ((500.0, 15e3), (15e3, 150e3), (150e3, 780e3))


def belief_of(surveyed, statistics=None):
    return map_error(
        surveyed.onboard_map,
        surveyed.azimuth_rad,
        statistics,
        surveyed.terrain_report.resolution_m,
    )


def left_out_m(surveyed, along_m, right_m):
    """The ground less the map carried."""
    places_m = on_plane_m(surveyed.azimuth_rad, along_m, np.asarray(right_m))
    return heights_on_plane(surveyed.terrain.map, places_m) - heights_on_plane(
        surveyed.onboard_map, places_m
    )


@pytest.fixture(scope="module", params=["athena", "odysseus", "chandrayaan-3"])
def surveyed(request, data_folder):
    del data_folder
    return survey(load_mission(request.param))


@pytest.mark.parametrize("hurst_exponent", [0.5, 0.76, 0.95])
def test_the_share_left_out_is_that_of_a_self_affine_profile(hurst_exponent):
    """Drawn by its spectrum, 256 postings long; the mean of 200 profiles is good to 1 %."""
    random, fine, count = np.random.default_rng(7), 256, 256
    frequency = np.fft.rfftfreq(fine * count)
    size = np.zeros(len(frequency))
    size[1:] = frequency[1:] ** -(hurst_exponent + 0.5)
    missed, bent = [], []
    for _ in range(200):
        waves = size * (random.normal(size=(len(size), 2)) @ np.array([1.0, 1.0j]))
        heights = np.fft.irfft(waves)
        nodes = heights[::fine]
        line = np.interp(np.arange(fine * (count - 1)), fine * np.arange(count), nodes)
        missed.append(np.mean((heights[: len(line)] - line) ** 2))
        bent.append(np.mean((nodes[:-2] - 2.0 * nodes[1:-1] + nodes[2:]) ** 2))
    found = math.sqrt(np.mean(missed) / np.mean(bent))
    assert found == pytest.approx(left_out_share(hurst_exponent), rel=0.02)


def test_the_second_difference_of_a_wave_is_that_of_its_length():
    """Of a sin(k x) along the track, L apart: 2 a (1 - cos k L) at the peak, and none across."""
    length_m, height_m, site = 20_000.0, 30.0, FlatSite()
    plans = (
        TilePlan(name="track", row_count=700, column_count=60, step_m=1_000.0, uprange_m=650_000.0),
    )

    def wave(latitude_rad, longitude_rad):
        del longitude_rad
        along_m = 1_737_400.0 * (site.latitude_rad - latitude_rad)
        heights_m = height_m * np.sin(2.0 * np.pi * along_m / length_m)
        return heights_m, np.zeros(np.shape(latitude_rad), int)

    built, _ = map_tiles.build_map(site, SOUTHWARDS_RAD, plans, wave)
    range_m = np.linspace(40_000.0, 50_000.0, 41)
    peak_m = 2.0 * height_m * (1.0 - math.cos(2.0 * math.pi * 1_000.0 / length_m))
    found_m = second_difference_m(built, SOUTHWARDS_RAD, range_m)
    assert math.sqrt(np.mean(found_m**2)) == pytest.approx(peak_m / 2.0, rel=0.02)


class FlatSite:
    """A place on a sphere."""

    latitude_rad, longitude_rad, height_m = math.radians(-30.0), math.radians(20.0), 0.0
    slope_rad, slope_azimuth_rad = 0.0, 0.0


def test_the_ranges_rise_from_the_site_and_lie_close_there():
    ranges_m = knots_m()
    assert ranges_m.shape == (KNOT_COUNT,)
    assert (ranges_m[0], ranges_m[-1]) == pytest.approx((0.0, 1.5e6))
    steps_m = np.diff(ranges_m)
    assert np.all(steps_m > 0.0)
    assert steps_m[0] < 1_000.0


@pytest.mark.parametrize("band_m", BANDS_M)
def test_the_map_says_itself_how_far_the_ground_departs_from_it(surveyed, band_m):
    """No look at the ground, and yet within a factor; under 2 % of it outside three sigma."""
    told = belief_of(surveyed)
    along_m = -np.arange(*band_m, 50.0)
    sigma_m = np.interp(-along_m, told.range_m, told.sigma_m)
    squares = np.concatenate(
        [(left_out_m(surveyed, along_m, aside) / sigma_m) ** 2 for aside in (-1e3, 0.0, 1e3)]
    )
    assert 0.1 < np.mean(squares) < 1.5
    assert np.mean(squares > 9.0) < 0.02


def test_rough_ground_is_told_to_be_less_sure_than_a_plain(surveyed):
    """Place by place: where more is said to be left out, more is."""
    told = belief_of(surveyed)
    along_m = -np.arange(500.0, 600_000.0, 50.0)
    sigma_m = np.interp(-along_m, told.range_m, told.sigma_m)
    off_m = left_out_m(surveyed, along_m, 0.0)
    rough = sigma_m > np.quantile(sigma_m, 0.8)
    plain = sigma_m < np.quantile(sigma_m, 0.2)
    assert np.std(off_m[rough]) > 2.0 * np.std(off_m[plain])


@pytest.mark.parametrize("apart_m", [30.0, 100.0, 300.0, 1_000.0, 1_700.0])
def test_the_maps_error_below_is_as_unlike_that_at_the_strike_as_the_filter_assumes(
    surveyed, apart_m
):
    """Predicted from one place to another all along the last 150 km, against the ground itself."""
    told = belief_of(surveyed)
    along_m = -np.arange(100.0, 150_000.0, 100.0)
    sigma_m = np.interp(-along_m, told.range_m, told.sigma_m)
    alike = np.exp(-((apart_m / told.alike_m) ** 2))
    squares = []
    for aside_m in (-1_000.0, 0.0, 1_000.0):
        below_m = left_out_m(surveyed, along_m, aside_m)
        struck_m = left_out_m(surveyed, along_m + apart_m, aside_m)
        squares.append((below_m - alike * struck_m) ** 2 / (sigma_m**2 * (1.0 - alike**2)))
    assert 0.1 < np.mean(squares) < 1.5
    assert np.mean(np.array(squares) > 9.0) < 0.02


def test_without_a_measured_map_hardly_more_than_the_least_is_told():
    """The site's published plane bends where it passes into the level ground around it."""
    plain = belief_of(survey(load_mission("athena", ["site.maps=[]"])))
    assert np.median(plain.sigma_m) == 1.0
    assert np.max(plain.sigma_m) < 5.0
