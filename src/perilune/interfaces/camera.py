"""The navigation camera: horizontal position fixes on the map, once a period of its own."""

from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import NotNegative, Reach, Why

FixBias = Annotated[float, Field(ge=-100_000.0, le=100_000.0)]


class CameraSpec(TimedSpec):
    """Horizontal position fixes; noise per fix and a bias fixed per flight, one sigma an axis."""

    noise_m: Annotated[float, Field(gt=0.0, le=10_000.0)]
    """One sigma an axis, drawn for each fix."""
    bias_m: Annotated[float, Field(ge=0.0, le=10_000.0)]
    """One sigma an axis, fixed per flight."""
    period_s: Annotated[
        float, Field(ge=0.2, le=3_600.0), Why("sensors are asked once in a cycle of 0.2 s")
    ]
    """Between fixes."""
    min_height_m: NotNegative
    """Lowest height over ground of a fix."""
    max_height_m: Reach
    """Greatest height over ground of a fix."""


class CameraErrors(TimedErrors):
    """Of the camera's fixes."""

    bias_m: tuple[FixBias, FixBias] = (0.0, 0.0)
    """Along the track and across it."""


class CameraReading(eqx.Module):
    """A position matched to the map: horizontal only, its radius carries nothing."""

    position_fixed_m: Float[Array, "3"]  # MOON_ME
    valid: Bool[Array, ""]


CAMERA = Sensor(
    kind="camera",
    title="camera position fixes",
    spec=CameraSpec,
    errors=CameraErrors,
    silent=lambda: CameraReading(jnp.zeros(3), jnp.array(False)),
    rate=Rate.CYCLE,
    normals=(2,),
    bias_states={"bias_m": 2},
    channels={"along": "along", "cross": "cross"},
    column_unit="m",
    one_validity=True,
    error_units={"": ("m", 2)},
    truth_alone=("latency_s", "period_s", "min_height_m", "max_height_m"),
)
