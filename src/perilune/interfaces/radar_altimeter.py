"""The radar altimeter: the range to the nearest ground in one of two wide beams, once a period."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.ranging import RANGING
from perilune.interfaces.sensor import Period, Rate, Sensor, TimedSpec
from perilune.interfaces.table import Angle, Fraction, NotNegative, Reach, Vector


class RadarAltimeterSpec(TimedSpec):
    """Two wide beams, one about -z, one canted from it towards +x; it tracks the first echo."""

    mount_m: Vector
    """Of the antennas, in the body frame."""
    cant_rad: Angle
    """Between -z and the middle of the canted beam."""
    half_angle_rad: Annotated[float, Field(gt=0.0, le=1.0471975511965976)]
    """Between the middle of a beam and its half-power edge, within which ground is tracked."""
    noise_m: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """One sigma near the ground."""
    noise_fraction: Annotated[float, Field(ge=0.0, le=0.1)]
    """One sigma growing with range, of the range."""
    resolution_m: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """Depth of ground that makes up the first echo: relief within it is averaged."""
    min_range_m: NotNegative
    """Nearest range it gives."""
    max_range_m: Reach
    """Furthest range it gives."""
    incidence_limit_rad: Angle
    """Between the way to the nearest ground and the normal of the ground; past it no echo."""
    period_s: Period
    """Between readings."""
    dropout_fraction: Fraction
    """Share of readings lost."""


RADAR_ALTIMETER = Sensor(
    **RANGING,
    kind="radar_altimeter",
    title="radar altimeter",
    spec=RadarAltimeterSpec,
    rate=Rate.CYCLE,
    uniforms=(),
    value_words="range read",
    second_height=True,
    standing_faults=("lost_after_s",),
    truth_alone=(
        "latency_s",
        "period_s",
        "min_range_m",
        "max_range_m",
        "incidence_limit_rad",
        "dropout_fraction",
    ),
)
