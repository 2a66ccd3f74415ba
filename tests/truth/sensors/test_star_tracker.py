"""Every line of the star tracker's error model has a test that fails without it."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.interfaces.star_tracker import StarTrackerErrors, StarTrackerSpec
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import (
    conjugate,
    from_rotation_vector,
    multiply,
    to_rotation_vector,
)
from perilune.truth.sensors.scene import Tick
from perilune.truth.sensors.star_tracker import follow, init, measure, shift, sigma
from tests.truth.sensors.scenes import draw, flown, scene, state, turned

BORESIGHT = np.array([-1.0, 0.0, 1.0]) / np.sqrt(2.0)
CROSS_RAD, ROLL_RAD = 2.4e-5, 3.4e-4
SPEC = flown(
    StarTrackerSpec.model_validate(
        {
            "cross_axis": f"{CROSS_RAD} rad",
            "roll": f"{ROLL_RAD} rad",
            "rate_limit": "0.035 rad/s",
            "boresight": list(BORESIGHT),
        }
    )
)
TRUE = from_rotation_vector(jnp.array([0.4, -1.1, 0.7]))
ACROSS = np.array([[1.0, 0.0, 1.0] / np.sqrt(2.0), [0.0, 1.0, 0.0]])
NO_ERRORS = flown(StarTrackerErrors())


def see(noise=(0.0, 0.0, 0.0), errors=NO_ERRORS, rate=(0.0, 0.0, 0.0), spec=SPEC):
    over = scene(inertial_from_body=TRUE, rate_body_rad_s=rate)
    return measure(spec, errors, init(spec), over, draw(noise))[0]


def errors_rad(count=4000):
    """Rotations from true to seen attitude, body axes."""
    noise = jax.random.normal(run_key(8, 1), (count, 3))
    seen = jax.vmap(lambda each: see(each).inertial_from_body)(noise)
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


def off_rad(reading):
    """The rotation from the true attitude to the one that was read, body axes."""
    return to_rotation_vector(multiply(conjugate(TRUE), reading.inertial_from_body))


@pytest.mark.parametrize(
    ("noise", "turn_rad"),
    [
        (BORESIGHT, ROLL_RAD * BORESIGHT),
        (ACROSS[0], CROSS_RAD * ACROSS[0]),
        (BORESIGHT + ACROSS[1], ROLL_RAD * BORESIGHT + CROSS_RAD * ACROSS[1]),
    ],
    ids=["about the boresight", "across it", "both at once"],
)
def test_noise_turns_the_attitude_by_one_sigma_and_adds_to_a_misalignment(noise, turn_rad):
    lean_rad = np.array([2e-5, -1e-5, 3e-5])
    leaning = NO_ERRORS.model_copy(update={"misalignment_rad": jnp.asarray(lean_rad)})
    np.testing.assert_allclose(off_rad(see(noise)), turn_rad, rtol=1e-9, atol=1e-15)
    found_rad = off_rad(see(noise, errors=leaning))
    np.testing.assert_allclose(found_rad, turn_rad + lean_rad, rtol=1e-9, atol=1e-15)


def test_no_noise_reads_the_true_attitude():
    np.testing.assert_allclose(see().inertial_from_body, TRUE, atol=1e-15)


def test_a_boresight_that_was_drawn_longer_is_a_direction_still():
    longer = SPEC.model_copy(update={"boresight": 3.0 * SPEC.boresight})
    noise = (1.0, -0.5, 0.3)
    np.testing.assert_allclose(
        see(noise, spec=longer).inertial_from_body, see(noise).inertial_from_body, atol=1e-15
    )


def test_a_misaligned_head_reads_the_attitude_turned_by_it_in_body_axes():
    lean_rad = np.array([2e-5, -1e-5, 3e-5])
    leaning = NO_ERRORS.model_copy(update={"misalignment_rad": jnp.asarray(lean_rad)})
    np.testing.assert_allclose(off_rad(see(errors=leaning)), lean_rad, rtol=1e-9)


@pytest.mark.parametrize(("rate_rad_s", "valid"), [(0.034, True), (0.036, False)])
def test_it_is_blind_when_turning_too_fast(rate_rad_s, valid):
    assert bool(see(rate=(0.0, rate_rad_s, 0.0)).valid) is valid


def test_a_fault_turns_the_attitude_further_in_body_axes():
    error_rad = jnp.array([1e-3, 2e-3, -1e-3])
    moved = shift(see(), error_rad, scene())
    np.testing.assert_allclose(off_rad(moved), error_rad, rtol=1e-9)


def test_its_sigma_about_a_body_axis_is_that_of_its_errors_there():
    found = np.asarray(sigma(SPEC, see(), 0.6))
    measured = errors_rad().std(axis=0)
    np.testing.assert_allclose(found, measured, rtol=0.05)


@pytest.mark.parametrize("length", [1.0, 3.0])
def test_its_sigma_is_the_root_of_the_diagonal_of_its_covariance(length):
    """The covariance has the boresight and two axes across it as eigenvectors."""
    spec = SPEC.model_copy(update={"boresight": length * SPEC.boresight})
    axes = np.stack([BORESIGHT, *ACROSS], axis=1)
    covariance = axes @ np.diag([ROLL_RAD**2, CROSS_RAD**2, CROSS_RAD**2]) @ axes.T
    expected_rad = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(sigma(spec, see(), 0.6), expected_rad, rtol=1e-12)


EXCLUSIONS = {"sun_exclusion": "30 deg", "earth_exclusion": "10 deg", "moon_exclusion": "20 deg"}
DAZZLED = flown(
    StarTrackerSpec.model_validate(
        {
            "cross_axis": f"{CROSS_RAD} rad",
            "roll": f"{ROLL_RAD} rad",
            "rate_limit": "0.035 rad/s",
            "boresight": list(BORESIGHT),
        }
        | EXCLUSIONS
    )
)
HERE_M = np.array([0.0, 0.0, 1.8e6])


def sees_with(spec=DAZZLED, attitude=TRUE, here_m=HERE_M, **bodies):
    """Whether it sees with Sun and Earth at places from the lander, by default far below."""
    places_m = [here_m + np.asarray(bodies.get(body, (0.0, 0.0, -1e12))) for body in BODIES]
    over = scene(bodies=places_m, inertial_from_body=attitude)
    state = dataclasses.replace(over.state, position_inertial_m=jnp.asarray(here_m))
    over = dataclasses.replace(over, state=state)
    return bool(measure(spec, NO_ERRORS, init(spec), over, draw(jnp.zeros(3)))[0].valid)


BODIES = ("sun", "earth")
UPRIGHT = jnp.array([1.0, 0.0, 0.0, 0.0])


def from_boresight(angle_rad, attitude):
    """A direction so far from the boresight, inertial."""
    aside = np.array([1.0, 0.0, 1.0]) / np.sqrt(2.0)
    return turned(attitude, np.cos(angle_rad) * BORESIGHT + np.sin(angle_rad) * aside)


@pytest.mark.parametrize(("body", "exclusion_deg"), [("sun", 30.0), ("earth", 10.0)])
def test_it_is_blind_with_sun_or_earth_within_its_exclusion_of_the_boresight(body, exclusion_deg):
    lean = from_rotation_vector(jnp.array([0.1, -0.2, 0.3]))
    for factor, seen in ((0.99, False), (1.01, True)):
        toward = from_boresight(factor * np.deg2rad(exclusion_deg), lean)
        assert sees_with(attitude=lean, **{body: 1e8 * toward}) == seen


def test_sun_and_earth_are_looked_for_from_where_the_lander_is():
    """A body 1e6 m away on the boresight is nowhere near it from the Moon's centre."""
    assert not sees_with(attitude=UPRIGHT, sun=1e6 * BORESIGHT)
    assert not sees_with(attitude=UPRIGHT, earth=1e6 * BORESIGHT)


