"""An inertial unit off the centre of mass, on a mount that bends and shakes under thrust."""

import dataclasses
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.imu import ImuErrors, ImuSpec
from perilune.mechanics.two_sample import residual_drifts
from perilune.onboard.navigation.estimate import ACCELEROMETER_BIAS, GYRO_BIAS
from perilune.onboard.navigation.imu import Carried, believe, first_variances, hear
from perilune.onboard.navigation.sight import Craft
from perilune.truth.sensors.imu import init, measure
from tests.truth.sensors.scenes import draw, flown, scene
from tests.truth.sensors.test_imu import SPEC

TICK_S = 0.1
ARM_M, CENTER_M = np.array([0.3, -0.4, 1.5]), np.array([0.01, 0.02, 1.8])
BEFORE_RAD_S, AFTER_RAD_S = np.array([0.02, -0.05, 0.01]), np.array([0.03, -0.02, 0.015])
MEAN_RAD_S = 0.5 * (BEFORE_RAD_S + AFTER_RAD_S)
PUSH_M_S = np.array([0.02, -0.01, 0.25])
ALONG_M_S2 = PUSH_M_S[2] / TICK_S
NO_TURN = jnp.zeros(3)


def sheet(**changes):
    return ImuSpec.model_construct(**SPEC | changes)


def read(spec, errors=None, rotation_rad=NO_TURN, push_m_s=PUSH_M_S, kept=None):
    """(reading, what is kept) of a tick at whose end the lander turns at `AFTER_RAD_S`."""
    wrong = flown(ImuErrors.model_construct(**errors or {}))
    over = scene(
        period_s=TICK_S,
        center_body_m=CENTER_M,
        sensed_velocity_body_m_s=push_m_s,
        sensed_rotation_body_rad=rotation_rad,
        rate_body_rad_s=AFTER_RAD_S if np.any(rotation_rad) else NO_TURN,
    )
    spec = flown(spec)
    return measure(spec, wrong, kept or init(spec), over, draw(jnp.zeros(6)))


def swung_m_s():
    """What the lever arm adds: alpha x r and omega x (omega x r), over the tick."""
    arm = ARM_M - CENTER_M
    inward = np.cross(MEAN_RAD_S, np.cross(MEAN_RAD_S, arm))
    return np.cross(AFTER_RAD_S - BEFORE_RAD_S, arm) + TICK_S * inward


def turning(spec, **changes):
    before = dataclasses.replace(init(spec), rate_body_rad_s=jnp.asarray(BEFORE_RAD_S))
    return read(spec, rotation_rad=TICK_S * MEAN_RAD_S, kept=before, **changes)


def test_a_unit_off_the_centre_of_mass_feels_the_lander_turn():
    reading, _ = turning(sheet(mount_m=tuple(ARM_M)))
    np.testing.assert_allclose(
        reading.velocity_increment_body_m_s, PUSH_M_S + swung_m_s(), atol=1e-15
    )
    np.testing.assert_allclose(reading.rotation_increment_body_rad, TICK_S * MEAN_RAD_S, atol=1e-15)


def test_a_unit_at_the_centre_of_mass_feels_only_the_push():
    reading, _ = turning(sheet(mount_m=tuple(CENTER_M)))
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, PUSH_M_S, atol=1e-15)


def test_it_keeps_how_the_lander_turned_for_the_next_tick():
    _, kept = turning(sheet())
    np.testing.assert_allclose(kept.rate_body_rad_s, AFTER_RAD_S)


def carried(center_m=CENTER_M):
    return Carried(jnp.asarray(TICK_S), jnp.asarray(center_m), jnp.asarray(BEFORE_RAD_S))


def heard(spec, reading, moved=None):
    unbiased = SimpleNamespace(biases={"imu": {GYRO_BIAS: NO_TURN, ACCELEROMETER_BIAS: NO_TURN}})
    belief = believe(spec, None, None)
    return hear({"imu": belief}, unbiased, {"imu": reading}, moved or carried())[0]


def test_the_flight_software_takes_the_lever_arm_off_by_what_the_gyros_say():
    """The change of the rate is one of means of ticks: it is given the one from before to now."""
    spec = sheet(mount_m=tuple(ARM_M))
    reading, _ = turning(spec)
    now = heard(spec, reading)
    arm = ARM_M - CENTER_M
    late_m_s = np.cross(AFTER_RAD_S - MEAN_RAD_S, arm)
    np.testing.assert_allclose(now.velocity_increment_body_m_s, PUSH_M_S + late_m_s, atol=1e-14)
    np.testing.assert_allclose(now.rate_body_rad_s, MEAN_RAD_S, atol=1e-14)


