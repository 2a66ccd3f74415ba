"""Products and inverses of small matrices, written out so that the compiler fuses them."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.rotation import cross


def matvec(matrix: Float[Array, "*n m 3"], vector: Float[Array, "*n 3"]) -> Float[Array, "*n m"]:
    """A matrix of three columns times a vector."""
    x, y, z = jnp.moveaxis(vector, -1, 0)[..., None]
    return matrix[..., 0] * x + matrix[..., 1] * y + matrix[..., 2] * z


def inverse(matrix: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    """The inverse by the adjugate: its columns are cross products of the rows."""
    a, b, c = matrix
    adjugate = jnp.stack([cross(b, c), cross(c, a), cross(a, b)], axis=-1)
    return adjugate / jnp.sum(a * cross(b, c))
