"""What each instrument should read, and its slopes against differences of the residual itself."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2

from perilune.interfaces import (
    StarTrackerReading,
)
from perilune.interfaces.star_tracker import StarTrackerErrors
from perilune.mechanics.rotation import (
    axes_about,
    conjugate,
    from_rotation_vector,
    multiply,
    rotate,
    to_rotation_vector,
)
from perilune.onboard.navigation import star_tracker
from perilune.onboard.navigation.update import update
from perilune.truth.sensors import star_tracker as true_tracker
from tests.onboard.navigation.gates import gated
from tests.onboard.navigation.slopes import YES, look, slopes_by_difference
from tests.truth.sensors.scenes import draw, flown, scene


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
        cross_axis_rad=jnp.asarray(spec.cross_axis_rad),
        roll_rad=jnp.asarray(spec.roll_rad),
    )


def star_reading(spec, inertial_from_body, noise):
    over = scene(inertial_from_body=inertial_from_body)
    begun = true_tracker.init(spec)
    return true_tracker.measure(spec, flown(StarTrackerErrors()), begun, over, draw(noise))[0]


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


def test_a_misaligned_head_is_found_where_the_attitude_is_known(
    athena_design, upload, estimate, where
):
    """Without noise, and an attitude that is sure, the misalignment is what is seen."""
    tracker, told = with_boresight(BORESIGHTS[0], athena_design.plan)
    off_rad = jnp.array([2e-5, -1e-5, 3e-5])
    seen = multiply(estimate.inertial_from_body, from_rotation_vector(off_rad))
    place = estimate.layout.of["star_tracker"]["misalignment_rad"]
    unsure = jnp.zeros_like(estimate.covariance).at[place, place].set(jnp.eye(3))
    start = dataclasses.replace(estimate, covariance=unsure)
    rows = star_tracker.expect(told, look(upload, where, "star_tracker"), start, _good(seen))
    end = update(start, rows, gated(1e6, rows))[0]
    np.testing.assert_allclose(end.biases["star_tracker"]["misalignment_rad"], off_rad, atol=1e-9)
    assert tracker.cross_axis_rad > 0.0


def _good(inertial_from_body):
    return StarTrackerReading(inertial_from_body, YES)


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
    walked = jnp.zeros_like(estimate.covariance).at[6:9, 6:9].set(WALK_RAD**2 * jnp.eye(3))
    start = dataclasses.replace(estimate, covariance=400.0 * walked)

    def frame(now, noises):
        true, guess = now
        turn = from_rotation_vector(WALK_RAD * noises[:3])
        true = multiply(turn, true)
        reading = star_reading(tracker, true, noises[3:])
        unsure = dataclasses.replace(guess, covariance=guess.covariance + walked)
        rows = star_tracker.expect(told, sight, unsure, reading)
        return (true, update(unsure, rows, gated(100.0, rows))[0]), None

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
