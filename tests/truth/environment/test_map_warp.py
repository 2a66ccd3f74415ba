"""The map's error over tens of kilometres: its heights, slopes and statistics, by closed forms."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import j0

from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from perilune.mechanics.randomness import run_key
from perilune.truth.environment import terrain
from perilune.truth.environment.lighting import Lighting
from perilune.truth.environment.map_warp import LENGTHS_M, REACH_M, WIDTH_M, MapWarp, warp
from perilune.truth.sensors.scene import Ground, strike
from tests.ground_queries import FOOTPRINT_M, KEY, ask, at

RUNS = 4_000
WAVES_M, STEP_M = 20.0, 12.0


def of(waves_m, step_m):
    return MapWarp(waves_m=jnp.asarray(waves_m), step_m=jnp.asarray(step_m))


BOTH = of(WAVES_M, STEP_M)


@pytest.fixture(scope="module")
def keys():
    """The keys' data of many runs."""
    return jax.vmap(lambda run: jax.random.key_data(run_key(3, run)))(jnp.arange(RUNS))


def heights_m(size, keys, place_m):
    """Of all runs at one place."""
    place_m = jnp.asarray(place_m, float)
    return np.asarray(jax.jit(jax.vmap(lambda key: warp(size, key, place_m)[0]))(keys))


def line_m(size, key, way, reach_m, count):
    """Heights along a line through the site."""
    along_m = np.linspace(-reach_m, reach_m, count)
    places_m = jnp.asarray(along_m[:, None] * np.asarray(way))
    return along_m, np.asarray(jax.vmap(lambda place_m: warp(size, key, place_m)[0])(places_m))


def test_a_map_without_error_is_not_bent():
    height_m, gradient = warp(of(0.0, 0.0), KEY, jnp.array([1_234.0, -56_789.0]))
    assert float(height_m) == 0.0
    assert np.all(np.asarray(gradient) == 0.0)


@pytest.mark.parametrize("place_m", [(0.0, 0.0), (31_000.0, -250_000.0)])
def test_heights_of_waves_have_their_rms_over_runs_at_every_place(keys, place_m):
    """Six sines of even phase: the mean is 0, the variance of the square 3/2 less 1/4 of theirs."""
    found = heights_m(of(WAVES_M, 0.0), keys, place_m)
    assert np.mean(found) == pytest.approx(0.0, abs=4.0 * WAVES_M / np.sqrt(RUNS))
    assert np.mean(found**2) == pytest.approx(WAVES_M**2, rel=4.0 * np.sqrt(2.0 / RUNS))


@pytest.mark.parametrize("away_m", [2_000.0, 8_000.0, 25_000.0, 60_000.0])
def test_heights_of_waves_are_alike_as_far_as_sines_of_random_direction_are(keys, away_m):
    """Of a sine of random direction the correlation is J0 of its rate times the distance."""
    here = heights_m(of(WAVES_M, 0.0), keys, (5_000.0, 3_000.0))
    there = heights_m(of(WAVES_M, 0.0), keys, (5_000.0, 3_000.0 + away_m))
    expected = np.mean(j0(2.0 * np.pi * away_m / LENGTHS_M))
    assert np.mean(here * there) / WAVES_M**2 == pytest.approx(expected, abs=5.0 / np.sqrt(RUNS))


def test_waves_are_10_to_100_km_long():
    assert (LENGTHS_M[0], LENGTHS_M[-1]) == pytest.approx((10e3, 100e3))


def test_the_gradient_is_that_of_the_heights():
    """Everywhere along a line, on the step as well as on the waves."""
    for place_m in jnp.asarray(np.random.default_rng(1).uniform(-60e3, 60e3, (40, 2))):
        slope = jax.grad(lambda place: warp(BOTH, KEY, place)[0])(place_m)
        np.testing.assert_allclose(warp(BOTH, KEY, place_m)[1], slope, rtol=1e-9, atol=1e-15)
    on_step = _middle_of_step(KEY)
    step = of(0.0, STEP_M)
    slope = jax.grad(lambda place: warp(step, KEY, place)[0])(on_step)
    np.testing.assert_allclose(warp(step, KEY, on_step)[1], slope, rtol=1e-9)
    assert np.linalg.norm(slope) == pytest.approx(30.0 / 16.0 * STEP_M / WIDTH_M, rel=1e-3)


def _middle_of_step(key):
    """A place where the step's height is nil, found along the axis that it crosses."""
    step = of(0.0, STEP_M)
    for way in np.eye(2):
        along_m, height_m = line_m(step, key, way, 1_000e3, 200_001)
        inside = np.abs(height_m) < 0.4 * STEP_M
        if np.any(inside):
            nearest = np.argmin(np.abs(height_m))
            return jnp.asarray(along_m[nearest] * way)
    raise AssertionError(key)


