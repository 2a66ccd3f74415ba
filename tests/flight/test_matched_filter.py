"""A truth as the filter has it: errors are chi-square over its covariance, neither more nor less.

Start, biases and noise are drawn from what the filter begins with and allows for. All that it is
not told of, or allows for in another way, is switched off: scale, misalignment and bending of the
inertial unit, wrong echoes and matches, late attitudes, ground that differs from the map, gravity
left out.
"""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2

from perilune import load_mission
from perilune.design import design
from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.onboard.navigation.estimate import MOVING
from tests.flight.conftest import RUN_COUNT, summaries_of

CHANCE = 0.001
"""Of failing by accident, of all cells of the table together."""
OF_THE_INERTIAL_UNIT = {
    "gyro_scale_fraction": "0",
    "gyro_misalignment": "0 mrad",
    "gyro_g_sensitivity": "0 deg/h/g0",
    "gyro_quantum": "0 urad",
    "accelerometer_scale_fraction": "0",
    "accelerometer_misalignment": "0 mrad",
    "accelerometer_vibration_rectification": "0 ug0/g0**2",
    "accelerometer_quantum": "0 um/s",
    "mount_flex": "0 urad/g0",
    "vibration_factor": "0",
    "rocking": "0 urad/g0",
}
OF_OTHER_SENSORS = (
    "altimeter.false_echo_fraction",
    "altimeter.dust_echo_fraction",
    "altimeter.early_factor",
    "altimeter.jitter_factor",
    "velocimeter.side_lobe_fraction",
    "optical_velocity.relief_fraction",
    "camera.wrong_fraction",
    "camera.wrong_in_shadow_fraction",
)
NOT_DRAWN = {
    "lander.mass.dry_center_of_mass": "0 m",
    "errors.star_tracker.misalignment": "0 arcsec",
    "errors.altimeter.bias": "0 m",
    "errors.altimeter.scale_fraction": "0",
    "errors.velocimeter.scale_fraction": "0",
    "errors.optical_velocity.scale_fraction": "0",
    "errors.map.east": "0 m",
    "errors.map.north": "0 m",
    "errors.map.height": "0 m",
    "errors.map.waves": "1e-6 m",
    "errors.map.step": "0 m",
    "errors.gravity.left_out": "0 m/s**2",
}
WHILE_RANGES_ARE_LONG = tuple(point for point in CheckPoint if point < CheckPoint.GATE)
"""Below, decimetres count that no state is of: of the centre of mass, and what ranges round to."""
PLANE_M = 0.05


def matched_settings():
    """What leaves Athena no error but those of the filter's own states and noise."""
    paths = [each.path for each in load_mission("athena").dispersions]
    rows = {f"dispersions.{paths.index(path)}.sigma": zero for path, zero in NOT_DRAWN.items()}
    unit = {f"lander.imu.{name}": zero for name, zero in OF_THE_INERTIAL_UNIT.items()}
    others = {f"lander.{name}": "0" for name in OF_OTHER_SENSORS}
    late = {"lander.star_tracker.latency": "0 s"}  # attitude of then is interpolated
    every = rows | unit | others | late | {"site.surface.largest": "1 m"}
    return [f"{path}={value}" for path, value in every.items()]


@pytest.fixture(scope="module")
def plan():
    """The matched mission over the plane of its site; the field on board is that of truth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PERILUNE_DATA", raising=False)
        return design(load_mission("athena", settings=matched_settings())).plan


@pytest.fixture(scope="module")
def squares(plan):
    """Squared errors over variance of 64 flights, (64, 10, 13).

    The map is believed as good as the plane is one: to far less than a range's noise.
    """
    known, place = plan.upload.filter, MOVING
    settings = dataclasses.replace(
        known,
        gravity_walk_m_s_per_sqrt_s=jnp.zeros_like(known.gravity_walk_m_s_per_sqrt_s),
        map_mismatch_m=jnp.full_like(known.map_mismatch_m, PLANE_M),
        start_covariance=known.start_covariance.at[place, place].set(PLANE_M**2),
    )
    return summaries_of(eqx.tree_at(lambda each: each.upload.filter, plan, settings)).consistency


def bands():
    """Ends that the mean of 64 keeps to, by column, all cells together."""
    axes = np.where(np.isin(CONSISTENCY, ("position", "velocity", "attitude")), 3, 1)
    freedom, single = RUN_COUNT * axes, 0.5 * CHANCE / (len(CheckPoint) * len(CONSISTENCY))
    return chi2.ppf(single, freedom) / freedom, chi2.isf(single, freedom) / freedom


def test_errors_of_a_matched_truth_are_chi_square_over_the_filters_covariance(squares):
    low, high = bands()
    means = squares.mean(axis=0)[list(WHILE_RANGES_ARE_LONG)]
    seen = ~np.isnan(means)
    assert np.all((means > low)[seen])
    assert np.all((means < high)[seen])


def test_the_bands_tell_a_filter_that_believes_a_fifth_less_sigma(squares):
    """Its groups of three axes, 192 numbers each, would all be outside one-sided 95 %."""
    groups = [CONSISTENCY.index(group) for group in ("position", "velocity", "attitude")]
    whole = squares[:, list(WHILE_RANGES_ARE_LONG)][:, :, groups]
    count = 3 * RUN_COUNT
    assert np.all(np.nanmean(whole, axis=0) / 0.8**2 > chi2.isf(0.05, count) / count)
