"""What each instrument should read, and its slopes against differences of the residual itself."""

import dataclasses
import math
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.interfaces import (
    CameraReading,
    RangeReading,
    StarTrackerReading,
    VelocimeterReading,
)
from perilune.interfaces.velocimeter import VelocimeterErrors
from perilune.mechanics.ray_march import march
from perilune.mechanics.rotation import (
    rotate,
)
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation import altimeter, camera, ground, star_tracker, velocimeter
from perilune.truth.sensors import camera as true_camera
from tests.onboard.navigation.slopes import YES, look, slopes_by_difference
from tests.truth.sensors.scenes import draw, scene


def range_to_the_map(upload, belief, estimate, where, beam):
    """What a perfect altimeter over the map on board would read."""
    turn = where.fixed_from_inertial
    mount = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    direction = rotate(estimate.inertial_from_body, belief.beam_body[beam])
    origin = rotate(turn, estimate.position_inertial_m + mount)
    chart_map = upload.chart.terrain_map

    def clearance(place):
        height = map_height_m(chart_map, place)
        return jnp.linalg.norm(place) - chart_map.reference_radius_m - height

    return march(clearance, origin, rotate(turn, direction), 20_000.0, steps=48)


@pytest.fixture(scope="module")
def ranged(upload, where, estimate):
    """(reading of the axial beam, function from an estimate to the altimeter's residuals)."""
    range_m, hit = range_to_the_map(upload, upload.sensors["altimeter"], estimate, where, 1)
    assert bool(hit)
    reading = RangeReading(range_m, jnp.array(1), YES)

    def residuals(guess):
        sight = look(upload, where, "altimeter")
        return altimeter.expect(upload.sensors["altimeter"], sight, guess, reading)

    return reading, residuals


def test_a_perfect_range_leaves_no_residual(ranged, estimate):
    rows = ranged[1](estimate)
    assert float(rows.value[0]) == pytest.approx(0.0, abs=1e-5)


