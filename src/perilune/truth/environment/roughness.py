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
from jaxtyping import Array, Float, Int, UInt32

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.lattice_hash import cell_words, halves
from perilune.truth.environment.craters import LEAST_M

CORNERS = np.stack(np.meshgrid([0, 1], [0, 1]), axis=-1).reshape(4, 2).astype(np.int32)
CORNER_RMS = 3.0**-0.5
"""Of the slopes of corners, which are even between -1 and 1."""
KEY_STEP = 0xC2B2AE35
"""What tells these words from those of craters."""


class Roughness(eqx.Module):
    """How rough, by the site."""

    _: KW_ONLY
    slope_factor: Float[Array, " octave"]
    """By which the slopes of each octave's corners are multiplied: rms slope over 1/sqrt(3)."""


def roughness_octave(
    roughness: Roughness,
    key: UInt32[Array, "2"],
    octave: Int[Array, ""],
    place_m: Float[Array, "2"],
) -> tuple[Float[Array, ""], Float[Array, "2"]]:
    """Height, m, that squares of 2^(octave - 1) m add at a place, and its gradient, m per m.

    The place is on the site's plane. Two squares are a wave of 2^octave m.
    """
    side_m = 0.5 * jnp.asarray(LEAST_M)[octave]
    at = place_m / side_m
    low = jnp.floor(at)
    (words,) = cell_words(key ^ np.uint32(KEY_STEP), octave, low.astype(jnp.int32) + CORNERS, 1)
    slope = 2.0 * jnp.stack(halves(words), axis=-1) - 1.0
    share, share_rate = _shares(at - low)
    away = at - low - CORNERS.astype(float)
    plane = jnp.sum(slope * away, axis=-1)
    weight = share[:, 0] * share[:, 1]
    weight_rate = share_rate * share[:, ::-1]
    height = jnp.sum(weight * plane)
    gradient = jnp.sum(weight_rate * plane[:, None] + weight[:, None] * slope, axis=0)
    factor = roughness.slope_factor[octave]
    return factor * side_m * height, factor * gradient


def rms_slope(roughness: Roughness, size_m: Float[Array, ""]) -> Float[Array, ""]:
    """The rms slope along any one way, m per m, of the octave whose waves are of a size, m."""
    octave = jnp.sum(jnp.where(size_m >= LEAST_M, 1.0, 0.0)) - 1.0
    is_it = jnp.maximum(octave, 0.0) == np.arange(float(len(LEAST_M)))
    return CORNER_RMS * jnp.sum(jnp.where(is_it, roughness.slope_factor, 0.0))


def fade(inside: Float[AnyArray, "*any"]) -> Float[AnyArray, "*any"]:
    """How far, of 1, from one corner to the next: 6 t^5 - 15 t^4 + 10 t^3."""
    return inside**3 * (inside * (6.0 * inside - 15.0) + 10.0)


def _shares(inside: Float[Array, "2"]) -> tuple[Float[Array, "4 2"], Float[Array, "4 2"]]:
    """Of each corner along each axis, and how it changes."""
    far = fade(inside)
    rate = 30.0 * inside**2 * (1.0 - inside) ** 2
    return jnp.where(CORNERS == 1, far, 1.0 - far), jnp.where(CORNERS == 1, rate, -rate)
