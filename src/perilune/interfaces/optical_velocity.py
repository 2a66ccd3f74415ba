"""Optical velocity: how fast the lit ground moves through a camera's view, once a period."""

from typing import Annotated, Any, Protocol

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Period, Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import Angle, Fraction, NotNegative, Reach, Scale

FlowBias = Annotated[float, Field(ge=-1.0, le=1.0)]


class OpticalVelocitySpec(TimedSpec):
    """Features tracked from image to image, with the turn that the gyros felt taken off."""

    cant_rad: Annotated[float, Field(ge=0.0, le=1.5707963267948966)]
    """Between -z and the middle of the view, towards +x."""
    pixel_rad: Annotated[float, Field(gt=0.0, le=0.1)]
    """Of the camera."""
    noise_factor: Annotated[float, Field(gt=0.0, le=100.0)]
    """One sigma of the features' common motion over a period, in pixels."""
    relief_fraction: Annotated[float, Field(ge=0.0, le=1.0)]
    """One sigma, of the reading: ground in view that is nearer or further than if it were level."""
    bias_rad_s: Annotated[float, Field(ge=0.0, le=1.0)]
    """One sigma an axis, fixed per flight."""
    period_s: Period
    """Between readings."""
    min_height_m: NotNegative
    """Lowest height over ground of a reading."""
    max_height_m: Reach
    """Greatest height over ground of a reading."""
    tilt_limit_rad: Angle
    """Between the middle of the view and straight down; past it no reading."""
    flow_limit_rad_s: Annotated[float, Field(gt=0.0, le=100.0)]
    """Fastest motion that features are followed at."""
    dropout_fraction: Fraction
    """Share of readings lost in full light."""
    dark_sun_rad: Annotated[float, Field(ge=-0.1, le=1.5)]
    """Elevation of the Sun at the ground below up to which there is no reading."""
    full_sun_rad: Angle
    """Elevation of the Sun from which light is full."""
    full_lit_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    """Share of the ground in view that is lit, from which light is full."""


class OpticalVelocityErrors(TimedErrors):
    """Of the optical velocity."""

    bias_rad_s: tuple[FlowBias, FlowBias] = (0.0, 0.0)
    """Added to each reading: ahead, and to the side."""
    scale_fraction: Scale = 0.0
    """Of each reading: the focal length."""


class OpticalVelocityReading(eqx.Module):
    """Motion over the ground across the view, over the distance to the ground in its middle."""

    flow_rad_s: Float[Array, "2"]  # ahead, which is towards +x, and along +y
    valid: Bool[Array, ""]


class Noise(Protocol):
    """What of the data sheet says how noisy a reading is, as it is or as it is believed to be."""

    @property
    def pixel_rad(self) -> Any:
        """Of the camera."""

    @property
    def noise_factor(self) -> Any:
        """In pixels."""

    @property
    def period_s(self) -> Any:
        """Over which features are followed."""


def noise_rad_s(spec: Noise) -> Float[Array, ""]:
    """One sigma of the motion of tracked features, on each axis."""
    return jnp.asarray(spec.pixel_rad) * spec.noise_factor / jnp.asarray(spec.period_s)


def view_body(cant_rad: Float[Array, ""]) -> tuple[Float[Array, "3"], Float[Array, "2 3"]]:
    """The middle of the view, and the axes across it, ahead and to +y; unit, body axes."""
    sine, cosine, zero = jnp.sin(cant_rad), jnp.cos(cant_rad), jnp.zeros_like(cant_rad)
    ahead, aside = jnp.stack([cosine, zero, sine]), jnp.array([0.0, 1.0, 0.0])
    return jnp.stack([sine, zero, -cosine]), jnp.stack([ahead, aside])


OPTICAL_VELOCITY = Sensor(
    kind="optical_velocity",
    title="optical velocity",
    spec=OpticalVelocitySpec,
    errors=OpticalVelocityErrors,
    silent=lambda: OpticalVelocityReading(jnp.zeros(2), jnp.array(False)),
    rate=Rate.CYCLE,
    normals=(3,),
    noises={"noise": 2, "ground in view": 1},
    uniforms=(),
    bias_states={"bias_rad_s": 2},
    channels={"ahead": "ahead", "side": "to the side"},
    column_unit="m_s",
    value=("flow_rad_s", "flow_rad_s"),
    value_words="motion through the view",
    one_validity=True,
    error_units={"": ("rad_s", 2)},
    needs_light=True,
    truth_alone=(
        "latency_s",
        "min_height_m",
        "max_height_m",
        "tilt_limit_rad",
        "flow_limit_rad_s",
        "dropout_fraction",
        "dark_sun_rad",
        "full_sun_rad",
        "full_lit_fraction",
    ),
)