def test_it_is_blind_with_the_moons_limb_within_its_exclusion_of_the_boresight():
    """The disc's edge is asin(R / r) from nadir; the boresight is turned about y, through nadir."""
    limb_rad = np.arcsin(MOON_RADIUS_M / HERE_M[2])
    for factor, seen in ((0.99, False), (1.01, True)):
        from_nadir_rad = limb_rad + factor * np.deg2rad(20.0)
        pitch = jnp.array([0.0, from_nadir_rad - 3.0 * np.pi / 4.0, 0.0])
        assert sees_with(attitude=from_rotation_vector(pitch)) == seen


def test_on_the_ground_and_below_the_mean_radius_the_limb_is_level():
    for here_m in (MOON_RADIUS_M, MOON_RADIUS_M - 3_000.0):
        for pitch_deg, seen in ((-24.0, True), (-26.0, False)):
            pitch = from_rotation_vector(jnp.array([0.0, np.deg2rad(pitch_deg), 0.0]))
            found = sees_with(attitude=pitch, here_m=np.array([0.0, 0.0, here_m]))
            assert found == seen


def test_without_exclusions_only_the_moon_itself_hides_the_stars():
    assert sees_with(spec=SPEC, attitude=UPRIGHT, sun=1e11 * from_boresight(1e-3, UPRIGHT))
    down = from_rotation_vector(jnp.array([np.pi, 0.0, 0.0]))
    assert not sees_with(spec=SPEC, attitude=down)


