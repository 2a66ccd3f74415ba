import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import (
    conjugate,
    from_rotation_vector,
    multiply,
    to_rotation_vector,
)
from perilune.truth.sensors.star_tracker import StarTracker, measure
from validation.bodies import numbers

BORESIGHT = np.array([-1.0, 0.0, 1.0]) / np.sqrt(2.0)
CROSS_RAD, ROLL_RAD = 2.4e-5, 3.4e-4
TRACKER = StarTracker(*numbers(BORESIGHT, CROSS_RAD, ROLL_RAD, 0.035, np.zeros(3)))
TRUE = from_rotation_vector(jnp.array([0.4, -1.1, 0.7]))
ACROSS = np.array([[1.0, 0.0, 1.0] / np.sqrt(2.0), [0.0, 1.0, 0.0]])


def errors_rad(count=4000):
    """Rotations from true to seen attitude, body axes."""
    noise = jax.random.normal(run_key(8, 1), (count, 3))
    seen = jax.vmap(lambda draw: measure(TRACKER, TRUE, jnp.zeros(3), draw).inertial_from_body)(
        noise
    )
    return np.asarray(to_rotation_vector(multiply(conjugate(TRUE)[None], seen)))


@pytest.mark.parametrize(
    ("axis", "sigma_rad"),
    [(BORESIGHT, ROLL_RAD), (ACROSS[0], CROSS_RAD), (ACROSS[1], CROSS_RAD)],
    ids=["about the boresight", "across it", "across it, the other way"],
)
def test_each_axis_has_its_own_sigma(axis, sigma_rad):
    along = errors_rad() @ axis
    low, high = stats.chi2.ppf([0.005, 0.995], along.size)
    assert low < np.sum(along**2) / sigma_rad**2 < high
    assert stats.kstest(along / sigma_rad, "norm").pvalue > 0.01


def test_errors_of_different_axes_are_uncorrelated():
    errors = errors_rad()
    both = np.corrcoef(errors @ BORESIGHT, errors @ ACROSS[0])[0, 1]
    assert abs(both) < 2.58 / np.sqrt(len(errors))


def test_no_noise_reads_the_true_attitude():
    reading = measure(TRACKER, TRUE, jnp.zeros(3), jnp.zeros(3))
    np.testing.assert_allclose(reading.inertial_from_body, TRUE, atol=1e-15)


def test_a_misaligned_head_reads_the_attitude_turned_by_it_in_body_axes():
    lean_rad = jnp.array([2e-5, -1e-5, 3e-5])
    leaning = dataclasses.replace(TRACKER, misalignment_rad=lean_rad)
    seen = measure(leaning, TRUE, jnp.zeros(3), jnp.zeros(3)).inertial_from_body
    off_rad = to_rotation_vector(multiply(conjugate(TRUE), seen))
    np.testing.assert_allclose(off_rad, lean_rad, rtol=1e-9)


@pytest.mark.parametrize(("rate_rad_s", "valid"), [(0.034, True), (0.036, False)])
def test_it_is_blind_when_turning_too_fast(rate_rad_s, valid):
    reading = measure(TRACKER, TRUE, jnp.array([0.0, rate_rad_s, 0.0]), jnp.zeros(3))
    assert bool(reading.valid) is valid
