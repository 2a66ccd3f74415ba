"""Whether the filter's readings came as it expected them: means of NIS, sensor by sensor.

The squared innovation of a reading over the variance that the filter gives it (NIS) is chi-square
with one degree of freedom for each scalar, and 1 in the mean (Bar-Shalom, Li and Kirubarajan,
Estimation with Applications to Tracking and Navigation, 2001, 5.4.2). Thousands of readings a
flight leave a mean of them no room, but those of one flight share its biases and its ground:
flights, not readings, are the independent draws, so the interval is Student's over their means.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float
from scipy import stats

from perilune.campaign.statistics.columns import numbers
from perilune.campaign.statistics.minimum_counts import LEAST_FOR_A_SPREAD, too_few

PREFIX = "nis_"
AS_EXPECTED = "as expected"
SOURCE = "Bar-Shalom, Li and Kirubarajan 2001, 5.4.2; Student's interval, Bonferroni over sensors"


def innovations(table: pa.Table, confidence: float = 0.95) -> list[dict]:
    """One dict for each of the rows' `nis_…` columns that is not empty, in their order.

    Keys: `column, unit, count, mean, lo, hi, words`. `lo` and `hi` hold the mean over all flights
    of the model, for all sensors together with `confidence`; None with too few flights.
    """
    names = [name for name in table.column_names if name.startswith(PREFIX)]
    columns = {name: numbers(table, name) for name in names}
    heard = {name: each[np.isfinite(each)] for name, each in columns.items()}
    heard = {name: each for name, each in heard.items() if len(each)}
    allowed = (1.0 - confidence) / max(len(heard), 1)
    return [_row(name, each, allowed) for name, each in heard.items()]


def _row(column: str, values: Float[np.ndarray, " n"], allowed: float) -> dict[str, Any]:
    row = {"column": column, "unit": column.removeprefix(PREFIX), "count": len(values)}
    row |= dict.fromkeys(("mean", "lo", "hi"))
    if len(values) < LEAST_FOR_A_SPREAD:
        return row | {"words": too_few(len(values), LEAST_FOR_A_SPREAD)}
    mean = float(np.mean(values))
    apart = stats.t.ppf(1.0 - 0.5 * allowed, len(values) - 1)
    half = float(apart * np.std(values, ddof=1) / np.sqrt(len(values)))
    row |= {"mean": mean, "lo": mean - half, "hi": mean + half}
    return row | {"words": _words(mean, half)}


def _words(mean: float, half: float) -> str:
    if abs(mean - 1.0) <= half:
        return AS_EXPECTED
    return f"off by {np.sqrt(mean):.2f} times what the filter expects"
