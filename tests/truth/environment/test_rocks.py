"""Rocks: numbers by size, none counted twice, the nearest found, more of them in fresh ejecta."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

from perilune.design.build_surface import build_rocks, build_surface, no_surface
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.truth.environment.craters import Craters
from perilune.truth.environment.rocks import (
    CELLS_M,
    NEAREST_COUNT,
    OCTAVE_COUNT,
    SMALLEST_M,
    Rocks,
    cover_at,
    rock_numbers,
    rocks_near,
)
from tests.truth.environment.surfaces import key_of, places

FALSE_ALARM = 1e-4


def published_per_m2(k, low_m, high_m):
    """Rocks between two diameters: what they cover, less with D, over the area of each."""
    q = 1.79 + 0.152 / k
    return integrate.quad(
        lambda size_m: k * q * np.exp(-q * size_m) * 4.0 / (np.pi * size_m**2), low_m, high_m
    )[0]


@pytest.mark.parametrize("k", [0.005, 0.01, 0.05])
def test_rocks_are_as_many_as_the_published_cover_has(k):
    """By octave to 3 % or one a square kilometre; at most three in five cells would hold one."""
    found = rock_numbers(jnp.array(k))
    for octave in range(OCTAVE_COUNT):
        low_m = SMALLEST_M * 2.0**octave
        expected = published_per_m2(k, low_m, 2.0 * low_m)
        assert float(found.density_per_m2[octave]) == pytest.approx(expected, rel=0.03, abs=1e-6)
        assert expected * CELLS_M[octave] ** 2 < 0.6
        if expected < 1e-6:
            continue
        middle = published_per_m2(k, low_m, np.sqrt(2.0) * low_m) / expected
        assert float(found.below_fraction[octave][3]) == pytest.approx(middle, rel=0.03)
    assert not np.any(rock_numbers(jnp.array(0.0)).density_per_m2)


def rocks_of(k, fresh=0.0, largest_m=3.2):
    return Rocks(
        cover_fraction=jnp.array(k),
        fresh_cover_fraction=jnp.array(fresh),
        largest_m=jnp.array(largest_m),
    )


@functools.partial(jax.jit, static_argnames="surface_of")
def _near(rocks, key, at_m, surface_of=no_surface):
    return jax.vmap(lambda place_m: rocks_near(rocks, surface_of(), key, place_m))(at_m)


def near(rocks, run, at_m):
    found = _near(rocks, key_of(run), jnp.asarray(at_m))
    return np.asarray(found.offset_m), np.asarray(found.diameter_m)


def test_the_rocks_found_around_many_places_are_as_many_and_as_large_as_asked_for():
    """Within 2 m of 4,000 places 100 m apart; Poisson, but for one at most in a cell."""
    rocks, reach_m = rocks_of(0.05), 2.0
    at_m = 100.0 * np.stack(np.meshgrid(np.arange(80.0), np.arange(50.0)), -1).reshape(-1, 2)
    offset_m, diameter_m = near(rocks, 3, at_m)
    inside = (np.linalg.norm(offset_m, axis=-1) < reach_m) & (diameter_m > 0.0)
    for low_m, high_m in ((0.2, 0.4), (0.4, 0.8)):
        expected = published_per_m2(0.05, low_m, high_m) * len(at_m) * np.pi * reach_m**2
        seen = np.sum(inside & (diameter_m > low_m) & (diameter_m < high_m))
        allowed = 0.03 * expected + stats.norm.isf(FALSE_ALARM / 2) * np.sqrt(expected)
        assert abs(seen - expected) < allowed


def test_two_places_see_the_same_rocks():
    at_m = places(200, 500.0)
    step_m = np.array([1.0, -0.5])
    (one_m, sizes_m), (other_m, _) = (near(rocks_of(0.01), 5, at_m + way) for way in (0.0, step_m))
    shared = 0
    for place in range(len(at_m)):
        close = (np.linalg.norm(one_m[place], axis=-1) < 3.0) & (sizes_m[place] > 0.0)
        for offset_m in one_m[place][close]:
            apart_m = np.linalg.norm(other_m[place] - (offset_m - step_m), axis=-1)
            assert np.min(apart_m) < 1e-6
            shared += 1
    assert shared > 20


def test_the_nearest_come_first_and_none_larger_than_the_cap():
    offset_m, diameter_m = near(rocks_of(0.05), 6, places(100, 500.0))
    assert diameter_m.shape[1] == NEAREST_COUNT
    away_m = np.linalg.norm(offset_m, axis=-1) - 0.5 * diameter_m
    assert np.all(np.diff(np.where(diameter_m > 0.0, away_m, np.inf), axis=1)[:, :-1] >= 0.0)
    assert np.max(diameter_m) > 0.5
    capped_m = near(rocks_of(0.05, largest_m=0.5), 6, places(100, 500.0))[1]
    assert np.max(capped_m) <= 0.5
    assert not np.any(near(rocks_of(0.05, largest_m=0.0), 6, places(100, 500.0))[1])


def test_the_ejecta_of_a_fresh_crater_have_more_rocks():
    """Somewhere the cover is that of fresh ejecta, mostly the site's, and never outside the two."""
    statistics = SurfaceStatistics(rock_cover_fraction=0.01, fresh_rock_cover_fraction=0.05)
    surface, rocks = (
        build_surface(statistics, jnp.array(1_200.0)),
        build_rocks(statistics, jnp.array(1_200.0)),
    )
    rocks = Rocks(**{name: jnp.asarray(value) for name, value in vars(rocks).items()})
    at_m = jnp.asarray(places(20_000, 50_000.0))
    cover = jax.jit(jax.vmap(lambda at: cover_at(rocks, surface, key_of(2), at)))
    found = np.asarray(cover(at_m))
    assert np.min(found) == 0.01
    assert 0.045 < np.max(found) <= 0.05
    assert 0.005 < np.mean(found > 0.01) < 0.2
    bare = dataclasses.replace(surface, craters=Craters(**_none(surface.craters)))
    assert np.all(jax.vmap(lambda at: cover_at(rocks, bare, key_of(2), at))(at_m[:50]) == 0.01)


def _none(craters):
    return vars(craters) | {"density_fraction": jnp.array(0.0)}
