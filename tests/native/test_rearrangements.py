"""Every row that moves, combines or looks up numbers, and every expansion, against JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.random import threefry_2x32

from perilune.mechanics.batching import any_lane, room_like, unless_no_lane
from perilune.native.expansions import EXPANSIONS
from perilune.native.rows import ROWS
from tests.native.against_jax import LANES, assert_alike, assert_close, by_jax, drawn, natively

SIZES = {"few": (3, 4), "in memory": (5, 7), "in loops": (6, 44)}
"""Arrays below the limit of what registers hold, above it, and longer than what is written out."""
TYPES = [
    *(("float64", size) for size in SIZES),
    ("float32", "in memory"),
    ("int64", "in loops"),
    ("int32", "few"),
    ("uint64", "in memory"),
    ("uint32", "few"),
    ("bool", "few"),
    ("bool", "in loops"),
]
CHECKED_ELSEWHERE = {"scan", "while", "cond"}
"""Loops and branches: test_random_programs."""
MADE_BY_A_PASS = {"sum_of_products"}
"""From sums of products, which are among the products of matrices."""


def moved(a, b):
    """Each way of showing or putting together numbers of two arrays of one shape."""
    rows, columns = a.shape
    zero = jnp.zeros((), a.dtype)
    return {
        "broadcast_in_dim": lax.broadcast_in_dim(a, (2, columns, rows), (2, 1)),
        "broadcast_in_dim of one": lax.broadcast_in_dim(a[:1, :1], (rows, columns), (0, 1)),
        "reshape": lax.reshape(a, (columns, rows)),
        "reshape of what is turned": lax.reshape(a.T, (rows, columns)),
        "rev": lax.rev(a, (1,)),
        "rev of both": lax.rev(a, (0, 1)),
        "slice": lax.slice(a, (1, 0), (rows, columns - 1), (2, 3)),
        "squeeze": lax.squeeze(a[:1], (0,)),
        "transpose": lax.transpose(a, (1, 0)),
        "stack": jnp.stack([a, b], 1),
        "stack of single numbers": jnp.stack([*a[0], *a[-1], *b[0], *b[-1]]),
        "concatenate": lax.concatenate([a, b, a[1:]], 0),
        "concatenate of itself turned": lax.concatenate([a, a[:, ::-1]], 1),
        "iota": lax.broadcasted_iota(jnp.int64, (rows, columns), 1),
        "pad": lax.pad(a, zero, ((1, 2, 0), (0, 1, 2))),
        "pad of nothing": lax.pad(a[:0], zero, ((1, 2, 0), (0, 1, 0))),
        "split": lax.split(a, (1, columns - 1), 1),
    }


def looked_up(a, b, index, other):
    """Parts of arrays at places that are found on the way, also beyond the ends."""
    rows, columns = a.shape
    part = b[:2, :3]
    at = jnp.stack([index, other, index + other])
    modes = {"fill": "fill", "clip": "clip"}
    taken = {f"gather {n}": a.at[at].get(mode=m) for n, m in modes.items()}
    taken |= {f"gather of pairs {n}": a.at[at, at[::-1]].get(mode=m) for n, m in modes.items()}
    dropped = {
        "scatter": a.at[at].set(b[:3], mode="drop"),
        "scatter of one": a.at[index, other].set(b[0, 0], mode="drop"),
        "scatter of a column": a.at[:, other].set(b[:, 0], mode="drop"),
        "scatter known": a.at[jnp.array([2, 0, 99])].set(b[:3], mode="drop"),
    }
    if a.dtype != bool:
        dropped |= {
            "scatter-add": a.at[at].add(b[:3], mode="drop"),
            "scatter-add twice": a.at[jnp.stack([index, index])].add(b[:2], mode="drop"),
        }
    return {
        "dynamic_slice": lax.dynamic_slice(a, (index, other), (2, 3)),
        "dynamic_slice of all": lax.dynamic_slice(a, (index, other), (rows, columns)),
        "dynamic_update_slice": lax.dynamic_update_slice(a, part, (index, other)),
        "dynamic_update_slice twice": lax.dynamic_update_slice(
            lax.dynamic_update_slice(a, part, (index, other)), part, (other, index)
        ),
        **_with_a_known_part(a, b),
        "gather from the end": a[index, -other],
        **taken,
        **dropped,
    }


def _with_a_known_part(a, b):
    """Arrays with a part replaced whose place is known: also by their own numbers, moved."""
    part = b[:2, :3]

    def lower(kept):
        return lax.dynamic_update_slice(kept, kept[:-1], (1, 0))

    return {
        "dynamic_update_slice, known": lax.dynamic_update_slice(a, part, (1, 2)),
        "dynamic_update_slice, known, beyond": lax.dynamic_update_slice(a, part, (99, 99)),
        "dynamic_update_slice, known, before": lax.dynamic_update_slice(a, part, (-99, 0)),
        "dynamic_update_slice, of its own": lower(a),
        "dynamic_update_slice, of its own, chosen": lax.dynamic_update_slice(
            a, jnp.where(a == b, b, a[::-1])[:, 1:], (0, 0)
        ),
        "dynamic_update_slice, in a loop": lax.fori_loop(0, 3, lambda _, kept: lower(kept), a),
        "dynamic_update_slice, in a loop, turned": lax.fori_loop(
            0, 3, lambda _, kept: lax.dynamic_update_slice(kept, kept[::-1, ::-1], (0, 0)), a
        ),
        "dynamic_update_slice, after itself": lax.dynamic_update_slice(lower(a), a[1:], (0, 0)),
    }


@pytest.mark.parametrize(("dtype", "size"), TYPES)
def test_numbers_are_moved_as_jax_moves_them(dtype, size):
    shared, by_lane = _drawn(dtype, SIZES[size])
    assert_alike(lambda s, a, b: [moved(a, b), moved(s, a)], [shared], by_lane)


@pytest.mark.parametrize(("dtype", "size"), TYPES)
def test_numbers_are_looked_up_and_put_where_jax_does_it_also_beyond_the_ends(dtype, size):
    shared, by_lane = _drawn(dtype, SIZES[size])
    rng = np.random.default_rng(7)
    index = np.array([-9, -1, 0, 1, 2, 3, 50, 2**31 - 1])
    places = rng.integers(-8, 60, LANES)

    def every(s, one, a, b, i, j):
        return [
            looked_up(a, b, i, j),
            looked_up(s, a, one.astype(jnp.int32), j.astype(jnp.int32)),
        ]

    assert_alike(every, [shared, np.int64(1)], [*by_lane, index, places])


def _drawn(dtype, shape):
    rng = np.random.default_rng(6)
    return drawn(rng, dtype, shape), [drawn(rng, dtype, (LANES, *shape)) for _ in range(2)]


def whole(rng, dtype, shape):
    """Small whole numbers: sums of them are exact in any order."""
    if dtype == "bool":
        return rng.random(shape) < 0.7
    return rng.integers(0 if dtype[0] == "u" else -5, 6, shape).astype(dtype)


REDUCTIONS = {
    "reduce_sum": lax.reduce_sum_p,
    "reduce_prod": lax.reduce_prod_p,
    "reduce_max": lax.reduce_max_p,
    "reduce_min": lax.reduce_min_p,
    "reduce_and": lax.reduce_and_p,
    "reduce_or": lax.reduce_or_p,
}


def reduced(name, array):
    """An array combined along each of its axes, both, and an empty one."""
    primitive = REDUCTIONS[name]
    if name == "reduce_prod":  # exact in any order
        array = jnp.where(array < 1, jnp.asarray(1, array.dtype), -jnp.ones((), array.dtype))
    parameters = {} if name in ("reduce_and", "reduce_or") else {"out_sharding": None}
    pick = {"all": (0, 1), "rows": (0,), "columns": (1,), "none": ()}
    return {
        f"{name} {n}": primitive.bind(array, axes=axes, **parameters) for n, axes in pick.items()
    }


@pytest.mark.parametrize(("dtype", "size"), TYPES)
def test_numbers_are_combined_as_jax_combines_them(dtype, size):
    rng = np.random.default_rng(8)
    shape = SIZES[size]
    names = {
        "f": ["reduce_sum", "reduce_prod", "reduce_max", "reduce_min"],
        "b": ["reduce_and", "reduce_or", "reduce_max", "reduce_min"],
    }.get(np.dtype(dtype).kind, list(REDUCTIONS))

    shared, by_lane = (whole(rng, dtype, (*n, *shape)) for n in ((), (LANES,)))
    for name in names:  # one program each: LLVM takes eight times as long for all in one

        def every(s, a, name=name):
            return [reduced(name, each) for each in (a, s, jnp.concatenate([a, a]))]

        assert_alike(every, [shared], [by_lane])


def test_the_largest_and_smallest_of_edges_are_jax_s():
    rng = np.random.default_rng(9)
    for shape in SIZES.values():
        array = drawn(rng, "float64", (LANES, *shape))
        array[array == 0.0] = 0.0
        assert_alike(
            lambda a: [a.max(), a.min(0), a.max(1), jnp.argmax(a, 0), jnp.argmin(a, 1)], (), [array]
        )


def products(one, other, row):
    """Products of matrices in the forms that occur."""
    batch = (((2,), (1,)), ((0,), (0,)))
    two, three = jnp.stack([one, one + one]), jnp.stack([other, other])
    return {
        "matrix": one @ other,
        "row": row @ other,
        "column": one @ row,
        "inner": row @ row,
        "of what is in registers": (other + other) @ (one + one),
        "turned": lax.dot_general(one, other, (((1,), (0,)), ((), ()))),
        "over both": lax.dot_general(one, other.T, (((0, 1), (0, 1)), ((), ()))),
        "batch": lax.dot_general(two, three, batch),
        "outer": lax.dot_general(row, row, (((), ()), ((), ()))),
        "sum of products": jnp.sum(one * other.T, axis=1),
        "sum of products of what is in registers": jnp.sum(
            (other + other)[:, :, None] * (one + one), axis=1
        ),
        "sum of squares": jnp.sum(jnp.square(one)) + jnp.sum(row**2),
        "sum of products of a broadcast": jnp.sum(one * row, axis=0),
    }


PRODUCTS = [("float64", each) for each in ((2, 3), (4, 6), (5, 20))]
PRODUCTS += [("float32", (4, 6)), ("int64", (2, 3)), ("int32", (5, 20))]


@pytest.mark.parametrize(("dtype", "shape"), PRODUCTS)
def test_products_of_matrices_are_jax_s(dtype, shape):
    """But for the sign of zero: XLA adds the first product to 0, the native compiler to nothing."""
    rng = np.random.default_rng(10)
    shapes = shape, shape[::-1], shape[1:]
    shared = [whole(rng, dtype, each) for each in shapes]
    by_lane = [whole(rng, dtype, (LANES, *each)) for each in shapes]

    def every(*given):
        s, v = given[:3], given[3:]
        return [products(*v), products(s[0], v[1], s[2]), products(v[0], s[1], v[2]), products(*s)]

    results = (each(every, shared, by_lane) for each in (natively, by_jax))
    assert_close(*(jax.tree.map(lambda a: a + a.dtype.type(0), each) for each in results))


@pytest.mark.parametrize("dtype", ["float64", "int32"])
@pytest.mark.parametrize("shape", [(4,), (7,), (3, 13)])
def test_expansions_are_jax_s(dtype, shape):
    rng = np.random.default_rng(11)
    array = whole(rng, dtype, (LANES, *shape))

    def every(a):
        axes = range(a.ndim)
        sums = [lax.cumsum(a, axis, reverse) for axis in axes for reverse in (False, True)]
        return sums, [f(a, axis, jnp.int32) for axis in axes for f in (lax.argmax, lax.argmin)]

    assert_alike(every, (), [array])


def test_random_keys_and_bits_are_jax_s_to_the_bit():
    def every(seed, number):
        key = jax.random.key(seed)
        folded = jax.random.fold_in(key, number)
        bits = jax.random.bits(folded, (), jnp.uint64)
        return jax.random.key_data(key), jax.random.key_data(folded), bits, jax.random.uniform(key)

    seeds = np.array([0, 1, 2, 7, 2**31, 2**32 - 1, 2**32, 2**62])
    assert_alike(every, (), [seeds, np.arange(LANES, dtype=np.uint32)])


@pytest.mark.parametrize("count", [1, 8, 9, 61])
def test_many_counters_are_ciphered_as_jax_does(count):
    def ciphered(seed, counters):
        words = jax.random.key_data(jax.random.key(seed))
        return threefry_2x32(words, counters.reshape(-1))

    rng = np.random.default_rng(count)
    counters = rng.integers(0, 2**32, (LANES, 2, count), np.uint32)
    assert_alike(ciphered, (), [np.arange(LANES, dtype=np.uint32), counters])


def test_room_is_filled_when_a_lane_asks_and_never_read_otherwise():
    def stepped(moves, row):
        aside = unless_no_lane(~moves, lambda _: row, room_like(row))
        moved = jnp.cumsum(row)
        return unless_no_lane(~moves, lambda now: jnp.where(moves, now, aside), moved)

    rows = np.arange(LANES * 40.0).reshape(LANES, 40)
    for moves in (np.ones(LANES, bool), np.arange(LANES) != 3):
        assert_alike(stepped, (), [moves, rows])


def test_any_lane_is_a_flag_of_all_lanes():
    for flags in (np.zeros(LANES, bool), np.arange(LANES) == 3):
        assert_alike(any_lane, (), [flags])


def test_no_row_and_no_expansion_is_without_a_case():
    a, places = jnp.ones((5, 7)), (1, 2)
    named = set()
    programs = [
        lambda: moved(a, a),
        lambda: looked_up(a, a, *places),
        lambda: products(a, a.T, a[0]),
    ]
    programs += [lambda name=name: reduced(name, a > 0) for name in ("reduce_and", "reduce_or")]
    programs += [lambda name=name: reduced(name, a) for name in list(REDUCTIONS)[:4]]
    for each in programs:
        named |= {str(equation.primitive) for equation in jax.make_jaxpr(each)().eqns}
    assert set(ROWS) - named - CHECKED_ELSEWHERE - MADE_BY_A_PASS - {"any_lane", "room"} == set()
    expanded = {"argmax", "argmin", "cumsum"}
    expanded |= {"random_bits", "random_fold_in", "random_seed", "threefry2x32"}
    assert expanded == set(EXPANSIONS)
