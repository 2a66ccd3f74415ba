"""What the ground of a flight is made of: which map gave which share, and what no map gave."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.data.maps.pixel_grid import SourceMap
from perilune.design.build_surface import largest_made_up_m
from perilune.mechanics import map_mosaic, map_tiles
from perilune.mechanics.map_tiles import Tile
from perilune.mechanics.terrain_map import TerrainMap
from perilune.mission.surface_statistics import SurfaceStatistics


@dataclass(frozen=True, kw_only=True)
class TileReport:
    """What a tile of the ground is made of.

    `source_fractions` pairs each map's name with the share of nodes it gave; `made_up_fraction`
    is the share that no map gave. `uprange_m` and `ahead_m` are from the site along the approach.
    """

    name: str
    step_m: float
    uprange_m: float
    ahead_m: float
    half_width_m: float
    source_fractions: tuple[tuple[str, float], ...]
    made_up_fraction: float


@dataclass(frozen=True, kw_only=True)
class TerrainReport:
    """Which metres of the ground are measured and which made up.

    `notes` are sentences on the maps: what was assumed in reading them, and where one differs from
    the site's stated height. `statement` is all of this in words, the notes at its end.
    """

    measured: bool
    statement: str
    site_height_m: float
    resolution_m: float
    tiles: tuple[TileReport, ...]
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def terrain_report(
    sources: Sequence[SourceMap],
    terrain_map: TerrainMap,
    tiles: Sequence[Tile],
    statistics: SurfaceStatistics | None,
) -> TerrainReport:
    """The report of a ground built from these sources, without the notes of its checks.

    `statistics` are those of the ground below the maps; None: it is smooth.
    """
    here_m = map_tiles.heights_on_plane(terrain_map, np.zeros((1, 2)))
    resolution_m = float(min([source.resolution_m for source in sources], default=math.inf))
    made_up_m = 0.0 if statistics is None else largest_made_up_m(statistics, resolution_m)
    return TerrainReport(
        measured=bool(sources),
        statement=_statement(sources, resolution_m, made_up_m),
        site_height_m=float(here_m[0]),
        resolution_m=resolution_m,
        tiles=tuple(_tile_report(tile, sources) for tile in tiles),
        sources=tuple((source.name, source.provenance) for source in sources),
    )


def _statement(sources: Sequence[SourceMap], resolution_m: float, made_up_m: float) -> str:
    below = "smooth below that, with no synthetic detail"
    if made_up_m:
        below = (
            f"craters, roughness and rocks smaller than {made_up_m:.0f} m are synthetic, "
            "others in every run"
        )
    if not sources:
        plane_km, level_km = map_mosaic.PLANE_RADIUS_M / 1e3, map_mosaic.LEVEL_RADIUS_M / 1e3
        return (
            "No map was given: all ground is made up, the site's published height and slope within "
            f"{plane_km:.0f} km and level beyond {level_km:.0f} km; {below}."
        )
    return (
        f"Measured to {resolution_m:.0f} m near the site; {below}. "
        "Where no map reaches, the nearest measured height is held."
    )


def _tile_report(tile: Tile, sources: Sequence[SourceMap]) -> TileReport:
    plan = tile.plan
    shares = [float(np.mean(tile.source == index)) for index in range(len(sources))]
    named = zip([source.name for source in sources], shares, strict=True)
    return TileReport(
        name=plan.name,
        step_m=plan.step_m,
        uprange_m=plan.uprange_m,
        ahead_m=(plan.row_count - 1) * plan.step_m - plan.uprange_m,
        half_width_m=0.5 * (plan.column_count - 1) * plan.step_m,
        source_fractions=tuple((name, share) for name, share in named if share > 0.0),
        made_up_fraction=float(np.mean(tile.source < 0)),
    )
