"""What the optical velocity should read, and its slopes against differences of the residual."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.optical_velocity import (
    OpticalVelocityErrors,
    OpticalVelocityReading,
    OpticalVelocitySpec,
)
from perilune.mechanics.rotation import rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation import optical_velocity
from perilune.onboard.navigation.optical_velocity import ALIKE_M, NEAR_FRACTION, SAME_S
from perilune.onboard.navigation.sight import Craft
from perilune.truth.sensors import optical_velocity as true_optical_velocity
from tests.onboard.navigation.slopes import YES, look, slopes_by_difference
from tests.truth.sensors.scenes import draw, scene

LABEL = "optical_velocity"
WAVES_M = 3.0
CRAFT = Craft(
    landing_center_m=np.zeros(3),
    braking_m_s2=3.0,
    map_lie_m2=np.zeros(2),
    waves_m=WAVES_M,
)


@pytest.fixture(scope="module")
def believed(athena):
    spec, drawn = athena.lander.optical_velocity, OpticalVelocityErrors()
    return optical_velocity.believe(spec, drawn, CRAFT)


@pytest.fixture(scope="module")
def flying(estimate_at):
    return estimate_at([300.0, 9_000.0, 4_000.0], [3.0, -80.0, -30.0])


def read_truly(plan, upload, where, estimate):
    """What the true sensor reads over ground as the map on board has it, without errors."""
    here = rotate(where.fixed_from_inertial, estimate.position_inertial_m)
    ground_m = upload.chart.terrain_map.reference_radius_m + map_height_m(
        upload.chart.terrain_map, here
    )
    over = scene(
        1_000.0,
        time_s=5.0,
        inertial_from_body=estimate.inertial_from_body,
        velocity_inertial_m_s=estimate.velocity_inertial_m_s,
    )
    seen = dataclasses.replace(
        over.ground,
        fixed_from_inertial=where.fixed_from_inertial,
        spin_fixed_rad_s=rotate(where.fixed_from_inertial, where.spin_inertial_rad_s),
        here_fixed_m=here,
        height_m=jnp.linalg.norm(here) - ground_m - estimate.map_bias_m,
    )
    over = dataclasses.replace(over, look=lambda: seen)
    fitted = plan.sensors[LABEL]
    return true_optical_velocity.measure(
        fitted.spec, jax.tree.map(jnp.zeros_like, fitted.errors), None, over, draw((0.0,) * 3, 1.0)
    )[0]


@pytest.fixture(scope="module")
def reading(athena_design, upload, where, flying):
    return read_truly(athena_design.plan, upload, where, flying)


def rows_of(believed, upload, where, estimate, reading):
    return optical_velocity.expect(believed, look(upload, where, LABEL), estimate, reading)


def test_what_truth_reads_without_errors_leaves_no_residual(
    believed, upload, where, flying, reading
):
    rows = rows_of(believed, upload, where, flying, reading)
    assert bool(reading.valid)
    assert float(jnp.linalg.norm(reading.flow_rad_s)) > 0.005
    np.testing.assert_allclose(rows.value, 0.0, atol=1e-6)
    assert rows.valid.tolist() == [True, True]


def test_its_bias_is_that_of_truth(believed, upload, where, flying, reading):
    bias = jnp.array([1e-4, -2e-4])
    told = dataclasses.replace(flying, biases=flying.biases | {LABEL: {"bias_rad_s": bias}})
    moved = OpticalVelocityReading(reading.flow_rad_s + bias, YES)
    np.testing.assert_allclose(rows_of(believed, upload, where, told, moved).value, 0.0, atol=1e-6)


def test_it_changes_by_each_error_as_it_tells(believed, upload, where, flying, reading):
    def residuals(guess):
        return rows_of(believed, upload, where, guess, reading)

    by_difference = slopes_by_difference(residuals, flying)
    slope = np.asarray(residuals(flying).slope)
    up = np.asarray(flying.position_inertial_m / jnp.linalg.norm(flying.position_inertial_m))
    # Along the radius; sideways the slope of the ground is left out.
    np.testing.assert_allclose(slope[:, :3] @ up, by_difference[:, :3] @ up, atol=1e-5)
    np.testing.assert_allclose(slope[:, 3:], by_difference[:, 3:], rtol=2e-3, atol=2e-3)
    assert np.abs(slope[:, 6:9]).max() > 10.0


def test_its_noise_counts_times_the_distance_and_the_maps_error_once_a_kilometre(
    believed, upload, where, flying, reading
):
    bare = dataclasses.replace(flying, map_variance_m2=jnp.array(WAVES_M**2))
    rows = rows_of(believed, upload, where, bare, reading)
    moved = OpticalVelocityReading(reading.flow_rad_s + 1e-6, YES)
    distance_m = (rows_of(believed, upload, where, bare, moved).value - rows.value) / 1e-6
    flow = np.asarray(reading.flow_rad_s)
    sigma = np.hypot(float(believed.noise_rad_s), 0.05 * flow) * np.asarray(distance_m)
    np.testing.assert_allclose(np.sqrt(rows.variance), sigma, rtol=1e-4)
    unsure = dataclasses.replace(flying, map_variance_m2=jnp.array(900.0 + WAVES_M**2))
    more = rows_of(believed, upload, where, unsure, reading).variance - rows.variance
    per_height = np.asarray(rows.slope[:, flying.layout.map_bias])
    speed_m_s = math.hypot(3.0, 80.0, 30.0)
    together = ALIKE_M / speed_m_s / float(believed.period_s)
    np.testing.assert_allclose(more, 900.0 * together * per_height**2, rtol=1e-3)


def test_slopes_do_not_go_with_the_noise_of_a_reading_near_the_expected_one(
    believed, upload, where, flying, reading
):
    near, far = (
        OpticalVelocityReading(reading.flow_rad_s * factor, YES)
        for factor in (1.0 + 0.5 * NEAR_FRACTION, 3.0)
    )
    told = [rows_of(believed, upload, where, flying, each).slope for each in (reading, near, far)]
    of_map = [np.asarray(each[:, flying.layout.map_bias]) for each in told]
    np.testing.assert_allclose(of_map[1], of_map[0], rtol=1e-6)
    np.testing.assert_allclose(of_map[2], 3.0 * of_map[0], rtol=1e-6)


def test_a_drawn_scale_error_counts_as_noise_of_a_minutes_readings(athena):
    spec = athena.lander.optical_velocity
    drawn = OpticalVelocityErrors.model_construct(bias_rad_s=(0.0, 0.0), scale_fraction=4e-6)
    found = optical_velocity.believe(spec, drawn, CRAFT)
    share = math.sqrt(0.05**2 + SAME_S / spec.period_s * 4e-6)
    assert float(found.share_fraction) == pytest.approx(share)


def test_its_biases_begin_as_unsure_as_its_sheet_says(athena):
    spec = athena.lander.optical_velocity
    assert isinstance(spec, OpticalVelocitySpec)
    found = optical_velocity.first_variances(spec, OpticalVelocityErrors(), None)
    np.testing.assert_allclose(found["bias_rad_s"], np.full(2, spec.bias_rad_s**2))
