import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.mechanics.randomness import run_key
from perilune.truth.sensors.camera import Camera, measure, track_axes
from validation.bodies import numbers

HERE_M = jnp.array([1_740_000.0, 3_000.0, -2_000.0])
TRACK_NORMAL = jnp.array([0.0, 0.0, 1.0])
CAMERA = Camera(*numbers(75.0, [40.0, -30.0], 5.0, 2_000.0, 30_000.0))


def look(clearance_m=10_000.0, time_s=5.0, noise=(0.0, 0.0), frame_s=0.5):
    when = numbers(clearance_m, time_s, frame_s)
    return measure(CAMERA, HERE_M, TRACK_NORMAL, when, jnp.asarray(noise))


@pytest.mark.parametrize(
    ("clearance_m", "valid"),
    [(1_999.0, False), (2_001.0, True), (29_999.0, True), (30_001.0, False)],
)
def test_it_fixes_only_within_its_band_of_heights(clearance_m, valid):
    assert bool(look(clearance_m).valid) is valid


@pytest.mark.parametrize("frame_s", [0.5, 2.5])
def test_it_fixes_once_a_period(frame_s):
    times_s = frame_s * np.arange(1, int(60.0 / frame_s) + 1)
    fixes = [bool(look(time_s=time_s, frame_s=frame_s).valid) for time_s in times_s]
    assert sum(fixes) == 12


def test_its_bias_lies_along_and_across_the_track():
    along, across = track_axes(HERE_M, TRACK_NORMAL)
    up = HERE_M / jnp.linalg.norm(HERE_M)
    away_m = look().position_fixed_m - HERE_M
    assert float(jnp.sum(away_m * along)) == pytest.approx(40.0)
    assert float(jnp.sum(away_m * across)) == pytest.approx(-30.0)
    assert float(jnp.sum(away_m * up)) == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(jnp.cross(along, across), up, atol=1e-12)


def test_its_noise_has_its_sigma_each_way():
    noise = jax.random.normal(run_key(4, 4), (4000, 2))
    along, across = track_axes(HERE_M, TRACK_NORMAL)
    fixes_m = jax.vmap(lambda draw: look(noise=draw).position_fixed_m)(noise)
    for axis, bias_m in ((along, 40.0), (across, -30.0)):
        spread_m = np.asarray((fixes_m - HERE_M) @ axis) - bias_m
        low, high = stats.chi2.ppf([0.005, 0.995], spread_m.size)
        assert low < np.sum(spread_m**2) / 75.0**2 < high
