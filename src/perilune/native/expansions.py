"""Primitives that are written out in others: random keys and bits, cumulative sums, choices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr
from jaxtyping import Array, Bool, Shaped, UInt32

from perilune.native.program import UnknownPrimitiveError

Expansion = Callable[[Mapping[str, Any], Sequence[jax.ShapeDtypeStruct]], ClosedJaxpr]
"""From a primitive's parameters and the shapes of its inputs to a program that is its equal."""

Word = UInt32[Array, "..."]
Rows = Shaped[Array, "..."]

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
AT_ONCE = 8
"""Counters of many that are ciphered together: their words stay in registers."""


def threefry(key: tuple[Word, Word], first: Word, second: Word) -> tuple[Word, Word]:
    """Threefry-2x32 with 20 rounds of a key and a counter, each two words of 32 bits.

    After Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
    """
    words = (*key, key[0] ^ key[1] ^ jnp.uint32(PARITY))
    first, second = first + words[0], second + words[1]
    for number in range(5):
        for turn in ROTATIONS[number % 2]:
            first = first + second
            second = _rotated(second, turn) ^ first
        first = first + words[(number + 1) % 3]
        second = second + words[(number + 2) % 3] + jnp.uint32(number + 1)
    return first, second


def _rotated(word: Word, turn: int) -> Word:
    left, right = jnp.uint32(turn), jnp.uint32(32 - turn)
    return jax.lax.shift_left(word, left) | jax.lax.shift_right_logical(word, right)


def _hashed(words: Word, first: Word, second: Word) -> tuple[Word, Word]:
    return threefry((words[..., 0], words[..., 1]), first, second)


def _threefry2x32(_: Mapping[str, Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> ClosedJaxpr:
    def program(k1: Word, k2: Word, x1: Word, x2: Word) -> tuple[Word, Word]:
        if k1.shape or k2.shape or x1.size <= AT_ONCE:
            k1, k2, x1, x2 = jnp.broadcast_arrays(k1, k2, x1, x2)
            return threefry((k1, k2), x1, x2)
        found = jax.lax.map(lambda row: threefry((k1, k2), *row), (_in_rows(x1), _in_rows(x2)))
        first, second = (each.reshape(-1)[: x1.size].reshape(x1.shape) for each in found)
        return first, second

    return jax.make_jaxpr(program)(*shapes)


def _in_rows(words: Word) -> Word:
    """Words in rows of so many as registers hold through all rounds; the last is filled up."""
    missing = -words.size % AT_ONCE
    return jnp.pad(words.reshape(-1), (0, missing)).reshape(-1, AT_ONCE)


def _random_seed(_: Mapping[str, Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> ClosedJaxpr:
    def program(seed: Rows) -> Rows:
        words = seed.astype(jnp.uint64)
        high = jax.lax.shift_right_logical(words, jnp.uint64(32))
        return jnp.stack([high.astype(jnp.uint32), words.astype(jnp.uint32)], axis=-1)

    return jax.make_jaxpr(program)(*shapes)


def _random_fold_in(_: Mapping[str, Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> ClosedJaxpr:
    def program(words: Rows, data: Rows) -> Rows:
        low = data.astype(jnp.uint32)
        return jnp.stack(_hashed(words, jnp.zeros_like(low), low), axis=-1)

    return jax.make_jaxpr(program)(*shapes)


def _random_bits(params: Mapping[str, Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> ClosedJaxpr:
    if params["shape"] != () or params["bit_width"] != 64:
        raise UnknownPrimitiveError("random_bits of another shape than () and 64 bits")

    def program(words: Rows) -> Rows:
        zero = jnp.zeros(words.shape[:-1], jnp.uint32)
        high, low = (each.astype(jnp.uint64) for each in _hashed(words, zero, zero))
        return jax.lax.shift_left(high, jnp.uint64(32)) | low

    return jax.make_jaxpr(program)(*shapes)


def _cumsum(params: Mapping[str, Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> ClosedJaxpr:
    axis, is_reverse = params["axis"], params["reverse"]

    def program(array: Rows) -> Rows:
        rows = jnp.moveaxis(array, axis, 0)
        rows = rows[::-1] if is_reverse else rows
        sums = [rows[0]]
        for number in range(1, len(rows)):
            sums.append(sums[-1] + rows[number])
        return jnp.moveaxis(jnp.stack(sums[::-1] if is_reverse else sums), 0, axis)

    return jax.make_jaxpr(program)(*shapes)


def _first_where(is_better: Callable[[Rows, Rows], Rows]) -> Expansion:
    """The place of the first best number along one axis; a not-a-number is best."""

    def expansion(params: Mapping[str, Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> ClosedJaxpr:
        (axis,), dtype = params["axes"], params["index_dtype"]

        def program(array: Rows) -> Rows:
            rows = jnp.moveaxis(array, axis, 0)
            best, place = rows[0], jnp.zeros(rows[0].shape, dtype)
            for number in range(1, len(rows)):
                row = rows[number]
                better = is_better(row, best) | (_is_nan(row) & ~_is_nan(best))
                best = jnp.where(better, row, best)
                place = jnp.where(better, jnp.asarray(number, dtype), place)
            return place

        return jax.make_jaxpr(program)(*shapes)

    return expansion


def _is_nan(array: Rows) -> Bool[Array, "..."]:
    return array != array  # noqa: PLR0124  whole numbers have none


EXPANSIONS: Mapping[str, Expansion] = {
    "argmax": _first_where(jnp.greater),
    "argmin": _first_where(jnp.less),
    "cumsum": _cumsum,
    "random_bits": _random_bits,
    "random_fold_in": _random_fold_in,
    "random_seed": _random_seed,
    "threefry2x32": _threefry2x32,
}
