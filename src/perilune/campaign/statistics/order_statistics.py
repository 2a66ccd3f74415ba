"""Bounds and run counts for "met in y % of landings with z % confidence", free of distributions.

After Hanson and Beard, "Applying Monte Carlo Simulation to Launch Vehicle Design and Requirements
Analysis", NASA/TP-2010-216447: the k-th of n sorted values is above the y-quantile whenever fewer
than k of the n fell below it, which is binomial.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import bdtr

from perilune.campaign.statistics.binomial_interval import check_confidence
from perilune.errors import InputError

SOURCE = "Hanson and Beard, NASA/TP-2010-216447 (2010)"


@dataclass(frozen=True)
class Bound:
    """A bound on a figure: `value` is the `rank`-th of `count` values, from the best one.

    Not `reached` where there are too few values for any to serve (`rank` is None), or where the
    one that would is of a flight that never came to it (`value` is None).
    """

    value: float | None
    rank: int | None
    count: int
    reached: bool


def upper_bound(values: Float[np.ndarray, " run"], fraction: float, confidence: float) -> Bound:
    """A value that at least `fraction` of all flights stay below, with `confidence`.

    `values`, any unit; not-a-number counts as worse than every number. The `Bound` has
    the same unit. Raises InputError for a fraction or a confidence outside (0, 1).
    """
    values = np.asarray(values, float)
    rank = rank_of(values.size, fraction, confidence)
    if rank is None:
        return Bound(None, None, values.size, reached=False)
    value = np.sort(np.where(np.isnan(values), np.inf, values))[rank - 1]
    reached = bool(np.isfinite(value))
    return Bound(float(value) if reached else None, rank, values.size, reached)


def lower_bound(values: Float[np.ndarray, " run"], fraction: float, confidence: float) -> Bound:
    """A value that at least `fraction` of all flights stay above, with `confidence`.

    As `upper_bound`; the rank counts from the largest value.
    """
    mirrored = upper_bound(-np.asarray(values, float), fraction, confidence)
    value = None if mirrored.value is None else 0.0 - mirrored.value
    return Bound(value, mirrored.rank, mirrored.count, mirrored.reached)


def rank_of(count: int, fraction: float, confidence: float) -> int | None:
    """The least rank that bounds the fraction's quantile with confidence; None if none does.

    The k-th smallest of n is above the y-quantile with probability P(B(n, y) <= k - 1) or more.
    """
    check_confidence(confidence)
    _check_fraction(fraction)
    sure = bdtr(np.arange(count, dtype=float), count, fraction) >= confidence
    return int(np.argmax(sure)) + 1 if sure.any() else None


def least_count(fraction: float, confidence: float, failures: int = 0) -> int:
    """How many runs show `fraction` with `confidence` when `failures` of them fail.

    The least n with P(B(n, 1 - fraction) <= failures) <= 1 - confidence. Without failures that
    is 1 - fraction**n >= confidence.

    >>> least_count(0.99, 0.95), least_count(0.99, 0.95, failures=5)
    (299, 1049)
    """
    check_confidence(confidence)
    _check_fraction(fraction)
    if failures < 0:
        raise InputError(f"Failures must be none or more, but are {failures}.")
    too_few, enough = failures, failures + 1
    while not _shows(enough, failures, fraction, confidence):
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        shown = _shows(middle, failures, fraction, confidence)
        too_few, enough = (too_few, middle) if shown else (middle, enough)
    return enough


def _shows(count: int, failures: int, fraction: float, confidence: float) -> bool:
    return bdtr(float(failures), count, 1.0 - fraction) <= 1.0 - confidence


def _check_fraction(fraction: float) -> None:
    if not 0.0 < fraction < 1.0:
        raise InputError(
            f"A fraction of landings must lie between 0 and 1, such as 0.9987, but is {fraction:g}."
        )
