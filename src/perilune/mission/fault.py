"""What a fault file says: which messages go missing or noisy, and when."""

from pydantic import Field

from perilune.mission.table import Name, NotNegative, Positive, Table


class AltimeterFault(Table):
    """`lost_after_s` counts from the flight's start; absent means never."""

    lost_after_s: NotNegative | None = None
    noise_factor: Positive = 1.0


class VelocimeterFault(Table):
    """`lost_after_s` counts from the flight's start; absent means never."""

    lost_after_s: NotNegative | None = None


class Fault(Table):
    """A fault at the seam; `with_velocimeter` loses the velocimeter together with the altimeter."""

    name: Name
    title: str
    summary: str
    with_velocimeter: bool = False
    altimeter: AltimeterFault = Field(default_factory=AltimeterFault)
    velocimeter: VelocimeterFault = Field(default_factory=VelocimeterFault)


class FaultEffects(Table):
    """What all faults of a mission do together; None means never."""

    altimeter_lost_after_s: float | None
    altimeter_noise_factor: float
    velocimeter_lost_after_s: float | None


def combine(faults):
    """The joint effect of some faults: the earliest loss, the product of the noise factors."""
    factor = 1.0
    altimeter, velocimeter = [], []
    for fault in faults:
        factor *= fault.altimeter.noise_factor
        altimeter.append(fault.altimeter.lost_after_s)
        velocimeter.append(fault.velocimeter.lost_after_s)
        velocimeter.append(fault.altimeter.lost_after_s if fault.with_velocimeter else None)
    return FaultEffects.model_construct(
        altimeter_lost_after_s=_earliest(altimeter),
        altimeter_noise_factor=factor,
        velocimeter_lost_after_s=_earliest(velocimeter),
    )


def _earliest(times_s):
    return min((time_s for time_s in times_s if time_s is not None), default=None)
