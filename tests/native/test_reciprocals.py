"""Arrays over one number are multiplied by its reciprocal, single numbers are divided."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.native.lane_program import trace, translated
from tests.native.against_jax import assert_alike, natively

ROWS = np.random.default_rng(4).standard_normal((8, 3))
NUMBERS = ROWS[:, 0]


def over_length(row):
    return row / jnp.linalg.norm(row)


def over_column(row):
    return jnp.stack([row, 2.0 * row]) / row[:2, None]


def over_constants(row):
    return row / jnp.array([3.0, 6.0, 7.0])


def over_numbers(row):
    return row / jnp.flip(row)


def divisions(function):
    """How many a program of one lane has."""
    row = jax.ShapeDtypeStruct((3,), jnp.float64)
    text = translated(trace(function, (), (row,)), 1).functions
    return sum(each.count("fdiv") for _, each in text)


@pytest.mark.parametrize(
    ("function", "count"),
    [(over_length, 1), (over_column, 2), (over_constants, 0), (over_numbers, 3)],
)
def test_an_array_costs_one_division_for_each_number_that_divides_several(function, count):
    assert divisions(function) == count


@pytest.mark.parametrize("function", [over_length, over_column, over_constants])
def test_a_product_with_a_reciprocal_is_off_by_little_more_than_a_quotient(function):
    assert_alike(function, by_lane=(ROWS,), ulp=2)


def test_single_numbers_and_arrays_over_arrays_are_divided_to_the_bit():
    one = natively(lambda each: (each / 3.0, 3.0 / each), by_lane=(NUMBERS,))
    np.testing.assert_array_equal(one[0], NUMBERS / 3.0)
    np.testing.assert_array_equal(one[1], 3.0 / NUMBERS)
    np.testing.assert_array_equal(natively(over_numbers, by_lane=(ROWS,)), ROWS / ROWS[:, ::-1])


def test_an_array_over_zero_is_what_it_would_be_divided():
    signs = np.tile([-1.0, 0.0, 2.0], (8, 1))
    assert_alike(lambda row, none: row / none, by_lane=(signs, np.zeros(8)))
