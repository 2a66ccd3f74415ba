"""Whether a map has one exact value, not declared, in place of heights that were not measured."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

PAIR_COUNT = 400_000
"""Neighbours along rows, and as many along columns, that are looked at."""
LEAST_COUNT, LEAST_ZERO_COUNT = 20, 4
"""Borders that such a height must have; a stored zero has four round a single pixel."""
CLIFF_PER_STEP, LEAST_CLIFF_M = 10.0, 20.0
"""A cliff is this many times the usual step between pixels that differ, and no lower than this."""


def fill_height(
    windows: Sequence[Float[np.ndarray, "_ _"]], zero_height_m: float
) -> tuple[float, float] | None:
    """A height that looks like "none measured", m, and the share of pixels with it; None if none.

    Most of its borders must be cliffs: zeros amid ground near zero are ground. `windows` (rows,
    columns) are heights, not-a-number in gaps; `zero_height_m` is that of a stored zero.
    """
    here_m, there_m = np.concatenate(list(_neighbours(windows)), axis=1)
    step_m = np.abs(there_m - here_m)
    found = []
    for height_m in _candidates(here_m, there_m, step_m) | {zero_height_m}:
        is_border = (here_m == height_m) != (there_m == height_m)
        least = LEAST_ZERO_COUNT if height_m == zero_height_m else LEAST_COUNT
        if np.count_nonzero(is_border) < least:
            continue
        others_m = step_m[~is_border & (step_m > 0.0)]
        usual_m = float(np.median(others_m)) if others_m.size else 0.0
        if np.median(step_m[is_border]) > max(CLIFF_PER_STEP * usual_m, LEAST_CLIFF_M):
            found.append((height_m, _share(windows, height_m)))
    return max(found, key=lambda each: each[1], default=None)


def _neighbours(windows: Sequence[Float[np.ndarray, "_ _"]]) -> Iterator[Float[np.ndarray, "2 n"]]:
    """Heights of neighbours, (2, n), of every n-th row and column, so that few are looked at."""
    every = -(-sum(window.size for window in windows) // PAIR_COUNT)
    for window in windows:
        for lines in (window[::every], window[:, ::every].T):
            pairs = np.stack([lines[:, :-1].ravel(), lines[:, 1:].ravel()])
            yield pairs[:, np.isfinite(pairs).all(axis=0)]


def _candidates(
    here_m: Float[np.ndarray, " n"],
    there_m: Float[np.ndarray, " n"],
    step_m: Float[np.ndarray, " n"],
) -> set[float]:
    """The height that stands most often, and that which stands most often at a large step."""
    is_large = step_m > LEAST_CLIFF_M
    often = (here_m, np.concatenate([here_m[is_large], there_m[is_large]]))
    return {_most_frequent(heights_m) for heights_m in often if heights_m.size}


def _most_frequent(heights_m: Float[np.ndarray, " n"]) -> float:
    values_m, counts = np.unique(heights_m, return_counts=True)
    return float(values_m[np.argmax(counts)])


def _share(windows: Sequence[Float[np.ndarray, "row column"]], height_m: float) -> float:
    count = sum(int(np.count_nonzero(window == height_m)) for window in windows)
    return count / sum(window.size for window in windows)
