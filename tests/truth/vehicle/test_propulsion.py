import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from perilune.truth.vehicle.propulsion import (
    commanded_thrust_n,
    engine_wrench,
    mass_flow_kg_s,
    thrust_direction_body,
    thruster_wrench,
)

from perilune.interfaces import quiet_command
from perilune.truth.vehicle.vehicle import Thrusters
from validation.bodies import engine, numbers

CENTER_M = jnp.array([0.0, 0.0, 1.75])


def order(throttle, on=True):
    return dataclasses.replace(
        quiet_command(), engine_on=jnp.array(on), throttle=jnp.asarray(throttle)
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
    found = commanded_thrust_n(engine(), order(throttle, on), jnp.asarray(propellant_kg))
    assert float(found) == pytest.approx(thrust_n)


def test_flow_is_thrust_over_exhaust_speed():
    assert float(mass_flow_kg_s(4000.0, 320.0)) == pytest.approx(4000.0 / (320.0 * 9.80665))


def test_a_gimbal_about_x_turns_the_vehicle_about_minus_x_when_the_pivot_is_below():
    angle = 0.05
    force_n, torque_nm = engine_wrench(
        engine(pivot_height_m=0.95), jnp.asarray(3000.0), jnp.array([angle, 0.0]), CENTER_M
    )
    np.testing.assert_allclose(force_n, [0, -3000 * np.sin(angle), 3000 * np.cos(angle)], atol=1e-9)
    np.testing.assert_allclose(torque_nm, [-0.8 * 3000.0 * np.sin(angle), 0.0, 0.0], atol=1e-9)


def test_a_gimbal_about_y_turns_the_vehicle_about_minus_y_by_arm_times_side_force():
    angle = -0.05
    _, torque_nm = engine_wrench(
        engine(pivot_height_m=0.95), jnp.asarray(3000.0), jnp.array([0.0, angle]), CENTER_M
    )
    np.testing.assert_allclose(torque_nm, [0.0, -0.8 * 3000.0 * np.sin(angle), 0.0], atol=1e-9)


def test_a_pointing_error_acts_as_the_same_angle_of_gimbal():
    leaning = dataclasses.replace(engine(), pointing_rad=jnp.array([0.01, -0.02]))
    gimbal_rad, thrust_n = jnp.array([0.03, 0.04]), jnp.asarray(3000.0)
    ours = engine_wrench(leaning, thrust_n, gimbal_rad, CENTER_M)
    theirs = engine_wrench(engine(), thrust_n, gimbal_rad + jnp.array([0.01, -0.02]), CENTER_M)
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[1], theirs[1])


def test_the_engine_s_direction_has_unit_length():
    length = jnp.linalg.norm(thrust_direction_body(jnp.array([0.1, -0.08])))
    assert float(length) == pytest.approx(1.0, rel=1e-15)


def test_two_opposed_nozzles_make_a_pure_couple():
    places, directions = np.zeros((16, 3)), np.zeros((16, 3))
    places[0], directions[0] = [0.9, 0.0, 2.0], [0.0, 1.0, 0.0]
    places[1], directions[1] = [-0.9, 0.0, 2.0], [0.0, -1.0, 0.0]
    thrusters = Thrusters(*numbers(10.0, 165.0, 0.02, places, directions))
    on = jnp.zeros(16).at[:2].set(0.5)
    force_n, torque_nm, total_n = thruster_wrench(thrusters, on, CENTER_M)
    np.testing.assert_allclose(force_n, 0.0, atol=1e-15)
    np.testing.assert_allclose(torque_nm, [0.0, 0.0, 2 * 0.9 * 10.0 * 0.5], atol=1e-14)
    assert float(total_n) == pytest.approx(10.0)
