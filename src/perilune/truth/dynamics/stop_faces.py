"""Stops on the ground, such as rocks and the rims of craters: faces that hold points against them.

A face stands square to the ground and is straight or curved, so that a rock is a cylinder and a rim
a wall. It is rigid: what gives way is the spring and damper of the point that comes against it, so
a leg is loaded, crushed and broken by it as by the ground. A point that passes above a face stands
on ground as high as the face from there on, until it leaves its outline again.
"""

import dataclasses
from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.derivatives import root
from perilune.mechanics.rotation import cross
from perilune.truth.dynamics.strut_crush import dot

FAR_M = 1e9
"""How far a point is from a face that cannot hold it."""
NOTHING = 1e-12
REACH_MARGIN_M = 0.3
"""For the springs' deflection, and for what a point gains of speed within a tick."""


class Stops(eqx.Module):
    """S faces; inertial axes. The curvature is 1/radius outside a rock, -1/radius inside a rim."""

    _: KW_ONLY
    point_m: Float[Array, "S 3"]  # of the face
    out_direction: Float[Array, "S 3"]  # unit, along the ground, to where a point is free
    curvature_per_m: Float[Array, " S"]  # zero: a straight wall
    height_m: Float[Array, " S"]  # over the ground
    within_reach: Bool[Array, ""] | None = None  # in this tick, of any point; None: not known
    ways: "Ways | None" = None  # along the ground of this tick; None: not known


class Ways(eqx.Module):
    """Directions along the ground under each point, unit."""

    ahead_direction: Float[Array, "P S 3"]  # out of each face
    aside_direction: Float[Array, "P S 3"]  # along it


class Facing(eqx.Module):
    """The face that each point is nearest to, of those that can hold it."""

    _: KW_ONLY
    out_direction: Float[Array, "P 3"]  # unit, along the ground under the point
    gap_m: Float[Array, " P"]  # from the point as it stands to the face; negative: past it
    raised_m: Float[Array, " P"]  # how far a stop under the point lifts its ground


def faced(
    stops: Stops,
    over: Bool[Array, "P S"],
    place_m: Float[Array, "P 3"],
    normal: Float[Array, "P 3"],
    above_m: Float[Array, " P"],
) -> tuple[Facing, Bool[Array, "P S"]]:
    """What each point faces, and which stops it is over from now on.

    `place_m` is where a point stands, its spring's deflection along the ground taken off, and
    `above_m` how high it is over its plane. Not worked where no lane has a stop within reach.
    """

    def looked(_: Any) -> tuple[Facing, Bool[Array, "P S"]]:
        distance_m, outward = distances_m(stops, place_m, normal)
        higher = above_m[:, None] > stops.height_m
        entered = (distance_m < 0.0) & (over | higher)
        near_m = jnp.where(entered | higher, FAR_M, distance_m)
        which = jnp.arange(near_m.shape[1]) == jnp.argmin(near_m, axis=1)[:, None]
        facing = Facing(
            out_direction=jnp.sum(jnp.where(which[..., None], outward, 0.0), axis=1),
            gap_m=jnp.min(near_m, axis=1),
            raised_m=lifted_m(stops, entered),
        )
        return facing, entered

    none = jnp.zeros_like(above_m)
    alone = Facing(out_direction=jnp.zeros_like(place_m), gap_m=none + FAR_M, raised_m=none), over
    if stops.within_reach is None:
        return looked(alone)
    return if_any_lane(stops.within_reach, looked, alone)


def with_reach(
    stops: Stops,
    over: Bool[Array, "P S"],
    place_m: Float[Array, "P 3"],
    normal: Float[Array, "P 3"],
    above_and_ahead_m: tuple[Float[Array, " P"], Float[Array, " P"]],
) -> Stops:
    """The stops, and whether any point is over one or could meet one in the coming tick.

    Of each point how high it is over its plane, and how far it moves in the tick.
    """
    above_m, ahead_m = above_and_ahead_m
    stops = dataclasses.replace(stops, ways=ways_along(stops, normal))
    distance_m, _ = distances_m(stops, place_m, normal)
    reach_m = ahead_m[:, None] + REACH_MARGIN_M
    meets = (distance_m < reach_m) & (above_m[:, None] < stops.height_m + reach_m)
    return dataclasses.replace(stops, within_reach=jnp.any(over | meets))


