"""Correction of p values for many tests at once."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float


def holm(
    p_values: Float[np.ndarray, " test"] | Sequence[float],
) -> Float[np.ndarray, " test"]:
    """Adjusted p values: a false alarm among those below a level has at most that probability.

    Holm's step-down form of Bonferroni (Scandinavian Journal of Statistics 6, 1979, 65-70), valid
    for tests that depend on each other in any way. Not-a-number means not tested, and does not
    count.
    """
    p_values = np.asarray(p_values, float)
    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    left = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(left * p_values[order]), 1.0)
    return adjusted
