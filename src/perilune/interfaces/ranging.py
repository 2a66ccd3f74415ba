"""What laser and radar altimeters have in common: two beams, one of which ranges at a time."""

from typing import Annotated, Any, Protocol

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int
from pydantic import Field

from perilune.interfaces.sensor import TimedErrors
from perilune.interfaces.table import Scale


class RangingErrors(TimedErrors):
    """Of an altimeter, both beams alike."""

    bias_m: Annotated[float, Field(ge=-10_000.0, le=10_000.0)] = 0.0
    """Added to each range."""
    scale_fraction: Scale = 0.0
    """Of each range."""


class RangeReading(eqx.Module):
    """The range along the beam in use: 0 canted, 1 axial."""

    range_m: Float[Array, ""]
    beam: Int[Array, ""]
    valid: Bool[Array, ""]


class Canted(Protocol):
    """A data sheet with a canted beam beside the axial one."""

    cant_rad: Any


def beams_body(spec: Canted) -> Float[Array, "2 3"]:
    """The beam canted from -z towards +x, then the one along -z; unit vectors, body axes.

    Of a wide beam its middle. The flight software commands which one ranges.
    """
    cant_rad = jnp.asarray(spec.cant_rad)
    zero = jnp.zeros_like(cant_rad)
    canted = jnp.stack([jnp.sin(cant_rad), zero, -jnp.cos(cant_rad)])
    return jnp.stack([canted, jnp.array([0.0, 0.0, -1.0])])


def no_range() -> RangeReading:
    """A reading that says nothing."""
    return RangeReading(jnp.array(0.0), jnp.array(0), jnp.array(False))


RANGING: dict[str, Any] = {
    "errors": RangingErrors,
    "silent": no_range,
    "channels": {"canted": "canted beam", "axial": "axial beam"},
    "column_unit": "m",
    "value": ("range_m", "range_m"),
    "in_use": "beam",
    "error_units": {"": ("m", 1)},
    "scaled_parts": ("",),
}
"""What the declaration of each says: `interfaces.sensor.Sensor`."""
