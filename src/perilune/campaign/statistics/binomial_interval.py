"""Intervals of a probability from a number of runs that was fixed beforehand."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.special import betaincinv, stdtrit

from perilune.errors import InputError
from perilune.mechanics.array_types import AnyArray


@dataclass(frozen=True)
class Method:
    """How an interval was made, for the record beside it."""

    name: str
    assumes: str
    source: str


CLOPPER_PEARSON = Method(
    "Clopper-Pearson",
    "Independent random runs whose number was fixed before the first of them flew.",
    "Clopper and Pearson, Biometrika 26 (1934) 404-413",
)
BETWEEN_BLOCKS = Method(
    "t interval between blocks",
    "Blocks of runs that are independent scrambles of one Sobol sequence, enough of them that "
    "their mean is nearly normal; it is approximate, and too narrow where few blocks hold a "
    "failure.",
    "Owen, SIAM Journal on Numerical Analysis 34 (1997) 1884-1910",
)


def check_confidence(confidence: float) -> None:
    """Raise InputError unless a confidence lies between 0 and 1."""
    if not 0.0 < confidence < 1.0:
        raise InputError(
            f"A confidence must lie between 0 and 1, such as 0.95, but is {confidence:g}."
        )


def check_counts(clean: Int[AnyArray, "..."], runs: Int[AnyArray, "..."]) -> None:
    """Raise InputError unless 0 <= clean <= runs everywhere."""
    clean, runs = np.asarray(clean), np.asarray(runs)
    if np.any(clean < 0) or np.any(clean > runs):
        raise InputError(
            f"Clean runs must be between none and all that flew, but are {clean} of {runs}."
        )


def clopper_pearson(
    clean: Int[AnyArray, "..."], runs: Int[AnyArray, "..."], confidence: float
) -> tuple[Float[AnyArray, "..."], Float[AnyArray, "..."]]:
    """The two-sided interval of P(clean), each end wrong with at most (1 - confidence) / 2.

    `clean` and `runs` are counts or arrays of counts that broadcast; gives (lo, hi) of their
    shape. Without a run it is (0, 1). Raises InputError for impossible counts.
    Clopper and Pearson (1934), as quantiles of the beta distribution.

    >>> clopper_pearson(30, 30, 0.95)[0].round(3)
    np.float64(0.884)
    """
    check_confidence(confidence)
    check_counts(clean, runs)
    clean, unclean = np.asarray(clean, float), np.subtract(runs, clean).astype(float)
    return _lower_end(clean, unclean, confidence), 1.0 - _lower_end(unclean, clean, confidence)


def _lower_end(
    successes: Float[AnyArray, "..."], failures: Float[AnyArray, "..."], confidence: float
) -> Float[AnyArray, "..."]:
    some = successes > 0.0
    at = betaincinv(np.where(some, successes, 1.0), failures + 1.0, 0.5 * (1.0 - confidence))
    return np.where(some, at, 0.0)[()]


def between_blocks(
    block_fractions: Float[AnyArray, " block"], confidence: float
) -> tuple[float, float]:
    """The two-sided interval of P(clean) from the clean share of each of several blocks.

    `block_fractions` are the shares of equally long, independent blocks, at least two:
    Sobol points within a block are not independent, so only the spread between blocks gives the
    error. Student's t on their mean, cut to [0, 1]; approximate. Where every block has the same
    share the spread says nothing, and what is left is exact but wide: the first block names a
    share, the others show by `clopper_pearson` how often a block has it, and the mean lies as far
    off as the rest allows. Raises InputError for fewer than two blocks.
    """
    check_confidence(confidence)
    shares = np.asarray(block_fractions, float)
    if shares.ndim != 1 or shares.size < 2:
        raise InputError(
            "An interval between blocks needs the shares of two blocks or more, but came with "
            f"{shares.size}; fly more runs, or sample at random."
        )
    if np.ptp(shares) == 0.0:
        return _from_equal_blocks(shares, confidence)
    half = stdtrit(shares.size - 1, 0.5 * (1.0 + confidence)) * shares.std(ddof=1)
    half /= np.sqrt(shares.size)
    return max(0.0, shares.mean() - half), min(1.0, shares.mean() + half)


def _from_equal_blocks(
    shares: Float[np.ndarray, " block"], confidence: float
) -> tuple[float, float]:
    others = shares.size - 1
    often, _ = clopper_pearson(others, others, confidence)
    return shares[0] * often, 1.0 - (1.0 - shares[0]) * often
