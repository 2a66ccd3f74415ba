"""Rows of a loop that a branch or another loop makes: each lies at its own turn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from perilune.mechanics.batching import any_lane
from tests.native.against_jax import LANES, assert_alike

SIZE = 30
"""More numbers than are kept in registers."""
ROWS = np.arange(LANES * SIZE, dtype=np.float64).reshape(LANES, SIZE)


def by_branch(row):
    return lax.cond(any_lane(row[0] % 2 == 0), lambda now: now * 2, lambda now: now - 1, row)


def by_branch_of_each_lane(row):
    return lax.cond(row[0] % 60 == 0, lambda now: now * 2, lambda now: now - 1, row)


def by_loop(row):
    return lax.while_loop(lambda now: now[0] < 200, lambda now: now + 13, row)


def by_scan(row):
    return lax.scan(lambda now, _: (now + 1, now * 3), row, None, 2)[1]


def by_what_a_scan_carries(row):
    return lax.scan(lambda now, _: (now * 2 + 1, None), row, None, 2)[0]


MAKERS = [by_branch, by_branch_of_each_lane, by_loop, by_scan, by_what_a_scan_carries]


@pytest.mark.parametrize("is_reverse", [False, True])
@pytest.mark.parametrize("make", MAKERS)
def test_a_row_of_a_scan_lies_at_its_turn(make, is_reverse):
    def program(row):
        return lax.scan(lambda now, _: (now + 1, make(now)), row, None, 5, reverse=is_reverse)

    assert_alike(program, (), (ROWS,))


@pytest.mark.parametrize("make", MAKERS)
def test_a_row_put_into_an_array_lies_where_it_was_put(make):
    """As the samples of a flight are: piece by piece, in a loop that ends with the flight."""

    def program(row):
        blank = jax.tree.map(lambda one: jnp.zeros((8, *one.shape)), jax.eval_shape(make, row))

        def piece(state):
            now, done, kept = state
            found = make(now)
            return now + 7, done + 1, lax.dynamic_update_slice_in_dim(kept, found[None], done, 0)

        return lax.while_loop(
            lambda state: any_lane(state[0][0] < 300) & (state[1] < 8), piece, (row, 0, blank)
        )

    assert_alike(program, (), (ROWS,))
