"""The gamma-ray altimeter: the height of its detector over the ground below, once a cycle."""

from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import Angle, Fraction, Reach, Scale, Vector


class GammaAltimeterSpec(TimedSpec):
    """A wide beam about -z: it hears the ground below while that is within the beam."""

    mount_m: Vector
    """Of the detector, in the body frame."""
    noise_m: Annotated[float, Field(gt=0.0, le=100.0)]
    """One sigma."""
    bias_m: Annotated[float, Field(ge=0.0, le=100.0)]
    """One sigma, fixed per flight."""
    max_height_m: Reach
    """Greatest height it gives."""
    half_angle_rad: Angle
    """Between -z and the edge of its beam."""
    dropout_fraction: Fraction
    """Share of readings lost."""


class GammaAltimeterErrors(TimedErrors):
    """Of the gamma-ray altimeter."""

    bias_m: Annotated[float, Field(ge=-1_000.0, le=1_000.0)] = 0.0
    """Added to each height."""
    scale_fraction: Scale = 0.0
    """Of each height."""


class GammaAltimeterReading(eqx.Module):
    """The height of the detector over the ground below."""

    height_m: Float[Array, ""]
    valid: Bool[Array, ""]


GAMMA_ALTIMETER = Sensor(
    kind="gamma_altimeter",
    title="gamma-ray altimeter",
    spec=GammaAltimeterSpec,
    errors=GammaAltimeterErrors,
    silent=lambda: GammaAltimeterReading(jnp.array(0.0), jnp.array(False)),
    rate=Rate.CYCLE,
    normals=(),
    uniforms=(),
    bias_states={"bias_m": 1},
    channels={"height": "height"},
    column_unit="m",
    value=("height_m", "m"),
    value_words="height read",
    error_units={"": ("m", 1)},
    truth_alone=("latency_s", "max_height_m", "half_angle_rad", "dropout_fraction"),
)
