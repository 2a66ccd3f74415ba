"""What a site file says: where the aim point is, how the ground lies there, which maps show it."""

import math
from typing import Annotated

from pydantic import Field

from perilune.mission.table import Name, Table


class Site(Table):
    """An aim point in MOON_ME, planetocentric, east-positive; heights over 1,737.4 km.

    `slope_aspect_rad` is the direction of steepest descent, clockwise from north. `maps` are file
    names in the terrain folder of the data, finest first.
    """

    name: Name
    title: str
    latitude_rad: Annotated[float, Field(ge=-math.pi / 2, le=math.pi / 2)]
    longitude_rad: Annotated[float, Field(ge=-math.pi, le=2 * math.pi)]
    height_m: Annotated[float, Field(ge=-10_000.0, le=11_000.0)]
    slope_rad: Annotated[float, Field(ge=0.0, le=math.pi / 4)]
    slope_aspect_rad: Annotated[float, Field(ge=0.0, lt=2 * math.pi)]
    maps: tuple[str, ...]
