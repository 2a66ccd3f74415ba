"""A height that is re-acquired opens place along the radius and the map's bias, and no more."""

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.onboard.navigation.watch import LARGEST_INFLATION, raised

COUNT, MAP_BIAS = 6, 5
UP = np.array([0.48, 0.6, 0.64, 0.0, 0.0, 0.0])
ACROSS = np.array([0.8, 0.0, -0.6, 0.0, 0.0, 0.0])
FREE_M = 1e12


@pytest.fixture
def covariance():
    root = np.random.default_rng(2).normal(size=(COUNT, COUNT))
    return root @ root.T + np.eye(COUNT)


@pytest.fixture
def slope():
    """Of a map that slopes by a fifth across the radius."""
    return UP + 0.2 * ACROSS - np.eye(COUNT)[MAP_BIAS]


def wider(covariance, slope, factor, most_m=FREE_M):
    spread = covariance @ slope
    known = slope @ spread
    directions = np.stack([UP, np.eye(COUNT)[MAP_BIAS]])
    parts = map(jnp.asarray, (covariance, spread, known, factor * known, directions))
    return np.asarray(raised(*parts, most_m))


def test_it_is_the_dense_product_with_a_factor_for_each_of_the_two(covariance, slope):
    spread = covariance @ slope
    known = slope @ spread
    dense = np.eye(COUNT)
    for direction in (UP, np.eye(COUNT)[MAP_BIAS]):
        sigma = np.sqrt(direction @ covariance @ direction)
        correlation = abs(direction @ spread) / (sigma * np.sqrt(known))
        dense = dense + 4.0 * correlation * np.outer(direction, direction)
    expected = dense @ covariance @ dense
    np.testing.assert_allclose(wider(covariance, slope, 25.0), expected, rtol=1e-9, atol=1e-12)


def test_place_across_the_radius_and_speed_stay_as_sure_as_they_are(covariance, slope):
    after = wider(covariance, slope, 1e4)
    speeds = np.eye(COUNT)[3:5]
    kept = np.vstack([ACROSS, speeds])
    np.testing.assert_allclose(kept @ after @ kept.T, kept @ covariance @ kept.T, rtol=1e-9)


def test_it_stays_a_covariance(covariance, slope):
    after = wider(covariance, slope, 1e4)
    np.testing.assert_allclose(after, after.T, rtol=1e-12)
    assert np.min(np.linalg.eigvalsh(after)) > 0.0


def test_it_widens_only_so_far():
    after = wider(np.eye(COUNT), UP, 1e12)
    assert UP @ after @ UP == pytest.approx(LARGEST_INFLATION)


def test_neither_grows_beyond_what_is_left_to_it(covariance, slope):
    after = wider(covariance, slope, 1e6, most_m=9.0)
    assert np.sqrt(UP @ after @ UP) == pytest.approx(9.0)
    assert np.sqrt(after[MAP_BIAS, MAP_BIAS]) == pytest.approx(9.0)
