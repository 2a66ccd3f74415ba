"""The attitude law against the oscillator it imitates, and its geometry against scipy's."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from perilune.mechanics.rotation import from_rotation_vector, to_matrix
from perilune.onboard.control.attitude import (
    Pointing,
    attitude_error_rad,
    attitude_from_axes,
    leaned,
    torque_impulse_nms,
)
from perilune.onboard.upload import ControlSettings

CONTROL = ControlSettings(
    attitude_frequency_rad_s=jnp.array(1.2),
    vehicle_frequency_rad_s=jnp.array(9.0),
    damping_factor=jnp.array(0.8),
    rate_limit_rad_s=jnp.array(np.radians(5.0)),
    coast_deadband_rad=jnp.array(np.radians(0.3)),
    disturbance_time_s=jnp.array(8.0),
)
INERTIA = np.array([1_500.0, 1_400.0, 600.0])
TENSOR = jnp.diag(jnp.asarray(INERTIA))
LEVEL, STILL = jnp.array([1.0, 0.0, 0.0, 0.0]), jnp.zeros(3)
TICK_S = 0.1

angles = st.tuples(*[st.floats(-1.6, 1.6)] * 3)


def impulse(error_rad, rate=STILL, rate_wanted=STILL, tick_s=TICK_S):
    wanted = to_matrix(from_rotation_vector(jnp.asarray(error_rad)))
    pointing = Pointing(LEVEL, wanted, rate, rate_wanted)
    return torque_impulse_nms(CONTROL, TENSOR, pointing, tick_s)[0]


def test_the_body_stands_with_z_along_the_thrust_and_y_near_the_side():
    thrust, side = jnp.array([0.3, -2.0, 1.0]), jnp.array([1.0, 0.2, 0.1])
    x, y, z = np.asarray(attitude_from_axes(thrust, side)).T
    np.testing.assert_allclose(z, thrust / np.linalg.norm(thrust), atol=1e-15)
    across = np.asarray(side) - (np.asarray(side) @ z) * z
    np.testing.assert_allclose(y, across / np.linalg.norm(across), atol=1e-12)
    np.testing.assert_allclose(np.cross(y, z), x, atol=1e-12)


@given(held=angles, turn=angles)
def test_the_error_is_the_rotation_vector_that_scipy_finds(held, turn):
    start = Rotation.from_rotvec(held)
    end = start * Rotation.from_rotvec(turn)
    found = attitude_error_rad(
        jnp.asarray(start.as_quat(scalar_first=True)), jnp.asarray(end.as_matrix())
    )
    np.testing.assert_allclose(found, (start.inv() * end).as_rotvec(), atol=1e-7)


@pytest.mark.parametrize("axis", range(3))
def test_a_small_error_is_met_as_by_a_damped_oscillator(axis):
    """I w^2 e less 2 z w I rate: the sign, the stiffness and the damping at once."""
    error, rate = np.zeros(3), np.zeros(3)
    error[axis], rate[axis] = 0.01, 0.002
    expected = np.asarray(INERTIA) * (1.2**2 * error - 2.0 * 0.8 * 1.2 * rate) * TICK_S
    np.testing.assert_allclose(impulse(error, jnp.asarray(rate)), expected, atol=1e-6)


def test_turning_at_the_limit_towards_a_far_attitude_asks_for_nothing():
    along = np.array([0.6, 0.0, 0.8])
    limit = float(CONTROL.rate_limit_rad_s)
    np.testing.assert_allclose(impulse(1.5 * along, jnp.asarray(limit * along)), 0.0, atol=1e-6)
    faster = np.asarray(impulse(1.5 * along, jnp.asarray(1.1 * limit * along)))
    assert faster @ along < 0.0


def test_a_rate_that_is_wanted_is_not_fought():
    turning = jnp.array([1e-3, 0.0, 0.0])
    np.testing.assert_allclose(impulse(np.zeros(3), turning, turning), 0.0, atol=1e-9)


@pytest.mark.parametrize("tick_s", [0.1, 2.5])
def test_half_a_radian_dies_away_within_the_rate_limit(tick_s):
    """One axis flown as a rigid body, on the short tick and on the long one."""

    def step(carry, _):
        left_rad, rate = carry
        push = impulse(jnp.stack([left_rad, 0.0, 0.0]), jnp.stack([rate, 0.0, 0.0]), tick_s=tick_s)
        change = push[0] / INERTIA[0]
        return (left_rad - (rate + 0.5 * change) * tick_s, rate + change), rate

    start = (jnp.array(0.5), jnp.array(0.0))
    (left_rad, _), rates = jax.jit(lambda now: jax.lax.scan(step, now, None, 400))(start)
    assert abs(float(left_rad)) < 1e-3
    assert 0.0 < float(jnp.max(rates)) <= 1.001 * float(CONTROL.rate_limit_rad_s)
    assert float(jnp.min(rates)) > -0.1 * float(jnp.max(rates))


def test_products_of_inertia_are_counted():
    tilted = TENSOR + jnp.array([[0.0, 0.0, 40.0], [0.0, 0.0, -30.0], [40.0, -30.0, 0.0]])
    wanted = to_matrix(from_rotation_vector(jnp.array([0.0, 0.0, 0.01])))
    found, _ = torque_impulse_nms(CONTROL, tilted, Pointing(LEVEL, wanted, STILL, STILL), TICK_S)
    change = 1.2**2 * 0.01 * TICK_S
    np.testing.assert_allclose(found, change * np.array([40.0, -30.0, 600.0]), rtol=1e-4)


@pytest.mark.parametrize("name", ["attitude_frequency_rad_s", "vehicle_frequency_rad_s"])
def test_a_softer_loop_asks_for_less(name):
    soft = dataclasses.replace(CONTROL, **{name: jnp.array(0.6)})
    wanted = to_matrix(from_rotation_vector(jnp.array([0.01, 0.0, 0.0])))
    asked, _ = torque_impulse_nms(soft, TENSOR, Pointing(LEVEL, wanted, STILL, STILL), TICK_S)
    assert float(impulse([0.01, 0.0, 0.0])[0]) == pytest.approx(4.0 * float(asked[0]))


@given(lean=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), turn=angles)
def test_a_body_whose_thrust_leans_points_that_thrust_where_z_was_wanted(lean, turn):
    """And turns no more than it must: the wanted y axis stays in the plane that it was in."""
    wanted = np.asarray(to_matrix(from_rotation_vector(jnp.asarray(turn))))
    thrust = np.array([*lean, 0.9])
    axes = np.asarray(leaned(jnp.asarray(wanted), jnp.asarray(thrust)))
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(axes @ thrust / np.linalg.norm(thrust), wanted[:, 2], atol=1e-12)
    needed = np.arctan2(np.hypot(*lean), 0.9)
    angle = Rotation.from_matrix(axes @ wanted.T).magnitude()
    assert angle == pytest.approx(needed, abs=0.06 * needed + 1e-9)
