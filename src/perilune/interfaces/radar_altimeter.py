"""The radar altimeter: the range to the nearest ground in one of two wide beams, once a period."""

from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int
from pydantic import Field

from perilune.interfaces.beams import canted_and_axial
from perilune.interfaces.sensor import Period, Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import Angle, Fraction, NotNegative, Reach, Scale, Vector

RangeBias = Annotated[float, Field(ge=-10_000.0, le=10_000.0)]


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


class RadarAltimeterErrors(TimedErrors):
    """Of the radar altimeter."""

    bias_m: RangeBias = 0.0
    """Added to each range."""
    scale_fraction: Scale = 0.0
    """Of each range."""


class RadarAltimeterReading(eqx.Module):
    """The range from the antennas to the nearest ground in the beam in use: 0 canted, 1 axial."""

    range_m: Float[Array, ""]
    beam: Int[Array, ""]
    valid: Bool[Array, ""]


def axes_body(spec: RadarAltimeterSpec) -> Float[Array, "2 3"]:
    """The middle of the canted beam, then of the one along -z; unit vectors, body axes."""
    return canted_and_axial(jnp.asarray(spec.cant_rad))


RADAR_ALTIMETER = Sensor(
    kind="radar_altimeter",
    title="radar altimeter",
    spec=RadarAltimeterSpec,
    errors=RadarAltimeterErrors,
    silent=lambda: RadarAltimeterReading(jnp.array(0.0), jnp.array(0), jnp.array(False)),
    rate=Rate.CYCLE,
    uniforms=(),
    channels={"canted": "canted beam", "axial": "axial beam"},
    column_unit="m",
    value=("range_m", "range_m"),
    value_words="range read",
    in_use="beam",
    error_units={"": ("m", 1)},
    scaled_parts=("",),
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
