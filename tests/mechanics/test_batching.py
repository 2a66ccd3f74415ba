"""Lanes of a batch: one answer for all of them, what one of them holds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.batching import any_lane, if_any_lane, in_every_lane, lane_only, room_like


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


def test_what_is_put_into_every_lane_is_held_once_a_lane_and_changes_nothing():
    def one(own):
        return in_every_lane({"own": own, "shared": jnp.arange(2.0)})

    rows = jax.jit(jax.vmap(one))(jnp.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(rows["own"], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(rows["shared"], [[0.0, 1.0]] * 3)
    alone = one(jnp.array(4.0))
    np.testing.assert_array_equal(alone["shared"], [0.0, 1.0])


def test_a_loop_that_begins_in_every_lane_batches_its_body_once():
    """Else JAX batches it again for each round of leaves that become batched."""
    rounds = []

    @jax.custom_batching.custom_vmap
    def counted(value):
        return value

    @counted.def_vmap
    def _(_size, in_batched, value):
        rounds.append(in_batched)
        return value, in_batched[0]

    def chain(own, begin):
        def body(now):
            first, second, third = now
            return counted(own), first, second + 0.0 * third

        return jax.lax.fori_loop(0, 3, lambda _, now: body(now), begin((own, own * 0.0, own)))

    def mixed(state):
        return (jnp.array(0.0), jnp.array(0.0), state[2])

    jax.vmap(lambda own: chain(own, lambda state: in_every_lane(mixed(state))))(jnp.arange(3.0))
    in_one, rounds[:] = len(rounds), []
    jax.vmap(lambda own: chain(own, mixed))(jnp.arange(3.0))
    assert 2 * in_one <= len(rounds)


def test_room_has_the_shapes_of_what_it_is_like():
    values = {"number": jnp.arange(3.0), "flag": jnp.array([True, False, True])}
    room = jax.jit(jax.vmap(room_like))(values)
    assert jax.tree.map(lambda each: (each.shape, each.dtype), room) == jax.tree.map(
        lambda each: (each.shape, each.dtype), values
    )
