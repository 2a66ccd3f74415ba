"""How columns of a table are read as NumPy: a campaign's rows and a flight's telemetry alike."""

import math
from typing import SupportsFloat

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float64


def numbers(table: pa.Table, name: str) -> Float64[np.ndarray, " rows"]:
    """A column of a `pyarrow.Table` as (n,) float64, SI as stored; null is not-a-number."""
    whole = table[name].cast(pa.float64(), safe=False).combine_chunks()
    return np.asarray(whole.to_numpy(zero_copy_only=False), float)


def numbers_if_any(table: pa.Table, name: str) -> Float64[np.ndarray, " rows"]:
    """`numbers`, and not-a-number throughout where the table has no such column."""
    if name in table.column_names:
        return numbers(table, name)
    return np.full(table.num_rows, np.nan)


def flags(table: pa.Table, name: str) -> Bool[np.ndarray, " rows"]:
    """A column of yes or no as (n,) bool; null is no."""
    whole = table[name].cast(pa.bool_()).combine_chunks().fill_null(False)
    return np.asarray(whole.to_numpy(zero_copy_only=False), bool)


def number_or_none(value: SupportsFloat) -> float | None:
    """A float fit for JSON: what is not finite is None."""
    number = float(value)
    return number if math.isfinite(number) else None
