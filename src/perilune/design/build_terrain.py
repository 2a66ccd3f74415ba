"""The true ground of a flight, built from the maps of its site and checked against them."""

import dataclasses
import functools
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from perilune.data.maps.pixel_grid import SourceMap
from perilune.data.maps.site_agreement import site_findings
from perilune.design.build_surface import no_rocks, no_surface
from perilune.design.site_height import KnownSite
from perilune.design.terrain_report import TerrainReport, terrain_report
from perilune.errors import InputError
from perilune.mechanics import map_mosaic, map_tiles
from perilune.mechanics.map_tiles import TilePlan
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.truth.environment.map_warp import MapWarp
from perilune.truth.environment.terrain import Terrain

SITE_COUNT = 160
FINEST_STEP_M, COARSEST_STEP_M = 6.5, 302.0
TRACK = TilePlan(name="track", row_count=1760, column_count=96, step_m=474.0, uprange_m=795_000.0)
WIDE = TilePlan(name="wide", row_count=840, column_count=48, step_m=2_000.0, uprange_m=1_600_000.0)


def build_terrain(
    site: KnownSite,
    approach_azimuth_rad: float,
    sources: Sequence[SourceMap],
    statistics: SurfaceStatistics | None = None,
) -> tuple[Terrain, TerrainReport]:
    """The `Terrain` of a site and its `TerrainReport`, from source maps, finest first.

    The azimuth is the heading of the motion at the site, clockwise from north. The first source
    must cover the site. With no source the ground is the site's published plane, all of it made
    up. The array sizes are the same for every site. `statistics` are those of the ground below the
    maps, which the report tells of: truth has it of the numbers of a flight.
    """
    sample = functools.partial(map_mosaic.sample_sources, sources)
    notes: tuple[str, ...] = ()
    if not sources:
        sample = functools.partial(map_mosaic.published_plane, site)
    else:
        notes = _check_site(site, sources)
    step_m = min([source.resolution_m for source in sources], default=COARSEST_STEP_M)
    plans = (_site_plan(float(np.clip(step_m, FINEST_STEP_M, COARSEST_STEP_M))), TRACK, WIDE)
    terrain_map, tiles = map_tiles.build_map(site, approach_azimuth_rad, plans, sample)
    report = terrain_report(sources, terrain_map, tiles, statistics)
    none = jnp.array(0.0)
    terrain = Terrain(
        map=terrain_map,
        surface=no_surface(),
        rocks=no_rocks(),
        turn_fixed_rad=jnp.zeros(3),
        heights_turn_fixed_rad=jnp.zeros(3),
        rise_m=none,
        warp=MapWarp(waves_m=none, step_m=none),
    )
    return terrain, dataclasses.replace(
        report, notes=notes, statement=" ".join([report.statement, *notes])
    )


def _site_plan(step_m: float) -> TilePlan:
    return TilePlan(
        name="site",
        row_count=SITE_COUNT,
        column_count=SITE_COUNT,
        step_m=step_m,
        uprange_m=0.5 * (SITE_COUNT - 1) * step_m,
    )


def _check_site(site: KnownSite, sources: Sequence[SourceMap]) -> tuple[str, ...]:
    """The notes on the maps of a site; InputError with the first reason not to use them."""
    found = site_findings(site, sources, site.is_stated)
    if found.problems:
        raise InputError(found.problems[0])
    return found.notes
