"""The true ground of a run: its height, its normal, and the clearance above it."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from perilune.mechanics.rotation import cross
from perilune.mechanics.terrain_map import TerrainMap, map_height_and_gradient, map_height_m


class Terrain(eqx.Module):
    """The ground: the measured map. What lies below its resolution will be added here.

    The true ground is the map's, moved as one piece: turned about the Moon's centre by the small
    rotation `turn_fixed_rad` and raised by `rise_m`.
    """

    map: TerrainMap
    turn_fixed_rad: Float[Array, "3"]
    rise_m: Float[Array, ""]


def height_m(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: Key[Array, ""],
    footprint_m: float,
) -> Float[Array, ""]:
    """Height, m, of the ground above the 1,737,400 m sphere under a MOON_ME position (3,).

    `surface_key` is reserved for this run's surface below the map's resolution, `footprint_m` for
    the detail that the caller needs of it. Nothing lies below the map yet, so both are unused.
    """
    clear_m = clearance_m(terrain, position_fixed_m, surface_key, footprint_m)
    return jnp.linalg.norm(position_fixed_m) - terrain.map.reference_radius_m - clear_m


def normal_fixed(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: Key[Array, ""],
    footprint_m: float,
) -> Float[Array, "3"]:
    """The outward unit normal (3,) of the ground, MOON_ME; arguments as `height_m`.

    The ground is the zero of |r| - R - h(r), whose gradient is the radial direction less that
    of h. The map's slope falls with the radius, which is taken at the ground.
    """
    del surface_key, footprint_m
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    distance_m = jnp.linalg.norm(on_map_m)
    ground_m, gradient = map_height_and_gradient(terrain.map, on_map_m)
    stretch = distance_m / (terrain.map.reference_radius_m + terrain.rise_m + ground_m)
    outward = on_map_m / distance_m - gradient * stretch
    return outward / jnp.linalg.norm(outward)


def clearance_m(
    terrain: Terrain,
    position_fixed_m: Float[Array, "3"],
    surface_key: Key[Array, ""],
    footprint_m: float,
) -> Float[Array, ""]:
    """How far, m, a MOON_ME position (3,) is above the ground, along the radius."""
    del surface_key, footprint_m
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    ground_m = map_height_m(terrain.map, on_map_m) + terrain.rise_m
    return jnp.linalg.norm(on_map_m) - terrain.map.reference_radius_m - ground_m


def _turned_back_m(terrain: Terrain, position_fixed_m: Float[Array, "3"]) -> Float[Array, "3"]:
    """The turn taken off, to first order.

    What is left is a height: 0.1 mm for a map 20 m off, 7 cm for one 500 m off.
    """
    return position_fixed_m - cross(terrain.turn_fixed_rad, position_fixed_m)


def place_on_map_m(terrain: Terrain, position_fixed_m: Float[Array, "3"]) -> Float[Array, "3"]:
    """Where the map draws the ground that truly lies at a place (3,) m: turn and rise taken off."""
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    return on_map_m * (1.0 - terrain.rise_m / jnp.linalg.norm(on_map_m))


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
