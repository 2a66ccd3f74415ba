"""What each instrument should read, and its slopes against differences of the residual itself."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2

from perilune.interfaces import (
    AltimeterReading,
    CameraReading,
    StarTrackerReading,
    VelocimeterReading,
)
from perilune.interfaces.star_tracker import StarTrackerErrors
from perilune.mechanics.ray_march import march
from perilune.mechanics.rotation import (
    axes_about,
    conjugate,
    from_rotation_vector,
    multiply,
    rotate,
    to_rotation_vector,
)
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.guidance.view import moon_orientation
from perilune.onboard.navigation import altimeter, camera, ground, star_tracker, velocimeter
from perilune.onboard.navigation.estimate import correct
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.navigation.update import update
from perilune.truth.sensors import camera as true_camera
from perilune.truth.sensors import star_tracker as true_tracker
from tests.onboard.conftest import LATE_S
from tests.truth.sensors.scenes import draw, flown, scene

STEPS = np.repeat([1.0, 0.01, 1e-5, 1e-7, 1e-4, 1.0, 1.0, 0.01], [3, 3, 3, 3, 3, 1, 2, 3])
YES = jnp.array(True)


@pytest.fixture(scope="module")
def where(upload):
    return moon_orientation(upload.chart, LATE_S)


def look(upload, where, label, rate_body_rad_s=(0.0, 0.0, 0.0), coasting=0):
    """What the model of a unit may look at."""
    return Sight(
        chart=upload.chart,
        fixed_from_inertial=where.fixed_from_inertial,
        spin_inertial_rad_s=where.spin_inertial_rad_s,
        rate_body_rad_s=jnp.asarray(rate_body_rad_s),
        coasting=jnp.asarray(coasting),
        label=label,
    )


@pytest.fixture(scope="module")
def estimate(estimate_at):
    """On the approach, 9 km out over the rough ground below the plateau, leaning and moving."""
    placed = estimate_at([300.0, 9_000.0, 4_000.0], [3.0, -80.0, -30.0])
    lean = from_rotation_vector(jnp.array([0.2, -0.1, 0.3]))
    return dataclasses.replace(placed, inertial_from_body=multiply(lean, placed.inertial_from_body))


def slopes_by_difference(residuals, estimate):
    """Minus the change of the residuals, (n, 21), per unit of each error."""

    @jax.jit
    def at(error):
        return residuals(correct(estimate, error, estimate.covariance)).value

    columns = [
        (at(-step * axis) - at(step * axis)) / (2.0 * step)
        for step, axis in zip(STEPS, np.eye(21), strict=True)
    ]
    return np.stack(columns, axis=-1)


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
    reading = AltimeterReading(range_m, jnp.array(1), YES)

    def residuals(guess):
        sight = look(upload, where, "altimeter")
        return altimeter.expect(upload.sensors["altimeter"], sight, guess, reading)

    return reading, residuals


def test_a_perfect_range_leaves_no_residual(ranged, estimate):
    rows = ranged[1](estimate)
    assert float(rows.value[0]) == pytest.approx(0.0, abs=1e-5)


def test_the_altimeter_changes_by_each_error_as_it_tells(ranged, estimate):
    rows = ranged[1](estimate)
    by_difference = slopes_by_difference(ranged[1], estimate)[0]
    assert np.linalg.norm(by_difference[6:9]) > 100.0
    np.testing.assert_allclose(rows.slope[0], by_difference, rtol=2e-3, atol=2e-3)


def test_the_altimeters_noise_is_its_ranges_seen_along_the_normal(upload, ranged, estimate, where):
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
    assert math.sqrt(float(rows.variance[0])) == pytest.approx(sigma_m * abs(per_metre), rel=1e-3)


def test_the_maps_variance_is_the_uploads_at_the_site_and_beyond_its_last_range(upload):
    told_m = np.asarray(upload.filter.map_mismatch_m)
    near = ground.map_variance_m2(upload.filter, 0.0)
    far = ground.map_variance_m2(upload.filter, 5e6)
    assert float(near) == pytest.approx(told_m[0] ** 2)
    assert float(far) == pytest.approx(told_m[-1] ** 2)


def test_straight_down_each_beam_reads_the_cosine_of_its_cone(upload, estimate_at, where):
    upright = estimate_at([0.0, 0.0, 500.0], [0.0, 0.0, -3.0])
    reading = VelocimeterReading(jnp.full(3, 3.0 * math.cos(math.radians(22.5))), jnp.ones(3, bool))
    sight = look(upload, where, "velocimeter")
    rows = velocimeter.expect(upload.sensors["velocimeter"], sight, upright, reading)
    np.testing.assert_allclose(rows.value, 0.0, atol=1e-9)


TURNING_RAD_S = jnp.array([0.02, -0.05, 0.01])


def test_the_velocimeter_changes_by_each_error_as_it_tells(upload, estimate, where):
    reading = VelocimeterReading(jnp.array([20.0, 30.0, 10.0]), jnp.ones(3, bool))

    def residuals(guess):
        sight = look(upload, where, "velocimeter", TURNING_RAD_S)
        return velocimeter.expect(upload.sensors["velocimeter"], sight, guess, reading)

    by_difference = slopes_by_difference(residuals, estimate)
    # By place it changes by the Moon's spin, 2.7e-6 rad/s, which the slope leaves out.
    assert np.abs(by_difference[:, :3]).max() < 3e-6
    np.testing.assert_allclose(residuals(estimate).slope[:, 3:], by_difference[:, 3:], atol=1e-5)


def test_the_camera_changes_by_each_error_as_it_tells(upload, estimate, where):
    reading = CameraReading(upload.chart.aim_fixed_m + jnp.array([200.0, 300.0, 50.0]), YES)

    def residuals(guess):
        sight = look(upload, where, "camera")
        return camera.expect(upload.sensors["camera"], sight, guess, reading)

    by_difference = slopes_by_difference(residuals, estimate)
    # The axes turn with the place: a fix 9 km off changes them by 9 km over the radius.
    np.testing.assert_allclose(residuals(estimate).slope, by_difference, atol=6e-3)


def test_the_cameras_bias_is_along_and_across_the_same_track_in_truth_and_belief(
    upload, athena_design, estimate, where
):
    here = rotate(where.fixed_from_inertial, estimate.position_inertial_m)
    bias = jnp.array([40.0, -25.0])
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
    reading, _ = true_camera.measure(fitted.spec, wrong, None, over, draw((0.0, 0.0)))
    told = dataclasses.replace(estimate, biases=estimate.biases | {"camera": {"bias_m": bias}})
    rows = camera.expect(upload.sensors["camera"], look(upload, where, "camera"), told, reading)
    assert bool(reading.valid)
    np.testing.assert_allclose(rows.value, 0.0, atol=1e-6)


def test_the_star_tracker_changes_by_each_error_as_it_tells(upload, estimate, where):
    reading = StarTrackerReading(estimate.inertial_from_body, YES)

    def residuals(guess):
        sight = look(upload, where, "star_tracker")
        return star_tracker.expect(upload.sensors["star_tracker"], sight, guess, reading)

    by_difference = slopes_by_difference(residuals, estimate)
    np.testing.assert_allclose(residuals(estimate).slope, by_difference, atol=1e-8)


BORESIGHTS = ([-0.7071, 0.0, 0.7071], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [0.3, -0.5, 0.81])


def with_boresight(boresight, plan):
    """Truth's tracker and the belief of it, pointed elsewhere, with the same sigmas."""
    unit = jnp.asarray(boresight) / np.linalg.norm(boresight)
    spec = plan.sensors["star_tracker"].spec.model_copy(update={"boresight": unit})
    return spec, star_tracker.Belief(
        boresight_body=unit,
        cross_axis_rad=jnp.full(2, spec.cross_axis_rad),
        roll_rad=jnp.full(2, spec.roll_rad),
    )


