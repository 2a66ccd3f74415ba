"""A function by the native compiler and by JAX, on the same inputs, and how far apart they are."""

import jax
import numpy as np

import perilune.mechanics  # noqa: F401, float64 first
from perilune.native.arena_layout import Arena
from perilune.native.lane_program import LANES, LaneProgram, compiled, trace

INTEGERS = ["int64", "int32", "uint64", "uint32"]
FLOATS = ["float64", "float32"]


def natively(function, shared=(), by_lane=(), lanes=LANES, processor=None):
    """The leaves of what `function(*shared, *by_lane)` gives, each with a leading axis of lanes."""
    one_lane = jax.tree.map(lambda each: jax.ShapeDtypeStruct(each.shape[1:], each.dtype), by_lane)
    traced = trace(function, shared, one_lane)
    program = LaneProgram(compiled(traced, None, processor, lanes))
    return run(program, shared, by_lane, traced.output)


def run(program, shared, by_lane, output):
    """The tree of what a program gives."""
    arena = Arena(program.layout)
    for number, leaf in enumerate(jax.tree.leaves((shared, by_lane))):
        arena.put(number, np.asarray(leaf))
    program.run(arena)
    return jax.tree.unflatten(output, arena.results())


def by_jax(function, shared=(), by_lane=()):
    """The same by XLA."""
    axes = (*(None,) * len(shared), *(0,) * len(by_lane))
    lanes = jax.tree.leaves(by_lane)[0].shape[0]
    mapped = jax.vmap(function, axes, axis_size=lanes)
    return jax.tree.map(np.asarray, jax.jit(mapped)(*shared, *by_lane))


def assert_alike(function, shared=(), by_lane=(), ulp=0):
    """Equal, to the bit or to so many units of the last place, from both compilers."""
    one, other = (each(function, shared, by_lane) for each in (natively, by_jax))
    assert_close(one, other, ulp)


def assert_close(ours, theirs, ulp=0):
    """Two trees of arrays are equal to the bit or so many units of the last place of each."""
    pairs = zip(jax.tree_util.tree_leaves_with_path(ours), jax.tree.leaves(theirs), strict=True)
    wrong = [text for (path, one), two in pairs if (text := _difference(path, one, two, ulp))]
    assert not wrong, "\n".join(wrong)


def _difference(path, one, two, ulp):
    """What is different, in a line; nothing where nothing is."""
    name = jax.tree_util.keystr(path)
    if one.dtype != two.dtype or one.shape != two.shape:
        return f"{name}: {one.dtype}{one.shape} is not {two.dtype}{two.shape}"
    apart = units_apart(_flushed(one), _flushed(two))
    if one.size == 0 or apart.max() <= ulp:
        return None
    at = np.unravel_index(np.argmax(apart), apart.shape)
    count = np.count_nonzero(apart > ulp)
    return f"{name}: {count} of {one.size} differ, at {at} {one[at]!r} is not {two[at]!r}"


def _flushed(array):
    """Subnormal numbers as zeros of their sign, which is what XLA makes of them."""
    if array.dtype.kind != "f":
        return array
    is_subnormal = np.abs(array) < np.finfo(array.dtype).tiny
    return np.where(is_subnormal, np.copysign(array.dtype.type(0), array), array)


def units_apart(one, two):
    """How many numbers of their type lie between two, as float64; -0 and 0 are one apart."""
    if one.dtype.kind != "f":
        return np.where(one != two, np.inf, 0.0)
    ranks = [_rank(np.ascontiguousarray(each).view(f"i{one.itemsize}")) for each in (one, two)]
    ends = [each(*ranks).view(f"u{one.itemsize}") for each in (np.maximum, np.minimum)]
    apart = (ends[0] - ends[1]).astype(float)
    apart = np.where(np.isnan(one) != np.isnan(two), np.inf, apart)
    return np.where(np.isnan(one) & np.isnan(two), 0.0, apart)


def _rank(bits):
    """The place of a number in order, from its bits."""
    lowest = np.iinfo(bits.dtype).min
    return np.where(bits < 0, lowest - bits - 1, bits)


def special(dtype):
    """Numbers at the edges of a type."""
    kind = np.dtype(dtype)
    if kind == np.bool_:
        return np.array([False, True])
    if kind.kind in "iu":
        ends = np.iinfo(kind)
        near = [0, 1, 2, 3, 31, 32, 63, 64, ends.max, ends.max - 1, ends.min, ends.min + 1]
        return np.array(near + ([-1, -2, -7] if kind.kind == "i" else [ends.max // 2 + 1]), kind)
    ends = np.finfo(kind)
    positive = [0.0, ends.tiny, ends.eps, 0.5, 1.0, 1.5, 2.5, 7.0]
    positive += [2.0**31, 2.0**32, 2.0**63, 2.0**64, ends.max, np.inf]
    return np.array([*positive, *(-each for each in positive), np.nan], kind)


def drawn(rng, dtype, shape):
    """Numbers of a type at random, many of them at its edges."""
    kind, count = np.dtype(dtype), int(np.prod(shape, dtype=int))
    edge = rng.choice(special(kind), count)
    if kind == np.bool_:
        return edge.reshape(shape)
    if kind.kind == "f":
        size = rng.choice([1.0, 1e3, 1e18], count)
        usual = (rng.standard_normal(count) * size).astype(kind)
    else:
        usual = rng.integers(-50 if kind.kind == "i" else 0, 50, count, kind)
    return np.where(rng.random(count) < 0.4, edge, usual).reshape(shape)


def pairs(dtype, lanes=LANES):
    """Every pair of a type's numbers at its edges, in lanes: two arrays."""
    edge = special(dtype)
    both = np.stack(np.meshgrid(edge, edge), -1).reshape(-1, 2)
    rest = -len(both) % lanes
    both = np.concatenate([both, both[:rest]])
    return both[:, 0].reshape(lanes, -1), both[:, 1].reshape(lanes, -1)
