"""Where the two beams of an altimeter point: the flight software commands which one ranges."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def canted_and_axial(cant_rad: Float[Array, ""]) -> Float[Array, "2 3"]:
    """The beam canted from -z towards +x, then the one along -z; unit vectors, body axes."""
    zero = jnp.zeros_like(cant_rad)
    canted = jnp.stack([jnp.sin(cant_rad), zero, -jnp.cos(cant_rad)])
    return jnp.stack([canted, jnp.array([0.0, 0.0, -1.0])])
