"""The ground and the field of a mission: truth's, the belief about them, and how far they part."""

import math
from dataclasses import dataclass

import numpy as np

from perilune.design.build_terrain import build_terrain
from perilune.design.measured_data import gravity_fields, terrain_sources
from perilune.design.terrain_report import TerrainReport
from perilune.mechanics.coarse_map import build_onboard_map, map_mismatch, mismatch_profile
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import GravityField
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.mechanics.projection import direction_from_angles, site_from_fixed_matrix
from perilune.mechanics.terrain_map import TerrainMap
from perilune.truth.environment.terrain import Terrain

ONBOARD_POSTING_M = 1_000.0
HEAVY_TAIL_FACTOR = 1.5
"""Map differences have tails far beyond a Gaussian's (five sigma within any 100 km of track)."""
NEARBY_TAIL_FACTOR = 1.25
"""The same for one place predicted from another: with it 0 to 1.5 % of the ground is outside three
sigma, by mission and band of range, mostly under 1 %."""


@dataclass(frozen=True)
class Survey:
    """Fields, maps and directions at the site; unit vectors and matrices are numpy arrays."""

    gravity: GravityField
    onboard_gravity: GravityField
    gravity_name: str
    terrain: Terrain
    terrain_report: TerrainReport
    onboard_map: TerrainMap
    azimuth_rad: float  # of the motion at the site, clockwise from north
    site_from_fixed: np.ndarray  # (3, 3)
    aim_fixed: np.ndarray  # (3,) unit vector to the aim point
    downrange_site: np.ndarray  # (3,)
    track_normal_fixed: np.ndarray  # (3,) across the ground track

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user ought to know of the maps and of the gravity field, a sentence each."""
        field, *remarks = self.gravity_name.split("; ")
        return (*self.terrain_report.notes, *(f"{field}: {each}" for each in remarks))

    @property
    def gm_m3_s2(self):
        """Truth's gravitational parameter."""
        return float(self.gravity.gm_m3_s2)

    @property
    def believed_height_m(self):
        """Height of the aim point on the map carried on board."""
        return float(heights_on_plane(self.onboard_map, np.zeros((1, 2)))[0])


def survey(mission):
    """Read the mission's maps and field, lay them along the approach, make the belief of them."""
    site = mission.site
    (gravity, onboard_gravity), name = gravity_fields(mission.world)
    azimuth_rad = math.pi if mission.orbit.approach == "southbound" else 0.0
    sources = terrain_sources(site)
    terrain, report = build_terrain(site, azimuth_rad, sources)
    axes = site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    aim = direction_from_angles(site.latitude_rad, site.longitude_rad)
    downrange = np.array([math.sin(azimuth_rad), math.cos(azimuth_rad), 0.0])
    normal = np.cross(aim, axes.T @ downrange)
    return Survey(
        gravity,
        onboard_gravity,
        name,
        terrain,
        report,
        build_onboard_map(site, azimuth_rad, sources, ONBOARD_POSTING_M),
        azimuth_rad,
        axes,
        aim,
        downrange,
        normal / np.linalg.norm(normal),
    )


def ground_along_track(surveyed, uprange_m):
    """Height, m, of the ground at distances before the site along the approach."""
    behind = 2.0 * MOON_RADIUS_M * np.tan(-0.5 * uprange_m / MOON_RADIUS_M)
    return heights_on_plane(
        surveyed.terrain.map, behind[:, None] * surveyed.downrange_site[None, :2]
    )


def map_error(surveyed):
    """What the filter assumes of its map: ranges (8,) m, sigmas (8,) m, two lengths (m).

    The first length is that over which successive strikes of the altimeter count as independent,
    never under the posting; the second is the correlation length as measured.
    """
    maps = (surveyed.terrain.map, surveyed.onboard_map, surveyed.azimuth_rad)
    ranges_m, sigmas_m = mismatch_profile(*maps)
    measured_m = map_mismatch(*maps).correlation_length_m or ONBOARD_POSTING_M
    lengths_m = (max(measured_m, ONBOARD_POSTING_M), measured_m)
    return ranges_m, HEAVY_TAIL_FACTOR * sigmas_m, lengths_m
