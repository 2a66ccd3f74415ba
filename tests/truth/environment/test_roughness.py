"""Roughness below the map: rms height differences by distance, and a surface without steps."""

import numpy as np
import pytest
from scipy import stats

from perilune.design.build_surface import build_roughness, mean_square
from perilune.truth.environment.roughness import Roughness
from tests.truth.environment.surfaces import of_roughness, places, relief_at, rises_m, rough

FALSE_ALARM = 1e-4
SLOPE_RAD = np.radians(7.5)
HIGHLAND = rough(0.95, SLOPE_RAD, 1_200.0)
SIDE_M = 2.0 ** np.arange(-1.0, 10.0)


@pytest.mark.parametrize("lag", [0.2, 1.0, 3.0])
def test_an_octave_rises_by_the_quadrature(lag):
    """One octave of 4 m alone; runs are independent, so that their means say how sure it is."""
    only = of_roughness(Roughness(slope_factor=1.0 * (np.arange(11) == 3)))
    squares = [np.mean(rises_m(only, 4.0 * lag, run) ** 2) / 16.0 for run in range(10)]
    error = np.std(squares, ddof=1) / np.sqrt(len(squares))
    apart = abs(np.mean(squares) - mean_square(lag))
    assert apart < stats.t.isf(FALSE_ALARM / 2, len(squares) - 1) * error
    assert error < 0.03 * mean_square(lag)


@pytest.mark.parametrize(("hurst", "slope_rad"), [(0.95, SLOPE_RAD), (0.5, np.radians(2.0))])
def test_a_surface_rises_as_its_octaves_together(hurst, slope_rad):
    """And by Hurst's exponent where waves longer than the longest do not matter: far under 1."""
    surface, lags_m = rough(hurst, slope_rad), np.array([2.0, 17.0, 100.0])
    height_m = np.asarray(surface.roughness.slope_factor) * SIDE_M
    squares = [[mean_square(lag_m / side) for side in SIDE_M] for lag_m in lags_m]
    expected_m = np.sqrt(np.array(squares) @ height_m**2)
    found_m = [
        np.sqrt(np.mean([np.mean(rises_m(surface, lag_m, run) ** 2) for run in range(6)]))
        for lag_m in lags_m
    ]
    np.testing.assert_allclose(found_m, expected_m, rtol=0.05)
    if hurst == 0.5:
        exponent = np.polyfit(np.log(lags_m), np.log(expected_m), 1)[0]
        assert exponent == pytest.approx(hurst, abs=0.04)


@pytest.mark.parametrize("hurst", [0.5, 0.76, 0.95])
def test_waves_of_all_lengths_have_the_median_slope_that_is_asked_for(hurst):
    """Summed to waves of 2^200 m: a normal slope's median is 1.177 times its components' rms."""
    slope_factor = np.asarray(build_roughness(hurst, SLOPE_RAD).slope_factor)
    side_m = 2.0 ** np.arange(-1.0, 200.0)
    height_m = slope_factor[0] * SIDE_M[0] * (side_m / SIDE_M[0]) ** hurst
    np.testing.assert_allclose(slope_factor * SIDE_M, height_m[:11], rtol=1e-12)
    lags = 17.0 / side_m
    squares = [mean_square(max(lag, 1e-3)) * min(lag / 1e-3, 1.0) ** 2 for lag in lags]
    rise = np.sqrt(np.sum(height_m**2 * squares)) / 17.0
    assert np.sqrt(2.0 * np.log(2.0)) * rise == pytest.approx(np.tan(SLOPE_RAD), rel=1e-3)


def test_the_gradient_is_that_of_the_height():
    at_m, step_m = places(200, 1e5, 6), 1e-4
    _, gradient = relief_at(HIGHLAND, 8, at_m, 0.1)
    for axis in range(2):
        way_m = step_m * np.eye(2)[axis]
        ahead, behind = (relief_at(HIGHLAND, 8, at_m + s * way_m, 0.1)[0] for s in (1, -1))
        np.testing.assert_allclose((ahead - behind) / (2.0 * step_m), gradient[:, axis], atol=1e-5)


def test_there_is_no_step_where_squares_meet():
    """Across the lines of every octave, 1 micrometre either way."""
    lines_m = np.array([0.0, 0.5, -8.0, 512.0, -1_024.0])
    along_m = places(len(lines_m), 1e5, 6)[:, 1]
    for flip in (False, True):
        sides = [np.stack([lines_m + way, along_m], axis=-1) for way in (-1e-6, 1e-6)]
        heights, slopes = zip(
            *(relief_at(HIGHLAND, 2, s[:, ::-1] if flip else s, 0.1) for s in sides), strict=True
        )
        np.testing.assert_allclose(heights[0], heights[1], atol=1e-5)
        np.testing.assert_allclose(slopes[0], slopes[1], atol=1e-4)


def test_runs_differ_and_a_footprint_smooths():
    at_m = places(500, 1e5, 6)
    one, other = (relief_at(HIGHLAND, run, at_m)[0] for run in (1, 2))
    assert stats.pearsonr(one, other).pvalue > FALSE_ALARM
    smooth = relief_at(HIGHLAND, 1, at_m, footprint_m=16.0)[0]
    assert 0.0 < np.std(one - smooth) < 0.1 * np.std(one)


def test_no_wave_is_longer_than_the_map_leaves():
    at_m = places(100, 1e5, 6)
    short = of_roughness(Roughness(slope_factor=1.0 * (np.arange(11) < 4)))
    every = Roughness(slope_factor=np.ones(11))
    np.testing.assert_array_equal(
        relief_at(of_roughness(every, 10.0), 3, at_m)[0], relief_at(short, 3, at_m)[0]
    )
    assert not np.any(relief_at(of_roughness(every, 0.5), 3, at_m)[0])
