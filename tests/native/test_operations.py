"""Every row of the table of operations and every function, against JAX."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from perilune.native.formulas import ARGUMENTS
from perilune.native.functions import FUNCTIONS
from perilune.native.functions.fused import fma
from perilune.native.operations import OPERATIONS
from tests.native.against_jax import (
    LANES,
    assert_alike,
    assert_close,
    by_jax,
    drawn,
    natively,
    pairs,
)
from tests.native.operation_cases import ALL, CASES

SHAPES = [(), (3,), (24,), (25,), (5, 14)]
"""One number; few; as many as are held in registers, and one more; in loops over both axes."""
SOME = ["float64", "int32", "uint64", "bool"]
"""A type of each kind."""
TOGETHER = 10
"""So many operations are compiled in one program."""
WITHOUT_XLA = {"fma"}
"""Rows that XLA has no primitive for; a test below compares each with exact arithmetic."""
ULP = {"exp2": 1024, "log1p": 256, "erfc": 1024, "sinh": 32, "cosh": 32, "tanh": 16, "erf_inv": 32}
"""How far XLA's functions are from the exact value, over 2,000 points; the others' error is 4."""


@pytest.mark.parametrize("dtype", ALL)
def test_every_operation_gives_what_jax_gives_at_every_pair_of_edges_of_its_type(dtype):
    cases = [each for each in CASES if dtype in each.dtypes]

    def every(one, two):
        return {each.name: each.take(*(one, two)[: each.count]) for each in cases}

    assert_alike(every, (), pairs(dtype))


@pytest.mark.parametrize("dtype", SOME)
def test_every_operation_gives_the_same_in_registers_and_loops_shared_or_by_lane(dtype):
    rng = np.random.default_rng(2)
    shared = [{shape: drawn(rng, dtype, shape) for shape in SHAPES} for _ in range(2)]
    by_lane = [{shape: drawn(rng, dtype, (LANES, *shape)) for shape in SHAPES} for _ in range(2)]
    _assert_like_flat(dtype, shared, by_lane, is_known=False)


@pytest.mark.parametrize("dtype", SOME)
def test_every_operation_on_known_numbers_is_folded_to_what_jax_gives(dtype):
    rng = np.random.default_rng(3)
    known = [{shape: drawn(rng, dtype, shape) for shape in SHAPES} for _ in range(2)]
    by_lane = [{shape: drawn(rng, dtype, (LANES, *shape)) for shape in SHAPES} for _ in range(2)]
    _assert_like_flat(dtype, known, by_lane, is_known=True)


def _forms(shared, by_lane):
    """Pairs of operands: of which shape, which of them the same in all lanes."""
    for shape in SHAPES:
        yield by_lane[0][shape], by_lane[1][shape]
    for shape in SHAPES[:2]:
        for one, other in ((shared, by_lane), (by_lane, shared), (shared, shared)):
            yield one[0][shape], other[1][shape]


def _assert_like_flat(dtype, shared, by_lane, is_known):
    """Every operation on every pair of operands gives what JAX gives for all numbers in a row."""
    cases = [each for each in CASES if dtype in each.dtypes]
    in_lanes = [{s: np.broadcast_to(a, (LANES, *a.shape)) for s, a in e.items()} for e in shared]
    flat = [_in_rows(each) for each in zip(*_forms(in_lanes, by_lane), strict=True)]
    theirs = by_jax(lambda *pair: [e.take(*pair[: e.count]) for e in cases], (), flat)
    for start in range(0, len(cases), TOGETHER):
        some = cases[start : start + TOGETHER]

        def every(shared, by_lane, some=some):
            pairs = list(_forms(shared, by_lane))
            return {each.name: [each.take(*p[: each.count]) for p in pairs] for each in some}

        if is_known:
            known = jax.tree.map(jnp.asarray, shared)
            ours = natively(lambda *given, f=every, k=known: f(k, given), (), by_lane)
        else:
            ours = natively(lambda *given, f=every: f(given[:2], given[2:]), shared, by_lane)
        rows = {name: _in_rows(arrays) for name, arrays in ours.items()}
        wanted = dict(zip([each.name for each in some], theirs[start:], strict=False))
        if is_known and "div" in rows:  # a known divisor's reciprocal is multiplied by
            assert_close(rows.pop("div"), wanted.pop("div"), ulp=1)
        assert_close(rows, wanted)


def _in_rows(arrays):
    """All numbers of some arrays, in one row for each lane."""
    return np.concatenate([each.reshape(LANES, -1) for each in arrays], 1)


@pytest.mark.parametrize(("name", "dtype"), list(FUNCTIONS))
def test_every_function_is_wired_to_its_primitive(name, dtype):
    rng = np.random.default_rng(4)
    count = ARGUMENTS.get(name, 1)
    numbers = [rng.uniform(-3.0, 3.0, (LANES, 40)).astype(dtype) for _ in range(count)]
    for each, part in zip(numbers, (slice(0, 6), slice(3, 9)), strict=False):
        each[:, part] = rng.choice(np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]), 6)
    assert_alike(getattr(lax, name), (), numbers, ULP.get(name, 8))


def test_a_fused_product_is_rounded_once():
    rng = np.random.default_rng(5)
    numbers = [rng.standard_normal((LANES, 40)) for _ in range(3)]
    ours = natively(fma, (), numbers)
    exact = [
        float(Fraction(a) * Fraction(b) + Fraction(c))
        for a, b, c in zip(*(each.ravel() for each in numbers), strict=True)
    ]
    assert ours.ravel().tolist() == exact


def test_subnormal_numbers_are_kept_as_ieee_754_has_them():
    """XLA flushes them to zero; NumPy does not."""
    tiny = np.finfo(float).smallest_subnormal
    one = np.array([tiny, -3 * tiny, 2.0**-1022, 2.0**-1000] * 2)
    two = np.array([2.0, 0.5, 3.0, 2.0**-60] * 2)

    def arithmetic(one, two):
        return [one + one, one * two, one / two, one - tiny, lax.sqrt(abs(one)), one < two]

    ours = natively(arithmetic, (), (one, two))
    expected = [one + one, one * two, one / two, one - tiny, np.sqrt(abs(one)), one < two]
    assert [each.tolist() for each in ours] == [each.tolist() for each in expected]


def test_a_remainder_of_too_many_whole_parts_is_not_a_number():
    one = np.array([2.0**53, 2.0**53 - 1.0, 2.0**60, -(2.0**60), 1e300, 5.0, 3.0, 1.0])
    ours = natively(lax.rem, (), (one, np.ones(LANES)))
    assert np.isnan(ours).tolist() == [True, False, True, True, True, False, False, False]


def test_no_row_of_the_table_is_without_a_case():
    tried = {each.primitive for each in CASES} | WITHOUT_XLA
    assert tried == set(OPERATIONS)
    for each in CASES:
        named = set()
        for dtype in each.dtypes:
            operands = [np.ones(3, dtype)] * each.count
            named |= {str(eqn.primitive) for eqn in jax.make_jaxpr(each.take)(*operands).eqns}
        assert each.primitive in named, each.name