def ways_along(stops: Stops, normal: Float[Array, "P 3"]) -> Ways:
    """Out of each face and along it, on the ground under each point."""
    stated, up = stops.out_direction, normal[:, None]
    square = stated - dot(stated, up)[..., None] * up
    ahead = square / root(dot(square, square))[..., None]
    return Ways(ahead, cross(jnp.broadcast_to(up, ahead.shape), ahead))


def lifted_m(stops: Stops, over: Bool[Array, "P S"]) -> Float[Array, " P"]:
    """How far the stops that points are over lift their ground."""
    return jnp.max(jnp.where(over, stops.height_m, 0.0), axis=1)


def distances_m(
    stops: Stops, place_m: Float[Array, "P 3"], normal: Float[Array, "P 3"]
) -> tuple[Float[Array, "P S"], Float[Array, "P S 3"]]:
    """From every face to every point, and the way out there along the ground under the point.

    With x outward, y aside and curvature c a circle's distance is r - 1/c with
    c^2 r^2 = (1 + c x)^2 + (c y)^2, here without the difference of two large numbers.
    """
    arm_m = place_m[:, None] - stops.point_m
    ways = ways_along(stops, normal) if stops.ways is None else stops.ways
    ahead, aside = ways.ahead_direction, ways.aside_direction
    x_m, y_m, curve = dot(arm_m, ahead), dot(arm_m, aside), stops.curvature_per_m
    along, across = 1.0 + curve * x_m, curve * y_m
    size = root(along**2 + across**2)
    distance_m = (2.0 * x_m + curve * (x_m**2 + y_m**2)) / (1.0 + size)
    out = along[..., None] * ahead + across[..., None] * aside
    return distance_m, out / jnp.maximum(size, NOTHING)[..., None]


def bars(
    facing: Facing, trial_n: Float[Array, "P 3"], yielding_n_per_m: Float[Array, " P"]
) -> Bool[Array, " P"]:
    """Whether a point that slid freely under its trial load would come against its face."""
    return dot(trial_n, facing.out_direction) > yielding_n_per_m * jnp.maximum(facing.gap_m, 0.0)


class Barred(eqx.Module):
    """What faces take of the loads on points in a step."""

    force_n: Float[Array, "P 3"]
    press_n: Float[Array, " P"]  # square to the face


def barred(
    facing: Facing,
    left_n: Float[Array, "P 3"],
    yielding_n_per_m: Float[Array, " P"],
    friction_factor: Float[Array, " P"],
) -> Barred:
    """What a face takes of what friction with the ground has left over of a point's load.

    The return mapping of a rigid stop: the point closes its gap and moves no further. Of the rest
    of the load, along the face, Coulomb's friction takes its share.
    """
    outward_n = dot(left_n, facing.out_direction)
    closing_n = yielding_n_per_m * jnp.maximum(facing.gap_m, 0.0)
    press_n = jnp.maximum(outward_n - closing_n, 0.0)
    aside_n = left_n - outward_n[:, None] * facing.out_direction
    size_n = root(dot(aside_n, aside_n))
    held = jnp.minimum(1.0, friction_factor * press_n / jnp.maximum(size_n, NOTHING))
    return Barred(press_n[:, None] * facing.out_direction + held[:, None] * aside_n, press_n)


def is_bent(facing: Facing, bristle_m: Float[Array, "P 3"]) -> Bool[Array, " P"]:
    """Whether a point's spring is past the face that the point stands at."""
    return facing.gap_m + dot(bristle_m, facing.out_direction) < 0.0
