"""From a site's Hurst exponent and slope to the octaves of its roughness."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.truth.environment.roughness import LEAST_OCTAVE, OCTAVE_COUNT, Roughness, fade

POINT_COUNT, WAY_COUNT = 24, 16
"""Of the quadrature over places in a square and over directions."""


def build_roughness(
    hurst_exponent: float, slope_fraction: float, base_m: float, largest_m: float
) -> Roughness:
    """Octaves that together rise by `slope_fraction` of `base_m`, rms in a direction, over it.

    The longest waves, of two squares, are no longer than `largest_m`.
    """
    side_m = 2.0 ** np.arange(LEAST_OCTAVE, LEAST_OCTAVE + OCTAVE_COUNT)
    height = np.where(2.0 * side_m <= largest_m, side_m**hurst_exponent, 0.0)
    square = sum(
        each**2 * mean_square(base_m / side) for each, side in zip(height, side_m, strict=True)
    )
    factor = slope_fraction * base_m / np.sqrt(square) if square > 0.0 else 0.0
    return Roughness(slope_factor=jnp.asarray(factor * height / side_m))


def mean_square(lag: float) -> float:
    """Of the height difference over a lag in sides, of squares of side 1 whose slopes are even.

    Slopes of corners are independent, a third in variance along each axis: what is left is a
    quadrature over places in a square and over directions.
    """
    inside = (np.arange(POINT_COUNT) + 0.5) / POINT_COUNT
    place = np.stack(np.meshgrid(inside, inside), axis=-1).reshape(-1, 1, 2)
    way = (np.arange(WAY_COUNT) + 0.5) * (2.0 * np.pi / WAY_COUNT)
    there = place + lag * np.stack([np.cos(way), np.sin(way)], axis=-1)
    return float(
        np.mean(
            _covariance(place, place) + _covariance(there, there) - 2.0 * _covariance(place, there)
        )
    )


def _covariance(
    one: Float[np.ndarray, "n w 2"], other: Float[np.ndarray, "n w 2"]
) -> Float[np.ndarray, "n w"]:
    """Of the heights at two places: the corners that both have."""
    total = np.zeros(np.broadcast_shapes(one.shape, other.shape)[:-1])
    for corner in np.stack(np.meshgrid([0, 1], [0, 1]), axis=-1).reshape(-1, 2):
        node = np.floor(one) + corner
        away, beside = one - node, other - node
        shared = _share(away) * _share(beside)
        total = total + shared * np.sum(away * beside, axis=-1) / 3.0
    return total


def _share(away: Float[np.ndarray, "n w 2"]) -> Float[np.ndarray, "n w"]:
    """The share of a corner at a place this far from it; none beyond its squares."""
    return np.prod(fade(1.0 - np.minimum(np.abs(away), 1.0)), axis=-1)