SPIN_AXIS = np.array([0.01, -0.02, 0.004])
"""Rates and accelerations are all about it, so that turns add."""


def follow_ticks(latency_s, shares, tick_s=0.1):
    """Ticks of a frame from 7 s on about one axis, each sped up by its own share; what is kept,
    and the angle along the axis at an instant, exactly."""
    spec = SPEC.model_copy(update={"latency_s": jnp.asarray(latency_s)})
    kept, starts = init(spec), []
    angle, rate = 0.0, 1.0
    times_s = tick_s * np.arange(70, 71 + len(shares))
    end_s = times_s[-1]
    for share, start_s, next_s in zip(shares, times_s, times_s[1:], strict=False):
        starts.append((start_s, angle, rate, share))
        turn = rate * tick_s + 0.5 * share * tick_s**2
        before = at_angle(angle, rate)
        after = at_angle(angle + turn, rate + share * tick_s, turn)
        times = map(jnp.asarray, (start_s, next_s, end_s))
        kept = follow(spec, kept, Tick(*times, before, after))
        angle, rate = angle + turn, rate + share * tick_s
    then_s = end_s - latency_s
    begun = [each for each in starts if each[0] < then_s][-1]
    late_s = then_s - begun[0]
    there = begun[1] + begun[2] * late_s + 0.5 * begun[3] * late_s**2
    return spec, kept, there, begun[2] + begun[3] * late_s


def at_angle(angle, rate, turn=0.0):
    return state(
        inertial_from_body=from_rotation_vector(jnp.asarray(angle * SPIN_AXIS)),
        rate_body_rad_s=rate * SPIN_AXIS,
        sensed_rotation_body_rad=turn * SPIN_AXIS,
    )


@pytest.mark.parametrize("latency_s", [0.0, 0.05, 0.2, 0.27, 0.5])
def test_a_latency_ago_the_attitude_was_that_of_the_turn_which_sped_up_and_slowed(latency_s):
    """Angular acceleration that changes from tick to tick: exact where it is steady in each."""
    shares = [20.0, -35.0, 5.0, 50.0, -10.0, 25.0]
    spec, kept, angle, rate = follow_ticks(latency_s, shares)
    seen, after = measure(spec, NO_ERRORS, kept, scene(), draw(jnp.zeros(3)))
    expected = from_rotation_vector(jnp.asarray(angle * SPIN_AXIS))
    np.testing.assert_allclose(seen.inertial_from_body, expected, atol=1e-13)
    np.testing.assert_allclose(kept.rate_body_rad_s, rate * SPIN_AXIS, atol=1e-12)
    assert after is kept


def test_it_is_blind_where_it_turned_too_fast_a_latency_ago_and_looked_elsewhere():
    spec, kept, _, rate = follow_ticks(0.2, [0.0] * 4 + [-10.0] * 2)
    assert rate == pytest.approx(1.0)
    limit = np.linalg.norm(SPIN_AXIS)
    for factor, sees in ((0.99, False), (1.01, True)):
        held = spec.model_copy(update={"rate_limit_rad_s": jnp.asarray(factor * limit)})
        assert bool(measure(held, NO_ERRORS, kept, scene(), draw(jnp.zeros(3)))[0].valid) is sees
