"""What a fault file says: which messages go missing or noisy, and when."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import NEVER, Name, NotNegative, Table


class AltimeterFault(Table):
    """What happens to the altimeter."""

    lost_after_s: NotNegative | None = None
    """From then on, counted from the start of the flight, no valid range; or `never`."""
    noise_factor: Annotated[float, Field(gt=0.0, le=1e6)] = 1.0
    """What the noise is multiplied by."""


class VelocimeterFault(Table):
    """What happens to the velocimeter."""

    lost_after_s: NotNegative | None = None
    """From then on, counted from the start of the flight, no valid speed; or `never`."""


class Fault(Table):
    """A fault, applied to the messages between the sensors and the flight software."""

    name: Name
    """As the file is called."""
    title: str
    """For people."""
    summary: str
    """A sentence for people."""
    with_velocimeter: bool = False
    """Whether the velocimeter is lost together with the altimeter."""
    altimeter: AltimeterFault = Field(default_factory=AltimeterFault)
    velocimeter: VelocimeterFault = Field(default_factory=VelocimeterFault)


# What a fault file need not say, so that a resolved mission shows it and `--set` finds it.
DEFAULTS = {
    "with_velocimeter": False,
    "altimeter": {"lost_after": NEVER, "noise_factor": 1.0},
    "velocimeter": {"lost_after": NEVER},
}
