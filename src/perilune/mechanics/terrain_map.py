"""The law of a gridded height field: a few tiles on one site's plane, one of them per point.

Truth and the map carried on board share this law; the numbers in it are theirs alone.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from perilune.mechanics import bspline, projection
from perilune.mechanics.array_types import AnyArray

RIM_COUNT = 4
"""Nodes at a tile's rim that only serve the spline: its mirrored edge has died out inside them."""


class TerrainMap(eqx.Module):
    """Heights above a sphere, on tiles of the stereographic plane at a site, finest tile first.

    site_from_fixed     from MOON_ME to East-North-Up axes at the plane's origin
    reference_radius_m  of the sphere that heights are above
    coefficients_m      B-spline coefficients of all tiles, end to end
    grid_from_plane     row and column = [:, :, :2] @ (u, v) + [:, :, 2]
    offset_count        where each tile's coefficients begin
    present             False for padding, which comes last
    """

    _: KW_ONLY
    site_from_fixed: Float[Array, "3 3"]
    reference_radius_m: Float[Array, ""]
    coefficients_m: Float[Array, " coefficient"]
    grid_from_plane: Float[Array, "tile 2 3"]
    offset_count: Int[Array, " tile"]
    row_count: Int[Array, " tile"]
    column_count: Int[Array, " tile"]
    present: Bool[Array, " tile"]


def map_height_m(
    terrain_map: TerrainMap, position_fixed_m: Float[AnyArray, "3"]
) -> Float[Array, ""]:
    """Height, m, above the reference sphere under a Moon-centred MOON_ME position (3,).

    The finest tile that holds the point is used; outside all, the edge of the coarsest is held.
    """
    position_site_m = terrain_map.site_from_fixed @ position_fixed_m
    plane_m = projection.plane_from_direction(position_site_m, terrain_map.reference_radius_m)
    offset, shape, place, _ = _locate(terrain_map, plane_m)
    return bspline.spline_value(terrain_map.coefficients_m, offset, shape, place[0], place[1])


def map_height_and_gradient(
    terrain_map: TerrainMap, position_fixed_m: Float[AnyArray, "3"]
) -> tuple[Float[Array, ""], Float[Array, "3"]]:
    """Height, m, and its gradient (3,), m per m on MOON_ME axes, as a function of the position.

    The gradient lies across the position: height does not change along the radius.
    """
    to_site = terrain_map.site_from_fixed
    position_site_m = to_site @ position_fixed_m
    radius_m = terrain_map.reference_radius_m
    plane_m = projection.plane_from_direction(position_site_m, radius_m)
    offset, shape, place, grid_from_plane = _locate(terrain_map, plane_m)
    height_m, per_node = bspline.spline_value_and_gradient(
        terrain_map.coefficients_m, offset, shape, place[0], place[1]
    )
    plane_by_site = projection.plane_gradients(position_site_m, radius_m)
    return height_m, per_node @ grid_from_plane[:, :2] @ plane_by_site @ to_site


def is_mapped(terrain_map: TerrainMap, position_fixed_m: Float[AnyArray, "3"]) -> Bool[Array, ""]:
    """Whether a tile holds the point under a Moon-centred MOON_ME position (3,)."""
    position_site_m = terrain_map.site_from_fixed @ position_fixed_m
    plane_m = projection.plane_from_direction(position_site_m, terrain_map.reference_radius_m)
    return jnp.any(_inside(terrain_map, plane_m)[0])


def _inside(
    terrain_map: TerrainMap, plane_m: Float[Array, "2"]
) -> tuple[Bool[Array, " tile"], Int[Array, "tile 2"], Float[Array, "tile 2"]]:
    """Which tiles hold a point, their shapes, and its row and column in each."""
    grid = terrain_map.grid_from_plane
    place = grid[:, :, 0] * plane_m[0] + grid[:, :, 1] * plane_m[1] + grid[:, :, 2]
    shape = jnp.stack([terrain_map.row_count, terrain_map.column_count], axis=-1)
    last = shape.astype(place.dtype) - 1.0 - RIM_COUNT
    held = jnp.all((place >= RIM_COUNT) & (place <= last), axis=-1) & terrain_map.present
    return held, shape, place


def _locate(
    terrain_map: TerrainMap, plane_m: Float[Array, "2"]
) -> tuple[Int[Array, ""], Int[Array, "2"], Float[Array, "2"], Float[Array, "2 3"]]:
    """Offset, shape, (row, column) and grid_from_plane of the tile used for a point."""
    grid = terrain_map.grid_from_plane
    inside, shape, place = _inside(terrain_map, plane_m)
    chosen = terrain_map.offset_count[0], shape[0], place[0], grid[0]
    better = inside[0]
    for tile in range(1, grid.shape[0]):
        take = ~better & terrain_map.present[tile]
        here = terrain_map.offset_count[tile], shape[tile], place[tile], grid[tile]
        chosen = jax.tree.map(lambda new, old, take=take: jnp.where(take, new, old), here, chosen)
        better = better | inside[tile]
    return chosen
