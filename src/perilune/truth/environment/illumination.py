"""Elevation and azimuth of the Sun and the Earth at a place on the Moon, taken as a sphere."""

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.projection import direction_from_angles
from perilune.mechanics.rotation import rotate
from perilune.truth.environment.ephemeris import (
    Sky,
    earth_position_m,
    fixed_from_inertial,
    sun_position_m,
)


def elevation_azimuth_rad(
    direction_fixed: Float[ArrayLike, "3"],
    latitude_rad: Float[ArrayLike, ""],
    longitude_rad: Float[ArrayLike, ""],
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Elevation above the horizon plane, and azimuth from north through east in [0, 2 pi).

    `direction_fixed` points to what is seen, of any length, in MOON_ME axes.
    The place is planetocentric, east positive.
    """
    latitude_rad, longitude_rad = jnp.asarray(latitude_rad), jnp.asarray(longitude_rad)
    zero = jnp.zeros_like(longitude_rad)
    east = jnp.stack([-jnp.sin(longitude_rad), jnp.cos(longitude_rad), zero])
    up = direction_from_angles(latitude_rad, longitude_rad, xp=jnp)
    north = jnp.cross(up, east)
    along_up, along_east, along_north = (
        jnp.dot(direction_fixed, axis) for axis in (up, east, north)
    )
    elevation_rad = jnp.arctan2(along_up, jnp.hypot(along_east, along_north))
    return elevation_rad, jnp.arctan2(along_east, along_north) % (2.0 * jnp.pi)


def sun_elevation_azimuth_rad(
    sky: Sky,
    t_s: Float[ArrayLike, ""],
    latitude_rad: Float[ArrayLike, ""],
    longitude_rad: Float[ArrayLike, ""],
    radius_m: float = MOON_RADIUS_M,
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Where the Sun's centre stands, geometric (no light time), seen from the place itself."""
    return _seen(sky, t_s, sun_position_m(sky, t_s), latitude_rad, longitude_rad, radius_m)


def earth_elevation_azimuth_rad(
    sky: Sky,
    t_s: Float[ArrayLike, ""],
    latitude_rad: Float[ArrayLike, ""],
    longitude_rad: Float[ArrayLike, ""],
    radius_m: float = MOON_RADIUS_M,
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Where the Earth's centre stands, geometric; parallax, up to 0.26 deg, included."""
    return _seen(sky, t_s, earth_position_m(sky, t_s), latitude_rad, longitude_rad, radius_m)


def _seen(
    sky: Sky,
    t_s: Float[ArrayLike, ""],
    position_inertial_m: Float[Array, "3"],
    latitude_rad: Float[ArrayLike, ""],
    longitude_rad: Float[ArrayLike, ""],
    radius_m: float,
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    position_fixed_m = rotate(fixed_from_inertial(sky, t_s), position_inertial_m)
    up = direction_from_angles(latitude_rad, longitude_rad, xp=jnp)
    direction_fixed = position_fixed_m - radius_m * up
    return elevation_azimuth_rad(direction_fixed, latitude_rad, longitude_rad)
