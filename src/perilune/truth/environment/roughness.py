"""Roughness of the ground below the map and between craters: octaves of gradient noise.

In each octave the ground is a lattice of squares of side 2^k m; each corner has a random slope,
and between corners the planes through them are blended by a polynomial of the fifth degree, so that
height, slope and curvature have no steps (Perlin, ACM Trans. Graphics 21, 2002). Heights of octaves
that go as 2^(kH) make a surface whose rms height difference goes as the distance to the power H, as
the Moon's does (Shepard et al., J. Geophys. Res. 106, 2001; H is Hurst's exponent).
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt32

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.lattice_hash import cell_words, halves

LEAST_OCTAVE, OCTAVE_COUNT = -1, 11
"""Sides of squares from half a metre to 512 m."""
KEY_STEP = 0xC2B2AE35
"""What tells these words from those of craters."""


class Roughness(eqx.Module):
    """How rough, by the site."""

    _: KW_ONLY
    slope_factor: Float[Array, " octave"]
    """By which the slopes of each octave's corners are multiplied: rms slope over 1/sqrt(3)."""


def roughness_relief(
    roughness: Roughness, key: UInt32[Array, "2"], place_m: Float[Array, "2"], footprint_m: float
) -> tuple[Float[Array, ""], Float[Array, "2"]]:
    """Height, m, that roughness adds at a place on the site's plane, and its gradient, m per m.

    Octaves whose squares are smaller than half of `footprint_m` are left out.
    """
    every = np.arange(LEAST_OCTAVE, LEAST_OCTAVE + OCTAVE_COUNT)
    seen = 2.0 ** (every + 1) > footprint_m
    octaves, factor = every[seen], roughness.slope_factor[np.flatnonzero(seen)]
    side_m = jnp.asarray(2.0**octaves)
    at = place_m / side_m[:, None]
    low = jnp.floor(at)
    corners = np.stack(np.meshgrid([0, 1], [0, 1], indexing="ij"), axis=-1).reshape(1, 4, 2)
    cells = low.astype(jnp.int32)[:, None, :] + corners.astype(np.int32)
    (words,) = cell_words(key ^ np.uint32(KEY_STEP), octaves[:, None], cells, 1)
    slope = 2.0 * jnp.stack(halves(words), axis=-1) - 1.0
    share, share_rate = _shares((at - low)[:, None, :], corners)
    away = (at - low)[:, None, :] - corners.astype(float)
    plane = jnp.sum(slope * away, axis=-1)
    weight = share[..., 0] * share[..., 1]
    weight_rate = share_rate * share[..., ::-1]
    height = jnp.sum(weight * plane, axis=-1)
    gradient = jnp.sum(weight_rate * plane[..., None] + weight[..., None] * slope, axis=1)
    return jnp.sum(factor * side_m * height), jnp.sum(factor[:, None] * gradient, axis=0)


def fade(inside: Float[AnyArray, "*any"]) -> Float[AnyArray, "*any"]:
    """How far, of 1, from one corner to the next: 6 t^5 - 15 t^4 + 10 t^3."""
    return inside**3 * (inside * (6.0 * inside - 15.0) + 10.0)


def _shares(
    inside: Float[Array, "*corner 2"], corners: Float[np.ndarray, "*corner 2"]
) -> tuple[Float[Array, "*corner 2"], Float[Array, "*corner 2"]]:
    """Of each corner along each axis, and how it changes."""
    far = fade(inside)
    rate = 30.0 * inside**2 * (1.0 - inside) ** 2
    return jnp.where(corners == 1, far, 1.0 - far), jnp.where(corners == 1, rate, -rate)
