"""From a site's statistics to the craters, roughness and rocks below its map."""

import functools
import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.design.typed_arrays import Tables
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.truth.environment.craters import (
    CLASS_SHARES,
    LEAST_DEPTHS,
    LEFT_AT_REACH,
    MOST_DEPTHS,
    OCTAVE_COUNT,
    REACH_FACTOR,
    RIM_FACTOR,
    Craters,
)
from perilune.truth.environment.rocks import Rocks
from perilune.truth.environment.roughness import Roughness, fade
from perilune.truth.environment.surface import SIZES_M, Surface

MAP_PIXELS = 2.5
"""What is larger than so many pixels of a map is the map's."""
UNMAPPED_PIXEL_M = 474.0
"""Stands for a map's where there is none."""
BASE_M = 17.0
"""Over which slopes of the Moon are told (Rosenburg et al., J. Geophys. Res. 116, 2011)."""
MEDIAN_FACTOR = math.sqrt(2.0 * math.log(2.0))
"""Median of a slope over the rms of its components: they are normal."""
POINT_COUNT, WAY_COUNT = 24, 16
"""Of the quadrature over places in a square and over directions."""
SIDES_M = 0.5 * SIZES_M


def largest_relief_m(pixel_m: float) -> float:
    """What is smaller than this is below a map of such pixels; infinite: there is no map."""
    return MAP_PIXELS * (pixel_m if math.isfinite(pixel_m) else UNMAPPED_PIXEL_M)


def largest_made_up_m(statistics: SurfaceStatistics, pixel_m: float) -> float:
    """The largest feature of a site's surface below a map of such pixels."""
    most_m = min(largest_relief_m(pixel_m), statistics.largest_m, float(2.0 * SIZES_M[-1]))
    return most_m if most_m > SIZES_M[0] else 0.0


def no_surface() -> Surface:
    """Nothing below the map."""
    nothing, none = jnp.zeros(OCTAVE_COUNT), jnp.array(0.0)
    craters = Craters(largest_m=none, density_fraction=none, crossing_m=none, mean_m=nothing)
    return Surface(none, craters, Roughness(slope_factor=nothing))


def build_surface(statistics: Tables, largest_m: Float[Array, ""]) -> Surface:
    """The surface of a site's `SurfaceStatistics`; none where it has none."""
    if statistics is None:
        return no_surface()
    largest_m = jnp.minimum(largest_m, statistics.largest_m)
    craters = build_craters(
        statistics.crater_density_fraction, statistics.crater_crossing_m, largest_m
    )
    rough = build_roughness(statistics.hurst_exponent, statistics.roughness_slope_rad)
    return Surface(largest_m, craters, rough)


def build_rocks(statistics: Tables, largest_relief_m: Float[Array, ""]) -> Rocks:
    """The rocks of a site's `SurfaceStatistics`; none where it has none or no relief is drawn."""
    if statistics is None:
        return no_rocks()
    return Rocks(
        cover_fraction=statistics.rock_cover_fraction,
        fresh_cover_fraction=statistics.fresh_rock_cover_fraction,
        largest_m=jnp.where(largest_relief_m > 0.0, statistics.largest_rock_m, 0.0),
    )


def no_rocks() -> Rocks:
    """No rocks."""
    none = jnp.array(0.0)
    return Rocks(cover_fraction=none, fresh_cover_fraction=none, largest_m=none)


def build_craters(
    density_fraction: Float[Array, ""], crossing_m: Float[Array, ""], largest_m: Float[Array, ""]
) -> Craters:
    """Craters and the mean of the heights of each octave: they take more than they pile up."""
    mean_depth = sum(
        share * 0.5 * (least + most)
        for share, least, most in zip(CLASS_SHARES, LEAST_DEPTHS, MOST_DEPTHS, strict=True)
    )
    blanket = 1.0 - 1.0 / REACH_FACTOR - 0.5 * LEFT_AT_REACH * (REACH_FACTOR**2 - 1.0)
    rim = RIM_FACTOR * (1.0 + 2.0 * blanket / (1.0 - LEFT_AT_REACH))
    of_cube = 0.25 * math.pi * mean_depth * (rim - 0.5)  # volume over the cube of the diameter
    least_m, most_m = (jnp.minimum(each, largest_m) for each in (SIZES_M, 2.0 * SIZES_M))
    low_m, high_m = (jnp.minimum(each, crossing_m) for each in (least_m, most_m))
    past = jnp.log(jnp.maximum(most_m, crossing_m) / jnp.maximum(least_m, crossing_m))
    whole_m = 2.0 * (high_m - low_m) + 3.0 * crossing_m * past
    return Craters(
        largest_m=jnp.asarray(largest_m),
        density_fraction=jnp.asarray(density_fraction),
        crossing_m=jnp.asarray(crossing_m),
        mean_m=density_fraction * of_cube * whole_m,
    )


def build_roughness(hurst_exponent: Float[Array, ""], slope_rad: Float[Array, ""]) -> Roughness:
    """Octaves of a self-affine surface whose median slope over 17 m is `slope_rad`.

    It has waves of all lengths: those beyond the octaves, which the sum of a geometric series
    counts, are the map's.
    """
    height = jnp.exp(hurst_exponent * np.log(SIDES_M))
    flatter = 2.0 * (hurst_exponent - 1.0)  # mean square slopes of octaves go as side to this
    known, longest = _rises()
    beyond = longest * jnp.exp(flatter * np.log(2.0 * SIDES_M[-1]))
    beyond = beyond / (1.0 - jnp.exp(flatter * np.log(2.0)))
    square = jnp.sum(height**2 * known) + beyond
    rise_m = jnp.sin(slope_rad) / jnp.cos(slope_rad) / MEDIAN_FACTOR * BASE_M
    return Roughness(slope_factor=rise_m / jnp.sqrt(square) * height / SIDES_M)


@functools.cache
def _rises() -> tuple[Float[np.ndarray, " octave"], float]:
    """Mean squares over the base: of each octave, and of long waves by the square of their side."""
    smallest = 2.0**-8
    return (
        np.array([mean_square(BASE_M / side_m) for side_m in SIDES_M]),
        mean_square(smallest) / smallest**2 * BASE_M**2,
    )


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
