"""The ground and the field of a mission: the true ones, the belief, and how far they differ."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from perilune.design.build_terrain import build_terrain
from perilune.design.measured_data import MeasuredGravity, gravity_fields, terrain_sources
from perilune.design.site_height import known_site
from perilune.design.state_path import StatePath, azimuth_rad, path_of
from perilune.design.terrain_report import TerrainReport
from perilune.mechanics.coarse_map import ONBOARD_POSTING_M, build_onboard_map
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import GravityField
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.mechanics.projection import direction_from_angles, site_from_fixed_matrix
from perilune.mechanics.terrain_map import TerrainMap
from perilune.mission.mission import Mission
from perilune.truth.environment.terrain import Terrain


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Fields, maps and directions at the site; unit vectors and matrices are NumPy arrays."""

    measured_gravity: MeasuredGravity
    path: StatePath | None
    """Of the mission's state vector, where it has one."""
    terrain: Terrain
    terrain_report: TerrainReport
    onboard_map: TerrainMap
    azimuth_rad: float
    """Of the motion at the site, clockwise from north."""
    site_from_fixed: Float[np.ndarray, "3 3"]
    aim_fixed: Float[np.ndarray, "3"]
    """Unit vector to the aim point."""
    downrange_site: Float[np.ndarray, "3"]
    track_normal_fixed: Float[np.ndarray, "3"]
    """Across the ground track."""

    @property
    def gravity(self) -> GravityField:
        """Truth's field."""
        return self.measured_gravity.truth

    @property
    def onboard_gravity(self) -> GravityField:
        """The field carried on board."""
        return self.measured_gravity.onboard

    @property
    def gravity_name(self) -> str:
        """The source of the field, and what is unusual about it, as results state it."""
        return "; ".join((self.measured_gravity.name, *self.measured_gravity.notes))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user ought to know of the maps and of the gravity field, a sentence each."""
        field = self.measured_gravity
        return (*self.terrain_report.notes, *(f"{field.name}: {each}" for each in field.notes))

    @property
    def gm_m3_s2(self) -> float:
        """Truth's gravitational parameter."""
        return float(self.gravity.gm_m3_s2)

    @property
    def believed_height_m(self) -> float:
        """Height of the aim point on the map carried on board."""
        return float(heights_on_plane(self.onboard_map, np.zeros((1, 2)))[0])


def survey(mission: Mission) -> Survey:
    """Read the mission's maps and field, lay them along the approach, and derive the belief."""
    data = mission.folders.data
    measured_gravity = gravity_fields(mission.world, data)
    aim = direction_from_angles(mission.site.latitude_rad, mission.site.longitude_rad)
    path = path_of(mission, measured_gravity.truth, aim)
    heading_rad = _azimuth_rad(mission, path)
    sources = terrain_sources(mission.site, data)
    site = known_site(mission, sources)
    terrain, report = build_terrain(site, heading_rad, sources, mission.site.surface)
    axes = site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    downrange = np.array([math.sin(heading_rad), math.cos(heading_rad), 0.0])
    normal = np.cross(aim, axes.T @ downrange)
    return Survey(
        measured_gravity=measured_gravity,
        path=path,
        terrain=terrain,
        terrain_report=report,
        onboard_map=build_onboard_map(site, heading_rad, sources, ONBOARD_POSTING_M),
        azimuth_rad=heading_rad,
        site_from_fixed=axes,
        aim_fixed=aim,
        downrange_site=downrange,
        track_normal_fixed=normal / np.linalg.norm(normal),
    )


def _azimuth_rad(mission: Mission, path: StatePath | None) -> float:
    if path is not None:
        return azimuth_rad(path)
    if mission.orbit is None:  # the mission's checks have refused it
        raise AssertionError(mission.name)
    return mission.orbit.azimuth_rad(mission.site.latitude_rad)


def ground_along_track(
    surveyed: Survey, uprange_m: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Height, m, of the ground at distances before the site along the approach."""
    behind = 2.0 * MOON_RADIUS_M * np.tan(-0.5 * uprange_m / MOON_RADIUS_M)
    return heights_on_plane(
        surveyed.terrain.map, behind[:, None] * surveyed.downrange_site[None, :2]
    )
