"""Every line of the camera's error model has a test that fails without it."""

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.camera import CameraErrors, CameraSpec
from perilune.truth.sensors.camera import measure, sigma, track_axes
from tests.truth.sensors.scenes import draw, flown, scene

SPEC = {
    "noise": "75 m",
    "bias": "50 m",
    "period": "5 s",
    "min_height": "2 km",
    "max_height": "30 km",
}
TRACK_NORMAL = jnp.array([0.0, 1.0, 0.0])


def look(height_m=10_000.0, time_s=5.0, noise=(0.0, 0.0), period_s=0.5, bias=("0 m", "0 m")):
    sheet = flown(CameraSpec.model_validate(SPEC))
    wrong = flown(CameraErrors.model_validate({"bias": list(bias)}))
    over = scene(height_m, time_s=time_s, period_s=period_s)
    return measure(sheet, wrong, None, over, draw(noise))[0], over


@pytest.mark.parametrize(
    ("height_m", "valid"),
    [(1_999.0, False), (2_001.0, True), (29_999.0, True), (30_001.0, False)],
)
def test_it_fixes_only_within_its_band_of_heights(height_m, valid):
    assert bool(look(height_m)[0].valid) is valid


@pytest.mark.parametrize("period_s", [0.5, 2.5])
def test_it_fixes_once_a_period(period_s):
    times_s = period_s * np.arange(1, int(60.0 / period_s) + 1)
    fixes = [bool(look(time_s=time_s, period_s=period_s)[0].valid) for time_s in times_s]
    assert sum(fixes) == 12


def test_its_bias_lies_along_and_across_the_track():
    fix, over = look(bias=("40 m", "-30 m"))
    here_m = over.ground.here_fixed_m
    along, across = track_axes(here_m, TRACK_NORMAL)
    up = here_m / jnp.linalg.norm(here_m)
    away_m = fix.position_fixed_m - here_m
    assert float(jnp.sum(away_m * along)) == pytest.approx(40.0)
    assert float(jnp.sum(away_m * across)) == pytest.approx(-30.0)
    assert float(jnp.sum(away_m * up)) == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(jnp.cross(along, across), up, atol=1e-12)


def test_its_noise_has_its_sigma_each_way():
    fix, over = look(noise=(2.0, -1.0))
    here_m = over.ground.here_fixed_m
    along, across = track_axes(here_m, TRACK_NORMAL)
    away_m = fix.position_fixed_m - here_m
    assert float(jnp.sum(away_m * along)) == pytest.approx(150.0)
    assert float(jnp.sum(away_m * across)) == pytest.approx(-75.0)
    one_sigma = sigma(flown(CameraSpec.model_validate(SPEC)), fix, 0.5)
    np.testing.assert_array_equal(one_sigma, [75.0, 75.0], strict=True)


@pytest.mark.parametrize("off_track", [0.0, 0.3, -2.0])
def test_the_axes_of_the_track_are_of_unit_length_and_level_wherever_the_vehicle_is(off_track):
    """`off_track` is the tangent of the angle that the position makes with the track's plane."""
    place_m = 1.8e6 * jnp.array([0.2, off_track, 1.0])
    along, across = track_axes(place_m, TRACK_NORMAL)
    axes = np.stack([along, across, place_m / jnp.linalg.norm(place_m)])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    assert float(along @ TRACK_NORMAL) == pytest.approx(0.0, abs=1e-15)
    assert float(along[0]) > 0.0


def test_it_fixes_on_the_map_and_not_on_the_ground():
    sheet, wrong = flown(CameraSpec.model_validate(SPEC)), flown(CameraErrors())
    over = scene(10_000.0)
    moved_m = over.ground.here_fixed_m + jnp.array([25.0, 0.0, 0.0])
    over.__dict__["ground"] = over.ground.__class__(
        **vars(over.ground) | {"on_map_fixed_m": moved_m}
    )
    fix, _ = measure(sheet, wrong, None, over, draw((0.0, 0.0)))
    np.testing.assert_array_equal(fix.position_fixed_m, moved_m)
