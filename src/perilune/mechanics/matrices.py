"""Products, inverses and equations of small matrices, written out so that they are fused."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.rotation import cross


def matvec(matrix: Float[Array, "*n m 3"], vector: Float[Array, "*n 3"]) -> Float[Array, "*n m"]:
    """A matrix of three columns times a vector."""
    x, y, z = jnp.moveaxis(vector, -1, 0)[..., None]
    return matrix[..., 0] * x + matrix[..., 1] * y + matrix[..., 2] * z


def gram(rows: Float[Array, "m n"]) -> Float[Array, "m m"]:
    """The products of a few rows with one another: each pair once, since they are symmetric."""
    count = len(rows)
    each = {
        (first, second): jnp.sum(rows[first] * rows[second])
        for first in range(count)
        for second in range(first, count)
    }
    return jnp.stack(
        [jnp.stack([each[min(i, j), max(i, j)] for j in range(count)]) for i in range(count)]
    )


def inverse(matrix: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    """The inverse by the adjugate: its columns are cross products of the rows."""
    a, b, c = matrix
    adjugate = jnp.stack([cross(b, c), cross(c, a), cross(a, b)], axis=-1)
    return adjugate / jnp.sum(a * cross(b, c))


def solved(matrix: Float[Array, "n n"], vector: Float[Array, " n"]) -> Float[Array, " n"]:
    """The x of matrix x = vector, for a symmetric positive definite matrix.

    Gaussian elimination, which needs no exchange of rows for such a matrix (Golub and Van Loan,
    Matrix Computations, 4.2); written out, for a few equations.
    """
    if len(vector) == 1:
        return vector / matrix[0]
    pivot, row = matrix[0, 0], matrix[0, 1:]
    share = matrix[1:, 0] / pivot
    rest = solved(matrix[1:, 1:] - share[:, None] * row, vector[1:] - share * vector[0])
    first = (vector[0] - jnp.sum(row * rest)) / pivot
    return jnp.concatenate([first[None], rest])


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
