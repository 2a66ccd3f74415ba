"""How a map's gaps are continued from their surroundings, so that a spline does not ring there."""

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import ndimage

REACH_COUNT = 12
"""Pixels continued into a gap; a cubic spline remembers less than 1e-6 of what lies farther."""
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def filled(
    height_m: Float[np.ndarray, "row column"], empty: Bool[np.ndarray, "row column"]
) -> Float[np.ndarray, "row column"]:
    """The heights with every empty pixel given a value.

    Layer by layer inward, each pixel is the mean of the straight lines through two known
    neighbours in a row, so that a plane goes on as that plane; where there are no two, the mean
    of the known neighbours. Farther in, the nearest value is held.
    """
    if empty.all():
        return np.zeros(height_m.shape)
    pad = 2
    heights = np.pad(np.where(empty, 0.0, height_m), pad)
    known = np.pad(~empty, pad)
    inside = np.pad(np.ones(empty.shape, bool), pad)
    for _ in range(REACH_COUNT):
        layer = ndimage.binary_dilation(known, np.ones((3, 3), bool)) & ~known & inside
        if not layer.any():
            break
        at = np.nonzero(layer)
        heights[at] = _continued(heights, known, at)
        known[at] = True
    return _nearest(heights, known)[pad:-pad, pad:-pad]


def _continued(
    heights: Float[np.ndarray, "row column"],
    known: Bool[np.ndarray, "row column"],
    at: tuple[Int[np.ndarray, " gap"], ...],
) -> Float[np.ndarray, " gap"]:
    total, count = np.zeros(len(at[0])), np.zeros(len(at[0]))
    near_total, near_count = np.zeros(len(at[0])), np.zeros(len(at[0]))
    for row, column in NEIGHBOURS:
        near, far = (at[0] + row, at[1] + column), (at[0] + 2 * row, at[1] + 2 * column)
        both = known[near] & known[far]
        total += np.where(both, 2.0 * heights[near] - heights[far], 0.0)
        count += both
        near_total += np.where(known[near], heights[near], 0.0)
        near_count += known[near]
    return np.where(count > 0, total / np.maximum(count, 1), near_total / np.maximum(near_count, 1))


def _nearest(
    heights: Float[np.ndarray, "row column"], known: Bool[np.ndarray, "row column"]
) -> Float[np.ndarray, "row column"]:
    if known.all():
        return heights
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return heights[tuple(nearest)]
