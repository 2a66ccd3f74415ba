"""Rocks on the ground of a run: how many by size, and those nearest to a place.

The share of the ground that rocks larger than D cover is k exp(-q D) with q = 1.79 + 0.152 / k, D
in metres (Golombek and Rapp, J. Geophys. Res. 102, 1997). Sizes go by octaves from 0.2 m; in each
the ground is a lattice of square cells that hold at most one rock, by a chance, hashed from the
surface key of the run and the cell. Round a fresh crater k is higher: at its rim that of fresh
ejecta, falling to the site's at the end of its blanket.
"""

import math
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from perilune.mechanics.lattice_hash import cell_words, halves, wholes
from perilune.truth.environment.craters import NINE, REACH_FACTOR, crater_of_cell, side_of
from perilune.truth.environment.surface import Surface

SMALLEST_M, OCTAVE_COUNT = 0.2, 4
"""Diameters from 0.2 m to 3.2 m: what is smaller stops no pad, what is larger is counted."""
CELLS_M = (1.5, 3.0, 6.0, 12.0)
"""Sides of the cells of each octave: even with k = 0.05 under half of them have a rock."""
WINDOW_M = 6.0
"""How far from the place rocks are looked for, each way."""
NEAREST_COUNT = 8
PART_COUNT = 8
"""Parts of an octave, over which numbers are summed."""
HASH_OCTAVE = 64
"""Where the octaves of rocks begin among those of the hash."""
FRESH_OCTAVES = (3, 11)
"""Of craters, 8 m to 2 km, whose ejecta have rocks."""
FAR_M = 1_000.0
NONE_FRACTION = 1e-4
"""With k below it there are no rocks."""


class Rocks(eqx.Module):
    """How many, by the site."""

    _: KW_ONLY
    cover_fraction: Float[Array, ""]  # k
    fresh_cover_fraction: Float[Array, ""]  # k at the rim of a fresh crater
    largest_m: Float[Array, ""]  # diameter


class Numbers(NamedTuple):
    """Rocks of each octave."""

    density_per_m2: Float[Array, " octave"]
    below_fraction: Float[Array, "octave parts"]
    """Of the rocks of an octave, smaller than the upper end of each part."""


class Near(NamedTuple):
    """Rocks near a place; of those that are not there the diameter is zero."""

    offset_m: Float[Array, "rock 2"]  # of the centre from the place, on the site's plane
    diameter_m: Float[Array, " rock"]


def rock_numbers(cover_fraction: Float[Array, ""]) -> Numbers:
    """Rocks a square metre by octave and their sizes: -dF/dD over the area pi D^2 / 4 of each."""
    k = jnp.maximum(cover_fraction, NONE_FRACTION)
    q = 1.79 + 0.152 / k
    size_m = SMALLEST_M * 2.0 ** (
        np.arange(OCTAVE_COUNT)[:, None] + (np.arange(PART_COUNT) + 0.5) / PART_COUNT
    )
    part_m = size_m * math.log(2.0) / PART_COUNT
    each = k * q * jnp.exp(-q * size_m) * (4.0 / math.pi * part_m / size_m**2)
    each = jnp.where(cover_fraction > NONE_FRACTION, each, 0.0)
    total = jnp.sum(each, axis=1)
    below = jnp.cumsum(each, axis=1) / jnp.maximum(total, 1e-300)[:, None]
    return Numbers(total, below)


def cover_at(
    rocks: Rocks, surface: Surface, key: UInt32[Array, "2"], place_m: Float[Array, "2"]
) -> Float[Array, ""]:
    """The k of a place: higher within the blanket of a fresh crater."""
    octaves = np.arange(*FRESH_OCTAVES)
    at = place_m / side_of(octaves)[:, None]
    low = jnp.floor(at)
    cells = low.astype(jnp.int32)[:, None] + NINE
    found = crater_of_cell(surface.craters, key, octaves[:, None], cells)
    away = (at - low)[:, None] - NINE.astype(float) - found.inside
    square = jnp.sum(away**2, axis=-1) * found.per_radius2
    share = jnp.clip((REACH_FACTOR - jnp.sqrt(square)) / (REACH_FACTOR - 1.0), 0.0, 1.0)
    freshest = jnp.max(jnp.where(found.exists & found.is_fresh, share, 0.0))
    more = jnp.maximum(rocks.fresh_cover_fraction - rocks.cover_fraction, 0.0)
    return rocks.cover_fraction + freshest * more


