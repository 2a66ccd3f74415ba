"""The coarser map a lander carries."""

import functools
import math
from collections.abc import Sequence

from perilune.mechanics import map_mosaic, map_tiles
from perilune.mechanics.map_mosaic import SlopingPlace, Source
from perilune.mechanics.map_tiles import Sampler, TilePlan
from perilune.mechanics.terrain_map import TerrainMap

ONBOARD_POSTING_M = 1_000.0
"""Between the nodes of the map that is carried."""
SITE_HALF_WIDTH_M = 24_000.0
TRACK_LENGTH_M = 835_000.0
TRACK_UPRANGE_M = 795_000.0
TRACK_WIDTH_M = 48_000.0
WIDE_STEP_FACTOR = 4
WIDE_LENGTH_M = 1_680_000.0
WIDE_UPRANGE_M = 1_600_000.0
WIDE_WIDTH_M = 96_000.0


def build_onboard_map(
    site: SlopingPlace,
    approach_azimuth_rad: float,
    sources: Sequence[Source],
    posting_m: float = ONBOARD_POSTING_M,
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
