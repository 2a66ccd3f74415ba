"""The coarser map a lander carries, and how far another map departs from it."""

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from perilune.mechanics import map_mosaic, map_tiles
from perilune.mechanics.map_mosaic import SlopingPlace, Source
from perilune.mechanics.map_tiles import Sampler, TilePlan
from perilune.mechanics.terrain_map import TerrainMap

SITE_HALF_WIDTH_M = 24_000.0
TRACK_LENGTH_M = 835_000.0
TRACK_UPRANGE_M = 795_000.0
TRACK_WIDTH_M = 48_000.0
WIDE_STEP_FACTOR = 4
WIDE_LENGTH_M = 1_680_000.0
WIDE_UPRANGE_M = 1_600_000.0
WIDE_WIDTH_M = 96_000.0
NEAR_M = 2_000.0


@dataclass(frozen=True)
class MapMismatch:
    """How far one map is from another: rms after the mean is taken off, and the mean apart.

    track_*: along the approach, 0 to 600 km uprange. site_*: within 2 km of the site.
    correlation_length_m: where the autocorrelation of the difference along the track falls to 1/e.
    """

    track_rms_m: float
    track_mean_m: float
    site_rms_m: float
    site_mean_m: float
    correlation_length_m: float


def build_onboard_map(
    site: SlopingPlace,
    approach_azimuth_rad: float,
    sources: Sequence[Source],
    posting_m: float = 1000.0,
) -> TerrainMap:
    """A `TerrainMap` with nodes `posting_m` apart (four times that far uprange).

    Made from `sources` as the published maps are, each node the mean of four points of its cell.
    Only the posting sets the array sizes, so equal postings compile nothing new.
    """
    sample: Sampler = functools.partial(map_mosaic.sample_sources, sources)
    if not sources:
        sample = functools.partial(map_mosaic.published_plane, site)
    terrain_map, _ = map_tiles.build_map(
        site, approach_azimuth_rad, onboard_plans(posting_m), sample
    )
    return terrain_map


def onboard_plans(posting_m: float) -> tuple[TilePlan, ...]:
    """The tiles of an onboard map, finest first."""
    wide_m = WIDE_STEP_FACTOR * posting_m
    site_count = _count(2.0 * SITE_HALF_WIDTH_M, posting_m)
    return (
        TilePlan(
            name="site",
            row_count=site_count,
            column_count=site_count,
            step_m=posting_m,
            uprange_m=0.5 * (site_count - 1) * posting_m,
            per_node_count=2,
        ),
        TilePlan(
            name="track",
            row_count=_count(TRACK_LENGTH_M, posting_m),
            column_count=_count(TRACK_WIDTH_M, posting_m),
            step_m=posting_m,
            uprange_m=TRACK_UPRANGE_M,
            per_node_count=2,
        ),
        TilePlan(
            name="wide",
            row_count=_count(WIDE_LENGTH_M, wide_m),
            column_count=_count(WIDE_WIDTH_M, wide_m),
            step_m=wide_m,
            uprange_m=WIDE_UPRANGE_M,
            per_node_count=2,
        ),
    )


def _count(length_m: float, step_m: float) -> int:
    return max(math.ceil(length_m / step_m) + 1, 5)


def map_mismatch(
    truth_map: TerrainMap,
    onboard_map: TerrainMap,
    approach_azimuth_rad: float,
    across_m: Sequence[float] = (-2_000.0, 0.0, 2_000.0),
) -> MapMismatch:
    """`MapMismatch` between two maps on the same site's plane, sampled every 250 m on the host."""
    step_m = 250.0
    along_m = np.arange(-600_000.0, step_m, step_m)
    tracks = np.stack(
        [_difference_m(truth_map, onboard_map, approach_azimuth_rad, along_m, a) for a in across_m]
    )
    near_m = np.linspace(-NEAR_M, NEAR_M, 41)
    x, y = np.meshgrid(near_m, near_m)
    inside = np.hypot(x, y) <= NEAR_M
    near = _difference_m(truth_map, onboard_map, approach_azimuth_rad, x[inside], y[inside])
    return MapMismatch(
        track_rms_m=float(tracks.std()),
        track_mean_m=float(tracks.mean()),
        site_rms_m=float(near.std()),
        site_mean_m=float(near.mean()),
        correlation_length_m=_correlation_length_m(tracks, step_m),
    )


PROFILE_EDGES_M = (0.0, 4e3, 15e3, 50e3, 150e3, 400e3, 780e3, 1_000e3, 1_500e3)
LEAST_SIGMA_M = 1.0


def mismatch_profile(
    truth_map: TerrainMap, onboard_map: TerrainMap, approach_azimuth_rad: float
) -> tuple[Float[np.ndarray, "8"], Float[np.ndarray, "8"]]:
    """Middles of eight bands of range along the approach, m, and the rms difference in each, m."""
    middles_m, sigmas_m = [], []
    for near_m, far_m in itertools.pairwise(PROFILE_EDGES_M):
        along_m = -np.linspace(near_m, far_m, 400)
        rows = [
            _difference_m(truth_map, onboard_map, approach_azimuth_rad, along_m, across_m)
            for across_m in (-2_000.0, -1_000.0, 0.0, 1_000.0, 2_000.0)
        ]
        middles_m.append(0.5 * (near_m + far_m))
        sigmas_m.append(max(float(np.sqrt(np.mean(np.square(rows)))), LEAST_SIGMA_M))
    return np.array(middles_m), np.array(sigmas_m)


def _difference_m(
    truth_map: TerrainMap,
    onboard_map: TerrainMap,
    azimuth_rad: float,
    along_m: Float[np.ndarray, "..."],
    right_m: float | Float[np.ndarray, "..."],
) -> Float[np.ndarray, "..."]:
    """Truth less onboard at points along the motion and to its right of the site."""
    sine, cosine = math.sin(azimuth_rad), math.cos(azimuth_rad)
    east_m, north_m = sine * along_m + cosine * right_m, cosine * along_m - sine * right_m
    plane_m = np.stack([east_m, north_m], axis=-1)
    heights_m = [map_tiles.heights_on_plane(each, plane_m) for each in (truth_map, onboard_map)]
    return heights_m[0] - heights_m[1]


def _correlation_length_m(tracks: Float[np.ndarray, "tracks n"], step_m: float) -> float:
    """Lag at which the mean autocorrelation of the rows first falls below 1/e, interpolated."""
    centred = tracks - tracks.mean()
    count = centred.shape[1]
    spectrum = np.abs(np.fft.rfft(centred, 2 * count, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, axis=1)[:, :count].mean(axis=0) / np.arange(count, 0, -1)
    if covariance[0] <= 0.0:
        return 0.0
    share = covariance / covariance[0] - math.exp(-1.0)
    below = int(np.argmax(share < 0.0))
    return float(step_m * (below - share[below] / (share[below] - share[below - 1])))
