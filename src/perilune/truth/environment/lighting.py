"""The light on the ground: how high Sun and Earth stand over it, and how much of it is lit.

Of the ground in view the flight knows the share that is lit from a table along the approach, made
when the flight is designed; the Sun's height it works out where it is.
"""

from typing import Any, NamedTuple, Protocol

import equinox as eqx
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float, UInt32

from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M, SUN_RADIUS_M
from perilune.mechanics.terrain_map import map_height_m
from perilune.truth.environment.horizon import (
    HeightAt,
    angular_radius_rad,
    heading,
    horizon_rad,
    share_above,
)
from perilune.truth.environment.surface import relief_m
from perilune.truth.environment.terrain import Terrain

KNOT_COUNT = 24
"""Of the table along the approach."""
FAR_DETAIL_FRACTION = 0.02
"""Of the distance: what is finer is left out of a horizon."""
LEAST_SPAN_RAD = 1e-6


class GroundLight(eqx.Module):
    """The share of ground that is lit in a view as wide as the lander is high, along the approach.

    The table goes by the distance to the aim point, m along the sphere, rising.
    """

    range_m: Float[Array, "24"]
    lit_fraction: Float[Array, "24"]


class Lighting(NamedTuple):
    """The light at the ground below a vehicle."""

    sun_elevation_rad: Float[Array, ""]  # of its centre, over level ground
    lit_fraction: Float[Array, ""]


class Seen(NamedTuple):
    """A disc in the sky of a place."""

    elevation_rad: Float[Array, ""]  # of its centre, over level ground
    azimuth_rad: Float[Array, ""]  # from north through east
    horizon_rad: Float[Array, ""]  # of the ground there
    above_fraction: Float[Array, ""]  # of the disc, above that horizon


def lighting_below(
    light: GroundLight | None,
    sun_fixed_m: Float[Array, "3"],
    here_fixed_m: Float[Array, "3"],
    aim_fixed_m: Float[Array, "3"],
) -> Lighting:
    """The light below a MOON_ME position (3,), with the Sun (3,) from the Moon's centre.

    Where no light is tabulated, since no sensor sees by it, all ground counts as lit.
    """
    up, aim = (each / jnp.linalg.norm(each) for each in (here_fixed_m, aim_fixed_m))
    sine = jnp.sum(up * sun_fixed_m) / jnp.linalg.norm(sun_fixed_m)
    if light is None:
        return Lighting(jnp.arcsin(sine), jnp.ones_like(sine))
    half_chord = 0.5 * jnp.linalg.norm(up - aim)
    range_m = 2.0 * MOON_RADIUS_M * jnp.arcsin(jnp.minimum(half_chord, 1.0))
    return Lighting(jnp.arcsin(sine), jnp.interp(range_m, light.range_m, light.lit_fraction))


class Needs(Protocol):
    """What light a sensor asks for, as its data sheet says."""

    @property
    def dark_sun_rad(self) -> Any:
        """Elevation of the Sun up to which it is dark."""

    @property
    def full_sun_rad(self) -> Any:
        """And from which its light is full."""

    @property
    def full_lit_fraction(self) -> Any:
        """Share of lit ground from which light is full."""


def daylight_fraction(spec: Needs, light: Lighting) -> Float[Array, ""]:
    """Of full light, by the Sun's elevation times the share of lit ground, each rising evenly."""
    risen_rad = light.sun_elevation_rad - spec.dark_sun_rad
    of_sun = risen_rad / jnp.maximum(spec.full_sun_rad - spec.dark_sun_rad, LEAST_SPAN_RAD)
    of_ground = light.lit_fraction / spec.full_lit_fraction
    return jnp.clip(of_sun, 0.0, 1.0) * jnp.clip(of_ground, 0.0, 1.0)


def ground_heights(
    terrain: Terrain, key: UInt32[Array, "2"], detail_m: Float[ArrayLike, ""]
) -> HeightAt:
    """Heights, m, of the map and the relief below it, coarser further from the eye."""
    to_site = terrain.map.site_from_fixed

    def height_at(direction: Float[Array, "3"], away_m: Float[Array, ""]) -> Float[Array, ""]:
        plane_m = projection.plane_from_direction(to_site @ direction, MOON_RADIUS_M)
        seen_m = jnp.maximum(detail_m, FAR_DETAIL_FRACTION * away_m)
        added_m = relief_m(terrain.surface, key, plane_m, seen_m)
        return map_height_m(terrain.map, direction) + added_m

    return height_at


def seen_from(
    height_at: HeightAt,
    up: Float[Array, "3"],
    body_fixed_m: Float[Array, "3"],
    body_radius_m: float,
    along_m: Float[Array, " distance"],
) -> Seen:
    """A sphere in the sky of the ground in a unit direction (3,), both in MOON_ME.

    `body_fixed_m` is its centre from the Moon's. The eye is on the ground.
    """
    eye_m = (MOON_RADIUS_M + height_at(up, jnp.array(0.0))) * up
    to_body_m = body_fixed_m - eye_m
    east, north = heading(up, 0.5 * jnp.pi), heading(up, 0.0)
    high_m, east_m, north_m = (jnp.sum(to_body_m * axis) for axis in (up, east, north))
    elevation_rad = jnp.arctan2(high_m, jnp.hypot(east_m, north_m))
    azimuth_rad = jnp.arctan2(east_m, north_m) % (2.0 * jnp.pi)
    ground_rad = horizon_rad(height_at, eye_m, azimuth_rad, along_m)
    disc_rad = angular_radius_rad(jnp.linalg.norm(to_body_m), body_radius_m)
    above = share_above(elevation_rad, ground_rad, disc_rad)
    return Seen(elevation_rad, azimuth_rad, ground_rad, above)


def sunlit_fraction(
    height_at: HeightAt,
    up: Float[Array, "3"],
    sun_fixed_m: Float[Array, "3"],
    along_m: Float[Array, " distance"],
) -> Float[Array, ""]:
    """The share of the Sun's disc that shines on the ground in a unit direction (3,), MOON_ME."""
    return seen_from(height_at, up, sun_fixed_m, SUN_RADIUS_M, along_m).above_fraction
