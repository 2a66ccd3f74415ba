"""Operations whose derivative is chosen where calculus gives none, so that `jax.jvp` stays finite.

Their values are those of the plain operation, to the bit; only derivatives differ.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@jax.custom_jvp
def length(vector: Float[Array, "... n"]) -> Float[Array, "..."]:
    """Euclidean length over the last axis, (...); at zero length its derivative is zero.

    The length of a vector has no derivative at zero: calculus gives 0/0 there. Zero is the mean
    over all directions.
    """
    return jnp.linalg.norm(vector, axis=-1)


@length.defjvp
def _(
    primals: tuple[Float[Array, "... n"]], tangents: tuple[Float[Array, "... n"]]
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    (vector,), (change,) = primals, tangents
    size = length(vector)
    unit = vector / jnp.where(size > 0.0, size, 1.0)[..., None]
    return size, jnp.sum(unit * change, axis=-1)


@jax.custom_jvp
def root(square: Float[Array, "..."]) -> Float[Array, "..."]:
    """Square root; its derivative is zero where the argument is zero, and not infinite."""
    return jnp.sqrt(square)


@root.defjvp
def _(
    primals: tuple[Float[Array, "..."]], tangents: tuple[Float[Array, "..."]]
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    (square,), (change,) = primals, tangents
    size = root(square)
    return size, jnp.where(size > 0.0, 0.5 * change / jnp.where(size > 0.0, size, 1.0), 0.0)


@jax.custom_jvp
def to_quantum(value: Float[Array, "..."], quantum: Float[Array, "..."]) -> Float[Array, "..."]:
    """The nearest whole multiple of a quantum; its derivative is that of `value` unrounded.

    A staircase has zero slope nearly everywhere, as if a sensor did not respond. Over many readings
    it follows its argument, whose derivative is given here.
    """
    return quantum * jnp.round(value / quantum)


@to_quantum.defjvp
def _(
    primals: tuple[Float[Array, "..."], Float[Array, "..."]],
    tangents: tuple[Float[Array, "..."], Float[Array, "..."]],
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    value, quantum = primals
    counted = to_quantum(value, quantum)
    return counted, jnp.broadcast_to(tangents[0], counted.shape)
