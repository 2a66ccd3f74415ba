"""How a campaign's rows are read as NumPy columns, and figures written as plain JSON."""

import math

import numpy as np
import pyarrow as pa


def numbers(table, name):
    """A column of a `pyarrow.Table` as (n,) float64, SI as stored; null is not-a-number."""
    whole = table[name].cast(pa.float64()).combine_chunks()
    return np.asarray(whole.to_numpy(zero_copy_only=False), float)


def flags(table, name):
    """A column of yes or no as (n,) bool; null is no."""
    whole = table[name].cast(pa.bool_()).combine_chunks().fill_null(False)
    return np.asarray(whole.to_numpy(zero_copy_only=False), bool)


def number_or_none(value):
    """A float fit for JSON: what is not finite is None."""
    value = float(value)
    return value if math.isfinite(value) else None
