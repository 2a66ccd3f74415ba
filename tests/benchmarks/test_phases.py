"""A flight taken apart for the bench: every loop of it, and what a draw leaves alone."""

import jax
import jax.numpy as jnp
import pytest

from benchmarks.phases import step_of_phase, touched_by_last
from perilune.mechanics.randomness import run_key


def shapes(tree):
    return jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), tree)


def test_each_loop_of_a_flight_can_be_flown_from_any_carry(athena_design):
    plan, key = athena_design.plan, run_key(0, 0)

    def stepped(index):
        def one(handed):
            step, _ = step_of_phase(index, plan, key, handed)
            return step(handed)[0]

        return one

    first = jax.eval_shape(lambda: step_of_phase(0, plan, key, None)[1])
    for index in (0, 1):
        assert shapes(jax.eval_shape(stepped(index), first)) == shapes(first)


def test_a_loop_that_a_flight_does_not_have_is_an_error(athena_design):
    plan, key = athena_design.plan, run_key(0, 0)

    def third():
        _, first = step_of_phase(0, plan, key, None)
        return step_of_phase(2, plan, key, first)[1]

    with pytest.raises(LookupError, match="loop number 2"):
        jax.eval_shape(third)


def test_what_the_last_argument_cannot_change_is_told_apart():
    def mixed(plan, key):
        return [
            plan["a"] * 2.0,
            plan["b"] + key,
            jnp.where(key > 0, plan["a"], plan["b"]),
            plan["b"],
        ]

    plan = {"a": jnp.array(1.0), "b": jnp.array(2.0)}
    assert touched_by_last(mixed, plan, jnp.array(3.0)) == [False, True, True, False]
