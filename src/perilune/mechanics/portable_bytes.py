"""Arrays as bytes that are the same on every machine that has the same numbers."""

import numpy as np
from jaxtyping import Shaped

NOT_A_NUMBER = np.array(0x7FF8000000000000, dtype="<u8").view("<f8")
"""The one pattern of bits that stands for every not-a-number."""


def portable_bytes(values: Shaped[np.ndarray, "..."]) -> bytes:
    """The bytes of an array, row by row, the least significant byte of each number first.

    Every not-a-number is one pattern of bits; -0.0 is not 0.0.
    """
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), NOT_A_NUMBER.astype(values.dtype), values)
    return values.astype(values.dtype.newbyteorder("<")).tobytes()
