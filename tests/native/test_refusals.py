"""What the native compiler has no row for is refused before LLVM is called, by its name."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from perilune.native.lane_program import trace
from perilune.native.program import UnknownPrimitiveError

ROW, TABLE, SEED = ((6,), "float64"), ((2, 3), "float64"), ((), "uint32")
PLACES = np.array([1, 2])

REFUSED = {
    "primitive sort": (lax.sort, ROW),
    "primitive cholesky": (jnp.linalg.cholesky, ((3, 3), "float64")),
    "primitive cumprod": (lax.cumprod, ROW),
    "primitive reduce_window_sum": (
        lambda row: lax.reduce_window(row, 0.0, lax.add, (2,), (1,), "valid"),
        ROW,
    ),
    "primitive pure_callback": (lambda row: jax.pure_callback(lambda x: x, row, row), ROW),
    "primitive random_split": (lambda seed: jax.random.split(jax.random.key(seed)), SEED),
    "primitive tan of float32": (jnp.tan, ((6,), "float32")),
    "primitive scatter-mul": (lambda row: row.at[1].multiply(2.0), ROW),
    "primitive scatter that moves": (lambda row: row.at[PLACES].set(1.0, mode="clip"), ROW),
    "primitive scatter in batches": (
        lambda rows: jax.vmap(lambda row, at: row.at[at].set(1.0))(rows, PLACES),
        TABLE,
    ),
    "primitive pad by less": (lambda row: lax.pad(row, jnp.float64(0), ((-1, 2, 0),)), ROW),
    "primitive bitcast_convert_type to a type of another size": (
        lambda row: lax.bitcast_convert_type(row, jnp.uint32),
        ROW,
    ),
    "primitive dot_general of bool": (lambda row: jnp.dot(row > 0, row > 0), ROW),
    "primitive dot_general of float32, float64": (
        lambda row: lax.dot(row, row, preferred_element_type=jnp.float64),
        ((6,), "float32"),
    ),
    "random_bits of another shape": (
        lambda seed: jax.random.uniform(jax.random.key(seed), (3,)),
        SEED,
    ),
    "random keys of another kind": (
        lambda seed: jax.random.bits(jax.random.key(seed, impl="rbg"), (), jnp.uint64),
        SEED,
    ),
    "type complex128": (lambda row: jnp.abs(lax.complex(row, row)), ROW),
    "type float16": (lambda row: row.astype(jnp.float16), ROW),
    "type int8, of an input": (lambda row: row[0] > 1, ((6,), "int8")),
}


@pytest.mark.parametrize("named", REFUSED)
def test_what_has_no_row_is_refused_by_name_when_it_is_traced(named):
    function, (shape, dtype) = REFUSED[named]
    with pytest.raises(UnknownPrimitiveError, match=named):
        trace(function, (), [jax.ShapeDtypeStruct(shape, dtype)])


def test_it_is_refused_in_loops_and_branches_too():
    def looped(row):
        return lax.fori_loop(0, 3, lambda _, now: lax.sort(now), row)

    def branched(row):
        return lax.cond(row[0] > 0.0, lax.sort, lambda now: now, row)

    for function in (looped, branched):
        with pytest.raises(UnknownPrimitiveError, match="sort"):
            trace(function, (), [jax.ShapeDtypeStruct((6,), "float64")])


def test_what_no_result_needs_is_not_refused():
    def program(row):
        lax.sort(row)
        return row + 1.0

    assert trace(program, (), [jax.ShapeDtypeStruct((6,), "float64")]).block.results
