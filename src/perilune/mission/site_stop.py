"""What a site file says of a rock that stands on its ground."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import Table, Why

Offset = Annotated[float, Field(ge=-10_000.0, le=10_000.0)]


class SiteStop(Table):
    """A rock: an upright cylinder that holds what comes against it, with a flat top."""

    east_m: Offset
    """Of its axis, from the aim point."""
    north_m: Offset
    """The same to the north."""
    radius_m: Annotated[float, Field(ge=0.01, le=100.0)]
    """Of its outline."""
    height_m: Annotated[float, Field(gt=0.0, le=2.0), Why("what is higher is terrain")]
    """Of its top over the ground around it."""
