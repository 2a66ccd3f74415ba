"""Craters too small for the map: placed by a hash, evaluated where asked, in no memory at all.

Sizes go by octaves, D to 2 D. In each the ground is a lattice of square cells of 2.5 D, and a cell
holds at most one crater, by a chance; its place, diameter and depth are hashed from the surface key
of the run and the cell. A crater reaches 2.5 radii, at most one cell, so that nine cells make the
height at a place. Heights of craters are added; their mean is taken off, since the map has it.

- Numbers: N(> D) = c D^-2 in equilibrium, for each square kilometre with D in km, c = 0.079433
  (Trask, JPL TR 32-800, 1966; NASA SLS-SPEC-159, DSNE) or the site's own, up to the diameter at
  which the production of the site falls below it, from there on as D^-3.
- Depths: shares of craters by ratio of depth to diameter (DSNE). [assumed: even inside a class, and
  none under zero in the shallowest]
- Shape: a paraboloid to the rim; outside a blanket that falls as the third power of the radius, to
  nothing at 2.5 radii. A fresh rim stands 0.036 D over the plain (Pike, 1977; DSNE) [assumed: one
  of less depth less by the same share].
"""

from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt32

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.lattice_hash import cell_words, thirds, wholes

OCTAVE_COUNT = 11
LEAST_M = 2.0 ** np.arange(OCTAVE_COUNT)
"""Least diameters of octaves, from 1 m; the largest of all is of 2 km."""
CELL_FACTOR = 2.5
"""Side of a cell over the least diameter of its octave: the reach of the largest one in it."""
REACH_FACTOR = 2.5
"""Radii to the end of the ejecta."""
CLASS_SHARES = (0.03, 0.17, 0.30, 0.50)
LEAST_DEPTHS, MOST_DEPTHS = (0.12, 0.10, 0.07, 0.0), (0.20, 0.15, 0.10, 0.07)
"""Depth over diameter, freshest first."""
FRESH_RIM_FACTOR, FRESH_DEPTH_FACTOR = 0.036, 0.20
RIM_FACTOR = FRESH_RIM_FACTOR / FRESH_DEPTH_FACTOR
"""Height of the rim over the depth below it."""
LEFT_AT_REACH = REACH_FACTOR**-3
EQUILIBRIUM_FRACTION = 0.079433
"""Craters larger than D on an area of D^2, where nothing else is known."""
NINE = np.stack(np.meshgrid(*2 * [[-1, 0, 1]]), axis=-1).reshape(9, 2).astype(np.int32)
"""From a cell to itself and its neighbours."""
PRODUCTION_SHARE = 1.5
"""Density of sizes just past the crossing over that of equilibrium, as -3 is to -2."""


class Craters(eqx.Module):
    """How many and how large, by the site."""

    _: KW_ONLY
    largest_m: Float[Array, ""]  # diameter: what is larger the map shows
    density_fraction: Float[Array, ""]  # in equilibrium: craters larger than D on an area of D^2
    crossing_m: Float[Array, ""]  # diameter at which production falls below equilibrium
    mean_m: Float[Array, " octave"]  # of the heights that each octave adds


class Crater(NamedTuple):
    """The crater of each of several cells."""

    exists: Bool[Array, "*cells"]
    place_m: Float[Array, "*cells 2"]
    per_radius_m2: Float[Array, "*cells"]  # one over the square of the radius
    depth_m: Float[Array, "*cells"]  # from rim to floor
    is_fresh: Bool[Array, "*cells"]  # of the first class


def crater_octave(
    craters: Craters, key: UInt32[Array, "2"], octave: Int[Array, ""], place_m: Float[Array, "2"]
) -> tuple[Float[Array, ""], Float[Array, "2"]]:
    """Height, m, that craters of 2^octave to 2^(octave + 1) m add at a place, and its gradient.

    The place is on the site's plane.
    """
    side_m = CELL_FACTOR * jnp.asarray(LEAST_M)[octave]
    here = jnp.floor(place_m / side_m).astype(jnp.int32)
    found = crater_of_cell(craters, key, octave, here + NINE)
    height_m, gradient = shape(found, place_m)
    return jnp.sum(height_m) - craters.mean_m[octave], jnp.sum(gradient, axis=0)


def crater_of_cell(
    craters: Craters,
    key: UInt32[Array, "2"],
    octave: Int[AnyArray, "*#cells"],
    cell: Int[Array, "*cells 2"],
) -> Crater:
    """The crater of each cell, if it has one; size and numbers by its octave.

    Of the words of a cell one is for whether and how deep, the other for where and how large: in
    steps of 2^-11 and 2^-10.
    """
    least_m = jnp.asarray(LEAST_M)[octave]
    first, second = cell_words(key, octave, cell, 2)
    one, inside = wholes(first), (first & 0xFF).astype(jnp.float64) * 2.0**-8
    east, north, size = thirds(second)
    square = 1.0 - 0.75 * size  # of the least diameter over this one
    root = jnp.sqrt(square)
    fewer = jnp.minimum(1.0, craters.crossing_m * (root / least_m))
    fewer = jnp.where(fewer < 1.0, PRODUCTION_SHARE * fewer, 1.0)
    chance = 0.75 * CELL_FACTOR**2 * craters.density_fraction * fewer
    side_m = CELL_FACTOR * least_m
    place_m = (cell.astype(jnp.float64) + jnp.stack([east, north], axis=-1)) * side_m[..., None]
    exists = (one < chance) & (least_m <= craters.largest_m * root)
    depth_m = _depth_factor(one, chance, inside) * (least_m / root)
    per_radius_m2 = square * (4.0 / (least_m * least_m))
    return Crater(exists, place_m, per_radius_m2, depth_m, one < CLASS_SHARES[0] * chance)


def _depth_factor(
    one: Float[Array, "*cells"], chance: Float[Array, "*cells"], inside: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    """Depth over diameter, by where `one` stands in the shares of the classes of `chance`."""
    least, most = jnp.full_like(one, LEAST_DEPTHS[0]), jnp.full_like(one, MOST_DEPTHS[0])
    for number, end in enumerate(np.cumsum(CLASS_SHARES)[:-1], start=1):
        is_past = one >= end * chance
        least = jnp.where(is_past, LEAST_DEPTHS[number], least)
        most = jnp.where(is_past, MOST_DEPTHS[number], most)
    return least + inside * (most - least)


def shape(
    crater: Crater, at_m: Float[Array, "2"]
) -> tuple[Float[Array, "*cells"], Float[Array, "*cells 2"]]:
    """Height and gradient that each crater makes at a place; zero beyond its reach."""
    away_m = at_m - crater.place_m
    square = jnp.sum(away_m**2, axis=-1) * crater.per_radius_m2  # of the distance over the radius
    outside = 1.0 / jnp.maximum(square, 1.0)
    cubed = outside * jnp.sqrt(outside)
    rim_m = RIM_FACTOR * crater.depth_m
    blanket_m = rim_m / (1.0 - LEFT_AT_REACH)
    within = square < 1.0
    reaches = crater.exists & (square < REACH_FACTOR**2)
    height_m = jnp.where(
        within,
        rim_m + crater.depth_m * (square - 1.0),
        blanket_m * (cubed - LEFT_AT_REACH),
    )
    slope = jnp.where(within, 2.0 * crater.depth_m, -3.0 * blanket_m * cubed * outside)
    slope = jnp.where(reaches, slope * crater.per_radius_m2, 0.0)
    return jnp.where(reaches, height_m, 0.0), slope[..., None] * away_m
