"""What a site file says of the ground too small for its map: how many craters, how rough."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import Table, Why


class SurfaceStatistics(Table):
    """Craters, roughness and rocks below 2.5 pixels of the site's finest map, drawn anew each run.

    The defaults are those of a mare.
    """

    crater_density_fraction: Annotated[float, Field(ge=0.0, le=0.2)] = 0.079433
    """In equilibrium: how many craters are larger than a diameter, on an area of its square."""
    crater_crossing_m: Annotated[float, Field(ge=1.0, le=10_000.0)] = 60.0
    """Diameter past which production has made fewer craters: their number falls as D^-3 there."""
    hurst_exponent: Annotated[float, Field(ge=0.3, le=0.98)] = 0.76
    """Of the roughness: rms height difference goes as distance to this power."""
    roughness_slope_rad: Annotated[
        float, Field(ge=0.0, le=0.6), Why("no ground on the Moon is as steep over 17 m")
    ] = 0.017453292519943295
    """Median slope over 17 m of roughness without craters, with its waves of all lengths."""
    largest_m: Annotated[float, Field(ge=1.0, le=100_000.0)] = 2_000.0
    """Nothing larger is drawn, even where the map has room for it."""
    rock_cover_fraction: Annotated[float, Field(ge=0.0, le=0.05)] = 0.0
    """Of the ground, covered by rocks of all sizes: k of Golombek's distribution; from 0.2 m on."""
    fresh_rock_cover_fraction: Annotated[float, Field(ge=0.0, le=0.05)] = 0.05
    """The same at the rim of a fresh crater, falling to the site's at the end of its ejecta."""
    largest_rock_m: Annotated[float, Field(ge=0.0, le=3.2)] = 2.0
    """Diameter: what is larger is counted, and stands in the site's `stops`."""
