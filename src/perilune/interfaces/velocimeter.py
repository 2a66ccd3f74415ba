"""The Doppler velocimeter: closing speeds and ranges along three beams, once a cycle."""

from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import (
    Angle,
    Fraction,
    NotNegative,
    Reach,
    Scale,
    Vector,
    Why,
)

SpeedBias = Annotated[float, Field(ge=-100.0, le=100.0)]


class VelocimeterSpec(TimedSpec):
    """Three Doppler beams evenly spaced on a cone about -z; errors are one sigma per beam."""

    mount_m: Vector
    """Where the beams start, in the body frame."""
    half_angle_rad: Annotated[
        float,
        Field(ge=0.017453292519943295, le=1.3962634015954636),
        Why("its beams would not span three axes"),
    ]
    """Between -z and each beam."""
    noise_m_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """One sigma along a beam."""
    bias_m_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """One sigma along a beam, fixed per flight."""
    min_range_m: NotNegative
    """Nearest slant range."""
    max_range_m: Reach
    """Furthest slant range."""
    speed_limit_m_s: Annotated[float, Field(gt=0.0, le=10_000.0)]
    """Fastest speed along a beam."""
    incidence_limit_rad: Angle
    """Between beam and the normal of the ground; past it no echo."""
    dropout_fraction: Fraction
    """Share of readings lost."""
    range_noise_m: Annotated[float, Field(ge=0.0, le=1_000.0)] = 0.0
    """One sigma of the slant range along a beam."""
    side_lobe_fraction: Fraction = 0.0
    """Share of readings that are of a side lobe, and are taken for the beam."""
    side_lobe_angle_rad: Annotated[
        float, Field(ge=0.0, le=1.3962634015954636), Why("no side lobe looks the other way")
    ] = 0.0
    """Between a beam and its side lobe, which lies towards -z."""


class VelocimeterErrors(TimedErrors):
    """Of the velocimeter."""

    bias_m_s: tuple[SpeedBias, SpeedBias, SpeedBias] = (0.0, 0.0, 0.0)
    """Added to the speed along each of the three beams."""
    scale_fraction: Scale = 0.0
    """Of every speed."""


class VelocimeterReading(eqx.Module):
    """Speeds along three beams, positive where the ground comes closer, and slant ranges."""

    closing_speed_m_s: Float[Array, "3"]
    range_m: Float[Array, "3"]
    valid: Bool[Array, "3"]


def beams_body(spec: VelocimeterSpec) -> Float[Array, "3 3"]:
    """Three beams 120 degrees apart on a cone about -z; unit vectors, body axes."""
    return _on_cone(jnp.asarray(spec.half_angle_rad))


def side_lobes_body(spec: VelocimeterSpec) -> Float[Array, "3 3"]:
    """The side lobe of each beam, on a narrower cone or across -z; unit vectors, body axes."""
    return _on_cone(jnp.asarray(spec.half_angle_rad) - jnp.asarray(spec.side_lobe_angle_rad))


def _on_cone(half_angle_rad: Float[Array, ""]) -> Float[Array, "3 3"]:
    azimuth = 2.0 * jnp.pi * jnp.arange(3.0) / 3.0
    lean = jnp.sin(half_angle_rad)
    down = -jnp.cos(half_angle_rad) * jnp.ones(3)
    return jnp.stack([lean * jnp.cos(azimuth), lean * jnp.sin(azimuth), down], axis=-1)


VELOCIMETER = Sensor(
    kind="velocimeter",
    title="Doppler velocimeter",
    spec=VelocimeterSpec,
    errors=VelocimeterErrors,
    silent=lambda: VelocimeterReading(jnp.zeros(3), jnp.zeros(3), jnp.zeros(3, bool)),
    rate=Rate.CYCLE,
    normals=(6,),
    noises={"speed noise": 3, "range noise": 3},
    uniforms=(6,),
    bias_states={"bias_m_s": 3},
    channels={"1": "beam 1", "2": "beam 2", "3": "beam 3"},
    column_unit="m_s",
    value=("closing_speed_m_s", "speed_m_s"),
    value_words="speed read along it",
    shown={"range_m": "slant range read along it"},
    error_units={"": ("m_s", 3)},
    height_beside=True,
    scaled_parts=("",),
    standing_faults=("lost_after_s",),
    truth_alone=(
        "latency_s",
        "min_range_m",
        "max_range_m",
        "speed_limit_m_s",
        "incidence_limit_rad",
        "dropout_fraction",
        "side_lobe_fraction",
        "side_lobe_angle_rad",
    ),
)
