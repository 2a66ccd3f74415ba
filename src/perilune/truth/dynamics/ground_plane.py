"""The ground under each contact point for a tick: a plane, and the stops that stand on it."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.truth.dynamics.stop_faces import Stops


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