def rocks_near(
    rocks: Rocks, surface: Surface, key: UInt32[Array, "2"], place_m: Float[Array, "2"]
) -> Near:
    """The rocks nearest to a place on the site's plane, `NEAREST_COUNT` at most."""
    numbers = rock_numbers(cover_at(rocks, surface, key, place_m))
    found = [_of_octave(numbers, key, octave, place_m) for octave in range(OCTAVE_COUNT)]
    offset_m, diameter_m = (jnp.concatenate(parts) for parts in zip(*found, strict=True))
    there = (diameter_m > 0.0) & (diameter_m <= rocks.largest_m)
    away_m = jnp.sqrt(jnp.sum(offset_m**2, axis=-1)) - 0.5 * diameter_m
    left_m = jnp.where(there, away_m, FAR_M)
    nearest = []
    for _ in range(NEAREST_COUNT):
        which = jnp.arange(len(left_m)) == jnp.argmin(left_m)
        taken = which & (left_m < FAR_M)
        nearest.append(
            (
                jnp.sum(jnp.where(taken[:, None], offset_m, 0.0), axis=0),
                jnp.sum(jnp.where(taken, diameter_m, 0.0)),
            )
        )
        left_m = jnp.where(which, FAR_M, left_m)
    return Near(*(jnp.stack(each) for each in zip(*nearest, strict=True)))


def _of_octave(
    numbers: Numbers, key: UInt32[Array, "2"], octave: int, place_m: Float[Array, "2"]
) -> tuple[Float[Array, "cells 2"], Float[Array, " cells"]]:
    """Offsets and diameters of the rocks of the cells around; zero where there is none."""
    side_m = CELLS_M[octave]
    around = _cells_around(side_m)
    cell = jnp.floor(place_m / side_m).astype(jnp.int32) + around
    first, second, third = cell_words(key, np.array(HASH_OCTAVE + octave), cell, 3)
    inside = jnp.stack(halves(second), axis=-1)
    exists = wholes(first) < side_m**2 * numbers.density_per_m2[octave]
    diameter_m = _diameter_m(numbers.below_fraction[octave], octave, wholes(third))
    offset_m = (cell.astype(jnp.float64) + inside) * side_m - place_m
    return offset_m, jnp.where(exists, diameter_m, 0.0)


def _cells_around(side_m: float) -> Int[np.ndarray, "cells 2"]:
    reach = math.ceil(WINDOW_M / side_m)
    return np.stack(np.meshgrid(*2 * [np.arange(-reach, reach + 1, dtype=np.int32)]), -1).reshape(
        -1, 2
    )


def _diameter_m(
    below: Float[Array, " parts"], octave: int, chance: Float[Array, " cells"]
) -> Float[Array, " cells"]:
    """The diameter that such a share of the octave's rocks is smaller than, even in each part."""
    ends = jnp.concatenate([jnp.zeros(1), below])
    past = jnp.sum(jnp.where(chance[:, None] >= below, 1.0, 0.0), axis=1)
    at = jnp.minimum(past, PART_COUNT - 1.0)
    which = at[:, None] == np.arange(float(PART_COUNT))
    low, high = (jnp.sum(jnp.where(which, each, 0.0), axis=1) for each in (ends[:-1], ends[1:]))
    part = at + jnp.clip((chance - low) / jnp.maximum(high - low, 1e-12), 0.0, 1.0)
    return SMALLEST_M * 2.0**octave * jnp.exp(math.log(2.0) / PART_COUNT * part)
