"""Whether what is bright stands too near a line of sight: directions are on any common axes."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.derivatives import root


def is_near(
    axis: Float[AnyArray, "3"],
    toward: Float[AnyArray, "3"],
    exclusion_rad: Float[AnyArray, ""] | float,
) -> Bool[Array, ""]:
    """Whether a body far off, in the direction of `toward`, is within an angle of a unit axis."""
    along = jnp.sum(axis * toward) / jnp.linalg.norm(toward)
    return along > jnp.cos(exclusion_rad)


def moon_is_near(
    axis: Float[AnyArray, "3"],
    place_m: Float[AnyArray, "3"],
    exclusion_rad: Float[AnyArray, ""] | float,
) -> Bool[Array, ""]:
    """Whether the Moon's limb, lit or dark, is within an angle of a unit axis at a place.

    Seen from a distance r of its centre the disc has the angular radius asin(R / r) about nadir.
    """
    distance_m = jnp.linalg.norm(place_m)
    sine = jnp.minimum(MOON_RADIUS_M / distance_m, 1.0)
    cosine = root(1.0 - sine**2)
    edge = cosine * jnp.cos(exclusion_rad) - sine * jnp.sin(exclusion_rad)
    return -jnp.sum(axis * place_m) / distance_m > edge
