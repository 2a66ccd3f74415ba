"""The ground of this run, and the only way to ask where it is."""

import dataclasses
import functools
import math
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from perilune.data.maps.site_agreement import held_against_site
from perilune.errors import InputError
from perilune.mechanics import map_mosaic, map_tiles
from perilune.mechanics.map_tiles import TilePlan
from perilune.mechanics.rotation import cross
from perilune.mechanics.terrain_map import TerrainMap, map_height_and_gradient, map_height_m

SITE_COUNT = 160
FINEST_STEP_M, COARSEST_STEP_M = 6.5, 302.0
TRACK = TilePlan("track", 1760, 96, 474.0, 795_000.0)
WIDE = TilePlan("wide", 840, 48, 2_000.0, 1_600_000.0)


class Terrain(eqx.Module):
    """The ground: the measured map. What lies below its resolution will be added here.

    The true ground is the map's, moved as one piece: turned about the Moon's centre by the small
    rotation `turn_fixed_rad` and raised by `rise_m`.
    """

    map: TerrainMap
    turn_fixed_rad: jax.Array  # (3,)
    rise_m: jax.Array


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class TerrainReport:
    """Which metres of the ground are measured and which made up.

    `notes` are sentences on the maps: what was assumed in reading them, and where one differs from
    the site's stated height.
    """

    measured: bool
    statement: str
    site_height_m: float
    published_site_height_m: float
    resolution_m: float
    tiles: tuple[TileReport, ...]
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def height_m(terrain, position_fixed_m, surface_key, footprint_m):
    """Height, m, of the ground above the 1,737,400 m sphere under a MOON_ME position (3,).

    The only way to ask. `surface_key` will name this run's surface below the map's resolution and
    `footprint_m` the detail the asker needs of it; nothing lies below the map yet, so both are
    accepted and not used.
    """
    clear_m = clearance_m(terrain, position_fixed_m, surface_key, footprint_m)
    return jnp.linalg.norm(position_fixed_m) - terrain.map.reference_radius_m - clear_m


def normal_fixed(terrain, position_fixed_m, surface_key, footprint_m):
    """The outward unit normal (3,) of the ground, MOON_ME; arguments as `height_m`.

    The ground is the zero of |r| - R - h(r), whose gradient is the radial direction less that
    of h. The map's slope falls with the radius, which is taken at the ground.
    """
    del surface_key, footprint_m
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    distance_m = jnp.linalg.norm(on_map_m)
    ground_m, gradient = map_height_and_gradient(terrain.map, on_map_m)
    stretch = distance_m / (terrain.map.reference_radius_m + terrain.rise_m + ground_m)
    outward = on_map_m / distance_m - gradient * stretch
    return outward / jnp.linalg.norm(outward)


def clearance_m(terrain, position_fixed_m, surface_key, footprint_m):
    """How far, m, a MOON_ME position (3,) is above the ground, along the radius."""
    del surface_key, footprint_m
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    ground_m = map_height_m(terrain.map, on_map_m) + terrain.rise_m
    return jnp.linalg.norm(on_map_m) - terrain.map.reference_radius_m - ground_m


def _turned_back_m(terrain, position_fixed_m):
    """The turn taken off, to first order.

    What is left is a height: 0.1 mm for a map 20 m off, 7 cm for one 500 m off.
    """
    return position_fixed_m - cross(terrain.turn_fixed_rad, position_fixed_m)


def place_on_map_m(terrain, position_fixed_m):
    """Where the map draws the ground that truly lies at a place (3,) m: turn and rise taken off."""
    on_map_m = _turned_back_m(terrain, position_fixed_m)
    return on_map_m * (1.0 - terrain.rise_m / jnp.linalg.norm(on_map_m))


def tilted(clearance_m, normal_fixed, arm_fixed_m, slope_fixed_fraction):
    """Clearance (n,) m and normals (n, 3) with the ground tilted about a place.

    `arm_fixed_m` (n, 3) goes from that place to each point; the ground rises along the horizontal
    vector `slope_fixed_fraction` (3,) by its length, metres up per metre. Small slopes.
    """
    rise_m = jnp.sum(arm_fixed_m * slope_fixed_fraction, axis=-1)
    leaning = normal_fixed - slope_fixed_fraction
    return clearance_m - rise_m, leaning / jnp.linalg.norm(leaning, axis=-1, keepdims=True)


def build_terrain(site, approach_azimuth_rad, sources):
    """The `Terrain` of a site and its `TerrainReport`, from source maps finest first (host).

    `site` has `latitude_rad`, `longitude_rad`, `height_m`, `slope_rad` and `slope_aspect_rad`
    (downslope azimuth); the azimuth is the heading of the motion at the site. The first source
    must hold the site. With no source the ground is the site's published plane, all of it made
    up. The array sizes are the same for every site.
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
    report = _report(site, sources, terrain_map, tiles)
    return Terrain(terrain_map, jnp.zeros(3), jnp.array(0.0)), dataclasses.replace(
        report, notes=notes, statement=" ".join([report.statement, *notes])
    )


def _site_plan(step_m):
    return TilePlan("site", SITE_COUNT, SITE_COUNT, step_m, 0.5 * (SITE_COUNT - 1) * step_m)


def _check_site(site, sources):
    """The notes on the maps of a site; InputError with the first of what forbids to use them."""
    found = held_against_site(site, sources)
    if found.problems:
        raise InputError(found.problems[0])
    return found.notes


def _report(site, sources, terrain_map, tiles):
    here_m = map_tiles.heights_on_plane(terrain_map, np.zeros((1, 2)))
    resolution_m = float(min([source.resolution_m for source in sources], default=math.inf))
    return TerrainReport(
        measured=bool(sources),
        statement=_statement(sources, resolution_m),
        site_height_m=float(here_m[0]),
        published_site_height_m=float(site.height_m),
        resolution_m=resolution_m,
        tiles=tuple(_tile_report(tile, sources) for tile in tiles),
        sources=tuple((source.name, source.provenance) for source in sources),
    )


def _statement(sources, resolution_m):
    if not sources:
        plane_km, level_km = map_mosaic.PLANE_RADIUS_M / 1e3, map_mosaic.LEVEL_RADIUS_M / 1e3
        return (
            "No map was given: all ground is made up, the site's published height and slope within "
            f"{plane_km:.0f} km and level beyond {level_km:.0f} km."
        )
    return (
        f"Measured to {resolution_m:.0f} m near the site; smooth below that, with no synthetic "
        "detail. Where no map reaches, the nearest measured height is held."
    )


def _tile_report(tile, sources):
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
