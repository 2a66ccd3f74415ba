"""The nearest ground inside a cone: what a wide beam that tracks the first echo ranges to.

Nothing nearer can hide the nearest point of the ground, so that no ray is marched: the ground is
looked at below a pattern of places where rays of the cone would meet level ground, each look is
led along its ray by the slope of the plane through all of them, and one more look is at where the
cone comes nearest to that plane. On plane ground the range is exact: the perpendicular distance
where the perpendicular lies within the cone, else the length of the edge nearest to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.derivatives import root
from perilune.mechanics.rotation import axes_about, cross

ClearanceAt = Callable[[Float[Array, "3"]], Float[Array, ""]]
"""From a place (3,) m, Moon-centred, to its height over the ground below it, m."""
LEAST_SINE = 0.05
"""Of a ray below the horizon: what is more level is not looked along."""
LEAST_SPREAD = 1e-6
"""Of places over their squared distance: keeps a plane through places in one line finite."""
LEAST_CLOSING_FRACTION, MOST_CLOSING_FRACTION = 0.3, 3.0
"""Of the way that a level ground would close with range: what a slope is held to."""
SMALL = 1e-12


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Rays of a cone: its axis, and rings of rays at shares of its half angle."""

    ring_fractions: tuple[float, ...]
    ray_count: tuple[int, ...]

    @property
    def rays(self) -> Float[np.ndarray, "rays 2"]:
        """Share of the half angle and azimuth from the way down, rad, of each ray.

        Every other ring is turned by half a step, but for the last.
        """
        found = [(0.0, 0.0)]
        last = len(self.ray_count) - 1
        for ring, (share, count) in enumerate(
            zip(self.ring_fractions, self.ray_count, strict=True)
        ):
            half = 0.5 * ((last - ring) % 2)
            found += [(share, 2.0 * np.pi * (each + half) / count) for each in range(count)]
        return np.array(found)


class Cone(NamedTuple):
    """A beam from a place, Moon-centred axes."""

    apex_m: Float[Array, "3"]
    axis_direction: Float[Array, "3"]  # unit
    half_angle_rad: Float[AnyArray, ""]


class Level(NamedTuple):
    """Level ground near the true one, below a place and so far below it."""

    place_m: Float[Array, "3"]
    height_m: Float[Array, ""]


class NearestGround(NamedTuple):
    """The nearest ground in a cone."""

    range_m: Float[Array, ""]  # infinite where no ray points below the horizon
    direction: Float[Array, "3"]  # to it
    normal: Float[Array, "3"]  # of the plane through the ground in the cone
    at_edge: Bool[Array, ""]  # the perpendicular to that plane lies outside the cone


class _Plane(NamedTuple):
    """Ground through a place."""

    place_m: Float[Array, "3"]
    normal: Float[Array, "3"]


def nearest_ground(
    clearance_at: ClearanceAt, cone: Cone, level: Level, pattern: Pattern
) -> NearestGround:
    """The least of the ranges along the pattern's rays and to the nearest point of their plane."""
    apex_m = cone.apex_m
    up = apex_m / jnp.linalg.norm(apex_m)
    high_m = level.height_m + jnp.sum((apex_m - level.place_m) * up)
    rays = _rays(cone, up, pattern)
    sine = -jnp.sum(rays * up, axis=-1)
    below = sine > LEAST_SINE
    level_m = high_m / jnp.where(below, sine, 1.0)
    places_m = apex_m + level_m[:, None] * rays
    clear_m = jax.vmap(clearance_at)(places_m)
    plane = _plane(places_m, clear_m, jnp.where(below, 1.0, 0.0), up)
    along_m = level_m + clear_m / _closing(rays, plane.normal, up)
    along_m = jnp.where(below, along_m, jnp.inf)
    toward, at_edge = _toward(cone, -plane.normal)
    to_plane_m = _to_plane_m(apex_m, toward, plane, level_m[0])
    last_m = to_plane_m + clearance_at(apex_m + to_plane_m * toward) / _closing(
        toward[None], plane.normal, up
    )
    last_m = jnp.where(-jnp.sum(toward * up) > LEAST_SINE, last_m[0], jnp.inf)
    ranges_m = jnp.concatenate([along_m, last_m[None]])
    which = jnp.arange(len(ranges_m)) == jnp.argmin(ranges_m)
    every = jnp.concatenate([rays, toward[None]])
    return NearestGround(
        range_m=jnp.maximum(jnp.min(ranges_m), 0.0),
        direction=jnp.sum(jnp.where(which[:, None], every, 0.0), axis=0),
        normal=plane.normal,
        at_edge=at_edge,
    )