def star_reading(spec, inertial_from_body, noise):
    over = scene(inertial_from_body=inertial_from_body)
    return true_tracker.measure(spec, flown(StarTrackerErrors()), None, over, draw(noise))[0]


@pytest.mark.parametrize("boresight", BORESIGHTS)
def test_the_star_trackers_rows_are_independent_with_the_variances_truth_draws(
    athena_design, upload, estimate, where, boresight
):
    """The sum over units of truth's noise of value times value is the diagonal of the variances."""
    tracker, told = with_boresight(boresight, athena_design.plan)
    sight = look(upload, where, "star_tracker")
    squares = np.zeros((3, 3))
    for noise in np.eye(3):
        reading = star_reading(tracker, estimate.inertial_from_body, noise)
        rows = star_tracker.expect(told, sight, estimate, reading)
        squares += np.outer(rows.value, rows.value)
    sigma = np.sqrt(rows.variance)
    np.testing.assert_allclose(squares / np.outer(sigma, sigma), np.eye(3), atol=1e-4)
    assert sigma[2] == pytest.approx(float(tracker.roll_rad))
    about = rotate(estimate.inertial_from_body, tracker.boresight)
    np.testing.assert_allclose(rows.slope[2, 6:9], about, atol=1e-12)


def test_the_upload_leaves_room_for_a_misaligned_head(athena_design, upload):
    tracker = athena_design.plan.sensors["star_tracker"].spec
    belief = upload.sensors["star_tracker"]
    assert np.all(belief.cross_axis_rad > tracker.cross_axis_rad)
    assert np.all(belief.roll_rad > tracker.roll_rad)


