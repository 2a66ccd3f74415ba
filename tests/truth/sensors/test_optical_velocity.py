"""Every line of the optical velocity's model has a test that fails without it."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.optical_velocity import (
    OpticalVelocityErrors,
    OpticalVelocitySpec,
    noise_rad_s,
    view_body,
)
from perilune.truth.sensors.optical_velocity import measure, shift, sigma
from tests.truth.sensors.scenes import draw, flown, scene

SPEC = {
    "cant": "45 deg",
    "pixel": "1e-3 rad",
    "noise_factor": 0.3,
    "relief_fraction": 0.05,
    "bias": "1e-4 rad/s",
    "period": "1 s",
    "min_height": "30 m",
    "max_height": "30 km",
    "tilt_limit": "60 deg",
    "flow_limit": "0.3 rad/s",
    "dropout_fraction": 0.1,
    "dark_sun": "0 deg",
    "full_sun": "5 deg",
    "full_lit_fraction": 0.3,
}
MOVING_M_S = (30.0, -20.0, -5.0)


def sheet(**changes):
    return flown(OpticalVelocitySpec.model_validate(SPEC | changes))


def look(height_m=1_000.0, noise=(0.0,) * 3, uniform=0.0, errors=None, spec=None, **seen):
    wrong = flown(OpticalVelocityErrors.model_validate(errors or {}))
    over = scene(height_m, **{"velocity_inertial_m_s": list(MOVING_M_S)} | seen)
    return measure(spec or sheet(), wrong, None, over, draw(noise, 1.0 - uniform))[0]


def turned_about_y(angle_deg):
    half = math.radians(angle_deg) / 2.0
    return [math.cos(half), 0.0, math.sin(half), 0.0]


def test_straight_down_it_reads_speed_over_height_and_leaves_the_descent_out():
    found = look(spec=sheet(cant="0 deg"))
    np.testing.assert_allclose(found.flow_rad_s, [0.03, -0.02])
    assert bool(found.valid)


def test_canted_it_reads_speed_across_the_view_over_the_distance_along_it():
    """Ahead is (1, 0, 1) / sqrt 2; the ground lies sqrt 2 heights off."""
    away_m = 1_000.0 * math.sqrt(2.0)
    found = look()
    across = [(30.0 - 5.0) / math.sqrt(2.0) / away_m, -20.0 / away_m]
    np.testing.assert_allclose(found.flow_rad_s, across)


def test_it_leans_with_the_body():
    """Turned by -45 deg about y, the canted view looks straight down and ahead is east."""
    found = look(inertial_from_body=turned_about_y(45.0))
    np.testing.assert_allclose(found.flow_rad_s, [0.03, -0.02], atol=1e-12)


def test_the_ground_turns_with_the_moon():
    """The scene lies a billion metres from the axis."""
    still = look(velocity_inertial_m_s=[0.0, 0.0, 0.0], spin=(0.0, 1e-8, 0.0))
    assert float(still.flow_rad_s[0]) == pytest.approx(-10.0 / math.sqrt(2.0) / 1_414.2, rel=1e-3)


@pytest.mark.parametrize(
    ("height_m", "valid"), [(29.0, False), (31.0, True), (29_999.0, True), (30_001.0, False)]
)
def test_it_reads_only_within_its_band_of_heights(height_m, valid):
    slow = [1.0, 0.0, 0.0]
    assert bool(look(height_m, velocity_inertial_m_s=slow).valid) is valid


def test_it_reads_once_a_period():
    times_s = 0.2 * np.arange(1, 51)
    read = [bool(look(time_s=time_s, period_s=0.2).valid) for time_s in times_s]
    assert sum(read) == 10


@pytest.mark.parametrize(("lean_deg", "valid"), [(-14.0, True), (-16.0, False), (104.0, True)])
def test_it_reads_nothing_past_its_limit_of_tilt(lean_deg, valid):
    """Upright the view leans 45 deg; turned on by 15 deg it is at the limit."""
    assert bool(look(inertial_from_body=turned_about_y(lean_deg)).valid) is valid


@pytest.mark.parametrize(("speed_m_s", "valid"), [(-590.0, True), (-610.0, False)])
def test_it_reads_nothing_that_moves_faster_than_features_are_followed(speed_m_s, valid):
    assert bool(look(velocity_inertial_m_s=[speed_m_s, 0.0, 0.0]).valid) is valid


@pytest.mark.parametrize(
    ("seen", "share"),
    [
        ({}, 1.0),
        ({"sun_elevation_rad": math.radians(2.5)}, 0.5),
        ({"lit_fraction": 0.15}, 0.5),
        ({"sun_elevation_rad": 0.0}, 0.0),
        ({"lit_fraction": 0.0}, 0.0),
    ],
)
def test_readings_come_by_the_share_of_full_light_less_the_dropouts(seen, share):
    below, above = (look(uniform=max(0.9 * share + off, 0.0), **seen) for off in (-1e-6, 1e-6))
    assert bool(below.valid) is (share > 0.0)
    assert not bool(above.valid)


def test_each_error_moves_the_reading_as_it_says():
    true = np.asarray(look().flow_rad_s)
    biased = look(errors={"bias": ["1e-3 rad/s", "-2e-3 rad/s"]})
    np.testing.assert_allclose(biased.flow_rad_s - true, [1e-3, -2e-3])
    scaled = look(errors={"scale_fraction": 0.01})
    np.testing.assert_allclose(scaled.flow_rad_s, 1.01 * true)
    noisy = look(noise=(1.0, -2.0, 0.0))
    np.testing.assert_allclose(noisy.flow_rad_s - true, [3e-4, -6e-4])
    uneven = look(noise=(0.0, 0.0, 2.0))
    np.testing.assert_allclose(uneven.flow_rad_s, 1.1 * true)


def test_its_sigma_is_that_of_pixels_over_a_period_and_of_uneven_ground():
    assert float(noise_rad_s(sheet(period="2 s"))) == pytest.approx(1.5e-4)
    found = sigma(sheet(), look(), 0.2)
    expected = np.hypot(3e-4, 0.05 * np.asarray(look().flow_rad_s))
    np.testing.assert_allclose(found, expected)


def test_a_fault_moves_each_axis():
    moved = shift(look(), jnp.array([0.01, 0.02]), None)
    np.testing.assert_allclose(moved.flow_rad_s - look().flow_rad_s, [0.01, 0.02])
    assert bool(moved.valid)


@pytest.mark.parametrize("cant_deg", [0.0, 45.0, 90.0])
def test_the_axes_of_the_view_are_square_to_its_middle(cant_deg):
    middle, across = view_body(jnp.radians(cant_deg))
    axes = np.stack([middle, *across])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    assert float(across[0] @ jnp.array([1.0, 0.0, 0.0])) >= 0.0
