"""How wrong a map's heights are over tens of kilometres: long waves, and a step between its parts.

A map is put together from tracks or images that each have a height error of their own: what is left
after they were fitted to each other is smooth over 10 to 100 km, with steps where two parts meet.
Where crests and step lie is hashed from the key of the run. Waves are sines of random direction and
phase, of equal variance (the spectral method of Shinozuka and Deodatis, Appl. Mech. Rev. 44, 1991,
191-204), so that every place has the same rms height over all runs.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt32

from perilune.mechanics.lattice_hash import cell_words, halves
from perilune.truth.environment.roughness import fade

LENGTHS_M = np.geomspace(10e3, 100e3, 6)
WIDTH_M = 2e3
"""Of the step, from its foot to its top: a few pixels of a map, over which it is interpolated."""
REACH_M = 50e3
"""How far from the site the middle of the step may pass."""
KEY_STEP = 0xA511E9B3
"""What tells these words from those of craters and roughness."""
CELLS = np.stack([np.arange(len(LENGTHS_M) + 1), np.zeros(len(LENGTHS_M) + 1)], -1).astype(np.int32)


class MapWarp(eqx.Module):
    """How large, by the flight's errors."""

    _: KW_ONLY
    waves_m: Float[Array, ""]  # rms height of all waves together
    step_m: Float[Array, ""]  # from one side to the other, half of it to either


def warp(
    size: MapWarp, key: UInt32[Array, "2"], place_m: Float[Array, "2"]
) -> tuple[Float[Array, ""], Float[Array, "2"]]:
    """Height, m, of the true ground over the map's at a place on the site's plane, and gradient.

    `key` is the data of the run's key.
    """
    (words,) = cell_words(key ^ np.uint32(KEY_STEP), np.int32(0), jnp.asarray(CELLS), 1)
    turn, phase = halves(words)
    way = 2.0 * np.pi * turn
    across = jnp.stack([jnp.cos(way), jnp.sin(way)], axis=-1)
    along_m = jnp.sum(across * place_m, axis=-1)
    wave_m, wave_slope = _waves(size.waves_m, along_m[:-1], phase[:-1])
    step_m, step_slope = _step(size.step_m, along_m[-1] - REACH_M * (2.0 * phase[-1] - 1.0))
    gradient = jnp.sum(wave_slope[:, None] * across[:-1], axis=0) + step_slope * across[-1]
    return jnp.sum(wave_m) + step_m, gradient


def _waves(
    rms_m: Float[Array, ""], along_m: Float[Array, " wave"], phase: Float[Array, " wave"]
) -> tuple[Float[Array, " wave"], Float[Array, " wave"]]:
    """Heights, m, and slopes along their directions, of all waves."""
    crest_m = rms_m * np.sqrt(2.0 / len(LENGTHS_M))
    rate_per_m = 2.0 * np.pi / LENGTHS_M
    angle = rate_per_m * along_m + 2.0 * np.pi * phase
    return crest_m * jnp.sin(angle), crest_m * rate_per_m * jnp.cos(angle)


def _step(
    height_m: Float[Array, ""], past_m: Float[Array, ""]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Height, m, and slope, so far past the middle of the step."""
    inside = jnp.clip(past_m / WIDTH_M + 0.5, 0.0, 1.0)
    rate = 30.0 * inside**2 * (1.0 - inside) ** 2 / WIDTH_M
    return height_m * (fade(inside) - 0.5), height_m * rate
