"""What was to be seen a latency ago, against motion with a closed form."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight import suite
from perilune.interfaces.sensor import Rate
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import from_rotation_vector, multiply, rotate
from perilune.truth.faults.fault_kinds import Now
from tests.truth.sensors.scenes import FAR_M, scene

TICK_S, LAG_S = 0.1, 0.08
SENSED_BODY_M_S = jnp.array([0.02, -0.01, 0.4])
PULL = jnp.array([0.1, 0.0, -1.6])
VELOCITY = jnp.array([30.0, -5.0, -40.0])
RATE = jnp.array([0.01, -0.2, 0.03])
LEANING = from_rotation_vector(jnp.array([0.3, -0.2, 0.1]))
SPIN = jnp.array([0.0, 0.0, 2.7e-6])


@pytest.fixture(scope="module")
def now():
    return scene(
        500.0,
        time_s=100.0,
        tick_s=TICK_S,
        pull=PULL,
        spin=SPIN,
        inertial_from_body=LEANING,
        velocity_inertial_m_s=VELOCITY,
        rate_body_rad_s=RATE,
        sensed_velocity_body_m_s=SENSED_BODY_M_S,
        sensed_rotation_body_rad=TICK_S * RATE,
    )


def test_flown_on_by_its_latency_the_state_of_then_is_that_of_now(now):
    then = now.earlier(jnp.asarray(LAG_S))
    acceleration = rotate(LEANING, SENSED_BODY_M_S) / TICK_S + PULL
    on_m_s = then.state.velocity_inertial_m_s + LAG_S * acceleration
    on_m = (
        then.state.position_inertial_m
        + LAG_S * then.state.velocity_inertial_m_s
        + 0.5 * LAG_S**2 * acceleration
    )
    on = multiply(then.state.inertial_from_body, from_rotation_vector(LAG_S * RATE))
    assert float(then.time_s) == pytest.approx(100.0 - LAG_S)
    np.testing.assert_allclose(on_m_s, VELOCITY, atol=1e-12)
    np.testing.assert_allclose(on_m, now.state.position_inertial_m, atol=1e-6)
    np.testing.assert_allclose(on, LEANING, atol=1e-12)


@pytest.mark.parametrize("lag_s", [0.03, TICK_S, 0.25])
def test_a_torque_that_was_even_over_the_tick_is_taken_back_with_the_rate_that_it_began_with(lag_s):
    """About one axis, where turns add up: a rate of -0.2 rad/s that rose by 1.5 rad/s^2."""
    about, spun, within_s = jnp.array([0.6, 0.0, -0.8]), 1.5, min(lag_s, TICK_S)
    first = -0.2 - spun * TICK_S
    spinning = scene(
        500.0,
        time_s=100.0,
        tick_s=TICK_S,
        inertial_from_body=LEANING,
        rate_body_rad_s=-0.2 * about,
        sensed_rotation_body_rad=TICK_S * (-0.2 - 0.5 * spun * TICK_S) * about,
    )
    then = spinning.earlier(jnp.asarray(lag_s)).state
    turned = -0.2 * within_s - 0.5 * spun * within_s**2 + first * (lag_s - within_s)
    on = multiply(then.inertial_from_body, from_rotation_vector(turned * about))
    np.testing.assert_allclose(then.rate_body_rad_s, (-0.2 - spun * within_s) * about, atol=1e-12)
    np.testing.assert_allclose(on, LEANING, atol=1e-12)


def test_the_moon_turns_back_with_it(now):
    """A place fixed to the Moon: the axes of then see it where those of now do, a turn later."""
    then = now.earlier(jnp.asarray(1_000.0))
    back = rotate(then.ground.fixed_from_inertial, jnp.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(back, [np.cos(2.7e-3), np.sin(2.7e-3), 0.0], atol=1e-12)


def test_places_on_the_ground_move_with_the_vehicle(now):
    then = now.earlier(jnp.asarray(LAG_S))
    moved = np.asarray(then.ground.here_fixed_m - now.ground.here_fixed_m)
    turned = rotate(then.ground.fixed_from_inertial, then.state.position_inertial_m)
    np.testing.assert_allclose(then.ground.here_fixed_m, turned, atol=1e-6)
    np.testing.assert_allclose(then.ground.on_map_fixed_m - now.ground.on_map_fixed_m, moved)
    assert np.linalg.norm(moved) > 0.9 * LAG_S * float(jnp.linalg.norm(VELOCITY))
    assert float(then.ground.height_m) == 500.0


def test_nothing_is_earlier_by_nothing(now):
    then = now.earlier(jnp.asarray(0.0))
    np.testing.assert_array_equal(then.state.position_inertial_m, [0.0, 0.0, FAR_M + 500.0])
    np.testing.assert_array_equal(then.state.velocity_inertial_m_s, VELOCITY)
    np.testing.assert_allclose(then.state.inertial_from_body, LEANING, atol=1e-15)


@pytest.mark.parametrize(
    ("latency_s", "errors", "tag_s"),
    [
        (0.0, {}, 100.0),
        (0.05, {}, 99.95),
        (0.05, {"time_tag_s": 0.02}, 99.97),
        (0.0, {"clock_drift_fraction": 1e-4}, 100.01),
    ],
)
def test_a_time_tag_is_when_the_reading_was_taken_by_the_units_own_clock(
    athena_design, now, latency_s, errors, tag_s
):
    plan = athena_design.plan
    fitted = plan.sensors["velocimeter"]
    changes = {name: jnp.asarray(value) for name, value in errors.items()}
    fitted = dataclasses.replace(
        fitted,
        spec=fitted.spec.model_copy(update={"latency_s": jnp.asarray(latency_s)}),
        errors=fitted.errors.model_copy(update=changes),
    )
    plan = dataclasses.replace(plan, sensors={"velocimeter": fitted}, faults={})
    words = suite.frame_draws(plan, run_key(0, 0), jnp.array(0))[Rate.CYCLE]
    quiet = {"velocimeter": _first(words["velocimeter"])}
    events = jnp.zeros(len(plan.event_phases) + 5)
    seen = now, Now(time_s=now.time_s, event_time_s=events, height_m=jnp.array(500.0))
    messages, _ = suite.read(plan, Rate.CYCLE, suite.begin(plan), seen, quiet)
    assert float(messages["velocimeter"].time_s) == pytest.approx(tag_s, abs=1e-9)


def _first(drawn):
    own = dataclasses.replace(drawn.own, normals=drawn.own.normals[0], uniforms=None)
    if drawn.own.uniforms is not None:
        own = dataclasses.replace(own, uniforms=drawn.own.uniforms[0])
    return dataclasses.replace(drawn, own=own)
