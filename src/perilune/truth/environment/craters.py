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
BLANKET = RIM_FACTOR / (1.0 - LEFT_AT_REACH)
"""Height that the blanket would have at the rim, were it not to end, over the depth."""
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
    inside: Float[Array, "*cells 2"]  # where in its cell, of the cell's side
    per_radius2: Float[Array, "*cells"]  # square of the cell's side over that of the radius
    depth_m: Float[Array, "*cells"]  # from rim to floor
    is_fresh: Bool[Array, "*cells"]  # of the first class


def crater_octave(
    craters: Craters, key: UInt32[Array, "2"], octave: Int[Array, ""], place_m: Float[Array, "2"]
) -> tuple[Float[Array, ""], Float[Array, "2"]]:
    """Height, m, that craters of 2^octave to 2^(octave + 1) m add at a place, and its gradient.

    The place is on the site's plane.
    """
    side_m = side_of(octave)
    at = place_m / side_m
    low = jnp.floor(at)
    found = crater_of_cell(craters, key, octave, low.astype(jnp.int32) + NINE)
    height_m, slope_m = shape(found, (at - low) - NINE.astype(float))
    return jnp.sum(height_m) - craters.mean_m[octave], jnp.sum(slope_m, axis=0) / side_m


def side_of(octave: Int[AnyArray, "*any"]) -> Float[Array, "*any"]:
    """The side, m, of the cells of an octave."""
    return CELL_FACTOR * jnp.asarray(LEAST_M)[octave]


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
    one, part = wholes(first), (first & 0xFF).astype(jnp.float64)
    east, north, size = thirds(second)
    square = 1.0 - 0.75 * size  # of the least diameter over this one
    root = jnp.sqrt(square)
    most = 0.75 * CELL_FACTOR**2 * craters.density_fraction
    crossing = craters.crossing_m / least_m
    is_fewer = root * crossing < 1.0
    chance = jnp.where(is_fewer, root * (most * PRODUCTION_SHARE * crossing), most)
    return Crater(
        exists=(one < chance) & (root >= least_m / craters.largest_m),
        inside=jnp.stack([east, north], axis=-1),
        per_radius2=(4.0 * CELL_FACTOR**2) * square,
        depth_m=_depth_factor(one, chance, part) * (least_m / root),
        is_fresh=one < CLASS_SHARES[0] * chance,
    )


def _depth_factor(
    one: Float[Array, "*cells"], chance: Float[Array, "*cells"], part: Float[Array, "*cells"]
) -> Float[Array, "*cells"]:
    """Depth over diameter, by where `one` stands in the shares of the classes of `chance`.

    Even inside the class, at `part` of 256 steps from least to most.
    """
    per_step = (np.array(MOST_DEPTHS) - LEAST_DEPTHS) / 256.0
    least, step = jnp.full_like(one, LEAST_DEPTHS[0]), jnp.full_like(one, per_step[0])
    for number, end in enumerate(np.cumsum(CLASS_SHARES)[:-1], start=1):
        is_past = one >= end * chance
        least = jnp.where(is_past, LEAST_DEPTHS[number], least)
        step = jnp.where(is_past, per_step[number], step)
    return least + part * step


def shape(
    crater: Crater, at: Float[Array, "*cells 2"]
) -> tuple[Float[Array, "*cells"], Float[Array, "*cells 2"]]:
    """Height, m, that each crater makes at a place, and its gradient, m a side of the cells.

    The place is told from the corner of each cell, in sides. Beyond its reach a crater makes zero.
    """
    away = at - crater.inside
    square = jnp.sum(away**2, axis=-1) * crater.per_radius2  # of the distance over the radius
    outside = 1.0 / jnp.maximum(square, 1.0)
    cubed = outside * jnp.sqrt(outside)
    within = square < 1.0
    reaches = crater.exists & (square < REACH_FACTOR**2)
    depth_m = jnp.where(reaches, crater.depth_m, 0.0)
    height = jnp.where(within, square - (1.0 - RIM_FACTOR), BLANKET * (cubed - LEFT_AT_REACH))
    slope = jnp.where(within, 2.0, (-3.0 * BLANKET) * (cubed * outside))
    return depth_m * height, (depth_m * slope * crater.per_radius2)[..., None] * away
