"""The surface as a whole: detail fades with the footprint, statistics are those asked for."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.build_surface import build_surface, largest_relief_m, no_surface
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.truth.environment.surface import SIZES_M
from tests.truth.environment.surfaces import places, relief_at

SURFACE = build_surface(SurfaceStatistics(), jnp.array(1_200.0))


def test_craters_and_roughness_are_added():
    alone = [
        dataclasses.replace(SURFACE, **{part: getattr(no_surface(), part)})
        for part in ("craters", "roughness")
    ]
    at_m = places(300, 20_000.0)
    both = relief_at(SURFACE, 4, at_m)
    for whole, one, other in zip(both, *(relief_at(each, 4, at_m) for each in alone), strict=True):
        np.testing.assert_allclose(whole, one + other, rtol=1e-12, atol=1e-12)
        assert np.std(one) > 0.0
        assert np.std(other) > 0.0


@pytest.mark.parametrize("size_m", [1.0, 8.0, 256.0])
def test_an_octave_fades_out_between_its_size_and_twice_that(size_m):
    """At half way it counts half: the mean of what is there with it and without."""
    at_m = places(300, 20_000.0)
    full, half, none = (relief_at(SURFACE, 4, at_m, share * size_m)[0] for share in (1.0, 1.5, 2.0))
    finer_m = relief_at(SURFACE, 4, at_m, 0.5)[0] if size_m == 1.0 else None
    if finer_m is not None:
        np.testing.assert_array_equal(full, finer_m)
    coarser = 2.0 * size_m  # of the next octave the same footprint sees all, and three quarters
    weight = np.clip(2.0 - 1.5 * size_m / coarser, 0.0, 1.0)
    assert weight == 1.0
    np.testing.assert_allclose(half, 0.5 * (full + none), rtol=1e-9, atol=1e-12)
    assert np.std(full - none) > 0.0


def test_far_up_nothing_is_left_and_a_nominal_flight_has_none():
    at_m = places(50, 20_000.0)
    assert not np.any(relief_at(SURFACE, 4, at_m, 2.0 * SIZES_M[-1])[0])
    smooth = build_surface(SurfaceStatistics(), jnp.array(0.0))
    assert not np.any(relief_at(smooth, 4, at_m)[0])
    assert not np.any(relief_at(no_surface(), 4, at_m)[0])


def test_what_is_larger_than_two_and_a_half_pixels_is_the_maps():
    assert largest_relief_m(118.0) == 295.0
    assert largest_relief_m(np.inf) == largest_relief_m(474.0) == 1_185.0
    capped = build_surface(SurfaceStatistics(largest="100 m"), jnp.array(1_185.0))
    assert float(capped.largest_m) == float(capped.craters.largest_m) == 100.0


def test_runs_have_surfaces_of_their_own_whose_mean_is_that_of_the_map():
    heights_m = np.array([relief_at(SURFACE, run, places(4_000, 50_000.0))[0] for run in range(6)])
    assert np.max(np.abs(np.corrcoef(heights_m) - np.eye(6))) < 0.1
    assert abs(np.mean(heights_m)) < 0.1 * np.std(heights_m)
