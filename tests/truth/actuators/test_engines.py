import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces import quiet_command
from perilune.mechanics.matrices import axes_of_turned_z
from perilune.truth.actuators.engines import (
    Engines,
    commanded_thrust_n,
    engine_wrench,
    gimbal_left_rad,
    mass_flow_kg_s,
    specific_impulse_s,
    tank_flow_kg_s,
    thrust_direction,
)
from validation.bodies import engine, named

CENTER_M = jnp.array([0.0, 0.0, 1.75])


def order(throttle, on=True):
    return dataclasses.replace(
        quiet_command(), engine_on=jnp.array([on]), throttle=jnp.array([throttle])
    )


@pytest.mark.parametrize(
    ("throttle", "on", "propellant_kg", "thrust_n"),
    [
        (0.5, True, 10.0, 2000.0),
        (0.1, True, 10.0, 1000.0),
        (1.3, True, 10.0, 4000.0),
        (0.5, False, 10.0, 0.0),
        (0.5, True, 0.0, 0.0),
    ],
    ids=["between", "at the floor", "at full", "off", "dry"],
)
def test_thrust_keeps_between_floor_and_full_and_stops_off_or_dry(
    throttle, on, propellant_kg, thrust_n
):
    tank_kg = jnp.array([propellant_kg, 0.0])
    found = commanded_thrust_n(engine(), order(throttle, on), tank_kg)
    assert float(found[0]) == pytest.approx(thrust_n)


def test_flow_is_thrust_over_exhaust_speed():
    assert float(mass_flow_kg_s(4000.0, 320.0)) == pytest.approx(4000.0 / (320.0 * 9.80665))


def test_a_gimbal_about_x_turns_the_vehicle_about_minus_x_when_the_pivot_is_below():
    angle = 0.05
    force_n, torque_nm = engine_wrench(
        engine(pivot_height_m=0.95), jnp.array([3000.0]), jnp.array([[angle, 0.0]]), CENTER_M
    )
    np.testing.assert_allclose(force_n, [0, -3000 * np.sin(angle), 3000 * np.cos(angle)], atol=1e-9)
    np.testing.assert_allclose(torque_nm, [-0.8 * 3000.0 * np.sin(angle), 0.0, 0.0], atol=1e-9)


def test_a_gimbal_about_y_turns_the_vehicle_about_minus_y_by_arm_times_side_force():
    angle = -0.05
    _, torque_nm = engine_wrench(
        engine(pivot_height_m=0.95), jnp.array([3000.0]), jnp.array([[0.0, angle]]), CENTER_M
    )
    np.testing.assert_allclose(torque_nm, [0.0, -0.8 * 3000.0 * np.sin(angle), 0.0], atol=1e-9)


def test_a_pointing_error_acts_as_the_same_angle_of_gimbal():
    leaning = dataclasses.replace(engine(), pointing_rad=jnp.array([[0.01, -0.02]]))
    gimbal_rad, thrust_n = jnp.array([[0.03, 0.04]]), jnp.array([3000.0])
    ours = engine_wrench(leaning, thrust_n, gimbal_rad, CENTER_M)
    theirs = engine_wrench(engine(), thrust_n, gimbal_rad + jnp.array([0.01, -0.02]), CENTER_M)
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[1], theirs[1])


def test_the_engine_s_direction_has_unit_length():
    length = jnp.linalg.norm(thrust_direction(jnp.array([0.1, -0.08])))
    assert float(length) == pytest.approx(1.0, rel=1e-15)


def four(curve=((1.0, 1.0),), **changes):
    """Four engines of 900 N, 1.2 m off the axis, two of them canted by 10 degrees outward."""
    each, lean = np.ones(4), np.radians(10.0)
    azimuth = np.pi / 4.0 + np.pi / 2.0 * np.arange(4)
    places = np.stack([1.2 * np.cos(azimuth), 1.2 * np.sin(azimuth), 0.0 * azimuth], axis=-1)
    canted = np.array([np.sin(lean), 0.0, np.cos(lean)])
    mounts = [np.eye(3), np.asarray(axes_of_turned_z(canted))] * 2
    points = np.array(curve)
    made = Engines(
        **named(
            max_thrust_n=900.0 * each,
            min_thrust_n=300.0 * each,
            specific_impulse_s=230.0 * each,
            curve_throttle_fraction=np.tile(points[:, 0], (4, 1)),
            curve_impulse_factor=np.tile(points[:, 1], (4, 1)),
            lag_s=0.1 * each,
            lag_down_s=0.3 * each,
            gimbal_limit_rad=0.0 * each,
            gimbal_lag_s=0.1 * each,
            position_body_m=places,
            body_from_mount=mounts,
            pointing_rad=np.zeros((4, 2)),
            draw_fraction=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.25, 0.75, 0.0], [0.5, 0.5, 0.0]],
        )
    )
    return dataclasses.replace(made, **changes)


