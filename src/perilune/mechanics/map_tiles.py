"""How a terrain map is made on the host: tiles laid along the approach, sampled, and joined."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int
from scipy import ndimage

from perilune.mechanics import bspline, projection
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.terrain_map import RIM_COUNT, TerrainMap

TILE_COUNT = 3
FEATHER_COUNT = 8
"""Nodes over which one source, or one tile, passes into the next coarser one."""


Grid: TypeAlias = Float[np.ndarray, "*grid"]
Sampler: TypeAlias = Callable[[Grid, Grid], tuple[Grid, Int[np.ndarray, "*grid"]]]
"""From latitudes and longitudes, rad, to heights, m, and the source of each, -1 for made up."""


class Place(Protocol):
    """A point of the sphere, planetocentric in MOON_ME, east positive."""

    @property
    def latitude_rad(self) -> float:
        """North positive."""

    @property
    def longitude_rad(self) -> float:
        """East positive."""


@dataclass(frozen=True, kw_only=True)
class TilePlan:
    """Where a tile lies: rows run along the approach motion, columns to its right."""

    name: str
    row_count: int
    column_count: int
    step_m: float
    uprange_m: float
    per_node_count: int = 1


@dataclass(frozen=True)
class Tile:
    """A sampled tile: heights at its nodes and which source gave each (-1: none did)."""

    plan: TilePlan
    grid_from_plane: Float[np.ndarray, "2 3"]
    height_m: Float[np.ndarray, "row column"]
    source: Int[np.ndarray, "row column"]


def build_map(
    site: Place, approach_azimuth_rad: float, plans: Sequence[TilePlan], sample: Sampler
) -> tuple[TerrainMap, tuple[Tile, ...]]:
    """A `TerrainMap` and its tiles, from plans finest first.

    The azimuth is the heading of the motion at the site, clockwise from north. Each tile's rim is
    drawn towards the next coarser tile, so that the ground has no step where they meet.
    """
    site_from_fixed = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    tiles: list[Tile] = []
    for plan in reversed(plans):
        tile = _sampled(plan, site_from_fixed, approach_azimuth_rad, sample)
        tiles.insert(0, _joined(tile, tiles))
    return _packed(site_from_fixed, tiles), tuple(tiles)


def grid_from_plane(plan: TilePlan, approach_azimuth_rad: float) -> Float[np.ndarray, "2 3"]:
    """The (2, 3) matrix from (u, v, 1) to (row, column): turned to the approach, then scaled."""
    sine, cosine = math.sin(approach_azimuth_rad), math.cos(approach_azimuth_rad)
    middle = 0.5 * (plan.column_count - 1)
    return np.array(
        [
            [sine / plan.step_m, cosine / plan.step_m, plan.uprange_m / plan.step_m],
            [cosine / plan.step_m, -sine / plan.step_m, middle],
        ]
    )


def plane_from_grid(
    grid: Float[np.ndarray, "2 3"], row: Float[np.ndarray, "..."], column: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "... 2"]:
    """The (u, v) point, shape (..., 2), of a fractional row and column."""
    place = np.stack(np.broadcast_arrays(row, column), axis=-1) - grid[:, 2]
    return place @ np.linalg.inv(grid[:, :2]).T


def heights_on_host(
    terrain_map: TerrainMap, position_fixed_m: Float[AnyArray, "... 3"]
) -> Float[np.ndarray, "..."]:
    """What `map_height_m` gives, in NumPy, for many positions (..., 3): no compiling."""
    site_m = np.asarray(position_fixed_m) @ np.asarray(terrain_map.site_from_fixed).T
    distance_m = np.linalg.norm(site_m, axis=-1, keepdims=True)
    radius_m = float(terrain_map.reference_radius_m)
    return heights_on_plane(
        terrain_map, 2.0 * radius_m * site_m[..., :2] / (distance_m + site_m[..., 2:])
    )


def heights_on_plane(
    terrain_map: TerrainMap, plane_m: Float[np.ndarray, "... 2"]
) -> Float[np.ndarray, "..."]:
    """Heights, m, at plane points (..., 2), in NumPy; from the finest tile that holds each."""
    hosted = jax.tree.map(np.asarray, terrain_map)
    height_m = np.empty(plane_m.shape[:-1])
    here = np.ones(height_m.shape, bool)
    for tile in reversed(np.flatnonzero(hosted.present)):
        grid = hosted.grid_from_plane[tile]
        place = plane_m @ grid[:, :2].T + grid[:, 2]
        shape = int(hosted.row_count[tile]), int(hosted.column_count[tile])
        last = np.array(shape) - 1 - RIM_COUNT
        if tile < hosted.present.sum() - 1:
            here = np.all((place >= RIM_COUNT) & (place <= last), axis=-1)
        flat = hosted.coefficients_m[hosted.offset_count[tile] :][: shape[0] * shape[1]]
        height_m[here] = _spline(flat.reshape(shape), place[here])
    return height_m


def _spline(
    coefficients: Float[np.ndarray, "rows columns"], place: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, " n"]:
    """A quadratic B-spline at fractional places (n, 2), held half a node inside the edge."""
    held = np.clip(place, 0.5, np.array(coefficients.shape) - 1.5)
    return ndimage.map_coordinates(coefficients, held.T, order=2, prefilter=False, mode="mirror")


def _sampled(
    plan: TilePlan,
    site_from_fixed: Float[np.ndarray, "3 3"],
    approach_azimuth_rad: float,
    sample: Callable[..., tuple[Float[np.ndarray, "..."], Int[np.ndarray, "..."]]],
) -> Tile:
    """Heights at a plan's nodes, each the mean of per_node_count squared points of its cell."""
    grid = grid_from_plane(plan, approach_azimuth_rad)
    many = plan.per_node_count
    within = (np.arange(many) + 0.5) / many - 0.5
    rows = (np.arange(plan.row_count)[:, None] + within).ravel()
    columns = (np.arange(plan.column_count)[:, None] + within).ravel()
    plane_m = plane_from_grid(grid, rows[:, None], columns[None, :])
    direction = projection.direction_from_plane(plane_m, MOON_RADIUS_M) @ site_from_fixed
    height_m, source = sample(*projection.angles_from_direction(direction))
    cells = (plan.row_count, many, plan.column_count, many)
    return Tile(
        plan,
        grid,
        height_m.reshape(cells).mean(axis=(1, 3)),
        source.reshape(cells)[:, many // 2, :, many // 2],
    )


def _joined(tile: Tile, coarser: Sequence[Tile]) -> Tile:
    """The tile with its rim drawn to the coarser tiles' surface, over FEATHER_COUNT nodes."""
    if not coarser:
        return tile
    shape = tile.height_m.shape
    rows, columns = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    from_edges = rows, shape[0] - 1 - rows, columns, shape[1] - 1 - columns
    rim = np.minimum.reduce(from_edges)
    weight = smooth_step((rim - 1.0 - RIM_COUNT) / FEATHER_COUNT)
    edge = weight < 1.0
    plane_m = plane_from_grid(tile.grid_from_plane, rows[edge], columns[edge])
    below_m = heights_on_plane(_packed(np.eye(3), coarser), plane_m)
    height_m = tile.height_m.copy()
    height_m[edge] = below_m + weight[edge] * (height_m[edge] - below_m)
    return Tile(tile.plan, tile.grid_from_plane, height_m, tile.source)


def smooth_step(part: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """0 to 1 as `part` goes from 0 to 1, level at both ends; held outside."""
    held = np.clip(part, 0.0, 1.0)
    return held * held * (3.0 - 2.0 * held)


def _packed(site_from_fixed: Float[np.ndarray, "3 3"], tiles: Sequence[Tile]) -> TerrainMap:
    """The tiles as one `TerrainMap`, padded to TILE_COUNT."""
    spare = TILE_COUNT - len(tiles)
    coefficients = [bspline.spline_coefficients(tile.height_m).ravel() for tile in tiles]
    sizes = [flat.size for flat in coefficients]
    shapes = np.array([tile.height_m.shape for tile in tiles] + [(3, 3)] * spare, np.int32)
    frames = [tile.grid_from_plane for tile in tiles] + [np.ones((2, 3))] * spare
    return TerrainMap(
        site_from_fixed=jnp.asarray(site_from_fixed),
        reference_radius_m=jnp.asarray(np.float64(MOON_RADIUS_M)),
        coefficients_m=jnp.asarray(np.concatenate(coefficients)),
        grid_from_plane=jnp.asarray(np.stack(frames)),
        offset_count=jnp.asarray(np.cumsum([0, *sizes[:-1], *[0] * spare]).astype(np.int32)),
        row_count=jnp.asarray(shapes[:, 0]),
        column_count=jnp.asarray(shapes[:, 1]),
        present=jnp.asarray(np.arange(TILE_COUNT) < len(tiles)),
    )
