"""Whether the filter's variance matched its errors: means of NEES against their own band.

The squared error of a consistent filter over its own covariance (NEES) is chi-square with as many
degrees of freedom as the error has axes, and the sum over n independent flights with n times as
many (Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001,
5.4.2). The rows keep it over its degrees of freedom, so that its mean is 1.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float
from scipy import stats

from perilune.campaign.statistics.columns import numbers
from perilune.campaign.statistics.minimum_counts import LEAST_FOR_A_SPREAD, too_few
from perilune.flight.carry import CheckPoint

DEGREES = {"position": 3, "velocity": 3, "attitude": 3}
"""Axes of a group's error; any other group is one number, such as a height."""
POINTS = tuple(point.name.lower() for point in CheckPoint)
INSIDE, CAUTIOUS, OVERCONFIDENT = "inside its band", "cautious", "overconfident"
SOURCE = "Bar-Shalom, Li and Kirubarajan 2001, 5.4.2; Bonferroni's inequality over all means"


def consistency(table: pa.Table, confidence: float = 0.95) -> list[dict]:
    """One dict for each check point and group of the rows' `nees_…` columns, in their order.

    Keys: `column, point, group, degrees, count, mean, lo, hi, verdict, ratio, words`. `lo` and
    `hi` are the band that the mean of `count` flights of a consistent filter lies in, for all
    means together with `confidence`. `verdict` is `INSIDE`, `CAUTIOUS` (errors smaller than
    the filter believes, by the factor `ratio` of its sigma over their root mean square),
    `OVERCONFIDENT` (errors larger, `ratio` the other way round), or None with too few flights.
    """
    named = [each for each in map(parted, table.column_names) if each is not None]
    allowed = (1.0 - confidence) / max(len(named), 1)
    return [_row(name, point, group, numbers(table, name), allowed) for name, point, group in named]


def parted(column: str) -> tuple[str, str, str] | None:
    """(column, check point, group) of a `nees_…` column, else None."""
    found = _COLUMN.fullmatch(column)
    return (column, found["point"], found["group"]) if found else None


_COLUMN = re.compile(rf"nees_(?P<point>{'|'.join(POINTS)})_(?P<group>\w+)")


def degrees_of(group: str) -> int:
    """How many axes the error of a group has."""
    return DEGREES.get(group, 1)


def mean_band(count: int, degrees: int, allowed: float) -> tuple[float, float]:
    """What the mean over `count` flights exceeds with a chance of `allowed`, half each side."""
    ends = stats.chi2.ppf([0.5 * allowed, 1.0 - 0.5 * allowed], count * degrees)
    low, high = ends / (count * degrees)
    return float(low), float(high)


def _row(
    column: str, point: str, group: str, values: Float[np.ndarray, " n"], allowed: float
) -> dict[str, Any]:
    values, degrees = values[np.isfinite(values)], degrees_of(group)
    row = {"column": column, "point": point, "group": group, "degrees": degrees}
    row |= {"count": len(values)} | dict.fromkeys(("mean", "lo", "hi", "verdict", "ratio"))
    if len(values) < LEAST_FOR_A_SPREAD:
        return row | {"words": too_few(len(values), LEAST_FOR_A_SPREAD)}
    mean, (low, high) = float(np.mean(values)), mean_band(len(values), degrees, allowed)
    verdict = INSIDE if low <= mean <= high else CAUTIOUS if mean < low else OVERCONFIDENT
    root = float(np.sqrt(mean))
    ratio = root if mean >= 1.0 else 1.0 / root if root > 0.0 else None
    row |= {"mean": mean, "lo": low, "hi": high, "verdict": verdict, "ratio": ratio}
    return row | {"words": _words(verdict, ratio)}


def _words(verdict: str, ratio: float | None) -> str:
    if verdict == INSIDE:
        return INSIDE
    times = "many" if ratio is None else f"{ratio:.2f}"
    if verdict == CAUTIOUS:
        return f"cautious: its sigma is {times} times its rms error"
    return f"overconfident: its rms error is {times} times its sigma"


def flagged(rows: Sequence[Mapping]) -> list[Mapping]:
    """Those outside their band, the farthest first."""
    outside = [each for each in rows if each["verdict"] in (CAUTIOUS, OVERCONFIDENT)]
    return sorted(outside, key=lambda each: -(each["ratio"] or np.inf))
