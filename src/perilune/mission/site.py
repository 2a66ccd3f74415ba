"""What a site file declares: the aim point, how the ground lies there, and its maps."""

import math
from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import Name, Table
from perilune.mission.site_stop import SiteStop
from perilune.mission.soil import Soil
from perilune.mission.surface_statistics import SurfaceStatistics


class Site(Table):
    """An aim point in MOON_ME, planetocentric, east-positive; heights over 1,737.4 km."""

    name: Name
    """As the file is called."""
    title: str
    """For people."""
    latitude_rad: Annotated[float, Field(ge=-math.pi / 2, le=math.pi / 2)]
    """Planetocentric, north positive, south negative."""
    longitude_rad: Annotated[float, Field(ge=-math.pi, le=2 * math.pi)]
    """East positive, west negative: 19.5 W is "-19.5 deg", or "340.5 deg"."""
    height_m: Annotated[float, Field(ge=-10_000.0, le=11_000.0)] | None = None
    """Of the ground over the sphere of 1,737.4 km; left out, that of the first of its maps."""
    slope_rad: Annotated[float, Field(ge=0.0, le=math.pi / 4)] = 0.0
    """Of the ground where no map reaches; a map has its own."""
    slope_aspect_rad: Annotated[float, Field(ge=0.0, lt=2 * math.pi)] = 0.0
    """The way down there, clockwise from north."""
    maps: tuple[str, ...] = ("moon_global_16ppd.npz",)
    """File names in the terrain folder of the data, or paths, finest first."""
    soil: Soil | None = None
    """Under the pads; rock, which never gives way, where left out."""
    surface: SurfaceStatistics | None = None
    """Of the ground too small for the maps; smooth where left out."""
    stops: Annotated[tuple[SiteStop, ...], Field(max_length=16)] = ()
    """Rocks on the ground, which hold what comes against them below their top."""
