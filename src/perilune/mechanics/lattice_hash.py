"""Random words of the cells of lattices, one lattice for each octave of size, by a hash."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from perilune.mechanics.array_types import AnyArray

STEPS = (0x9E3779B9, 0x3C6EF372, 0xDAA66D2B)
"""Once, twice and three times the golden ratio's part of 2^32."""
OCTAVE_STEP = 0x85EBCA6B


def cell_words(
    key: UInt32[Array, "2"],
    octave: Int[AnyArray, "*#cells"],
    cell: Int[Array, "*cells 2"],
    count: int,
) -> tuple[UInt32[Array, "*cells"], ...]:
    """Up to three words for each cell; they depend on key, octave and cell alone."""
    row, column = jnp.moveaxis(cell.astype(jnp.uint32), -1, 0)
    words = mixed(row + key[0] + jnp.asarray(octave).astype(jnp.uint32) * np.uint32(OCTAVE_STEP))
    words = mixed(words ^ (column * np.uint32(STEPS[0]) + key[1]))
    return tuple(mixed(words + np.uint32(each)) for each in STEPS[:count])


def halves(
    words: UInt32[Array, "*cells"],
) -> tuple[Float[Array, "*cells"], Float[Array, "*cells"]]:
    """Two uniforms on [0, 1), in steps of 2^-16, of each word."""
    high, low = words >> 16, words & 0xFFFF
    return high.astype(jnp.float64) * 2.0**-16, low.astype(jnp.float64) * 2.0**-16


def thirds(
    words: UInt32[Array, "*cells"],
) -> tuple[Float[Array, "*cells"], Float[Array, "*cells"], Float[Array, "*cells"]]:
    """Three uniforms on (0, 1) of each word, of 11, 11 and 10 bits, at the middles of steps."""
    parts = (words >> 21, 11), ((words >> 10) & 0x7FF, 11), (words & 0x3FF, 10)
    east, north, size = (
        part.astype(jnp.float64) * 2.0**-bits + 0.5 * 2.0**-bits for part, bits in parts
    )
    return east, north, size


def wholes(words: UInt32[Array, "*cells"]) -> Float[Array, "*cells"]:
    """One uniform on [0, 1), in steps of 2^-24, of each word."""
    return (words >> 8).astype(jnp.float64) * 2.0**-24


def mixed(words: UInt32[Array, "*cells"]) -> UInt32[Array, "*cells"]:
    """Hashed one by one: `lowbias32` of C. Wellons, *Prospecting for hash functions* (2018)."""
    words = words ^ (words >> 16)
    words = words * np.uint32(0x7FEB352D)
    words = words ^ (words >> 15)
    words = words * np.uint32(0x846CA68B)
    return words ^ (words >> 16)
