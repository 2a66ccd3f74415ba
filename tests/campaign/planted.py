"""Synthetic campaigns whose drivers are known, and the bound a rate of errors may reach."""

from collections import namedtuple

import pyarrow as pa
from scipy import stats

Input = namedtuple("Input", ("column", "path"))


def campaign(drawn, clean=None, **figures):
    """(table, inputs) of (n, d) drawn numbers, whether each flight was clean, and its figures."""
    inputs = [Input(f"input_x{i}_m", f"x{i}") for i in range(drawn.shape[1])]
    columns = {one.column: drawn[:, i] for i, one in enumerate(inputs)}
    columns["clean"] = [True] * len(drawn) if clean is None else clean
    return pa.table(
        {name: pa.array(one, from_pandas=True) for name, one in (columns | figures).items()}
    ), inputs


def most(count, rate):
    """So many events of a rate may be seen in `count` tries; more would be a one in 1,000."""
    return int(stats.binom.ppf(0.999, count, rate))
