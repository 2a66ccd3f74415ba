"""The ground below the map: craters and roughness, octave by octave, as fine as the caller asks."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, UInt32

from perilune.mechanics.batching import any_lane
from perilune.truth.environment.craters import LEAST_M, Craters, crater_octave
from perilune.truth.environment.roughness import Roughness, roughness_octave

SIZES_M = LEAST_M
"""Of what each octave adds at least: diameters of craters, lengths of waves."""

Parts = tuple[Float[Array, "..."], ...]
Relief = tuple[Float[Array, ""], Float[Array, "2"]]
"""Height, m, and gradient, m per m, on the site's plane."""


class Surface(eqx.Module):
    """What of the ground is too small for the map."""

    largest_m: Float[Array, ""]  # what is larger the map shows; zero: there is nothing below it
    craters: Craters
    roughness: Roughness


def relief_m(
    surface: Surface,
    key: UInt32[Array, "2"],
    place_m: Float[Array, "2"],
    footprint_m: Float[Array, ""],
) -> Float[Array, ""]:
    """Height, m, that the surface adds to the map at a place on the site's plane.

    An octave of size s counts in full for footprints up to s and fades out at 2 s: finer ones are
    not evaluated.
    """
    return _summed(surface, key, place_m, footprint_m, 1)[0]


def relief(
    surface: Surface,
    key: UInt32[Array, "2"],
    place_m: Float[Array, "2"],
    footprint_m: Float[Array, ""],
) -> Relief:
    """The same height and its gradient, m per m."""
    height_m, gradient = _summed(surface, key, place_m, footprint_m, 2)
    return height_m, gradient


def _summed(
    surface: Surface,
    key: UInt32[Array, "2"],
    place_m: Float[Array, "2"],
    footprint_m: Float[Array, ""],
    part_count: int,
) -> tuple[Float[Array, "..."], ...]:
    """The first of height and gradient, or both."""
    top = jnp.sum(surface.largest_m > SIZES_M, dtype=jnp.int32) - 1

    def seen(octave: Int[Array, ""]) -> Bool[Array, ""]:
        return footprint_m < 2.0 * jnp.asarray(SIZES_M)[jnp.maximum(octave, 0)]

    def finer(state: tuple[Int[Array, ""], Parts]) -> tuple[Int[Array, ""], Parts]:
        octave, so_far = state
        weight = jnp.clip(2.0 - footprint_m / jnp.asarray(SIZES_M)[octave], 0.0, 1.0)
        of_craters = crater_octave(surface.craters, key, octave, place_m)[:part_count]
        of_waves = roughness_octave(surface.roughness, key, octave, place_m)[:part_count]
        added = jax.tree.map(
            lambda now, one, other: jnp.where(weight > 0.0, now + weight * (one + other), now),
            so_far,
            of_craters,
            of_waves,
        )
        return octave - 1, added

    nothing = (jnp.zeros_like(footprint_m), jnp.zeros_like(place_m))[:part_count]
    _, total = jax.lax.while_loop(
        lambda state: any_lane((state[0] >= 0) & seen(state[0])), finer, (top, nothing)
    )
    return total
