"""Height over ground: predicted from strike to nadir, its slope, its variance term by term."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.guidance.view import moon_orientation
from perilune.onboard.navigation.estimate import correct
from perilune.onboard.navigation.ground import (
    height_over_ground_m,
    height_variance_m2,
    steady_variance_m2,
    strike_at,
)
from tests.onboard.conftest import LATE_S

BIAS_M, VARIANCE_M2 = 12.0, 150.0


@pytest.fixture(scope="module")
def fixed(upload):
    return moon_orientation(upload.chart, LATE_S).fixed_from_inertial


@pytest.fixture(scope="module")
def estimate(estimate_at, fixed):
    """Over the rough ground 9 km out, a bias known where the beam struck: right below."""
    placed = estimate_at([300.0, 9_000.0, 4_000.0], [3.0, -80.0, -30.0])
    return struck_ahead(
        dataclasses.replace(
            placed, map_bias_m=jnp.array(BIAS_M), covariance=jnp.zeros_like(placed.covariance)
        ),
        fixed,
        0.0,
    )


def struck_ahead(estimate, fixed, distance_m):
    """The last strike a distance along the ground from below the vehicle."""
    up = rotate(fixed, estimate.position_inertial_m)
    up = up / jnp.linalg.norm(up)
    aside = jnp.cross(up, jnp.array([0.0, 0.0, 1.0]))
    place = up + distance_m / MOON_RADIUS_M * aside / jnp.linalg.norm(aside)
    direction, _ = strike_at(estimate.strike_direction, place, jnp.array(True), MOON_RADIUS_M)
    return dataclasses.replace(
        estimate, map_variance_m2=jnp.array(VARIANCE_M2), strike_direction=direction
    )


def over_the_map_m(upload, estimate, fixed):
    here = rotate(fixed, estimate.position_inertial_m)
    ground_m = map_height_m(upload.chart.terrain_map, here)
    return float(jnp.linalg.norm(here) - MOON_RADIUS_M - ground_m)


def alike_at(settings, distance_m):
    """Correlation of map, relief and waves together, each with its own length and share."""
    of_map, of_relief, of_waves = (
        np.exp(-((distance_m / float(length_m)) ** 2))
        for length_m in (
            settings.map_correlation_length_m,
            settings.relief_length_m,
            settings.waves_length_m,
        )
    )
    relief, waves = (
        float(sigma_m) ** 2 / VARIANCE_M2 for sigma_m in (settings.relief_m, settings.waves_m)
    )
    assert 0.1 < relief < 0.5
    assert 0.1 < waves < 0.5
    return (1.0 - relief - waves) * of_map + relief * of_relief + waves * of_waves


@pytest.mark.parametrize("distance_m", [0.0, 40.0, 500.0, 5_000.0])
def test_the_bias_found_at_the_strike_holds_below_as_far_as_the_ground_is_alike(
    upload, estimate, fixed, distance_m
):
    """Places 5 km apart along the ground are some millimetres nearer, and so more alike by 1e-6."""
    held = alike_at(upload.filter, distance_m)
    moved = struck_ahead(estimate, fixed, distance_m)
    expected_m = over_the_map_m(upload, estimate, fixed) - held * BIAS_M
    assert float(height_over_ground_m(upload, moved, fixed)) == pytest.approx(expected_m, abs=1e-5)


def test_before_the_first_range_there_is_no_bias_to_hold(upload, estimate, fixed):
    fresh = dataclasses.replace(estimate, strike_direction=jnp.zeros(3))
    found_m = float(height_over_ground_m(upload, fresh, fixed))
    assert found_m == pytest.approx(over_the_map_m(upload, estimate, fixed), abs=1e-6)


@pytest.mark.parametrize("distance_m", [0.0, 40.0, 500.0, 5_000.0])
def test_what_the_ground_between_leaves_over_is_told_beside_the_altimeters_errors(
    upload, estimate, fixed, distance_m
):
    """With nothing unsure in the filter: w (1 - g^2), the range's bias and scale.

    w is the variance of the map's error and the relief together.
    """
    settings, belief = upload.filter, upload.sensors["altimeter"]
    moved = struck_ahead(estimate, fixed, distance_m)
    left_m2 = VARIANCE_M2 * (1.0 - alike_at(settings, distance_m) ** 2)
    scale_m = float(belief.scale_fraction) * over_the_map_m(upload, estimate, fixed)
    expected_m2 = left_m2 + float(belief.bias_m) ** 2 + scale_m**2
    assert float(belief.bias_m) == pytest.approx(0.2)
    assert scale_m == pytest.approx(1e-4 * over_the_map_m(upload, estimate, fixed))
    found_m2 = float(height_variance_m2(upload, moved, fixed))
    assert found_m2 == pytest.approx(expected_m2, rel=1e-6)


def test_the_filters_part_is_its_covariance_seen_along_the_heights_own_slope(
    upload, estimate, fixed, tangled_covariance
):
    """The slope by differences of the height itself, over sloping ground.

    With no bias believed: how the share that holds changes with the place is left out, 2 d / L^2 of
    the bias a metre.
    """
    moved = struck_ahead(dataclasses.replace(estimate, map_bias_m=jnp.array(0.0)), fixed, 200.0)

    @jax.jit
    def height_m(error):
        return height_over_ground_m(upload, correct(moved, error, moved.covariance), fixed)

    slope = np.zeros(estimate.layout.count)
    for index in (0, 1, 2, 15):
        step = jnp.zeros(estimate.layout.count).at[index].set(0.5)
        slope[index] = float(height_m(step) - height_m(-step))
    assert np.linalg.norm(slope[:3]) > 1.0 + 1e-4  # the ground below is not level
    unsure = dataclasses.replace(moved, covariance=tangled_covariance)
    none = height_variance_m2(upload, moved, fixed)
    found_m2 = float(height_variance_m2(upload, unsure, fixed) - none)
    assert found_m2 == pytest.approx(slope @ np.asarray(tangled_covariance) @ slope, rel=1e-3)


def test_a_strike_moves_along_the_sphere_and_only_with_a_valid_reading(estimate, fixed):
    here = rotate(fixed, estimate.position_inertial_m)
    deeper = 0.9999 * here  # the same direction: noise of a range straight down
    last = estimate.strike_direction
    same, none_m = strike_at(last, deeper, jnp.array(True), MOON_RADIUS_M)
    assert float(none_m) == pytest.approx(0.0, abs=1e-6)
    aside = here + jnp.linalg.norm(here) * 1e-4 * jnp.array([0.0, 1.0, 0.0])
    expected_m = MOON_RADIUS_M * np.linalg.norm(np.asarray(aside / jnp.linalg.norm(aside) - same))
    moved, moved_m = strike_at(last, aside, jnp.array(True), MOON_RADIUS_M)
    assert float(moved_m) == pytest.approx(expected_m, rel=1e-9)
    assert float(moved_m) > 50.0
    kept, kept_m = strike_at(last, aside, jnp.array(False), MOON_RADIUS_M)
    assert float(kept_m) == 0.0
    np.testing.assert_array_equal(kept, last)
    assert np.any(np.asarray(moved != last))


def test_the_datum_may_be_off_by_the_maps_height_and_the_altimeters_bias(upload):
    """2 m, half a step of 5 m, and 0.2 m, as mission and lander draw them."""
    of_map_m2 = 2.0**2 + 0.25 * 5.0**2
    assert float(steady_variance_m2(upload)) == pytest.approx(of_map_m2 + 0.2**2)
