"""Craters below the map: their numbers, depths and shapes, and that a place sees all of them."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.truth.environment.craters import (
    CELL_FACTOR,
    CLASS_SHARES,
    EQUILIBRIUM_FRACTION,
    LEAST_DEPTHS,
    MOST_DEPTHS,
    crater_of_cell,
    shape,
)
from tests.truth.environment.surfaces import (
    cratered,
    craters_of,
    key_of,
    places,
    relief_at,
    slopes_deg,
)

OLD, YOUNG = craters_of(1e9, 1e9), craters_of(1e9, 100.0)
FALSE_ALARM = 1e-4
SIDE = 400


@functools.cache
def counted(crossing_m, octave, number=3):
    """Craters of 400 by 400 cells, and their area, m2."""
    craters = craters_of(1e9, crossing_m)
    cells = np.stack(np.meshgrid(*2 * [np.arange(-SIDE // 2, SIDE // 2)]), axis=-1)
    cells = jnp.asarray(cells.reshape(-1, 2), jnp.int32)
    found = crater_of_cell(craters, key_of(number), np.array(octave), cells)
    exists = np.asarray(found.exists)
    area_m2 = (SIDE * CELL_FACTOR * 2.0**octave) ** 2
    side_m = CELL_FACTOR * 2.0**octave
    diameter_m = 2.0 * side_m / np.sqrt(found.per_radius2)
    parts = (side_m * (np.asarray(cells) + np.asarray(found.inside)), diameter_m, found.depth_m)
    return [np.asarray(each)[exists] for each in parts], area_m2


@pytest.mark.parametrize("octave", [0, 5, 9])
@pytest.mark.parametrize("share", [1.0, 1.5])
def test_craters_are_as_many_as_in_equilibrium(octave, share):
    """N(> D) for each square kilometre is 0.079433 D^-2: D in km, so the same with metres."""
    (_, diameter_m, _), area_m2 = counted(1e9, octave)
    low_m, high_m = share * 2.0**octave, 2.0 ** (octave + 1)
    expected = EQUILIBRIUM_FRACTION * area_m2 * (low_m**-2 - high_m**-2)
    seen = np.sum(diameter_m > low_m)
    assert abs(seen - expected) < stats.norm.isf(FALSE_ALARM / 2) * np.sqrt(expected)


def test_past_the_crossing_they_go_as_the_third_power():
    """N(> D) = 0.079433 D_x D^-3: from 128 m to 256 m, with the crossing at 100 m."""
    (_, diameter_m, _), area_m2 = counted(100.0, 7)
    for low_m in (128.0, 180.0):
        expected = EQUILIBRIUM_FRACTION * 100.0 * area_m2 * (low_m**-3 - 256.0**-3)
        seen = np.sum(diameter_m > low_m)
        assert abs(seen - expected) < stats.norm.isf(FALSE_ALARM / 2) * np.sqrt(expected)


def test_depths_have_the_shares_of_their_classes_whatever_the_size():
    """And the shallowest of a class is at its lower end."""
    (_, diameter_m, depth_m), _ = counted(1e9, 2)
    factor = depth_m / diameter_m
    small = diameter_m < np.median(diameter_m)
    for part in (factor[small], factor[~small]):
        chance = stats.kstest(part, _share_below).pvalue
        assert chance > FALSE_ALARM


def _share_below(factor):
    parts = [
        share * np.clip((factor - least) / (most - least), 0.0, 1.0)
        for share, least, most in zip(CLASS_SHARES, LEAST_DEPTHS, MOST_DEPTHS, strict=True)
    ]
    return np.sum(parts, axis=0)


def test_places_are_even_and_octaves_and_runs_independent():
    (place_m, diameter_m, _), _ = counted(1e9, 0)
    inside = place_m / CELL_FACTOR % 1.0
    for part in (inside[:, 0], inside[:, 1], (1.0 - diameter_m**-2.0) / 0.75):
        assert stats.kstest(part, "uniform").pvalue > FALSE_ALARM
    assert stats.spearmanr(inside[:, 0], inside[:, 1]).pvalue > FALSE_ALARM
    (other_m, *_), _ = counted(1e9, 0, 4)
    (larger_m, *_), _ = counted(1e9, 1)
    for each in (other_m / CELL_FACTOR, larger_m / (2.0 * CELL_FACTOR)):
        shared = {*map(tuple, np.floor(each))} & {*map(tuple, np.floor(place_m / CELL_FACTOR))}
        chance = len(place_m) * len(each) / SIDE**2
        assert abs(len(shared) - chance) < stats.norm.isf(FALSE_ALARM / 2) * np.sqrt(chance)


def test_nine_cells_make_the_height_of_all_craters_there_are():
    """Against the sum over 25 cells of each octave; what differs is the mean, the same anywhere."""
    at_m = places(40, 2_000.0)
    octaves = np.arange(11)
    about = np.stack(np.meshgrid(*2 * [np.arange(-2, 3, dtype=np.int32)]), axis=-1)

    def everything(place_m):
        side_m = CELL_FACTOR * 2.0 ** octaves[:, None]
        at = (place_m / side_m)[:, None]
        cells = jnp.floor(at).astype(jnp.int32) + about.reshape(1, 25, 2)
        found = crater_of_cell(OLD, key_of(7), octaves[:, None], cells)
        return jnp.sum(shape(found, at - cells.astype(float))[0])

    apart_m = relief_at(cratered(OLD), 7, at_m)[0] - jax.vmap(everything)(jnp.asarray(at_m))
    np.testing.assert_allclose(apart_m, apart_m[0], atol=1e-9)


def test_the_gradient_is_that_of_the_height():
    """By differences of 1 mm, but at rims and ends of blankets, which are edges."""
    at_m, step_m = places(400, 2_000.0), 1e-3
    _, gradient = relief_at(cratered(OLD), 8, at_m)
    for axis in range(2):
        way_m = step_m * np.eye(2)[axis]
        ahead, behind = (relief_at(cratered(OLD), 8, at_m + s * way_m)[0] for s in (1, -1))
        apart = np.abs((ahead - behind) / (2.0 * step_m) - gradient[:, axis])
        assert np.mean(apart < 1e-5) > 0.97


@pytest.mark.parametrize("crossing_m", [1e9, 40.0])
def test_their_mean_is_nothing(crossing_m):
    """Within what 40,000 places of ten runs say of it."""
    small = cratered(craters_of(60.0, 0.4 * crossing_m))
    means_m = [np.mean(relief_at(small, run, places(4_000, 4_000.0))[0]) for run in range(10)]
    error_m = np.std(means_m, ddof=1) / np.sqrt(len(means_m))
    assert abs(np.mean(means_m)) < stats.t.isf(FALSE_ALARM / 2, len(means_m) - 1) * error_m
    assert error_m < 0.02


def test_none_is_larger_than_the_map_leaves():
    at_m = places(200, 2_000.0)
    fine, old = cratered(craters_of(8.0, 1e9)), cratered(OLD)
    assert np.all(relief_at(fine, 9, at_m, footprint_m=8.0)[0] == 0.0)
    assert np.any(relief_at(fine, 9, at_m)[0] != 0.0)
    rough_m = relief_at(old, 9, at_m, footprint_m=64.0)[0]
    assert np.std(relief_at(old, 9, at_m)[0] - rough_m) < 0.5 * np.std(rough_m)


def test_craters_to_half_a_kilometre_alone_are_as_steep_as_a_mare():
    """Median slope at 17 m: 2.0 degrees (Rosenburg et al., J. Geophys. Res. 116, 2011)."""
    mare = cratered(craters_of(512.0, 1e9))
    slopes = [slopes_deg(mare, run, 17.0) for run in range(8)]
    assert np.median(slopes) == pytest.approx(2.0, abs=0.3)
