"""Plain numbers and tuples of a description as arrays of a fixed type."""

from typing import Any, TypeAlias, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

Tables: TypeAlias = Any
"""Tables of a mission whose numbers are arrays, which no static type expresses."""


Module = TypeVar("Module")


def of_numbers(kind: type[Module], **numbers: Any) -> Module:
    """A record of arrays that holds plain numbers until `as_arrays` turns them into arrays."""
    return kind(**numbers)


def as_arrays(tree: Any) -> Any:
    """Every leaf an array, tuples and lists of numbers too; strongly typed.

    A strong type keeps the compiled flight the same whichever mission the numbers come from.
    """
    return jax.tree.map(_array, tree, is_leaf=_is_numbers)


def _is_numbers(value: Any) -> bool:
    """Whether a value is a list of numbers or of such lists: no list of tables, and not empty."""
    if not isinstance(value, tuple | list):
        return False
    return bool(value) and all(
        _is_numbers(one) or isinstance(one, int | float | np.ndarray) for one in value
    )


def _array(value: Any) -> Shaped[Array, "..."]:
    array = jnp.asarray(value)
    return jnp.asarray(array, array.dtype)
