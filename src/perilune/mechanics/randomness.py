"""One stream per campaign seed, run, component name and tick; draws depend on nothing else."""

import math
import zlib
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.random import threefry_2x32
from jaxtyping import Float, Float32, Int, Key, UInt32

from perilune.errors import InputError

LARGEST = 2**32 - 1


def run_key(seed: int | Int[Array, ""], run: int | Int[Array, ""]) -> Key[Array, ""]:
    """The key of one run of a campaign: a scalar of JAX's key type, from two whole numbers.

    Run `run` of `seed` draws the same numbers alone, in any batch and on any machine. Raises
    InputError for a number outside 0 to 4,294,967,295. Threefry (Salmon et al., SC 2011), by
    `jax.random`.

    >>> import perilune
    >>> perilune.run_key(seed=4, run=17).shape
    ()
    """
    for name, number in (("seed", seed), ("run", run)):
        if isinstance(number, int) and not 0 <= number <= LARGEST:
            raise InputError(f"The {name} must lie between 0 and {LARGEST}, but is {number}.")
    return jax.random.fold_in(jax.random.key(seed), run)


def stream(key: Key[Array, ""], component: str, tick: int | Int[Array, ""]) -> Key[Array, ""]:
    """The key of one component at one tick; the component's name is hashed by CRC-32."""
    named = jax.random.fold_in(key, _hash(component))
    return jax.random.fold_in(named, tick)


def frame_bits(
    key: Key[Array, ""], tick: int | Int[Array, ""], parts: Mapping[str, tuple[int, ...]]
) -> dict[str, UInt32[Array, "..."]]:
    """Random 32-bit words for several components at one tick, by one call of the cipher.

    `parts` names components with the shapes wanted of them; a dict of uint32 of those shapes. Each
    word is Threefry-2x32 (Salmon et al., SC 2011) of the run's key at a counter of the component's
    hash and 64 tick + place, so draws depend on nothing else; at most 128 words a component.
    """
    sizes = {name: math.prod(shape) for name, shape in parts.items()}
    blocks = {name: (size + 1) // 2 for name, size in sizes.items()}
    high = np.concatenate([np.full(n, _hash(name), np.uint32) for name, n in blocks.items()])
    place = np.concatenate([np.arange(n, dtype=np.uint32) for n in blocks.values()])
    low = jnp.asarray(tick, jnp.uint32) * np.uint32(64) + place
    words = threefry_2x32(jax.random.key_data(key), jnp.concatenate([jnp.asarray(high), low]))
    own = jnp.split(words.reshape(2, -1), np.cumsum(list(blocks.values()))[:-1], axis=1)
    return {
        name: mine.reshape(-1)[: sizes[name]].reshape(parts[name])
        for name, mine in zip(parts, own, strict=True)
    }


def as_uniforms(words: UInt32[Array, "..."]) -> Float[Array, "..."]:
    """Uniforms on [0, 1), in steps of 2^-23, from random words."""
    return _from_zero_to_one(words).astype(jnp.float64)


def as_normals(words: UInt32[Array, "..."]) -> Float[Array, "..."]:
    """Standard normals, made in single precision, from random words.

    The inverse of the error function at the middles of 2^23 equal steps of (-1, 1).
    """
    from_zero = _from_zero_to_one(words)
    inside = (np.float32(2.0) * from_zero - np.float32(1.0)) + np.float32(2.0**-23)
    return math.sqrt(2.0) * jax.lax.erf_inv(inside).astype(jnp.float64)


def _from_zero_to_one(words: UInt32[Array, "..."]) -> Float32[Array, "..."]:
    one_to_two = jax.lax.bitcast_convert_type((words >> 9) | np.uint32(0x3F800000), jnp.float32)
    return one_to_two - np.float32(1.0)


def _hash(component: str) -> int:
    return zlib.crc32(component.encode()) & 0x7FFFFFFF
