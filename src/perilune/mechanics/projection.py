"""The stereographic plane at a site, without trigonometry, and the angles that maps are kept in.

The plane touches the sphere at the site, u to the east and v to the north. Every great circle
through the site is a straight line through its origin, and angles are kept. Snyder, Map
Projections: A Working Manual (USGS PP 1395, 1987), equations 21-2 to 21-4 with k0 = 1.
"""

from types import ModuleType

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from perilune.mechanics.array_types import AnyArray, Vector3


def plane_from_direction(
    position_site_m: Vector3, radius_m: Float[AnyArray, ""]
) -> Float[Array, "... 2"]:
    """(u, v) in metres, shape (..., 2), of a Moon-centred position on East-North-Up axes (..., 3).

    Only the direction counts, not the length. The site's antipode has no image; next to it the
    result is finite and very far away.
    """
    x, y, z = position_site_m[..., 0], position_site_m[..., 1], position_site_m[..., 2]
    distance_m = jnp.sqrt(x * x + y * y + z * z)
    scale = 2.0 * radius_m / jnp.maximum(distance_m + z, 1e-9 * distance_m)
    return jnp.stack([scale * x, scale * y], axis=-1)


def plane_gradients(
    position_site_m: Float[AnyArray, "3"], radius_m: Float[AnyArray, ""]
) -> Float[Array, "2 3"]:
    """The derivative (2, 3) of (u, v) by the position (3,), both as in `plane_from_direction`."""
    distance_m = jnp.linalg.norm(position_site_m)
    up = jnp.array([0.0, 0.0, 1.0])
    reach_m = jnp.maximum(distance_m + position_site_m[2], 1e-9 * distance_m)
    stretch = (position_site_m / distance_m + up) / reach_m
    return 2.0 * radius_m / reach_m * (jnp.eye(2, 3) - position_site_m[:2, None] * stretch)


def direction_from_plane(
    plane_m: Float[AnyArray, "... 2"], radius_m: float, xp: ModuleType = np
) -> Vector3:
    """The unit direction (..., 3) on East-North-Up axes of a plane point (..., 2)."""
    u, v = plane_m[..., 0] / (2.0 * radius_m), plane_m[..., 1] / (2.0 * radius_m)
    squared = u * u + v * v
    return xp.stack([2.0 * u, 2.0 * v, 1.0 - squared], axis=-1) / (1.0 + squared)[..., None]


def direction_from_angles(
    latitude_rad: Float[AnyArray, "..."],
    longitude_rad: Float[AnyArray, "..."],
    xp: ModuleType = np,
) -> Vector3:
    """The unit vector (..., 3) in MOON_ME of a planetocentric latitude and longitude."""
    cosine, zero = xp.cos(latitude_rad), xp.zeros_like(longitude_rad)
    return xp.stack(
        [
            cosine * xp.cos(longitude_rad),
            cosine * xp.sin(longitude_rad),
            zero + xp.sin(latitude_rad),
        ],
        axis=-1,
    )


def angles_from_direction(
    direction_fixed: Vector3,
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """Planetocentric latitude and east longitude, radians, of a MOON_ME vector (..., 3) (host)."""
    x, y, z = np.moveaxis(np.asarray(direction_fixed), -1, 0)
    return np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x)


def site_from_fixed_matrix(latitude_rad: float, longitude_rad: float) -> Float[np.ndarray, "3 3"]:
    """The matrix (3, 3) from MOON_ME to East-North-Up at a site; its rows are those axes (host)."""
    up = direction_from_angles(latitude_rad, longitude_rad)
    east = np.array([-np.sin(longitude_rad), np.cos(longitude_rad), 0.0])
    return np.stack([east, np.cross(up, east), up])


def east_and_north_m(
    origin_fixed_m: Vector3, place_fixed_m: Vector3, distance_m: Float[AnyArray, "..."]
) -> Float[np.ndarray, "2 ..."]:
    """East and north parts of the distance along the sphere from an origin to a place (host).

    Both are MOON_ME vectors (..., 3); the parts span `distance_m` (...) in the direction that the
    great circle to the place leaves the origin: an azimuthal equidistant chart about the origin.
    """
    up = np.asarray(origin_fixed_m) / np.linalg.norm(origin_fixed_m, axis=-1, keepdims=True)
    level = np.zeros(up.shape[:-1])
    aside = np.sqrt(up[..., 0] * up[..., 0] + up[..., 1] * up[..., 1])
    at_pole = aside == 0.0  # there the meridian of longitude 0 leads north
    over = np.where(at_pole, 1.0, aside)
    east = np.stack([-up[..., 1] / over, np.where(at_pole, 1.0, up[..., 0] / over), level], axis=-1)
    north = np.cross(up, east)
    parts = np.stack([np.sum(place_fixed_m * axis, axis=-1) for axis in (east, north)])
    flat = np.sqrt(parts[0] * parts[0] + parts[1] * parts[1])
    return parts * (np.asarray(distance_m) / np.where(flat > 0.0, flat, 1.0))
