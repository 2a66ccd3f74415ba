"""The upload tells the nominal belief, and nothing of what is true in one flight only."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.mechanics.constants import STANDARD_GRAVITY_M_S2
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation.estimate import layout_of
from perilune.onboard.navigation.velocimeter import TYPICAL_BEAM_SPEED_M_S


@pytest.fixture(scope="module")
def upload(athena_design):
    return athena_design.plan.upload


@pytest.mark.parametrize("fault", ["altimeter-dead", "altimeter-noisy"])
def test_a_fault_is_not_uploaded(upload, fault):
    hurt = design(load_mission("athena", faults=(fault,))).plan
    for told, also in zip(jax.tree.leaves(upload), jax.tree.leaves(hurt.upload), strict=True):
        np.testing.assert_array_equal(told, also)


def test_the_belief_of_the_lander_is_its_file(athena, upload):
    vehicle, engine = upload.vehicle, athena.lander.engine
    assert float(vehicle.max_thrust_n) == engine.max_thrust_n
    assert float(vehicle.min_thrust_n) == engine.min_thrust_n
    assert float(vehicle.specific_impulse_s) == engine.specific_impulse_s
    full_kg = float(vehicle.full_mass_kg)
    assert full_kg == pytest.approx(float(vehicle.start_mass_kg))
    assert full_kg > float(vehicle.empty_mass_kg) == pytest.approx(742.0)


def test_the_filter_starts_where_the_plan_starts(athena_design, upload):
    start = athena_design.plan.start
    np.testing.assert_array_equal(
        upload.filter.start_position_inertial_m, start.position_inertial_m
    )
    np.testing.assert_array_equal(upload.filter.start_inertial_from_body, start.inertial_from_body)


@pytest.fixture(scope="module")
def braking_m_s2(athena_design):
    """The planned mean, by the masses and the time of the course: 2.8 m/s2."""
    designed, vehicle = athena_design, athena_design.plan.upload.vehicle
    exhaust_m_s = float(vehicle.specific_impulse_s) * STANDARD_GRAVITY_M_S2
    whole_m_s = exhaust_m_s * math.log(float(vehicle.start_mass_kg) / designed.course.end_mass_kg)
    spent_m_s = float(np.linalg.norm(designed.transfer.deorbit_velocity_m_s))
    found = (whole_m_s - spent_m_s) / designed.course.braking_time_s
    assert found == pytest.approx(2.8, abs=0.2)
    return found


def test_the_filter_starts_with_a_proper_covariance(athena, upload, braking_m_s2):
    covariance = np.asarray(upload.filter.start_covariance)
    scale = np.sqrt(np.diag(covariance))
    assert np.all(scale > 0.0)
    assert np.linalg.eigvalsh(covariance / np.outer(scale, scale)).min() > 1e-9
    imu = athena.lander.imu
    by_thrust_rad_s = braking_m_s2 * imu.gyro_g_sensitivity_rad_s_per_m_s2
    assert scale[10] == pytest.approx(math.hypot(imu.gyro_bias_rad_s, by_thrust_rad_s))
    # What is drawn of the map's place and of the velocimeter's scale counts as bias of the two.
    places = layout_of(athena.lander.sensors).of
    along, across, up = scale[places["camera"]["bias_m"]]
    assert along == across == pytest.approx(math.hypot(athena.lander.camera.bias_m, 20.0))
    assert up == pytest.approx(athena.lander.camera.bias_m)
    scaled_m_s = 2e-4 * TYPICAL_BEAM_SPEED_M_S
    told = scale[places["velocimeter"]["bias_m_s"]]
    assert told == pytest.approx(math.hypot(athena.lander.velocimeter.bias_m_s, scaled_m_s))
    assert scale[places["optical_velocity"]["bias_rad_s"]] == pytest.approx(1e-4)


def test_accelerometers_are_told_their_scale_and_skew_as_bias(athena, upload, braking_m_s2):
    """At the mean of braking, squared and summed, with what vibration is rectified to."""
    imu = athena.lander.imu
    shaken_m_s2 = braking_m_s2 * imu.vibration_factor
    expected = math.hypot(
        imu.accelerometer_bias_m_s2,
        braking_m_s2 * imu.accelerometer_scale_fraction,
        braking_m_s2 * imu.accelerometer_misalignment_rad,
        imu.accelerometer_vibration_rectification_s2_per_m * shaken_m_s2**2,
    )
    told = np.sqrt(np.diag(upload.filter.start_covariance)[13:16])
    np.testing.assert_allclose(told, expected, rtol=1e-9)


def test_the_maps_error_is_told_as_a_rising_row_of_ranges(upload):
    ranges_m = np.asarray(upload.filter.map_mismatch_range_m)
    assert ranges_m.shape == upload.filter.map_mismatch_m.shape
    assert np.all(np.diff(ranges_m) > 0.0)
    assert np.all(np.asarray(upload.filter.map_mismatch_m) >= 1.0)
    assert float(upload.filter.map_mismatch_length_m) == 1_000.0  # the posting


def test_the_aim_point_stands_on_the_believed_ground(upload):
    chart = upload.chart
    height_m = float(map_height_m(chart.terrain_map, chart.aim_fixed_m))
    radius_m = float(jnp.linalg.norm(chart.aim_fixed_m))
    assert radius_m == pytest.approx(1_737_400.0 + height_m, abs=1e-3)
    assert float(chart.aim_height_m) == pytest.approx(height_m, abs=1e-3)


def test_the_burn_at_the_floor_is_centred_on_the_planned_impulse(athena, athena_design, upload):
    plan, vehicle = upload.plan, upload.vehicle
    change_m_s = float(jnp.linalg.norm(plan.deorbit_velocity_inertial_m_s))
    exhaust_m_s = float(vehicle.specific_impulse_s) * 9.80665
    burnt_kg = float(vehicle.start_mass_kg) * (1.0 - math.exp(-change_m_s / exhaust_m_s))
    length_s = burnt_kg * exhaust_m_s / float(vehicle.min_thrust_n)
    middle_s = float(plan.deorbit_time_s) + 0.5 * length_s
    assert middle_s == pytest.approx(athena_design.transfer.deorbit_time_s, abs=1e-6)
    assert float(plan.deorbit_throttle) * athena.lander.engine.max_thrust_n == pytest.approx(
        athena.lander.engine.min_thrust_n
    )
    assert float(plan.deorbit_time_s) > 0.0


def test_the_gate_lies_before_the_site_and_leads_towards_it(athena, upload):
    plan, ahead = upload.plan, np.asarray(upload.chart.downrange_site)
    descent = athena.descent
    assert np.asarray(plan.gate_site_m) @ ahead == pytest.approx(-descent.gate_range_m, rel=0.01)
    assert float(plan.gate_site_m[2]) == pytest.approx(descent.gate_height_m, abs=2.0)
    speed = np.asarray(plan.gate_velocity_site_m_s)
    assert speed @ ahead == pytest.approx(descent.gate_forward_speed_m_s, rel=0.01)
    assert -speed[2] == pytest.approx(descent.gate_descent_rate_m_s, rel=0.01)
