"""The time tags of messages that a fault delays or freezes."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight import suite
from perilune.interfaces.sensor import Rate
from perilune.mechanics.randomness import run_key
from perilune.truth.faults.fault_kinds import Now
from tests.truth.sensors.scenes import draw, scene

CYCLE_S = 0.2
WHEN = {"after_s": 0.9, "after_event": 0.0, "duration_s": np.inf}


def sent(plan, effects):
    """(times, messages) of ten cycles of the velocimeter, sinking faster and faster.

    It has no latency: only faults are late.
    """
    fault = {name: jnp.asarray(value) for name, value in (WHEN | effects).items()}
    fitted = plan.sensors["velocimeter"]
    prompt = fitted.spec.model_copy(update={"latency_s": jnp.array(0.0)})
    only = {"velocimeter": dataclasses.replace(fitted, spec=prompt)}
    plan = dataclasses.replace(plan, sensors=only, faults={"velocimeter": (fault,)})
    words = suite.frame_draws(plan, run_key(0, 0), jnp.array(0))[Rate.CYCLE]["velocimeter"]
    normals, uniforms = words.own.normals[0], words.own.uniforms
    quiet = draw(jnp.zeros_like(normals), 1.0 if uniforms is None else jnp.ones(uniforms.shape[1:]))
    words = {"velocimeter": dataclasses.replace(words, own=quiet)}
    states, times_s, messages = suite.begin(plan), CYCLE_S * np.arange(10), []
    events = jnp.zeros(len(plan.event_phases) + 5)
    for time_s in times_s:
        seen = scene(300.0, time_s=time_s, velocity_inertial_m_s=[0.0, 0.0, -1.0 - time_s])
        now = Now(time_s=jnp.asarray(time_s), event_time_s=events, height_m=jnp.array(300.0))
        arrived, states = suite.read(plan, Rate.CYCLE, states, (seen, now), words)
        messages.append(arrived["velocimeter"])
    return times_s, messages


def speeds(messages):
    return np.array([float(message.reading.closing_speed_m_s[0]) for message in messages])


def test_what_is_late_keeps_the_time_at_which_it_was_read(athena_design):
    times_s, messages = sent(athena_design.plan, {"delay_s": 0.35})
    tags_s = np.array([float(message.time_s) for message in messages])
    late = times_s > WHEN["after_s"]
    np.testing.assert_allclose(times_s - tags_s, np.where(late, 0.4, 0.0), atol=1e-9)
    per_m_s = speeds(messages) / (1.0 + tags_s)
    np.testing.assert_allclose(per_m_s, per_m_s[0], rtol=1e-9)


def test_what_is_frozen_is_sent_again_with_a_new_time(athena_design):
    times_s, messages = sent(athena_design.plan, {"frozen": 1.0})
    tags_s = [float(message.time_s) for message in messages]
    assert tags_s == pytest.approx(times_s)
    stuck = speeds(messages)[times_s > WHEN["after_s"]]
    np.testing.assert_array_equal(stuck, speeds(messages)[4])
