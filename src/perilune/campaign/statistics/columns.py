"""How a campaign's rows are read as NumPy columns, and figures written as plain JSON."""

import math
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float


class DrawnInput(Protocol):
    """A number that is drawn for each flight."""

    @property
    def column(self) -> str:
        """Of the rows."""

    @property
    def path(self) -> str:
        """Of the mission, as --set takes it."""


def numbers(table: pa.Table, name: str) -> Float[np.ndarray, " row"]:
    """A column of a `pyarrow.Table` as float64, SI as stored; null is not-a-number."""
    whole = table[name].cast(pa.float64()).combine_chunks()
    return np.asarray(whole.to_numpy(zero_copy_only=False), float)


def flags(table: pa.Table, name: str) -> Bool[np.ndarray, " row"]:
    """A column of yes or no; null is no."""
    whole = table[name].cast(pa.bool_()).combine_chunks().fill_null(False)
    return np.asarray(whole.to_numpy(zero_copy_only=False), bool)


def number_or_none(value: Any) -> float | None:
    """A float fit for JSON: what is not finite is None."""
    value = float(value)
    return value if math.isfinite(value) else None