def test_several_engines_add_up_force_by_force_and_moment_by_moment():
    engines, thrust_n = four(), jnp.array([300.0, 500.0, 700.0, 900.0])
    force_n, torque_nm = engine_wrench(engines, thrust_n, jnp.zeros((4, 2)), CENTER_M)
    pushes = np.asarray(thrust_n)[:, None] * np.asarray(engines.body_from_mount)[..., 2]
    moments = np.cross(np.asarray(engines.position_body_m) - np.asarray(CENTER_M), pushes)
    np.testing.assert_allclose(force_n, pushes.sum(axis=0), rtol=1e-14)
    np.testing.assert_allclose(torque_nm, moments.sum(axis=0), rtol=1e-12)


def test_each_engine_draws_from_its_own_tanks_what_its_thrust_takes():
    engines, thrust_n = four(), np.array([300.0, 500.0, 700.0, 900.0])
    flow_kg_s = thrust_n / (230.0 * 9.80665)
    drawn = np.asarray(tank_flow_kg_s(engines, jnp.asarray(thrust_n)))
    assert drawn[0] == pytest.approx(flow_kg_s @ [1.0, 0.0, 0.25, 0.5])
    assert drawn[1] == pytest.approx(flow_kg_s @ [0.0, 1.0, 0.75, 0.5])
    assert drawn[2] == 0.0


def test_an_engine_stops_when_one_of_its_tanks_is_dry_and_the_others_burn_on():
    command = dataclasses.replace(
        quiet_command(4), engine_on=jnp.ones(4, bool), throttle=jnp.full(4, 0.5)
    )
    found = commanded_thrust_n(four(), command, jnp.array([10.0, 0.0, 5.0]))
    np.testing.assert_allclose(found, [450.0, 0.0, 0.0, 0.0])


def test_specific_impulse_follows_its_curve_between_points_and_keeps_its_ends():
    curve = ((0.4, 0.9), (0.6, 1.0), (1.0, 1.02))
    thrust_n = 900.0 * jnp.array([0.2, 0.5, 0.8, 1.1])
    expected = 230.0 * np.interp([0.2, 0.5, 0.8, 1.1], *np.transpose(curve))
    np.testing.assert_allclose(specific_impulse_s(four(curve), thrust_n), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("throttle", "thrust_n"),
    [(0.5, 2000.0), (0.7, 2800.0), (0.8, 2800.0), (0.9, 4000.0), (1.2, 4000.0)],
    ids=["below", "at its low end", "nearer to that", "nearer to full", "at full"],
)
def test_in_a_forbidden_band_the_nearer_end_is_flown(throttle, thrust_n):
    banded = dataclasses.replace(engine(), throttle_ceiling_fraction=jnp.array([0.7]))
    found = commanded_thrust_n(banded, order(throttle), jnp.array([10.0, 0.0]))
    assert float(found[0]) == pytest.approx(thrust_n)


def test_a_slow_drive_runs_at_its_limit_and_then_by_its_lag():
    """Against de/dt = -clip(e / lag, -rate, rate), stepped a thousand times as finely."""
    rate_rad_s, lag_s, off_rad = 0.0035, 0.4, np.array([[0.01, -0.0007]])
    slow = dataclasses.replace(
        engine(), gimbal_lag_s=jnp.array([lag_s]), gimbal_rate_rad_s=jnp.array([rate_rad_s])
    )
    times_s = 0.5 * np.arange(13)
    left = np.asarray(gimbal_left_rad(slow, jnp.asarray(off_rad), jnp.asarray(0.5), len(times_s)))
    step_s, now, stepped = 1e-4, off_rad.copy(), []
    for number in range(60_001):
        if number in np.round(times_s / step_s).astype(int):
            stepped.append(now.copy())
        now = now - step_s * np.clip(now / lag_s, -rate_rad_s, rate_rad_s)
    np.testing.assert_allclose(left, stepped, atol=1e-6)


def test_without_a_limit_the_swing_is_its_lag_alone():
    left = gimbal_left_rad(engine(), jnp.array([[0.02, 0.01]]), jnp.asarray(0.04), 5)
    after = np.exp(-0.04 * np.arange(5) / float(engine().gimbal_lag_s[0]))
    np.testing.assert_allclose(left[:, 0], after[:, None] * [0.02, 0.01], rtol=1e-12)