def toward_in_cone(cone: Cone, direction: Float[Array, "3"]) -> Float[Array, "3"]:
    """The direction of the cone that lies nearest to a unit vector."""
    return _toward(cone, direction)[0]


def _rays(cone: Cone, up: Float[Array, "3"], pattern: Pattern) -> Float[Array, "rays 3"]:
    """Unit vectors, the first along the axis; azimuths count from the way down."""
    share, azimuth = pattern.rays.T
    axis, half_rad = cone.axis_direction, jnp.asarray(cone.half_angle_rad)
    down = _across(axis, -up)
    aside = cross(axis, down)
    around = np.cos(azimuth)[:, None] * down + np.sin(azimuth)[:, None] * aside
    lean_rad = share * half_rad
    return jnp.cos(lean_rad)[:, None] * axis + jnp.sin(lean_rad)[:, None] * around


def _across(axis: Float[Array, "3"], way: Float[Array, "3"]) -> Float[Array, "3"]:
    """The unit vector across an axis towards a way; any where the two are one."""
    part = way - jnp.sum(way * axis) * axis
    size = root(jnp.sum(part**2))
    apart = size > SMALL
    return jnp.where(apart, part / jnp.where(apart, size, 1.0), axes_about(axis)[0])


def _toward(cone: Cone, direction: Float[Array, "3"]) -> tuple[Float[Array, "3"], Bool[Array, ""]]:
    """A direction held into the cone, and whether it had to be."""
    axis, half_rad = cone.axis_direction, jnp.asarray(cone.half_angle_rad)
    outside = jnp.sum(direction * axis) < jnp.cos(half_rad)
    edge = jnp.cos(half_rad) * axis + jnp.sin(half_rad) * _across(axis, direction)
    return jnp.where(outside, edge, direction), outside


def _plane(
    places_m: Float[Array, "rays 3"],
    clear_m: Float[Array, " rays"],
    weight: Float[Array, " rays"],
    up: Float[Array, "3"],
) -> _Plane:
    """The plane of least squared heights through the ground below places."""
    each_up = places_m / jnp.linalg.norm(places_m, axis=-1, keepdims=True)
    ground_m = places_m - clear_m[:, None] * each_up
    share = weight / jnp.maximum(jnp.sum(weight), 1.0)
    middle_m = jnp.sum(share[:, None] * ground_m, axis=0)
    away_m = ground_m - middle_m
    first, second, _ = axes_about(up)
    x, y, z = (jnp.sum(away_m * axis, axis=-1) for axis in (first, second, up))
    xx, xy, yy = (jnp.sum(share * one * other) for one, other in ((x, x), (x, y), (y, y)))
    xz, yz = jnp.sum(share * x * z), jnp.sum(share * y * z)
    spread = LEAST_SPREAD * (xx + yy) + SMALL
    xx, yy = xx + spread, yy + spread
    size = xx * yy - xy**2
    east, north = (yy * xz - xy * yz) / size, (xx * yz - xy * xz) / size
    normal = up - east * first - north * second
    return _Plane(middle_m, normal / jnp.sqrt(jnp.sum(normal**2)))


def _closing(
    rays: Float[Array, "rays 3"], normal: Float[Array, "3"], up: Float[Array, "3"]
) -> Float[Array, " rays"]:
    """How much of the height over a plane a ray loses in a metre."""
    level = jnp.maximum(-jnp.sum(rays * up, axis=-1), LEAST_SINE)
    sloping = -jnp.sum(rays * normal, axis=-1) / jnp.sum(up * normal)
    return jnp.clip(sloping, LEAST_CLOSING_FRACTION * level, MOST_CLOSING_FRACTION * level)


def _to_plane_m(
    apex_m: Float[Array, "3"], ray: Float[Array, "3"], plane: _Plane, level_m: Float[Array, ""]
) -> Float[Array, ""]:
    """To the plane along a ray; where they do not meet, as far as the level ground."""
    sine = -jnp.sum(ray * plane.normal)
    meets = sine > LEAST_SINE
    over_m = jnp.sum((apex_m - plane.place_m) * plane.normal)
    return jnp.where(meets, over_m / jnp.where(meets, sine, 1.0), level_m)
