"""A cap that is hit is TIMED_OUT, in the air and on the ground, alone and in a batch."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.randomness import run_key
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.telemetry.samples import rows_of
from perilune.verdict import judge


def capped(plan, **caps):
    """The plan with less time."""
    counts = {name: jnp.asarray(count, jnp.int64) for name, count in caps.items()}
    return dataclasses.replace(plan, caps=dataclasses.replace(plan.caps, **counts))


def flown(compiled_flight, plan):
    return compiled_flight(plan, run_key(0, 0))


@pytest.fixture(scope="module")
def cut_in_the_air(athena_nominal_flight, compiled_flight):
    """(plan, summary, samples) of a flight whose time is up while it brakes."""
    plan = capped(athena_nominal_flight[0], frame_count=800)
    return plan, *flown(compiled_flight, plan)


def test_a_flight_cut_off_in_the_air_is_timed_out_and_never_touches(cut_in_the_air):
    _, summary, _ = cut_in_the_air
    assert int(summary.outcome) == Outcome.TIMED_OUT
    assert np.isnan(summary.event_time_s[Event.CONTACT])
    assert np.isnan(summary.event_time_s[Event.ENGINE_CUTOFF])
    assert np.isfinite(summary.event_time_s[Event.IGNITION])
    assert np.isnan(summary.miss_m)


def test_it_ends_where_its_frames_end_and_contact_has_no_rows(cut_in_the_air):
    plan, summary, samples = cut_in_the_air
    rows = rows_of(samples)
    assert len(rows.time_s) == rows.free_count
    assert rows.time_s[-1] == pytest.approx(summary.event_time_s[Event.END])
    columns = telemetry_columns(plan, samples)
    assert columns["height_m"][-1] > 1_000.0


def test_it_is_judged_as_no_touchdown(cut_in_the_air, athena):
    verdict = judge(cut_in_the_air[1], athena)
    assert verdict.outcome == "TIMED_OUT"
    assert verdict.touchdown is None
    assert not verdict.clean


def test_a_lander_that_has_not_come_to_rest_in_time_is_timed_out(
    athena_nominal_flight, compiled_flight
):
    plan = capped(athena_nominal_flight[0], contact_tick_count=10)
    summary, _ = flown(compiled_flight, plan)
    assert int(summary.outcome) == Outcome.TIMED_OUT
    assert np.isfinite(summary.event_time_s[Event.CONTACT])


def test_caps_of_the_plan_change_nothing_in_a_flight_that_does_not_reach_them(
    athena_nominal_flight, compiled_flight
):
    plan, whole, _ = athena_nominal_flight
    caps = plan.caps
    longer = capped(
        plan,
        frame_count=int(caps.frame_count) + 500,
        contact_tick_count=int(caps.contact_tick_count) + 50,
    )
    again, _ = flown(compiled_flight, longer)
    for old, new in zip(jax.tree.leaves(whole), jax.tree.leaves(again), strict=True):
        np.testing.assert_array_equal(old, new)
