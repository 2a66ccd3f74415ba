"""How high the ground stands towards an azimuth, and how much of a disc in the sky is above it.

Where albedo and scattered light are left out, ground is lit as far as the Sun's disc stands above
its horizon. Ground at arc A and radius r is seen from a radius q at the elevation whose tangent is
(r cos A - q) / (r sin A): the curvature of the Moon is in it.
"""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from perilune.mechanics.constants import MOON_RADIUS_M

HeightAt = Callable[[Float[Array, "3"], Float[Array, ""]], Float[Array, ""]]
"""From a unit direction (3,), Moon-fixed, and a distance, m, to the ground's height, m."""


def distances_m(
    step_m: float, growth_fraction: float, reach_m: float
) -> Float[np.ndarray, " distance"]:
    """Where a march looks, m along the sphere: every `step_m`, further off by a share of the way.

    The last look is at or past `reach_m`.
    """
    even_m = min(step_m / growth_fraction, reach_m)
    near_m = step_m * np.arange(1, math.ceil(even_m / step_m) + 1)
    steps = math.log(max(reach_m / near_m[-1], 1.0)) / math.log1p(growth_fraction)
    far_m = near_m[-1] * (1.0 + growth_fraction) ** np.arange(1, math.ceil(steps) + 1)
    return np.concatenate([near_m, far_m])


def reach_m(eye_m: float, lowest_m: float, highest_m: float) -> float:
    """Distance, m along the sphere, past which no ground can be the horizon.

    Heights, m, above the sphere of maps: of the eye, and the bounds of the ground. The ray that
    touches the lowest sphere meets the highest one there: what is further off is behind the sphere.
    """
    low_m = MOON_RADIUS_M + min(lowest_m, eye_m)
    arcs = [math.acos(low_m / (MOON_RADIUS_M + max(h, lowest_m))) for h in (eye_m, highest_m)]
    return MOON_RADIUS_M * sum(arcs)


def horizon_rad(
    height_at: HeightAt,
    eye_fixed_m: Float[Array, "3"],
    azimuth_rad: Float[ArrayLike, ""],
    along_m: Float[ArrayLike, " distance"],
) -> Float[Array, ""]:
    """Elevation, rad, of the horizon from a MOON_ME place (3,) towards an azimuth.

    `azimuth_rad` counts from north through east; `along_m` says where the ground is looked at, as
    `distances_m` does. It is the highest that the ground stands at any of them.
    """
    radius_m = jnp.linalg.norm(eye_fixed_m)
    up = eye_fixed_m / radius_m
    ahead = heading(up, azimuth_rad)

    def stands(away_m: Float[Array, ""]) -> Float[Array, ""]:
        arc = away_m / MOON_RADIUS_M
        direction = jnp.cos(arc) * up + jnp.sin(arc) * ahead
        ground_m = MOON_RADIUS_M + height_at(direction, away_m)
        return (ground_m * jnp.cos(arc) - radius_m) / (ground_m * jnp.sin(arc))

    def higher(most: Float[Array, ""], away_m: Float[Array, ""]) -> tuple[Float[Array, ""], None]:
        return jnp.maximum(most, stands(away_m)), None

    most, _ = jax.lax.scan(higher, jnp.array(-jnp.inf), jnp.asarray(along_m))
    return jnp.arctan(most)


def heading(up: Float[Array, "3"], azimuth_rad: Float[ArrayLike, ""]) -> Float[Array, "3"]:
    """The level unit vector (3,) at a place towards an azimuth; at a pole, north is the prime's."""
    level = jnp.hypot(up[0], up[1])
    at_pole = level == 0.0
    spread = jnp.where(at_pole, 1.0, level)
    cosine = jnp.where(at_pole, 1.0, up[0] / spread)
    sine = jnp.where(at_pole, 0.0, up[1] / spread)
    east = jnp.stack([-sine, cosine, jnp.zeros_like(sine)])
    north = jnp.stack([-up[2] * cosine, -up[2] * sine, level])
    return jnp.sin(azimuth_rad) * east + jnp.cos(azimuth_rad) * north


def angular_radius_rad(distance_m: Float[ArrayLike, "..."], radius_m: float) -> Float[Array, "..."]:
    """Of a sphere seen from a distance to its centre."""
    return jnp.arcsin(radius_m / jnp.asarray(distance_m))


def share_above(
    elevation_rad: Float[ArrayLike, "..."],
    horizon_rad: Float[ArrayLike, "..."],
    disc_rad: Float[ArrayLike, "..."],
) -> Float[Array, "..."]:
    """The share of a disc above a level horizon: what a chord leaves of a circle.

    `elevation_rad` is that of its centre and `disc_rad` its angular radius. With x = (elevation -
    horizon) / radius it is 1 - (acos x - x sqrt(1 - x^2)) / pi.
    """
    x = jnp.clip((jnp.asarray(elevation_rad) - horizon_rad) / disc_rad, -1.0, 1.0)
    return jnp.maximum(1.0 - (jnp.arccos(x) - x * jnp.sqrt(1.0 - x * x)) / jnp.pi, 0.0)