def test_a_step_is_half_its_height_up_on_one_side_and_half_down_on_the_other():
    step = of(0.0, STEP_M)
    ways = [np.array([np.cos(a), np.sin(a)]) for a in np.linspace(0.0, np.pi, 7)[:-1]]
    for key in (KEY, jax.random.key_data(run_key(3, 8))):
        profiles = [line_m(step, key, way, 2_000e3, 4_001)[1] for way in ways]
        ends = {round(float(each), 9) for profile in profiles for each in profile[[0, -1]]}
        assert ends == {-STEP_M / 2.0, STEP_M / 2.0}
        assert all(np.max(np.abs(profile)) <= STEP_M / 2.0 + 1e-9 for profile in profiles)


def test_a_step_passes_anywhere_within_its_reach_in_any_direction(keys):
    """Beyond the reach on opposite sides it is up and down; at the site either alike."""
    step = of(0.0, STEP_M)
    at_site = heights_m(step, keys, (0.0, 0.0))
    assert np.mean(at_site > 0.0) == pytest.approx(0.5, abs=2.0 / np.sqrt(RUNS))
    crossing = np.mean(np.abs(at_site) < STEP_M / 2.0 - 1e-9)
    assert crossing == pytest.approx(WIDTH_M / (2.0 * REACH_M), abs=4.0 * np.sqrt(0.02 / RUNS))
    far_m = 40.0 * REACH_M
    for way in ((1.0, 0.0), (0.0, 1.0), (0.6, -0.8)):
        ahead, behind = (heights_m(step, keys, np.multiply(side * far_m, way)) for side in (1, -1))
        opposite = np.mean(ahead * behind < 0.0)
        assert opposite > 0.97
        assert np.mean(ahead) == pytest.approx(0.0, abs=2.0 * STEP_M / np.sqrt(RUNS))


def test_a_run_has_its_own_warp_and_keeps_it():
    places = jnp.array([7_000.0, 9_000.0])
    one, again, other = (
        float(warp(BOTH, jax.random.key_data(run_key(0, run)), places)[0]) for run in (1, 1, 2)
    )
    assert one == again
    assert one != other


def bent(ground, size):
    """A ground with a warp."""
    return dataclasses.replace(ground[0], warp=size), ground[1]


def test_true_ground_is_the_maps_with_the_warp_on_it(polar_site, measured_ground):
    to_site = projection.site_from_fixed_matrix(polar_site.latitude_rad, polar_site.longitude_rad)
    for plane_m in ([0.0, 0.0], [2_000.0, 45_000.0]):
        here = at(polar_site, plane_m, 9_000.0)
        added_m, gradient = warp(BOTH, KEY, jnp.asarray(plane_m))
        flat_m, flat_normal = ask(terrain.clearance_and_normal, measured_ground, here)
        true_m, normal = ask(terrain.clearance_and_normal, bent(measured_ground, BOTH), here)
        assert float(true_m) == pytest.approx(float(flat_m - added_m), abs=1e-9)
        alone_m = ask(terrain.clearance_m, bent(measured_ground, BOTH), here)
        assert float(alone_m) == pytest.approx(float(true_m), abs=1e-9)
        lean = np.asarray(to_site @ (normal / (normal @ here) - flat_normal / (flat_normal @ here)))
        lean = lean[:2] * float(jnp.linalg.norm(here))
        stretch = 1.0 + float(np.sum(np.square(plane_m))) / (4.0 * RADIUS_M**2)
        slope = -np.asarray(gradient) * stretch * RADIUS_M / float(jnp.linalg.norm(here) - true_m)
        np.testing.assert_allclose(lean, slope, atol=0.02 * np.linalg.norm(slope))


def test_a_beam_meets_the_ground_that_is_bent(polar_site, measured_ground):
    """Marched over the map and settled on the true ground, 40 m off it."""
    true, _ = bent(measured_ground, of(0.0, 80.0))
    start = at(polar_site, [0.0, 3_000.0], 9_000.0)
    down = -start / jnp.linalg.norm(start)
    aside = jnp.cross(down, jnp.array([0.3, 0.4, 0.5]))
    ground = Ground(
        fixed_from_inertial=jnp.array([1.0, 0.0, 0.0, 0.0]),
        spin_fixed_rad_s=jnp.zeros(3),
        here_fixed_m=start,
        on_map_fixed_m=start,
        height_m=jnp.array(0.0),
        normal_fixed=-down,
        track_normal_fixed=-down,
        over_m=lambda place_m, detail_m: terrain.clearance_m(true, place_m, KEY, detail_m),
        rough_slope=jnp.zeros_like,
        over_map_m=lambda place_m: terrain.over_map_m(true, place_m),
        below=lambda place_m: terrain.clearance_and_normal(true, place_m, KEY, FOOTPRINT_M),
        lighting=lambda: Lighting(jnp.array(1.0), jnp.array(1.0)),
    )
    meet = jax.jit(lambda way: strike(ground, start, way, 20_000.0))
    leaning = down + 0.4 * aside / jnp.linalg.norm(aside)
    for way in (down, leaning / jnp.linalg.norm(leaning)):
        found = meet(way)
        assert bool(found.hit)
        there = start + found.range_m * way
        assert abs(float(terrain.clearance_m(true, there, KEY, FOOTPRINT_M))) < 0.5
        assert abs(float(terrain.over_map_m(true, there))) > 30.0
