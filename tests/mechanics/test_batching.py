"""Lanes of a batch: one answer for all of them, what one of them holds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.batching import any_lane, if_any_lane, lane_only


def test_a_flag_is_up_for_the_batch_where_one_lane_has_it():
    asked = jax.jit(jax.vmap(any_lane, out_axes=None))
    assert asked(jnp.array([False, True, False]))
    assert not asked(jnp.array([False, False]))
    assert any_lane(jnp.array(True))


def test_work_changes_the_lanes_that_want_it_and_no_other():
    def one(flag, state):
        return if_any_lane(flag, lambda now: now * 10.0, state)

    flags = jnp.array([True, False, True])
    np.testing.assert_array_equal(
        jax.vmap(one)(flags, jnp.array([1.0, 2.0, 3.0])), [10.0, 2.0, 30.0]
    )


@pytest.mark.parametrize("lane", [0, 2])
def test_what_one_lane_holds_is_kept_once(lane):
    def one(value, number):
        return value, lane_only({"squared": value**2, "shared": jnp.array(7.0)}, number)

    mapped = jax.jit(jax.vmap(one, in_axes=(0, None), out_axes=(0, None)))
    values, kept = mapped(jnp.arange(6.0).reshape(3, 2), lane)
    assert values.shape == (3, 2)
    np.testing.assert_array_equal(kept["squared"], np.arange(6.0).reshape(3, 2)[lane] ** 2)
    assert kept["shared"] == 7.0


def test_in_a_loop_only_the_lane_asked_for_takes_memory():
    """1,000 lanes times 1,000 rows of 100 numbers would be 800 MB; one lane's are 0.8 MB."""

    def one(start, lane):
        def step(state):
            now, rows, at = state
            rows = rows.at[at].set(lane_only(now, lane))
            return now + 1.0, rows, at + 1

        state = (start, jnp.zeros((1000, 100)), jnp.array(0))
        return jax.lax.while_loop(lambda state: state[2] < 1000, step, state)[1]

    mapped = jax.jit(jax.vmap(one, in_axes=(0, None), out_axes=None))
    starts = jnp.arange(1000.0)[:, None] * jnp.ones(100)
    memory = mapped.lower(starts, jnp.array(7)).compile().memory_analysis()
    assert memory.temp_size_in_bytes < 20e6
    rows = mapped(starts, jnp.array(7))
    np.testing.assert_array_equal(rows[:, 0], 7.0 + np.arange(1000.0))


def test_a_program_that_is_not_batched_is_a_lane_alone():
    assert lane_only(jnp.array(3.0), 0) == 3.0


def test_a_lane_for_each_lane_is_refused():
    with pytest.raises(ValueError, match="one number for the whole batch"):
        jax.vmap(lane_only)(jnp.arange(3.0), jnp.arange(3))
