"""The height of a site: as its file states it, or that of its first map where it states none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.data.maps.pixel_grid import SourceMap
from perilune.data.maps.site_agreement import uncovered
from perilune.design.measured_data import terrain_sources
from perilune.design.terrain_report import TerrainReport
from perilune.errors import InputError
from perilune.mission import Mission
from perilune.mission.consistency_checks import contradictions
from perilune.mission.value_location import origin

PATH = "site.height"


@dataclass(frozen=True, kw_only=True)
class KnownSite:
    """A site whose height is known, above the sphere of 1,737.4 km."""

    latitude_rad: float
    longitude_rad: float
    height_m: float
    slope_rad: float
    slope_aspect_rad: float
    is_stated: bool
    """Whether the height is the site's own; else it is that of its first map."""


def known_site(mission: Mission, sources: Sequence[SourceMap]) -> KnownSite:
    """The site of a mission with its height, which its first map gives where none is stated.

    Raises InputError where there is neither, and where the map's height contradicts the mission.
    """
    site, height_m = mission.site, mission.site.height_m
    if height_m is None:
        height_m = _on_map_m(mission, sources)
        if wrong := contradictions(_at_height(mission, height_m)):
            raise InputError(f"{wrong[0]} (`{PATH}` is that of {sources[0].name}.)")
    return KnownSite(
        latitude_rad=site.latitude_rad,
        longitude_rad=site.longitude_rad,
        height_m=height_m,
        slope_rad=site.slope_rad,
        slope_aspect_rad=site.slope_aspect_rad,
        is_stated=site.height_m is not None,
    )


def height_words(mission: Mission, report: TerrainReport) -> str:
    """Where the site of a mission is, how high its ground, and which map that is from."""
    site, stated_m = mission.site, mission.site.height_m
    where = f"{math.degrees(site.latitude_rad):.4f} N {math.degrees(site.longitude_rad):.4f} E"
    ground = f"site: {where}, {report.site_height_m:.1f} m above the sphere of 1737.4 km"
    if not report.sources:
        return f"{ground} as it states; no map is read."
    states = "states none" if stated_m is None else f"states {stated_m:g} m"
    return f"{ground} on {report.sources[0][0]}; the site {states}."


def with_height(mission: Mission) -> Mission:
    """The mission with its site's height written out, and the map it is from as its source.

    As it is where the height is stated, and where no map is at hand.
    """
    sources = (
        ()
        if mission.site.height_m is not None
        else terrain_sources(mission.site, mission.folders.data)
    )
    if not sources:
        return mission
    height_m = known_site(mission, sources).height_m
    return _at_height(mission, height_m).with_text(
        PATH, f"{height_m:.7g} m", f"computed: {sources[0].name}, {sources[0].datum}"
    )


def _at_height(mission: Mission, height_m: float) -> Mission:
    return mission.model_copy(
        update={"site": mission.site.model_copy(update={"height_m": height_m})}
    )


def _on_map_m(mission: Mission, sources: Sequence[SourceMap]) -> float:
    """By the first map, which must hold the site."""
    site = mission.site
    if not sources:
        raise InputError(
            f"{origin(mission, 'site.latitude')}: `{PATH}` must be stated where no map of the site "
            "is read, but is left out and no folder of maps is named; set PERILUNE_DATA to the "
            "folder that holds `terrain/`, name a map by its whole path in `site.maps`, or state "
            "`site.height`."
        )
    here_m = sources[0].sample(np.array([site.latitude_rad]), np.array([site.longitude_rad]))
    if not np.isfinite(here_m[0]):
        raise InputError(uncovered(site, sources[0]))
    return float(here_m[0])
