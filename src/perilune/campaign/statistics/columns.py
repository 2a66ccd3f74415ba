"""How columns of a table are read as NumPy: a campaign's rows and a flight's telemetry alike."""

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
    whole = table[name].cast(pa.float64(), safe=False).combine_chunks()
    return np.asarray(whole.to_numpy(zero_copy_only=False), float)


def numbers_if_any(table: pa.Table, name: str) -> Float[np.ndarray, " row"]:
    """`numbers`, and not-a-number throughout where the table has no such column."""
    if name in table.column_names:
        return numbers(table, name)
    return np.full(table.num_rows, np.nan)


def flags(table: pa.Table, name: str) -> Bool[np.ndarray, " row"]:
    """A column of yes or no; null is no."""
    whole = table[name].cast(pa.bool_()).combine_chunks().fill_null(False)
    return np.asarray(whole.to_numpy(zero_copy_only=False), bool)


def number_or_none(value: Any) -> float | None:
    """A float fit for JSON: what is not finite is None."""
    number = float(value)
    return number if math.isfinite(number) else None
