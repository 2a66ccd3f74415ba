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


def axes_of_turned_z(direction: Float[Array, "3"]) -> Float[Array, "3 3"]:
    """Columns: the axes after the shortest turn that takes z to a unit vector.

    Rodrigues' formula, R = I + [v] + [v]^2 / (1 + c) with v = z x d and c its third component; not
    for -z itself, to which there is no shortest turn.
    """
    x, y, z = direction
    none = jnp.zeros_like(x)
    skew = jnp.stack(
        [jnp.stack([none, none, x]), jnp.stack([none, none, y]), jnp.stack([-x, -y, none])]
    )
    square = jnp.stack(
        [
            jnp.stack([-x * x, -x * y, none]),
            jnp.stack([-x * y, -y * y, none]),
            jnp.stack([none, none, -x * x - y * y]),
        ]
    )
    return jnp.eye(3) + skew + square / (1.0 + z)