def test_in_the_coast_the_star_tracker_has_the_sigmas_of_its_longer_frames(upload, estimate, where):
    belief = upload.sensors["star_tracker"]
    reading = StarTrackerReading(estimate.inertial_from_body, YES)
    for coasting in (0, 1):
        sight = look(upload, where, "star_tracker", coasting=coasting)
        rows = star_tracker.expect(belief, sight, estimate, reading)
        across_rad = float(belief.cross_axis_rad[coasting])
        roll_rad = float(belief.roll_rad[coasting])
        np.testing.assert_allclose(np.sqrt(rows.variance), [across_rad, across_rad, roll_rad])
    assert float(belief.cross_axis_rad[0]) > across_rad


FILTERS, FRAMES, WALK_RAD = 1_024, 24, 1.6e-5


@pytest.mark.parametrize("boresight", BORESIGHTS)
def test_attitude_is_as_good_as_the_filter_says_about_the_boresight_and_across(
    athena_design, upload, estimate, where, boresight
):
    """A thousand filters that only see stars, the attitude walking between two frames.

    Squared errors over variance are chi-square: each of the three means lies outside its bounds
    by accident with a chance of 1e-7.
    """
    tracker, told = with_boresight(boresight, athena_design.plan)
    sight = look(upload, where, "star_tracker")
    walked = jnp.zeros((21, 21)).at[6:9, 6:9].set(WALK_RAD**2 * jnp.eye(3))
    start = dataclasses.replace(estimate, covariance=400.0 * walked)

    def frame(now, noises):
        true, guess = now
        turn = from_rotation_vector(WALK_RAD * noises[:3])
        true = multiply(turn, true)
        reading = star_reading(tracker, true, noises[3:])
        unsure = dataclasses.replace(guess, covariance=guess.covariance + walked)
        rows = star_tracker.expect(told, sight, unsure, reading)
        return (true, update(unsure, rows, 100.0)[0]), None

    @jax.jit
    @jax.vmap
    def squares(first, noises):
        true = multiply(from_rotation_vector(20.0 * WALK_RAD * first), start.inertial_from_body)
        (true, end), _ = jax.lax.scan(frame, (true, start), noises)
        error = to_rotation_vector(multiply(true, conjugate(end.inertial_from_body)))
        axes = rotate(end.inertial_from_body[None], axes_about(tracker.boresight))
        spread = jnp.sum(axes @ end.covariance[6:9, 6:9] * axes, axis=-1)
        return (axes @ error) ** 2 / spread

    random = np.random.default_rng(3)
    drawn = random.normal(size=(FILTERS, 3)), random.normal(size=(FILTERS, FRAMES, 6))
    mean = np.asarray(squares(*map(jnp.asarray, drawn))).mean(axis=0)
    low, high = chi2.ppf([0.5e-7, 1.0 - 0.5e-7], FILTERS) / FILTERS
    assert np.all((mean > low) & (mean < high)), mean


@pytest.mark.parametrize("valid", [True, False])
def test_a_reading_hands_its_validity_on(upload, estimate, where, valid):
    said = jnp.array(valid)
    fix = CameraReading(upload.chart.aim_fixed_m, said)
    seen = StarTrackerReading(estimate.inertial_from_body, said)
    fixes = camera.expect(upload.sensors["camera"], look(upload, where, "camera"), estimate, fix)
    stars = star_tracker.expect(
        upload.sensors["star_tracker"], look(upload, where, "star_tracker"), estimate, seen
    )
    assert fixes.valid.tolist() == [valid] * 2
    assert stars.valid.tolist() == [valid] * 3
