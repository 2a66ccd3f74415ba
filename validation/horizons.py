"""Knows how high ray tracing over a mesh has the horizon: HORAYZON, of the same measured ground."""

import importlib
import math

import jax
import jax.numpy as jnp
import numpy as np

from perilune import load_mission
from perilune.data.maps.map_files import open_source
from perilune.design.build_terrain import build_terrain
from perilune.design.site_height import known_site
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.mechanics.projection import direction_from_plane
from perilune.mechanics.terrain_map import map_height_m
from perilune.truth.environment.horizon import distances_m, horizon_rad
from validation.comparison import AuthorityAbsentError, Comparison, data_file

MAPS = ("im2_mons_mouton_64ppd.npz", "im2_approach_swath_64ppd.npz", "LDEM_4.IMG")
HEADING_RAD = math.pi
REACH_M, MESH_STEP_M, EYE_M = 40_000.0, 100.0, 2.0
PLACE_COUNT, AZIMUTH_COUNT, WITHIN_M = 24, 36, 8_000.0
ACCURACY_DEG, LIMIT_DEG = 0.005, 0.1
AUTHORITY = "HORAYZON_extpar 2.1.0, Embree"


def compare():
    """The median difference, and that of 95 of 100, over places and azimuths about Mons Mouton."""
    ground = _ground()
    places_m = np.random.default_rng(0).uniform(-WITHIN_M, WITHIN_M, (PLACE_COUNT, 2))
    eyes_m = _points_m(ground, places_m, EYE_M)
    theirs = _traced_deg(ground, eyes_m)
    ours = _marched_deg(ground, eyes_m)
    apart = np.abs(ours - theirs)
    names = ("median", 50.0), ("95 of 100", 95.0)
    return [
        Comparison(
            f"horizon at {PLACE_COUNT} places, {AZIMUTH_COUNT} azimuths: {name}",
            float(np.percentile(apart, share)),
            LIMIT_DEG,
            "deg",
            AUTHORITY,
        )
        for name, share in names
    ]


def _ground():
    sources = [open_source(data_file(f"terrain/{name}")) for name in MAPS]
    site = known_site(load_mission("athena"), sources)
    return build_terrain(site, HEADING_RAD, sources)[0].map


def _points_m(ground, plane_m, over_m=0.0):
    """Moon-centred points, m, at the height of the ground and over it, on the site's axes."""
    radius_m = MOON_RADIUS_M + heights_on_plane(ground, plane_m) + over_m
    return radius_m[..., None] * direction_from_plane(plane_m, MOON_RADIUS_M)


def _marched_deg(ground, eyes_site_m):
    along_m = jnp.asarray(distances_m(0.5 * MESH_STEP_M, 0.002, REACH_M))
    azimuths_rad = jnp.asarray(2.0 * math.pi / AZIMUTH_COUNT * np.arange(AZIMUTH_COUNT))
    eyes_m = jnp.asarray(eyes_site_m @ np.asarray(ground.site_from_fixed))

    def from_eye(eye_m):
        return jax.lax.map(
            lambda azimuth_rad: horizon_rad(
                lambda direction, _: map_height_m(ground, direction), eye_m, azimuth_rad, along_m
            ),
            azimuths_rad,
        )

    return np.degrees(jax.jit(jax.vmap(from_eye))(eyes_m))


def _traced_deg(ground, eyes_site_m):
    """By rays over a mesh of triangles, in axes at the site so that single precision suffices."""
    try:
        horayzon = importlib.import_module("horayzon_extpar.horizon")
    except ImportError as absent:
        raise AuthorityAbsentError("pip install horayzon-extpar") from absent
    half = math.ceil((REACH_M + 1.5 * WITHIN_M) / MESH_STEP_M)
    line_m = MESH_STEP_M * np.arange(-half, half + 1.0)
    plane_m = np.stack(np.meshgrid(line_m, line_m), axis=-1)
    centre = np.array([0.0, 0.0, -MOON_RADIUS_M])
    mesh_m = _points_m(ground, plane_m).reshape(-1, 3) + centre
    count = len(line_m)
    corner = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)).ravel()
    faces = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + count], axis=-1),
            np.stack([corner + 1, corner + count + 1, corner + count], axis=-1),
        ]
    )
    north_m = np.asarray(ground.site_from_fixed) @ np.array([0.0, 0.0, MOON_RADIUS_M]) + centre
    terrain = horayzon.Terrain()
    terrain.initialise(
        np.ascontiguousarray(mesh_m, dtype=np.float32),
        np.ascontiguousarray(faces, dtype=np.uint32),
        np.asarray(centre, np.float32),
        np.asarray(north_m, np.float32),
    )
    eyes_m = np.ascontiguousarray(eyes_site_m + centre)
    found = terrain.horizon_arbitrary(eyes_m, AZIMUTH_COUNT, REACH_M, 0.5, ACCURACY_DEG, -30.0)
    return np.asarray(found[0] if isinstance(found, tuple) else found, float)
