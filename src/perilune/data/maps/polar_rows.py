"""Whether the rows of pixels next to a pole are heights, and what stands in for one that is not.

Such a row goes once round the pole half a pixel away from it: a ring of a pixel's size, whose
heights cannot be far from those of the next ring. Mosaics of images are often spoilt there.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import numpy as np
from jaxtyping import Float

from perilune.data.maps.height_units import heights_m
from perilune.data.maps.pixel_grid import PixelGrid
from perilune.data.maps.undeclared_fill import CLIFF_PER_STEP, LEAST_CLIFF_M

LEAST_ROW_COUNT = 6
HERE_SHARE = 2.0 / 3.0
"""On the straight line over the pole from 1.5 pixels on this side to as many on the other."""


def spoilt_rows(grid: PixelGrid) -> dict[int, Float[np.ndarray, " columns"]]:
    """Rows next to a pole that are no heights, and the numbers, as stored, that replace them.

    Such a row stands off the next one by more than ten times what that one does from the third, in
    the median. In its place is the straight line across the pole between the next row's pixels.
    """
    found = {}
    with grid.reading() as read:
        for row, beside, third in _polar(grid):
            edge, next_, beyond = (
                read(slice(each, each + 1), slice(0, grid.shape[1]))[0]
                for each in (row, beside, third)
            )
            if _is_off(*(heights_m(grid.rule, each) for each in (edge, next_, beyond))):
                across = (np.arange(grid.shape[1]) + grid.turn_count // 2) % grid.turn_count
                found[row] = HERE_SHARE * next_ + (1.0 - HERE_SHARE) * next_[across]
    return found


def mended(
    reading: Callable[[], AbstractContextManager[Callable]],
    rows: Mapping[int, Float[np.ndarray, " columns"]],
) -> Callable[[], AbstractContextManager[Callable]]:
    """The pixels of a map with whole rows replaced."""

    @contextmanager
    def opening() -> Iterator[Callable]:
        with reading() as read:
            yield functools.partial(_read, read, rows)

    return opening if rows else reading


def _polar(grid: PixelGrid) -> Iterator[tuple[int, int, int]]:
    """Each row half a pixel from a pole, and the two beside it."""
    count = grid.shape[0]
    if count < LEAST_ROW_COUNT:
        return
    if grid.mirrors[0] == -1:
        yield 0, 1, 2
    if grid.mirrors[1] == 2 * count - 1:
        yield count - 1, count - 2, count - 3


def _is_off(
    edge_m: Float[np.ndarray, " columns"],
    next_m: Float[np.ndarray, " columns"],
    third_m: Float[np.ndarray, " columns"],
) -> bool:
    both = np.isfinite(edge_m) & np.isfinite(next_m) & np.isfinite(third_m)
    if not both.any():
        return False
    step_m = np.median(np.abs(edge_m - next_m)[both])
    usual_m = np.median(np.abs(next_m - third_m)[both])
    return bool(step_m > max(CLIFF_PER_STEP * usual_m, LEAST_CLIFF_M))


def _read(
    read: Callable,
    replaced: Mapping[int, Float[np.ndarray, " columns"]],
    rows: slice,
    columns: slice,
) -> Float[np.ndarray, "row column"]:
    numbers = read(rows, columns)
    for row, line in replaced.items():
        if rows.start <= row < rows.stop:
            numbers[row - rows.start] = line[columns]
    return numbers
