"""Roughness below the map: rms height differences by distance, and a surface without steps."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.design.build_roughness import build_roughness, mean_square
from perilune.truth.environment.roughness import Roughness, roughness_relief

FALSE_ALARM = 1e-4
HIGHLAND = build_roughness(0.95, 0.1, 17.0, 1_200.0)


def key_of(number):
    return jax.random.key_data(jax.random.key(number))


@functools.partial(jax.jit, static_argnames="footprint_m")
def relief(roughness, key, place_m, footprint_m=0.1):
    one = functools.partial(roughness_relief, roughness, key, footprint_m=footprint_m)
    return jax.vmap(one)(place_m)


def places(count, reach_m=1e5):
    return np.random.default_rng(6).uniform(-reach_m, reach_m, (count, 2))


def rises_m(roughness, lag_m, run, count=4_000):
    """Over a lag, in random directions."""
    at_m = places(count)
    way = np.random.default_rng(run).uniform(0.0, 2.0 * np.pi, count)
    there_m = at_m + lag_m * np.stack([np.cos(way), np.sin(way)], axis=-1)
    heights = [relief(roughness, key_of(run), jnp.asarray(each))[0] for each in (at_m, there_m)]
    return np.asarray(heights[1] - heights[0])


@pytest.mark.parametrize("lag", [0.2, 1.0, 3.0])
def test_an_octave_rises_by_the_quadrature(lag):
    """One octave of 4 m alone; runs are independent, so that their means say how sure it is."""
    only = Roughness(slope_factor=jnp.asarray(1.0 * (np.arange(11) == 3)))
    squares = [np.mean(rises_m(only, 4.0 * lag, run) ** 2) / 16.0 for run in range(10)]
    error = np.std(squares, ddof=1) / np.sqrt(len(squares))
    apart = abs(np.mean(squares) - mean_square(lag))
    assert apart < stats.t.isf(FALSE_ALARM / 2, len(squares) - 1) * error
    assert error < 0.03 * mean_square(lag)


@pytest.mark.parametrize(("hurst", "slope"), [(0.95, 0.1), (0.5, 0.03)])
def test_a_surface_rises_as_asked_at_its_base_and_as_its_octaves_together_elsewhere(hurst, slope):
    """And by Hurst's exponent where the waves longer than the longest do not matter, far under 1.

    Near 1 they do: two thirds of the mean square of its slope at 17 m a surface of H = 0.95 has
    from waves beyond 1.2 km.
    """
    rough, lags_m = build_roughness(hurst, slope, 17.0, 1_200.0), np.array([2.0, 17.0, 100.0])
    side_m = 2.0 ** np.arange(-1.0, 10.0)
    height_m = np.asarray(rough.slope_factor) * side_m
    squares = [[mean_square(lag_m / side) for side in side_m] for lag_m in lags_m]
    expected_m = np.sqrt(np.array(squares) @ height_m**2)
    found_m = [
        np.sqrt(np.mean([np.mean(rises_m(rough, lag_m, run) ** 2) for run in range(6)]))
        for lag_m in lags_m
    ]
    assert found_m[1] == pytest.approx(slope * 17.0, rel=0.04)
    np.testing.assert_allclose(found_m, expected_m, rtol=0.05)
    if hurst == 0.5:
        exponent = np.polyfit(np.log(lags_m), np.log(expected_m), 1)[0]
        assert exponent == pytest.approx(hurst, abs=0.04)


def test_the_gradient_is_that_of_the_height():
    at_m, key, step_m = places(200), key_of(8), 1e-4
    _, gradient = relief(HIGHLAND, key, jnp.asarray(at_m))
    for axis in range(2):
        way_m = step_m * np.eye(2)[axis]
        ahead, behind = (relief(HIGHLAND, key, jnp.asarray(at_m + s * way_m))[0] for s in (1, -1))
        np.testing.assert_allclose((ahead - behind) / (2.0 * step_m), gradient[:, axis], atol=1e-5)


def test_there_is_no_step_where_squares_meet():
    """Across the lines of every octave, 1 micrometre either way."""
    lines_m = np.array([0.0, 0.5, -8.0, 512.0, -1_024.0])
    along_m = places(len(lines_m))[:, 1]
    for flip in (False, True):
        sides = [np.stack([lines_m + way, along_m], axis=-1) for way in (-1e-6, 1e-6)]
        heights, slopes = zip(
            *(relief(HIGHLAND, key_of(2), jnp.asarray(s[:, ::-1] if flip else s)) for s in sides),
            strict=True,
        )
        np.testing.assert_allclose(heights[0], heights[1], atol=1e-5)
        np.testing.assert_allclose(slopes[0], slopes[1], atol=1e-4)


def test_runs_differ_and_a_footprint_smooths():
    at_m = jnp.asarray(places(500))
    one, other = (np.asarray(relief(HIGHLAND, key_of(run), at_m)[0]) for run in (1, 2))
    assert stats.pearsonr(one, other).pvalue > FALSE_ALARM
    smooth = np.asarray(relief(HIGHLAND, key_of(1), at_m, footprint_m=16.0)[0])
    assert 0.0 < np.std(one - smooth) < 0.1 * np.std(one)


def test_no_wave_is_longer_than_the_map_leaves():
    fine = build_roughness(0.95, 0.1, 17.0, 10.0)
    assert np.flatnonzero(fine.slope_factor).tolist() == [0, 1, 2, 3]
    assert not np.any(build_roughness(0.95, 0.1, 17.0, 0.5).slope_factor)
