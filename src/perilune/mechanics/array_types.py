"""The arrays that a law takes: of NumPy on the host, of JAX in compiled code.

A law that serves both has a keyword `xp`, the module whose arrays it is given: `jax.numpy` unless
the caller gives `numpy`. The operations and their order are the same in both.
"""

from typing import Any, TypeAlias

from jaxtyping import Float

AnyArray: TypeAlias = Any
"""Of NumPy or JAX; a law returns arrays of its `xp`, which no static type expresses."""
Vector3: TypeAlias = Float[AnyArray, "... 3"]
Matrix3: TypeAlias = Float[AnyArray, "... 3 3"]
Quaternion: TypeAlias = Float[AnyArray, "... 4"]
"""Of unit length, scalar first."""
