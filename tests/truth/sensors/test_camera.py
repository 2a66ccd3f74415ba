"""Every line of the camera's error model has a test that fails without it."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.camera import LEAST_QUALITY, CameraErrors, CameraSpec, one_sigma_m
from perilune.truth.environment.lighting import Lighting
from perilune.truth.sensors.camera import (
    measure,
    quality_fraction,
    sigma,
    track_axes,
    wrong_chance,
)
from tests.truth.sensors.scenes import draw, flown, scene

SPEC = {
    "noise": "40 m",
    "noise_fraction": 0.003,
    "vertical_factor": 3.0,
    "bias": "50 m",
    "period": "5 s",
    "min_height": "2 km",
    "max_height": "30 km",
    "dropout_fraction": 0.1,
    "view": "53.13010235415598 deg",  # as wide as the height
    "map_resolution": "12 m",
    "full_pixels_count": 500.0,
    "dark_sun": "1 deg",
    "full_sun": "11 deg",
    "full_lit_fraction": 0.8,
    "map_light": "0 deg",
    "map_light_tolerance": "20 deg",
    "wrong_fraction": 0.02,
    "wrong_in_shadow_fraction": 0.1,
    "wrong_match": "300 m",
}
TRACK_NORMAL = jnp.array([0.0, 1.0, 0.0])
RIGHT = 0.5
"""A uniform number, counted down from one, before the chance of a wrong match."""


def sheet(**changes):
    return flown(CameraSpec.model_validate(SPEC | changes))


def look(height_m=10_000.0, noise=(0.0, 0.0, 0.0), bias=("0 m",) * 3, uniform=RIGHT, **seen):
    wrong = flown(CameraErrors.model_validate({"bias": list(bias)}))
    over = scene(height_m, **seen)
    return measure(sheet(), wrong, None, over, draw(noise, 1.0 - uniform))[0], over


def away_m(fix, over):
    here_m = over.ground.here_fixed_m
    axes = track_axes(here_m, TRACK_NORMAL)
    return [float(jnp.sum((fix.position_fixed_m - here_m) * axis)) for axis in axes]


@pytest.mark.parametrize(
    ("height_m", "valid"),
    [(1_999.0, False), (2_001.0, True), (29_999.0, True), (30_001.0, False)],
)
def test_it_fixes_only_within_its_band_of_heights(height_m, valid):
    assert bool(look(height_m, uniform=0.2)[0].valid) is valid


@pytest.mark.parametrize("period_s", [0.5, 2.5])
def test_it_fixes_once_a_period(period_s):
    times_s = period_s * np.arange(1, int(60.0 / period_s) + 1)
    fixes = [bool(look(time_s=time_s, period_s=period_s)[0].valid) for time_s in times_s]
    assert sum(fixes) == 12


def test_its_bias_lies_along_and_across_the_track_and_up():
    found = look(bias=("40 m", "-30 m", "20 m"))
    assert away_m(*found) == pytest.approx([40.0, -30.0, 20.0])
    along, across, up = track_axes(found[1].ground.here_fixed_m, TRACK_NORMAL)
    np.testing.assert_allclose(jnp.cross(along, across), up, atol=1e-12)


def test_its_noise_has_its_sigma_each_way():
    """40 m and 0.3 % of 10 km, beside a pixel of 12 m even over its width; three times it up."""
    fix, over = look(noise=(2.0, -1.0, 1.0))
    across_m = math.hypot(70.0, 12.0 / math.sqrt(12.0))
    assert away_m(fix, over) == pytest.approx([2.0 * across_m, -across_m, 3.0 * across_m])
    np.testing.assert_allclose(sigma(sheet(), fix, 0.5), across_m * np.array([1.0, 1.0, 3.0]))


def test_fewer_matches_make_a_fix_worse_as_the_root_of_their_share_to_a_floor():
    full, half, none = (np.asarray(one_sigma_m(sheet(), 5e3, q)) for q in (1.0, 0.5, 0.0))
    np.testing.assert_allclose(half, math.sqrt(2.0) * full)
    np.testing.assert_allclose(none, full / math.sqrt(LEAST_QUALITY))
    fix, over = look(noise=(1.0, 0.0, 0.0), uniform=0.3, lit_fraction=0.4)
    assert float(fix.quality_fraction) == pytest.approx(0.5)
    assert away_m(fix, over)[0] == pytest.approx(float(one_sigma_m(sheet(), 10e3, 0.5)[0]))
    assert float(fix.height_m) == 10_000.0


@pytest.mark.parametrize(
    ("sun_deg", "lit", "height_m", "share"),
    [
        (45.0, 1.0, 10e3, 1.0),
        (11.0, 0.8, 6e3, 1.0),  # each just full
        (6.0, 1.0, 10e3, 0.5),  # half way from the dark to full light
        (0.5, 1.0, 10e3, 0.0),
        (45.0, 0.2, 10e3, 0.25),
        (45.0, 1.0, 3e3, 0.5),  # 250 pixels of the map across the view
        (6.0, 0.4, 3e3, 0.125),
    ],
)
def test_light_and_map_each_take_their_share_of_the_matches(sun_deg, lit, height_m, share):
    light = Lighting(jnp.radians(sun_deg), jnp.asarray(lit))
    assert float(quality_fraction(sheet(), light, height_m)) == pytest.approx(share)


def test_matches_fall_as_the_light_turns_from_that_of_the_map():
    light = Lighting(jnp.asarray(1.0), jnp.asarray(1.0))
    turned = quality_fraction(sheet(map_light="20 deg"), light, 1e4)
    assert float(turned) == pytest.approx(math.exp(-0.5))


def test_fixes_come_by_the_share_of_matches_less_the_dropouts():
    """A uniform number below 0.9 x 0.5 brings a fix, one above it none."""
    seen = {"lit_fraction": 0.4}
    assert bool(look(uniform=0.449, **seen)[0].valid)
    assert not bool(look(uniform=0.451, **seen)[0].valid)


def test_no_fix_is_made_in_the_dark():
    assert not bool(look(uniform=0.0, sun_elevation_rad=0.0)[0].valid)
    assert not bool(look(uniform=0.0, lit_fraction=0.0)[0].valid)


def test_wrong_matches_are_some_fixes_in_a_hundred_and_more_in_shadow():
    light = [Lighting(jnp.asarray(1.0), jnp.asarray(lit)) for lit in (1.0, 0.5, 0.0)]
    found = [float(wrong_chance(sheet(), each)) for each in light]
    assert found == pytest.approx([0.02, 0.07, 0.12])
    certain = sheet(wrong_fraction=0.95)
    assert float(wrong_chance(certain, light[2])) == 1.0


def test_a_wrong_match_is_off_by_its_own_size_and_says_nothing_of_it():
    noise = (1.0, -2.0, 0.5)
    right, over = look(noise=noise, uniform=0.881)
    wrong, _ = look(noise=noise, uniform=0.883)  # past 0.9 x 0.98
    assert away_m(wrong, over) == pytest.approx([300.0, -600.0, 150.0])
    assert away_m(right, over)[0] == pytest.approx(float(sigma(sheet(), right, 0.5)[0]))
    assert bool(wrong.valid)
    assert float(wrong.quality_fraction) == float(right.quality_fraction)


@pytest.mark.parametrize("off_track", [0.0, 0.3, -2.0])
def test_the_axes_of_the_track_are_of_unit_length_and_level_wherever_the_vehicle_is(off_track):
    """`off_track` is the tangent of the angle that the position makes with the track's plane."""
    place_m = 1.8e6 * jnp.array([0.2, off_track, 1.0])
    axes = np.stack(track_axes(place_m, TRACK_NORMAL))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    np.testing.assert_allclose(axes[2], place_m / jnp.linalg.norm(place_m), atol=1e-15)
    assert float(axes[0] @ TRACK_NORMAL) == pytest.approx(0.0, abs=1e-15)
    assert float(axes[0][0]) > 0.0


def test_it_fixes_on_the_map_and_not_on_the_ground():
    wrong, over = flown(CameraErrors()), scene(10_000.0)
    moved_m = over.ground.here_fixed_m + jnp.array([25.0, 0.0, 0.0])
    over.__dict__["ground"] = over.ground.__class__(
        **vars(over.ground) | {"on_map_fixed_m": moved_m}
    )
    fix, _ = measure(sheet(), wrong, None, over, draw((0.0, 0.0, 0.0), RIGHT))
    np.testing.assert_array_equal(fix.position_fixed_m, moved_m)


def test_where_every_draw_is_off_whatever_light_there_is_brings_a_right_match():
    fix, over = look(noise=(1.0, 1.0, 1.0), uniform=0.0, lit_fraction=0.21)
    assert bool(fix.valid)
    assert max(away_m(fix, over)) < 300.0 * 3.0
    assert away_m(fix, over)[0] == pytest.approx(float(sigma(sheet(), fix, 0.5)[0]))
