"""Plain numbers and tuples of a description as arrays of a fixed type."""

import jax
import jax.numpy as jnp


def as_arrays(tree):
    """Every leaf an array, tuples and lists of numbers too; strongly typed.

    A strong type keeps the compiled flight the same whichever mission the numbers come from.
    """
    return jax.tree.map(_array, tree, is_leaf=lambda value: isinstance(value, tuple | list))


def _array(value):
    array = jnp.asarray(value)
    return jnp.asarray(array, array.dtype)
