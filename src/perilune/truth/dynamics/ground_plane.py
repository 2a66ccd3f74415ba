"""The ground under each contact point for a tick: a plane, and the stops that stand on it."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import cross, rotate
from perilune.truth.dynamics.state import TrueState
from perilune.truth.dynamics.stop_faces import Stops, with_reach


class Ground(eqx.Module):
    """The ground under each contact point as a plane, good for one tick; inertial axes."""

    point_m: Float[Array, "P 3"]  # a point of the plane
    normal: Float[Array, "P 3"]
    velocity_m_s: Float[Array, "3"]  # the Moon turns
    stops: Stops | None = None  # None: nothing stands on it


def heights_m(ground: Ground, place_m: Float[Array, "P 3"]) -> Float[Array, " P"]:
    """How far each contact point is over its plane, square to it."""
    return jnp.sum((place_m - ground.point_m) * ground.normal, axis=-1)


def carried(ground: Ground, after_s: Float[Array, ""]) -> Ground:
    """Where the ground is some time later."""
    way_m = after_s * ground.velocity_m_s
    stops = ground.stops
    if stops is not None:
        stops = dataclasses.replace(stops, point_m=stops.point_m + way_m)
    return dataclasses.replace(ground, point_m=ground.point_m + way_m, stops=stops)


def reached(
    ground: Ground,
    over: Bool[Array, "P S"] | None,
    state: TrueState,
    from_center_body_m: Float[Array, "P 3"],
    tick_s: Float[Array, ""],
) -> Ground:
    """The ground, whose stops know whether any point could meet one in the coming tick."""
    if ground.stops is None or over is None:
        return ground
    arm_m = rotate(state.inertial_from_body[None], from_center_body_m)
    spin = rotate(state.inertial_from_body, state.rate_body_rad_s)
    place_m = state.position_inertial_m + arm_m
    speed_m_s = length(state.velocity_inertial_m_s - ground.velocity_m_s + cross(spin, arm_m))
    both_m = heights_m(ground, place_m), tick_s * speed_m_s
    stops = with_reach(ground.stops, over, place_m, ground.normal, both_m)
    return dataclasses.replace(ground, stops=stops)
