"""How many flights a statistic needs."""

import math

import numpy as np
from jaxtyping import Float

LEAST_FOR_A_SPREAD = 20
"""Flights for a mean, a sigma or an ellipse: sigma is then known to 16 %, one standard error."""
LEAST_OF_EACH = 5
"""Clean and unclean flights before the two are held against each other: the smallest exact p of
fewer is too coarse."""


def least_for(share: float) -> int:
    """The fewest values of which a percentile is more than the smallest or the largest of them.

    >>> least_for(0.99), least_for(0.05), least_for(0.5)
    (100, 20, 2)
    """
    return math.ceil(round(1.0 / min(share, 1.0 - share), 9))


def percentile(values: Float[np.ndarray, " n"], share: float) -> float | None:
    """A percentile of what is known of `values`, or None where that is too little for one."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if len(known) >= least_for(share) else None


def too_few(count: int, least: int, of: str = "flights") -> str:
    """`too few landings: 5, at least 20 are needed`."""
    return f"too few {of}: {count:,}, at least {least:,} are needed"
