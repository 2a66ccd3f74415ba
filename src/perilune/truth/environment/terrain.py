"""The true ground of a run: its height, its normal, and the clearance above it."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, UInt32

from perilune.mechanics import projection
from perilune.mechanics.rotation import cross
from perilune.mechanics.terrain_map import TerrainMap, map_height_and_gradient, map_height_m
from perilune.truth.environment.map_warp import MapWarp, warp
from perilune.truth.environment.rocks import Near, Rocks, rocks_near
from perilune.truth.environment.surface import Surface, relief, relief_m

DETAIL_FRACTION = 0.05
"""Of the clearance: what is finer is not evaluated, whatever the footprint."""


class Terrain(eqx.Module):
    """The ground: the measured map, and below its resolution a surface of each run's own.

    Both are moved as one piece: turned about the Moon's centre by a small rotation and raised by
    `rise_m`; and bent by `warp`, over tens of kilometres. What the map draws is turned by
    `turn_fixed_rad`; its heights are by `heights_turn_fixed_rad`, which is another turn where they
    are those of another place.
    """

    _: KW_ONLY
    map: TerrainMap
    surface: Surface
    rocks: Rocks
    turn_fixed_rad: Float[Array, "3"]
    heights_turn_fixed_rad: Float[Array, "3"]
    rise_m: Float[Array, ""]
    warp: MapWarp


def height_m(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: UInt32[Array, "2"],
    footprint_m: float,
) -> Float[Array, ""]:
    """Height, m, of the ground above the 1,737,400 m sphere under a MOON_ME position (3,).

    `surface_key` is the data of the run's key; what is smaller than `footprint_m`, or than a
    twentieth of the clearance, is left out.
    """
    clear_m = clearance_m(terrain, position_fixed_m, surface_key, footprint_m)
    return jnp.linalg.norm(position_fixed_m) - terrain.map.reference_radius_m - clear_m


def clearance_m(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: UInt32[Array, "2"],
    footprint_m: float | Float[Array, ""],
) -> Float[Array, ""]:
    """How far, m, a MOON_ME position (3,) is above the ground, along the radius."""
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    clear_m = _over_map_m(terrain, on_map_m, map_height_m(terrain.map, on_map_m))
    plane_m, detail_m = _asked(terrain, on_map_m, clear_m, footprint_m)
    warp_m, _ = warp(terrain.warp, surface_key, plane_m)
    return clear_m - relief_m(terrain.surface, surface_key, plane_m, detail_m) - warp_m


def over_map_m(terrain: Terrain, position_fixed_m: Float[Array, "3"]) -> Float[Array, ""]:
    """How far, m, a MOON_ME position (3,) is above the ground of the map, moved but not bent."""
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    return _over_map_m(terrain, on_map_m, map_height_m(terrain.map, on_map_m))


def clearance_and_normal(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: UInt32[Array, "2"],
    footprint_m: float | Float[Array, ""],
) -> tuple[Float[Array, ""], Float[Array, "3"]]:
    """The clearance, m, and the outward unit normal (3,) of the ground below, MOON_ME.

    The ground is the zero of |r| - R - h(r), whose gradient is the radial direction less that
    of h. The map's slope falls with the radius, which is taken at the ground.
    """
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    distance_m = jnp.linalg.norm(on_map_m)
    mapped_m, gradient = map_height_and_gradient(terrain.map, on_map_m)
    high_m = _over_map_m(terrain, on_map_m, mapped_m)
    plane_m, detail_m = _asked(terrain, on_map_m, high_m, footprint_m)
    relief_m, on_plane = relief(terrain.surface, surface_key, plane_m, detail_m)
    warp_m, bent = warp(terrain.warp, surface_key, plane_m)
    radius_m, to_site = terrain.map.reference_radius_m, terrain.map.site_from_fixed
    gradient += (
        (on_plane + bent) @ projection.plane_gradients(to_site @ on_map_m, radius_m) @ to_site
    )
    clear_m = high_m - (relief_m + warp_m)
    stretch = distance_m / (distance_m - clear_m)
    outward = on_map_m / distance_m - gradient * stretch
    return clear_m, outward / jnp.linalg.norm(outward)


def normal_fixed(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: UInt32[Array, "2"],
    footprint_m: float | Float[Array, ""],
) -> Float[Array, "3"]:
    """The outward unit normal (3,) of the ground, MOON_ME; arguments as `height_m`."""
    return clearance_and_normal(terrain, position_fixed_m, surface_key, footprint_m)[1]


def _over_map_m(
    terrain: Terrain, on_map_m: Float[Array, "3"], mapped_m: Float[Array, ""]
) -> Float[Array, ""]:
    """Height over the ground as the map has it, raised."""
    datum_m = terrain.map.reference_radius_m + terrain.rise_m
    return jnp.linalg.norm(on_map_m) - datum_m - mapped_m


def _asked(
    terrain: Terrain,
    on_map_m: Float[Array, "3"],
    high_m: Float[Array, ""],
    footprint_m: float | Float[Array, ""],
) -> tuple[Float[Array, "2"], Float[Array, ""]]:
    """Where on the site's plane, m, and to what detail, m, the surface is asked for."""
    detail_m = jnp.maximum(footprint_m, DETAIL_FRACTION * jnp.abs(high_m))
    to_site = terrain.map.site_from_fixed
    plane_m = projection.plane_from_direction(to_site @ on_map_m, terrain.map.reference_radius_m)
    return plane_m, detail_m