def test_a_centre_of_mass_that_is_believed_elsewhere_leaves_its_share():
    spec, off_m = sheet(mount_m=tuple(ARM_M)), np.array([0.05, 0.0, -0.03])
    reading, _ = turning(spec)
    right, wrong = (
        heard(spec, reading, carried(center_m)).velocity_increment_body_m_s
        for center_m in (CENTER_M, CENTER_M + off_m)
    )
    inward = np.cross(MEAN_RAD_S, np.cross(MEAN_RAD_S, off_m))
    left_m_s = np.cross(MEAN_RAD_S - BEFORE_RAD_S, off_m) + TICK_S * inward
    np.testing.assert_allclose(wrong - right, left_m_s, atol=1e-14)


def test_over_many_ticks_of_swinging_the_lever_arm_leaves_no_velocity():
    """Rates of ticks telescope: what is left never grows past half a tick of turning."""
    spec, arm = sheet(mount_m=tuple(ARM_M)), ARM_M - CENTER_M
    kept, before, total_m_s = init(spec), jnp.zeros(3), np.zeros(3)
    times_s = TICK_S * np.arange(301)
    swing_rad = 0.05 * np.array([1.0, 0.5, -0.3])
    rates = swing_rad * np.sin(0.5 * times_s)[:, None]
    angles = swing_rad * (1.0 - np.cos(0.5 * times_s))[:, None] / 0.5
    for k in range(300):
        over = scene(
            period_s=TICK_S,
            center_body_m=CENTER_M,
            sensed_rotation_body_rad=angles[k + 1] - angles[k],
            rate_body_rad_s=rates[k + 1],
        )
        reading, kept = measure(flown(spec), flown(ImuErrors()), kept, over, draw(jnp.zeros(6)))
        moved = Carried(jnp.asarray(TICK_S), jnp.asarray(CENTER_M), before)
        now = heard(spec, reading, moved)
        before, total_m_s = now.rate_body_rad_s, total_m_s + now.velocity_increment_body_m_s
    half_tick_m_s = 0.5 * TICK_S * 0.5 * np.linalg.norm(swing_rad) * np.linalg.norm(arm)
    assert np.linalg.norm(total_m_s) < 1.01 * half_tick_m_s


def test_a_mount_that_bends_turns_what_the_unit_feels_and_its_gyros_see_it_bend():
    flex = (1e-5, -2e-5, 3e-5)
    bend = np.array(flex) * ALONG_M_S2
    was_bent = jnp.array([1e-5, 1e-5, 1e-5])
    kept = dataclasses.replace(init(sheet()), bend_rad=was_bent)
    kept = dataclasses.replace(kept, rate_body_rad_s=jnp.asarray(AFTER_RAD_S))
    turn = TICK_S * MEAN_RAD_S
    wrong = {"mount_flex_rad_per_m_s2": flex}
    reading, kept = read(sheet(mount_m=tuple(CENTER_M)), wrong, turn, kept=kept)
    np.testing.assert_allclose(
        reading.velocity_increment_body_m_s, PUSH_M_S - np.cross(bend, PUSH_M_S), atol=1e-15
    )
    np.testing.assert_allclose(
        reading.rotation_increment_body_rad,
        turn - np.cross(bend, turn) + bend - was_bent,
        atol=1e-15,
    )
    np.testing.assert_allclose(kept.bend_rad, bend, rtol=1e-12)


def test_the_lever_arm_is_felt_in_the_axes_of_the_bent_mount():
    flex = (1e-3, -2e-3, 3e-3)
    reading, _ = turning(sheet(mount_m=tuple(ARM_M)), errors={"mount_flex_rad_per_m_s2": flex})
    felt = PUSH_M_S + swung_m_s()
    bend = np.array(flex) * ALONG_M_S2
    np.testing.assert_allclose(
        reading.velocity_increment_body_m_s, felt - np.cross(bend, felt), atol=1e-15
    )


def test_a_mount_that_unbends_gives_back_what_it_turned():
    flex = {"mount_flex_rad_per_m_s2": (1e-5, -2e-5, 3e-5)}
    first, kept = read(sheet(), flex)
    second, _ = read(sheet(), flex, push_m_s=np.zeros(3), kept=kept)
    both = first.rotation_increment_body_rad + second.rotation_increment_body_rad
    np.testing.assert_allclose(both, 0.0, atol=1e-18)


def test_gyros_drift_with_the_push_along_the_thrust_axis():
    per_push = (1e-6, -2e-6, 3e-6)
    reading, _ = read(sheet(), {"gyro_g_sensitivity_rad_s_per_m_s2": per_push})
    drift = np.array(per_push) * ALONG_M_S2 * TICK_S
    np.testing.assert_allclose(reading.rotation_increment_body_rad, drift, rtol=1e-9)
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, PUSH_M_S, atol=1e-15)


