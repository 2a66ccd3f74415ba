"""From a file's pixels and what it declares of them to a grid of heights that has been judged."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from perilune.data.maps.height_units import (
    HeightRule,
    Stored,
    height_rule,
    heights_m,
    is_undeclared,
)
from perilune.data.maps.pixel_grid import WHOLE_COUNT, PixelGrid
from perilune.data.maps.polar_rows import mended, spoilt_rows
from perilune.data.maps.undeclared_fill import fill_height
from perilune.errors import InputError

CHUNK_COUNT = 1_000_000
LOOK_COUNT, LOOK_SIDE = 12, 64
"""A large map is judged by 12 by 12 windows of 64 pixels a side."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A map file's grid and what describes it; see `SourceMap`."""

    grid: PixelGrid
    resolution_m: float
    kind: str
    projection: str
    unit: str
    provenance: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the pixels of a map lie; see `PixelGrid`. `step_m` is of rows, then of columns.

    `notes` are sentences on contradictions in a label.
    """

    shape: tuple[int, int]
    pixel_from_angles: Callable
    step_m: tuple[float, float]
    turn_count: int = 0
    mirrors: tuple[int | None, int | None] = (None, None)
    rows_first: bool = True
    notes: tuple[str, ...] = ()

    @property
    def resolution_m(self) -> float:
        """The coarser of the two steps."""
        return float(max(self.step_m))

    @property
    def extent_m(self) -> float:
        """How far the map reaches, the longer of its sides."""
        return float(max(n * step for n, step in zip(self.shape, self.step_m, strict=True)))


def judged(layout: Layout, reading: Callable, stored: Stored) -> tuple[PixelGrid, tuple[str, ...]]:
    """The grid of a map whose numbers have been looked at; InputError where they are no heights."""
    with reading() as read:
        windows = list(looks(layout.shape, read))
    numbers = np.concatenate([each.ravel() for each in windows])
    if not np.isfinite(numbers).any() and layout.shape[0] * layout.shape[1] <= WHOLE_COUNT:
        raise InputError(
            f"{stored.where}: a map must hold heights, but every one of its pixels is empty; fetch "
            "it again, or check its nodata value."
        )
    rule, notes = height_rule(stored, numbers, layout.extent_m)
    grid = grid_of(layout, reading, rule)
    spoilt = spoilt_rows(grid)
    grid = dataclasses.replace(grid, reading=mended(reading, spoilt), replaced_rows=tuple(spoilt))
    return grid, (*notes, *_filled(rule, windows))


def _filled(rule: HeightRule, windows: Sequence[Float[np.ndarray, "_ _"]]) -> Iterator[str]:
    """A note where a possible height most likely marks pixels without one."""
    found = fill_height([heights_m(rule, each) for each in windows], rule.base_m)
    if found is not None:
        height_m, share = found
        stored = (height_m - rule.base_m) / rule.metres_per_number
        yield (
            f"{rule.where}: {100.0 * share:.2g} % of the pixels examined hold exactly "
            f"{stored:.6g}, which is read as {height_m:.6g} m, with cliffs round them; most likely "
            f"they have no height, and {stored:.6g} is to be declared as nodata."
        )


def grid_of(layout: Layout, reading: Callable, rule: HeightRule) -> PixelGrid:
    """The grid of a layout, its pixels and what they mean."""
    return PixelGrid(
        shape=layout.shape,
        reading=reading,
        pixel_from_angles=layout.pixel_from_angles,
        rule=rule,
        turn_count=layout.turn_count,
        mirrors=layout.mirrors,
        rows_first=layout.rows_first,
    )


def looks(
    shape: tuple[int, int], read: Callable, whole_count: int = WHOLE_COUNT
) -> Iterator[Float[np.ndarray, "row column"]]:
    """All values of a map, some rows at a time; of a large one, those of windows spread over it."""
    if shape[0] * shape[1] <= whole_count:
        many = max(CHUNK_COUNT // shape[1], 1)
        for row in range(0, shape[0], many):
            yield read(slice(row, min(row + many, shape[0])), slice(0, shape[1]))
        return
    rows, columns = (
        np.unique(np.linspace(0, max(count - LOOK_SIDE, 0), LOOK_COUNT).astype(int))
        for count in shape
    )
    for row, column in itertools.product(rows.tolist(), columns.tolist()):
        yield read(
            slice(row, min(row + LOOK_SIDE, shape[0])),
            slice(column, min(column + LOOK_SIDE, shape[1])),
        )


def opened(
    layout: Layout,
    reading: Callable,
    stored: Stored,
    about: dict[str, str],
    notes: Sequence[str] = (),
) -> Opened:
    """The result of a reader: `about` has its `kind`, `projection` and `provenance`."""
    grid, found = judged(layout, reading, stored)
    unit = "m (not declared)" if is_undeclared(stored.unit) else stored.unit.strip("<>\"' ")
    if stored.number_scale != 1.0:
        unit = f"{stored.number_scale:g} {unit}"
    return Opened(
        grid=grid,
        resolution_m=layout.resolution_m,
        unit=unit,
        notes=(*layout.notes, *notes, *found),
        **about,
    )
