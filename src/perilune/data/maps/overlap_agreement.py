"""Whether two maps of a site show the same ground, and which way one of them is turned if not."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float

from perilune.data.maps.pixel_grid import PixelGrid, SourceMap, sample_pixels
from perilune.data.maps.pixel_projections import Angles, Places
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.projection import (
    angles_from_direction,
    direction_from_plane,
    site_from_fixed_matrix,
)

PLACE_COUNT, ENOUGH_COUNT, HALVINGS = 144, 36, 10
WIDEST_M, NARROWEST_PIXELS = 100_000.0, 3.0
"""Maps are compared in the widest disc about the site, of this radius halved up to ten times, of
which both hold a quarter; it must have a radius of three pixels of the coarser map."""
ALIKE = 0.97
"""Maps of one ground correlate by 0.981 or more: 27 pairs of the data folder, pixels of 48 m to
7.6 km. Mirrored, or shifted by a tenth of their rows, most correlate by less than 0.9."""
NOISE_M, NOISE_PER_PIXEL = 20.0, 0.02
"""What one map does not explain of the other is noted above this; 1 m and 0.02 of a pixel occur."""
TOLD_APART, CLOSE = 4.0, 0.05
"""A map turned another way is right if the share of variance left unexplained is below the second
figure and this many times less than as the file has it: 13 times for a crater, mirrored."""
DOUBTFUL = 0.01
"""Other ways of reading a map are tried from this unexplained share of variance on."""


class Spot(Protocol):
    """Planetocentric angles in MOON_ME."""

    @property
    def latitude_rad(self) -> float: ...
    @property
    def longitude_rad(self) -> float: ...


class Place(Spot, Protocol):
    """A site, and the height of its ground."""

    @property
    def height_m(self) -> float: ...


@dataclass(frozen=True)
class Disagreement:
    """A sentence on a pair of maps, and whether it is certain which of them is wrong."""

    sentence: str
    certain: bool


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two maps, the finer first, at places (n,) about a site within `radius_m`; heights in m."""

    fine: SourceMap
    coarse: SourceMap
    radius_m: float
    spread_rad: tuple[Float[np.ndarray, "n 9"], Float[np.ndarray, "n 9"]]  # round each place
    place_rad: tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]
    fine_m: Float[np.ndarray, " n"]
    coarse_m: Float[np.ndarray, " n"]


def disagreements(site: Place, sources: Sequence[SourceMap]) -> Iterator[Disagreement]:
    """Each map, finest first, against the next one that shares enough ground with it at the site.

    Heights are compared by their correlation, which units and datums do not change: those are
    judged at the site. The finer map is averaged over the pixels of the coarser.
    """
    for index, source in enumerate(sources):
        pairs = (_pair(site, source, other) for other in sources[index + 1 :])
        pair = next((each for each in pairs if each is not None), None)
        if pair is not None and (found := _judged(pair)) is not None:
            yield found


def _pair(site: Place, one: SourceMap, other: SourceMap) -> _Pair | None:
    fine, coarse = sorted((one, other), key=lambda source: source.resolution_m)
    for halving in range(HALVINGS):
        radius_m = WIDEST_M / 2.0**halving
        if radius_m < NARROWEST_PIXELS * coarse.resolution_m:
            return None
        latitude_rad, longitude_rad = _places(site, radius_m, coarse.resolution_m)
        coarse_m = coarse.sample(latitude_rad[:, 4], longitude_rad[:, 4])
        held = np.isfinite(coarse_m)
        if held.sum() < ENOUGH_COUNT:
            continue
        fine_m = fine.sample(latitude_rad, longitude_rad).mean(axis=1)
        held &= np.isfinite(fine_m)
        if held.sum() >= ENOUGH_COUNT:
            return _Pair(
                fine=fine,
                coarse=coarse,
                radius_m=radius_m,
                spread_rad=(latitude_rad[held], longitude_rad[held]),
                place_rad=(latitude_rad[held, 4], longitude_rad[held, 4]),
                fine_m=fine_m[held],
                coarse_m=coarse_m[held],
            )
    return None


def _places(site: Place, radius_m: float, pixel_m: float) -> Places:
    """Latitudes and longitudes (n, 9): places spread evenly over a disc, nine over a pixel each."""
    count = np.arange(PLACE_COUNT) + 0.5
    distance_m, turn_rad = radius_m * np.sqrt(count / PLACE_COUNT), count * math.pi * (3 - 5**0.5)
    centre_m = distance_m[:, None] * np.stack([np.cos(turn_rad), np.sin(turn_rad)], axis=-1)
    third_m = pixel_m / 3.0 * np.array([-1.0, 0.0, 1.0])
    within_m = np.stack(np.meshgrid(third_m, third_m), axis=-1).reshape(9, 2)
    ray = direction_from_plane(centre_m[:, None] + within_m, MOON_RADIUS_M)
    return angles_from_direction(
        ray @ site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    )


def _judged(pair: _Pair) -> Disagreement | None:
    """A `Disagreement`, or None where the two maps go together."""
    correlation = _correlation(pair.fine_m, pair.coarse_m)
    unexplained = _unexplained(correlation)
    if unexplained < DOUBTFUL:
        return None
    found = sorted(((*_tried(pair, *each), *each) for each in _readings(pair)), key=lambda x: x[0])
    fits = [each for each in found if each[0] < min(CLOSE, unexplained / TOLD_APART)]
    if fits:
        _, better, source, how = fits[0]
        rival = next((each[3] for each in fits if each[2] is not source), None)
        return Disagreement(_turned(pair, source, how, rival, correlation, better), True)
    left_m = math.sqrt(min(unexplained, 1.0)) * float(np.std(pair.coarse_m))
    allowed_m = NOISE_M + NOISE_PER_PIXEL * pair.coarse.resolution_m
    if correlation < ALIKE and left_m > allowed_m:
        return Disagreement(_unlike(pair, correlation), False)
    return None


