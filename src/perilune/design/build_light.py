"""The light along a planned approach: the share of lit ground in view, from map and relief."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt32

from perilune.data.maps.height_units import HIGHEST_M, LOWEST_M
from perilune.design.track import PlannedTrack
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.map_tiles import heights_on_host
from perilune.mechanics.rotation import rotate
from perilune.truth.environment.ephemeris import Sky, fixed_from_inertial, sun_position_m
from perilune.truth.environment.horizon import distances_m, heading, reach_m
from perilune.truth.environment.lighting import (
    KNOT_COUNT,
    GroundLight,
    ground_heights,
    sunlit_fraction,
)
from perilune.truth.environment.terrain import Terrain

NEAREST_M, FURTHEST_M = 200.0, 1_500_000.0
"""From the aim point, of the table past its first row."""
SIDE_COUNT = 7
"""Of the view: a grid of so many cells a side, with a place in each."""
VIEW_FACTOR = 1.0
"""Width of the view over the height: a field of view of 53 deg."""
PIXELS = 1_000.0
"""Across the view: what is smaller casts no shadow that is counted."""
FINEST_M = 1.0
GROWTH_FRACTION = 0.08
"""Of a march's looks: each so much further off."""
LEAST_HEIGHT_M = 50.0
MARCH_M = distances_m(FINEST_M, GROWTH_FRACTION, reach_m(HIGHEST_M, LOWEST_M, HIGHEST_M))
"""Where a march looks whose finest detail is 1 m: to past where any ground of the Moon can rise."""
KEY = np.full(2, 2**32 - 1, np.uint32)
"""Of a surface that no flight meets."""


class Views(NamedTuple):
    """What is looked at from each knot of the table."""

    range_m: Float[np.ndarray, " knot"]
    direction_fixed: Float[np.ndarray, "knot 3"]
    height_m: Float[np.ndarray, " knot"]
    time_s: Float[np.ndarray, " knot"]


def build_light(terrain: Terrain, sky: Sky, track: PlannedTrack) -> GroundLight:
    """The `GroundLight` of a planned track over a ground, at the Sun of its own times.

    At each knot 49 places of the view below are asked, each by a march towards the Sun, for the
    share of the Sun's disc above the horizon of map and relief: their mean is good to 0.05.
    """
    views = views_along(sky, track, terrain)
    lit = _lit_fractions(terrain, sky, jax.tree.map(jnp.asarray, views))
    return GroundLight(jnp.asarray(views.range_m), lit)


def views_along(sky: Sky, track: PlannedTrack, terrain: Terrain) -> Views:
    """Where, how high and when the planned flight is at each knot."""
    places_m = np.asarray(rotate(sky.fixed_from_pa[None], jnp.asarray(track.places_pa_m)))
    directions = places_m / np.linalg.norm(places_m, axis=1, keepdims=True)
    cosine = np.clip(directions @ directions[-1], -1.0, 1.0)
    range_m = np.maximum.accumulate(MOON_RADIUS_M * np.arccos(cosine)[::-1])
    ground_m = MOON_RADIUS_M + heights_on_host(terrain.map, places_m)
    height_m = np.linalg.norm(places_m, axis=1) - ground_m
    rows = np.column_stack([directions, height_m, track.times_s])[::-1]
    knots_m = np.concatenate([[0.0], np.geomspace(NEAREST_M, FURTHEST_M, KNOT_COUNT - 1)])
    found = np.column_stack([np.interp(knots_m, range_m, row) for row in rows.T])
    direction = found[:, :3] / np.linalg.norm(found[:, :3], axis=1, keepdims=True)
    return Views(knots_m, direction, np.maximum(found[:, 3], LEAST_HEIGHT_M), found[:, 4])


def _offsets() -> Float[np.ndarray, "place 2"]:
    """Places in a square of side 1 about its middle: one at random in each cell of a grid."""
    cells = np.stack(np.meshgrid(*2 * [np.arange(SIDE_COUNT)]), axis=-1).reshape(-1, 2)
    inside = np.random.default_rng(0).uniform(size=cells.shape)
    return (cells + inside) / SIDE_COUNT - 0.5


@jax.jit
def _lit_fractions(terrain: Terrain, sky: Sky, views: Views) -> Float[Array, " knot"]:
    def of_view(view: Views) -> Float[Array, ""]:
        return lit_fraction(terrain, jnp.asarray(KEY), sky, view)

    return jax.lax.map(of_view, views)


def lit_fraction(
    terrain: Terrain, key: UInt32[Array, "2"], sky: Sky, view: Views
) -> Float[Array, ""]:
    """The mean share of the Sun's disc over the places of one view."""
    sun_m = rotate(fixed_from_inertial(sky, view.time_s), sun_position_m(sky, view.time_s))
    middle, wide_m = jnp.asarray(view.direction_fixed), VIEW_FACTOR * view.height_m
    axes = jnp.stack([heading(middle, 0.5 * math.pi), heading(middle, 0.0)])
    detail_m = jnp.maximum(FINEST_M, wide_m / PIXELS)
    height_at = ground_heights(terrain, key, detail_m)
    along_m = jnp.minimum(detail_m * MARCH_M, MARCH_M[-1])

    def at(offset: Float[Array, "2"]) -> Float[Array, ""]:
        aside = middle + wide_m / MOON_RADIUS_M * (offset @ axes)
        up = aside / jnp.linalg.norm(aside)
        return sunlit_fraction(height_at, up, sun_m, along_m)

    return jnp.mean(jax.vmap(at)(jnp.asarray(_offsets())))
