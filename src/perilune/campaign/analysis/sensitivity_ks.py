"""Which drawn inputs are distributed differently in clean and in unclean flights."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float
from scipy import stats

from perilune.campaign.analysis.sobol_indices import together
from perilune.campaign.statistics.columns import DrawnInput, flags, number_or_none, numbers
from perilune.campaign.statistics.minimum_counts import LEAST_OF_EACH, too_few
from perilune.campaign.statistics.multiple_testing import holm

FEW_VALUES = 10
"""An input of so few values is a choice: its values are counted, not ranked."""


def drivers(
    table: pa.Table, inputs: Sequence[DrawnInput], confidence: float = 0.95
) -> list[dict[str, Any]]:
    """One dict an input, the surest first: how its clean and unclean flights differ.

    Keys:
    `column, path, test, statistic, p, p_adjusted, direction, effect, clean_median,
    unclean_median, significant, together, words`. `statistic` is the largest gap between the two
    distributions (Kolmogorov-Smirnov) or between the shares of a choice's values (Fisher, exact);
    `effect` in [-1, 1] is Cliff's delta, 0 for none, ±1 for no overlap, by rank. `p_adjusted` is
    Holm's over all inputs, so in at most 1 - confidence of all campaigns without a driver is any
    called significant. An input drawn `together` with others may be named for what one of them
    does. What could not be tested is None, and `words` gives the reason.
    """
    unclean = ~flags(table, "clean")
    columns = [numbers(table, one.column) for one in inputs]
    rows = [_driver(one, drawn, unclean) for one, drawn in zip(inputs, columns, strict=True)]
    paired = together(inputs, columns)
    adjusted = holm([np.nan if row["p"] is None else row["p"] for row in rows])
    for row, p in zip(rows, adjusted, strict=True):
        row["p_adjusted"] = number_or_none(p)
        row["significant"] = bool(p <= 1.0 - confidence)
        row["together"] = row["column"] in paired
    return sorted(rows, key=_surest_first)


def _surest_first(row: Mapping[str, Any]) -> tuple[bool, float, float]:
    tested = row["p"] is not None
    return (not tested, row["p"] if tested else 1.0, -abs(row["effect"] or 0.0))


def _driver(
    one: DrawnInput, values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]
) -> dict[str, Any]:
    known = np.isfinite(values)
    values, unclean = values[known], unclean[known]
    row = {"column": one.column, "path": one.path} | dict.fromkeys(
        ("test", "statistic", "p", "p_adjusted", "direction", "effect")
    )
    row |= {
        "clean_median": _median(values[~unclean]),
        "unclean_median": _median(values[unclean]),
        "significant": False,
        "words": _why_not(values, unclean),
    }
    return row | _difference(values, unclean) if row["words"] is None else row


def _why_not(values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]) -> str | None:
    """Why an input cannot be tested, or None."""
    failures = int(np.sum(unclean))
    if failures < LEAST_OF_EACH:
        return too_few(failures, LEAST_OF_EACH, "failures")
    if len(values) - failures < LEAST_OF_EACH:
        return too_few(len(values) - failures, LEAST_OF_EACH, "clean flights")
    return "it did not vary" if np.ptp(values) == 0.0 else None


def _difference(values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]) -> dict[str, Any]:
    distinct = np.unique(values)
    compare = _fisher if len(distinct) <= FEW_VALUES else _kolmogorov_smirnov
    test, statistic, p = compare(values, unclean)
    direction, effect = _direction(values, unclean)
    return {
        "test": test,
        "statistic": number_or_none(statistic),
        "p": number_or_none(p),
        "direction": direction,
        "effect": number_or_none(effect),
        "words": f"{direction} in unclean flights",
    }


def _kolmogorov_smirnov(
    values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]
) -> tuple[str, float, float]:
    found = stats.ks_2samp(values[unclean], values[~unclean])
    return "Kolmogorov-Smirnov", found.statistic, found.pvalue


def _fisher(
    values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]
) -> tuple[str, float, float]:
    """Each value against all others, exactly; as many looks as values cost as many times p."""
    distinct = np.unique(values)
    gaps, p_values = zip(*(_fisher_one(values == one, unclean) for one in distinct), strict=True)
    looks = len(distinct) if len(distinct) > 2 else 1  # with two values one test covers both
    return "Fisher", max(gaps), min(1.0, looks * min(p_values))


def _fisher_one(
    has_it: Bool[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]
) -> tuple[float, float]:
    counts = [[np.sum(has_it & side), np.sum(~has_it & side)] for side in (unclean, ~unclean)]
    shares = [yes / (yes + no) for yes, no in counts]
    return abs(shares[0] - shares[1]), stats.fisher_exact(np.array(counts)).pvalue


def _direction(
    values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]
) -> tuple[str, float]:
    """In words and as Cliff's delta, where unclean flights lie: by value or by distance."""
    by_value = _cliffs_delta(values, unclean)
    by_distance = _cliffs_delta(np.abs(values - np.median(values)), unclean)
    if abs(by_value) >= abs(by_distance):
        return ("higher" if by_value > 0.0 else "lower"), by_value
    return ("farther from the middle" if by_distance > 0.0 else "nearer the middle"), by_distance


def _cliffs_delta(values: Float[np.ndarray, " n"], unclean: Bool[np.ndarray, " n"]) -> float:
    """P(an unclean flight's value is higher) less P(it is lower), from Mann-Whitney's U."""
    failures, clean = np.sum(unclean), np.sum(~unclean)
    rank_sum = np.sum(stats.rankdata(values)[unclean])
    return 2.0 * (rank_sum - failures * (failures + 1) / 2.0) / (failures * clean) - 1.0


def _median(values: Float[np.ndarray, " n"]) -> float | None:
    return number_or_none(np.median(values)) if len(values) else None
