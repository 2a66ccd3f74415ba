"""What an unsure place makes of the map's slope, against the map and self-affine ground."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.map_belief import left_out_share
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.mechanics.terrain_map import map_height_and_gradient, map_height_m
from perilune.onboard.navigation.ground import ground_variance_m2, map_variance_m2
from perilune.onboard.navigation.misplaced import aside_m2, bent_factor, height_and_slope
from perilune.onboard.navigation.propagate import fading_length_m

SIGMA_M = 1_500.0


@pytest.fixture(scope="module")
def along(upload, where, estimate):
    """The way along the track at the estimate's place, Moon-fixed."""
    place = rotate(where.fixed_from_inertial, estimate.position_inertial_m)
    way = cross(upload.chart.track_normal_fixed, place)
    return way / jnp.linalg.norm(way)


def unsure(estimate, where, way_fixed, sigma_m):
    """The estimate with nothing unsure but its place, one way."""
    way = rotate(conjugate(where.fixed_from_inertial), way_fixed)
    covariance = jnp.zeros_like(estimate.covariance)
    covariance = covariance.at[:3, :3].set(sigma_m**2 * way[:, None] * way[None, :])
    return dataclasses.replace(estimate, covariance=covariance)


def slope_with(upload, where, guess, way):
    """(the slope that is used, the map's own, the place), Moon-fixed; the first along a way."""
    place = rotate(where.fixed_from_inertial, guess.position_inertial_m)
    height_m, local = map_height_and_gradient(upload.chart.terrain_map, place)
    used_m, used = height_and_slope(upload.chart, where.fixed_from_inertial, guess, place)
    assert float(used_m) == float(height_m)
    return float(jnp.sum(used * way)), used, local, place


def test_along_the_track_the_slope_is_the_chords_and_across_it_the_maps(
    upload, where, estimate, along
):
    guess = unsure(estimate, where, along, SIGMA_M)
    slope, used, local, place = slope_with(upload, where, guess, along)
    ends_m = [
        float(map_height_m(upload.chart.terrain_map, place + each * along))
        for each in (SIGMA_M, -SIGMA_M)
    ]
    assert slope == pytest.approx((ends_m[0] - ends_m[1]) / (2.0 * SIGMA_M), rel=1e-9)
    across = cross(place / jnp.linalg.norm(place), along)
    assert float(jnp.sum(used * across)) == pytest.approx(float(jnp.sum(local * across)), abs=1e-12)
    assert slope != pytest.approx(float(jnp.sum(local * along)), rel=0.01)


def test_where_the_place_is_sure_the_slope_is_the_maps(upload, where, estimate, along):
    guess = unsure(estimate, where, along, 10.0)
    slope, _, local, _ = slope_with(upload, where, guess, along)
    assert slope == pytest.approx(float(jnp.sum(local * along)), abs=0.01)


@pytest.mark.parametrize("hurst_exponent", [0.76, 0.95])
def test_what_bends_away_from_the_chord_is_that_of_self_affine_ground(upload, hurst_exponent):
    """Within a factor of two: k r^2H, k by the integral over all displacements of one sigma r."""
    twice = 2.0 * hurst_exponent
    u = np.linspace(-8.0, 8.0, 20_001)
    weight = np.exp(-0.5 * u**2) / np.sum(np.exp(-0.5 * u**2))
    chord = 0.5 * u * (np.abs(1.0 + u) ** twice - np.abs(1.0 - u) ** twice)
    left = np.abs(u) ** twice - chord + 0.25 * (2.0 * u) ** 2 * 2.0 ** (twice - 2.0)
    share = left_out_share(hurst_exponent)
    settings = dataclasses.replace(upload.filter, map_bend_factor=jnp.asarray(1.0 / share))
    for postings in (1.5, 2.0, 3.0):
        exact = float(np.sum(weight * left)) / (4.0 - 2.0**twice) * postings**twice
        length_m = float(settings.map_mismatch_length_m)
        found = float(bent_factor(settings, jnp.asarray((postings * length_m) ** 2)))
        assert 0.5 < found * share**2 / exact < 2.0


def test_only_what_is_unsure_along_the_ground_counts(where, estimate, along):
    up = estimate.position_inertial_m / jnp.linalg.norm(estimate.position_inertial_m)
    higher = unsure(estimate, where, rotate(where.fixed_from_inertial, up), SIGMA_M)
    assert float(aside_m2(higher)) == pytest.approx(0.0, abs=1e-3)
    aside = unsure(estimate, where, along, SIGMA_M)
    assert float(aside_m2(aside)) == pytest.approx(SIGMA_M**2, rel=1e-3)


def test_the_maps_error_grows_with_an_unsure_place_and_fades_over_its_width(
    upload, where, estimate, along
):
    settings, range_m = upload.filter, jnp.asarray(50_000.0)
    known, lost = (unsure(estimate, where, along, sigma_m) for sigma_m in (1.0, SIGMA_M))
    of_map_m2 = float(map_variance_m2(settings, range_m))
    assert float(ground_variance_m2(settings, known, range_m)) == pytest.approx(of_map_m2)
    grown_m2 = float(ground_variance_m2(settings, lost, range_m))
    own_m = float(jnp.interp(range_m, settings.map_mismatch_range_m, settings.map_mismatch_m))
    bent = float(bent_factor(settings, jnp.asarray(SIGMA_M**2)))
    assert grown_m2 == pytest.approx(of_map_m2 + bent * own_m**2, rel=1e-3)

    def length_m(guess, variance_m2):
        guess = dataclasses.replace(guess, map_variance_m2=jnp.asarray(variance_m2))
        return float(fading_length_m(settings, guess))

    short_m, waves_m2 = float(settings.map_mismatch_length_m), float(settings.waves_m**2)
    of_waves = waves_m2 * (float(settings.waves_independent_m) - short_m)
    assert length_m(known, of_map_m2) == pytest.approx(short_m + of_waves / of_map_m2, rel=1e-6)
    relief_m2 = float(settings.relief_m**2)
    bent_m2 = (grown_m2 - waves_m2 - relief_m2) * bent / (1.0 + bent)
    wide_m = short_m + (of_waves + bent_m2 * SIGMA_M) / grown_m2
    assert length_m(lost, grown_m2) == pytest.approx(wide_m, rel=1e-3)
