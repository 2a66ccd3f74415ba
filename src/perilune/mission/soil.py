"""What a site file says of its soil: what it bears by depth, and what holds a sunken pad."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import NotNegative, Table, Why


class Bearing(Table):
    """What the soil bears at one depth."""

    depth_m: Annotated[float, Field(ge=0.0, le=5.0)]
    """How deep the pad has sunk."""
    pressure_pa: NotNegative
    """That it bears there, over the pad's area."""


class Soil(Table):
    """Soil that bears more the deeper a pad sinks, and holds a sunken pad against sliding."""

    bearing: Annotated[tuple[Bearing, ...], Field(min_length=1, max_length=8)]
    """By rising depth, linear between rows, constant past the last."""
    friction_angle_rad: Annotated[float, Field(ge=0.0, le=1.3962634015954636)]
    """Of the soil in shear."""
    cohesion_pa: Annotated[float, Field(ge=0.0, le=1e6), Why("that is rock: leave the soil out")]
    """Of the soil in shear."""
    density_kg_m3: Annotated[float, Field(ge=100.0, le=5_000.0), Why("no soil is outside it")]
    """In its place, of the uppermost decimetres."""