def test_accelerometers_take_the_square_of_the_vibration_for_a_push():
    spec, per_square = sheet(vibration_factor=2.0), (1e-4, -2e-4, 3e-4)
    reading, _ = read(spec, {"accelerometer_vibration_rectification_s2_per_m": per_square})
    rectified = np.array(per_square) * (2.0 * ALONG_M_S2) ** 2 * TICK_S
    np.testing.assert_allclose(reading.velocity_increment_body_m_s - PUSH_M_S, rectified, rtol=1e-9)


def test_vibration_is_as_strong_whichever_way_the_push_is():
    spec, per_square = sheet(vibration_factor=2.0, rocking_rad_per_m_s2=1e-4), (1e-4, 0.0, 0.0)
    wrong = {"accelerometer_vibration_rectification_s2_per_m": per_square}
    up, down = (read(spec, wrong, push_m_s=sign * PUSH_M_S)[0] for sign in (1.0, -1.0))
    np.testing.assert_allclose(
        up.velocity_increment_body_m_s - PUSH_M_S, down.velocity_increment_body_m_s + PUSH_M_S
    )
    np.testing.assert_allclose(up.rotation_increment_body_rad, down.rotation_increment_body_rad)


SHAKEN = {
    "vibration_factor": 3.0,
    "vibration_frequency_hz": 120.0,
    "rocking_rad_per_m_s2": 2e-4,
    "internal_rate_hz": 500.0,
}


def test_rocking_leaves_a_drift_of_coning_and_a_push_of_sculling_about_every_axis():
    reading, _ = read(sheet(**SHAKEN))
    level_m_s2 = 3.0 * ALONG_M_S2
    coning, sculling = residual_drifts(120.0, 500.0, 2e-4 * level_m_s2, level_m_s2)
    assert float(coning) > 1e-5
    assert float(sculling) > 1e-5
    np.testing.assert_allclose(reading.rotation_increment_body_rad, TICK_S * coning, rtol=1e-9)
    np.testing.assert_allclose(
        reading.velocity_increment_body_m_s - PUSH_M_S, TICK_S * sculling, rtol=1e-9
    )


def test_without_thrust_nothing_bends_shakes_or_drifts():
    wrong = {
        "gyro_g_sensitivity_rad_s_per_m_s2": (1e-6,) * 3,
        "accelerometer_vibration_rectification_s2_per_m": (1e-4,) * 3,
        "mount_flex_rad_per_m_s2": (1e-5,) * 3,
    }
    reading, kept = read(sheet(**SHAKEN), wrong, push_m_s=np.zeros(3))
    for each in (reading.velocity_increment_body_m_s, reading.rotation_increment_body_rad):
        np.testing.assert_array_equal(each, 0.0)
    np.testing.assert_array_equal(kept.bend_rad, 0.0)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_saturated_reading_holds_the_limit_to_its_quantum_and_raises_no_flag(way):
    limits = {"accelerometer_limit_m_s2": 2.0, "gyro_limit_rad_s": 0.01}
    quanta = {"accelerometer_quantum_m_s": 1e-3, "gyro_quantum_rad": 1e-5}
    kept, total = None, 0.0
    for _ in range(10):
        reading, kept = read(
            sheet(**limits, **quanta), None, way * np.full(3, 0.01), way * np.full(3, 0.7), kept
        )
        assert bool(reading.valid)
        np.testing.assert_allclose(reading.velocity_increment_body_m_s, way * 0.2, atol=1e-3)
        total = total + reading.rotation_increment_body_rad
    np.testing.assert_allclose(total, way * 0.01, atol=1e-5)


def test_what_acts_like_a_bias_in_braking_is_counted_as_one():
    craft = Craft(
        landing_center_m=np.zeros(3),
        braking_m_s2=2.0,
        map_lie_m2=np.zeros(2),
    )
    spec = sheet(
        gyro_g_sensitivity_rad_s_per_m_s2=1e-6,
        accelerometer_vibration_rectification_s2_per_m=1e-4,
        **SHAKEN,
    )
    coning, sculling = residual_drifts(120.0, 500.0, 2e-4 * 6.0, 6.0)
    variances = first_variances(spec, None, craft)
    np.testing.assert_allclose(variances[GYRO_BIAS], (2e-6) ** 2 + float(coning) ** 2)
    rectified = (1e-4 * 6.0**2) ** 2
    np.testing.assert_allclose(variances[ACCELEROMETER_BIAS], rectified + float(sculling) ** 2)
