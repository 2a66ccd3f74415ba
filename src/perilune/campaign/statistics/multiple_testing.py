"""What looking at many things at once costs a p value."""

import numpy as np


def holm(p_values):
    """(n,) p values adjusted so that naming all p below a level is wrong no oftener than it.

    Holm's step-down form of Bonferroni (Scandinavian Journal of Statistics 6, 1979, 65-70), valid
    however the tests hang together. Not-a-number means not tested and does not count.
    """
    p_values = np.asarray(p_values, float)
    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    left = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(left * p_values[order]), 1.0)
    return adjusted