def _turned_back_m(terrain: Terrain, position_fixed_m: Float[Array, "3"]) -> Float[Array, "3"]:
    """The turn of the heights taken off, to first order.

    What is left is a height: 0.1 mm for a map 20 m off, 7 cm for one 500 m off.
    """
    return position_fixed_m - cross(terrain.heights_turn_fixed_rad, position_fixed_m)


def place_on_map_m(terrain: Terrain, position_fixed_m: Float[Array, "3"]) -> Float[Array, "3"]:
    """Where the map draws the ground that truly lies at a place (3,) m: turn and rise taken off."""
    on_map_m = position_fixed_m - cross(terrain.turn_fixed_rad, position_fixed_m)
    return on_map_m * (1.0 - terrain.rise_m / jnp.linalg.norm(on_map_m))


def rocks_at(
    terrain: Terrain, position_fixed_m: Float[Array, "3"], surface_key: UInt32[Array, "2"]
) -> tuple[Near, Float[Array, "2 3"]]:
    """The rocks nearest to a place, and the unit axes, MOON_ME, that their offsets are along."""
    radius_m, to_site = terrain.map.reference_radius_m, terrain.map.site_from_fixed
    place_site_m = to_site @ _turned_back_m(terrain, position_fixed_m)
    plane_m = projection.plane_from_direction(place_site_m, radius_m)
    near = rocks_near(terrain.rocks, terrain.surface, surface_key, plane_m)
    axes = projection.plane_gradients(place_site_m, radius_m) @ to_site
    stretch = jnp.linalg.norm(axes[0])
    return Near(near.offset_m / stretch, near.diameter_m), axes / stretch


def tilted(
    clearance_m: Float[Array, " n"],
    normal_fixed: Float[Array, "n 3"],
    arm_fixed_m: Float[Array, "n 3"],
    slope_fixed_fraction: Float[Array, "3"],
) -> tuple[Float[Array, " n"], Float[Array, "n 3"]]:
    """Clearance (n,) m and normals (n, 3) with the ground tilted about a place.

    `arm_fixed_m` (n, 3) goes from that place to each point; the ground rises along the horizontal
    vector `slope_fixed_fraction` (3,) by its length, metres up per metre. Small slopes.
    """
    rise_m = jnp.sum(arm_fixed_m * slope_fixed_fraction, axis=-1)
    leaning = normal_fixed - slope_fixed_fraction
    return clearance_m - rise_m, leaning / jnp.linalg.norm(leaning, axis=-1, keepdims=True)