def test_the_altimeter_changes_by_each_error_as_it_tells(ranged, estimate):
    sure = dataclasses.replace(estimate, covariance=jnp.zeros_like(estimate.covariance))
    rows = ranged[1](sure)
    by_difference = slopes_by_difference(ranged[1], sure)[0]
    assert np.linalg.norm(by_difference[6:9]) > 100.0
    np.testing.assert_allclose(rows.slope[0], by_difference, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(("spare_sigmas", "used"), [(2.1, True), (1.9, False)])
def test_a_range_is_used_where_the_one_expected_is_two_sigmas_within_the_greatest(
    upload, ranged, estimate, where, spare_sigmas, used
):
    """Whatever was read, so that the ground does not choose which ranges are used."""
    sigma_m, reading = 30.0, ranged[0]
    sure = dataclasses.replace(
        estimate,
        covariance=jnp.zeros_like(estimate.covariance),
        map_variance_m2=jnp.asarray(sigma_m**2),
    )
    rows = ranged[1](sure)
    beam = rotate(estimate.inertial_from_body, upload.sensors["altimeter"].beam_body[1])
    cosine = -float(jnp.sum(rows.slope[0, :3] * beam))
    most_m = reading.range_m + spare_sigmas * sigma_m / cosine
    belief = dataclasses.replace(upload.sensors["altimeter"], max_range_m=most_m)
    for shorter_m in (0.0, 200.0):
        short = dataclasses.replace(reading, range_m=reading.range_m - shorter_m)
        seen = altimeter.expect(belief, look(upload, where, "altimeter"), sure, short)
        assert bool(seen.valid[0]) is used


def test_the_altimeters_noise_is_its_ranges_along_the_normal_and_its_echos_depth(
    upload, ranged, estimate, where
):
    reading, residuals = ranged
    rows = residuals(estimate)
    longer = dataclasses.replace(reading, range_m=reading.range_m + 1.0)
    belief = upload.sensors["altimeter"]
    after = altimeter.expect(belief, look(upload, where, "altimeter"), estimate, longer)
    per_metre = float(after.value[0] - rows.value[0])
    sigma_m = math.hypot(
        float(belief.noise_m),
        float(belief.noise_fraction * reading.range_m),
    )
    sine = math.sqrt(float(jnp.sum(rows.slope[0, :3] ** 2)) - per_metre**2)
    deep_m = math.hypot(0.5, 0.3) * 0.25e-3 * float(reading.range_m) * sine
    assert 0.0 < deep_m < 0.1 * sigma_m
    expected_m = math.hypot(sigma_m * per_metre, deep_m)
    assert math.sqrt(float(rows.variance[0])) == pytest.approx(expected_m, rel=1e-4)


def test_the_maps_variance_is_the_uploads_at_the_site_and_beyond_its_last_range(upload):
    told_m = np.sqrt(
        upload.filter.map_mismatch_m**2 + upload.filter.relief_m**2 + upload.filter.waves_m**2
    )
    near = ground.map_variance_m2(upload.filter, 0.0)
    far = ground.map_variance_m2(upload.filter, 5e6)
    assert float(near) == pytest.approx(told_m[0] ** 2)
    assert float(far) == pytest.approx(told_m[-1] ** 2)


def test_straight_down_each_beam_reads_the_cosine_of_its_cone(upload, estimate_at, where):
    upright = estimate_at([0.0, 0.0, 500.0], [0.0, 0.0, -3.0])
    reading = VelocimeterReading(
        jnp.full(3, 3.0 * math.cos(math.radians(22.5))), jnp.zeros(3), jnp.ones(3, bool)
    )
    sight = look(upload, where, "velocimeter")
    rows = velocimeter.expect(upload.sensors["velocimeter"], sight, upright, reading)
    np.testing.assert_allclose(rows.value, 0.0, atol=1e-9)


TURNING_RAD_S = jnp.array([0.02, -0.05, 0.01])


def test_the_velocimeter_changes_by_each_error_as_it_tells(upload, estimate, where):
    reading = VelocimeterReading(jnp.array([20.0, 30.0, 10.0]), jnp.zeros(3), jnp.ones(3, bool))

    def residuals(guess):
        sight = look(upload, where, "velocimeter", TURNING_RAD_S)
        return velocimeter.expect(upload.sensors["velocimeter"], sight, guess, reading)

    by_difference = slopes_by_difference(residuals, estimate)
    # By place it changes by the Moon's spin, 2.7e-6 rad/s, which the slope leaves out.
    assert np.abs(by_difference[:, :3]).max() < 3e-6
    np.testing.assert_allclose(residuals(estimate).slope[:, 3:], by_difference[:, 3:], atol=1e-5)


def test_a_drawn_scale_error_of_the_velocimeter_counts_as_noise_where_it_is_fast(
    upload, estimate_at, where
):
    """Half a minute's readings share it; up to 50 m/s the biases stand for it."""
    spec = load_mission("athena").lander.velocimeter
    drawn = VelocimeterErrors.model_construct(bias_m_s=(0.0,) * 3, scale_fraction=4e-8)
    craft = SimpleNamespace(landing_center_m=np.zeros(3))
    belief = velocimeter.believe(spec, drawn, craft)
    sight, cosine = look(upload, where, "velocimeter"), math.cos(math.radians(22.5))

    def variance(down_m_s):
        falling = estimate_at([0.0, 0.0, 500.0], [0.0, 0.0, -down_m_s])
        reading = VelocimeterReading(jnp.zeros(3), jnp.zeros(3), jnp.ones(3, bool))
        return velocimeter.expect(belief, sight, falling, reading).variance

    np.testing.assert_allclose(variance(50.0), spec.noise_m_s**2)
    fast = 150 * 4e-8 * ((200.0 * cosine) ** 2 - 50.0**2)
    np.testing.assert_allclose(variance(200.0), spec.noise_m_s**2 + fast, rtol=1e-4)


def fix_at(place_m, valid, quality=1.0):
    return CameraReading(place_m, jnp.array(4_000.0), jnp.array(quality), valid)


def test_the_camera_counts_on_the_matches_that_a_fix_says_it_rests_on(upload, estimate, where):
    """20 m and 0.3 % of 4 km, and a pixel of 10 m even over its width; three times it up."""
    rows = [
        camera.expect(
            upload.sensors["camera"],
            look(upload, where, "camera"),
            estimate,
            fix_at(upload.chart.aim_fixed_m, YES, quality),
        )
        for quality in (1.0, 0.25)
    ]
    across_m2 = 32.0**2 + 100.0 / 12.0
    np.testing.assert_allclose(rows[0].variance, across_m2 * np.array([1.0, 1.0, 9.0]))
    np.testing.assert_allclose(rows[1].variance, 4.0 * rows[0].variance)
    assert not rows[0].height_alone


def test_the_camera_changes_by_each_error_as_it_tells(upload, estimate, where):
    reading = fix_at(upload.chart.aim_fixed_m + jnp.array([200.0, 300.0, 50.0]), YES)

    def residuals(guess):
        sight = look(upload, where, "camera")
        return camera.expect(upload.sensors["camera"], sight, guess, reading)

    by_difference = slopes_by_difference(residuals, estimate)
    # The axes turn with the place: a fix 9 km off changes them by 9 km over the radius.
    np.testing.assert_allclose(residuals(estimate).slope, by_difference, atol=6e-3)


def test_the_cameras_bias_is_along_the_same_axes_in_truth_and_belief(
    upload, athena_design, estimate, where
):
    here = rotate(where.fixed_from_inertial, estimate.position_inertial_m)
    bias = jnp.array([40.0, -25.0, 15.0])
    fitted = athena_design.plan.sensors["camera"]
    over = scene(4_000.0)
    seen = dataclasses.replace(
        over.ground,
        here_fixed_m=here,
        on_map_fixed_m=here,
        track_normal_fixed=athena_design.plan.world.track_normal_fixed,
    )
    over = dataclasses.replace(over, look=lambda: seen)
    wrong = fitted.errors.model_copy(update={"bias_m": bias})
    reading, _ = true_camera.measure(fitted.spec, wrong, None, over, draw((0.0, 0.0, 0.0), 0.5))
    told = dataclasses.replace(estimate, biases=estimate.biases | {"camera": {"bias_m": bias}})
    rows = camera.expect(upload.sensors["camera"], look(upload, where, "camera"), told, reading)
    assert bool(reading.valid)
    np.testing.assert_allclose(rows.value, 0.0, atol=1e-6)


@pytest.mark.parametrize("valid", [True, False])
def test_a_reading_hands_its_validity_on(upload, estimate, where, valid):
    said = jnp.array(valid)
    fix = fix_at(upload.chart.aim_fixed_m, said)
    seen = StarTrackerReading(estimate.inertial_from_body, said)
    fixes = camera.expect(upload.sensors["camera"], look(upload, where, "camera"), estimate, fix)
    stars = star_tracker.expect(
        upload.sensors["star_tracker"], look(upload, where, "star_tracker"), estimate, seen
    )
    assert fixes.valid.tolist() == [valid] * 3
    assert stars.valid.tolist() == [valid] * 3