def _correlation(one_m: Float[np.ndarray, " place"], other_m: Float[np.ndarray, " place"]) -> float:
    """From -1 to 1; 0 where one of the two is level."""
    deviations = one_m - one_m.mean(), other_m - other_m.mean()
    scale = math.sqrt(float(np.prod([np.sum(each**2) for each in deviations])))
    return float(np.sum(deviations[0] * deviations[1])) / scale if scale > 0.0 else 0.0


def _unexplained(correlation: float) -> float:
    """The share of variance that is left, above 1 where the one rises as the other falls."""
    return 1.0 - correlation * abs(correlation)


@dataclass(frozen=True)
class _Reading:
    """Another way to read the pixels of a map: in words, and where a place then lies in them."""

    words: str
    moved: Callable
    cure: str
    negates: bool = False


def _rows(shape: tuple[int, int], row: Angles, column: Angles) -> Places:
    return shape[0] - 1 - row, column


def _columns(shape: tuple[int, int], row: Angles, column: Angles) -> Places:
    return row, shape[1] - 1 - column


def _both(shape: tuple[int, int], row: Angles, column: Angles) -> Places:
    return shape[0] - 1 - row, shape[1] - 1 - column


def _swapped(_shape: tuple[int, int], row: Angles, column: Angles) -> Places:
    return column, row


def _half_turn(shape: tuple[int, int], row: Angles, column: Angles) -> Places:
    return row, (column + 0.5 * shape[1]) % shape[1]


def _same(_shape: tuple[int, int], row: Angles, column: Angles) -> Places:
    return row, column


TURNED = (
    _Reading("its rows run the other way", _rows, "reverse the rows, or their latitudes or y"),
    _Reading(
        "its columns run the other way", _columns, "reverse the columns, or their longitudes or x"
    ),
    _Reading("it is turned by half a turn", _both, "reverse its rows and its columns"),
    _Reading("its heights are depths, positive downward", _same, "change their sign", True),
)
SQUARE = _Reading("its rows and columns are exchanged", _swapped, "transpose it")
ROUND = _Reading(
    "its longitudes are half a turn off", _half_turn, "correct the longitude of its first column"
)


def _readings(pair: _Pair) -> Iterator[tuple[SourceMap, _Reading]]:
    """Each map of a pair with each other way to read it."""
    for source in (pair.fine, pair.coarse):
        grid: PixelGrid = source.grid
        square = (SQUARE,) if grid.shape[0] == grid.shape[1] and not grid.turn_count else ()
        for how in (*TURNED, *square, *((ROUND,) if grid.turn_count else ())):
            yield source, how


def _tried(pair: _Pair, source: SourceMap, how: _Reading) -> tuple[float, float]:
    """The unexplained share and the correlation where one map of the pair is read another way."""
    fine_m, coarse_m = pair.fine_m, pair.coarse_m
    if source is pair.fine:
        fine_m = _read(source.grid, how, pair.spread_rad).mean(axis=1)
    else:
        coarse_m = _read(source.grid, how, pair.place_rad)
    held = np.isfinite(fine_m) & np.isfinite(coarse_m)
    if 2 * held.sum() < ENOUGH_COUNT:
        return math.inf, 0.0
    correlation = _correlation(fine_m[held], coarse_m[held])
    return _unexplained(correlation), correlation


def _read(grid: PixelGrid, how: _Reading, angles_rad: Places) -> Float[np.ndarray, "..."]:
    place = how.moved(grid.shape, *grid.pixel_from_angles(*angles_rad))
    height_m = sample_pixels(grid, np.stack(place), angles_rad[0])
    return -height_m if how.negates else height_m


def _turned(
    pair: _Pair,
    source: SourceMap,
    how: _Reading,
    rival: _Reading | None,
    correlation: float,
    better: float,
) -> str:
    other = pair.coarse if source is pair.fine else pair.fine
    or_other = f" (or, of `{other.name}`, {rival.words})" if rival else ""
    return (
        f"{source.path}: the map must show the same ground as `{other.name}`, but at "
        f"{pair.fine_m.size} places within {_km(pair)} km of the site their heights correlate by "
        f"{correlation:.3f}; most likely {how.words}{or_other}, which gives "
        f"{better:.3f}; {how.cure}."
    )


def _unlike(pair: _Pair, correlation: float) -> str:
    difference_m = float(np.median(np.abs(pair.fine_m - pair.coarse_m)))
    return (
        f"{pair.fine.path}: the map and `{pair.coarse.name}` show different ground: at "
        f"{pair.fine_m.size} places within {_km(pair)} km of the site their heights correlate by "
        f"{correlation:.3f}, where maps of one ground give 0.98, and half of them differ by more "
        f"than {difference_m:.0f} m; most likely one of the two lies at a wrong latitude or "
        "longitude; compare both with `perilune inspect FILE LATITUDE LONGITUDE`."
    )


def _km(pair: _Pair) -> str:
    return f"{1e-3 * pair.radius_m:.3g}"
