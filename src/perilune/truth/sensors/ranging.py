"""What is true of laser and radar altimeters: noise by range, and what faults do to a range."""

from typing import Any, Protocol

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.ranging import RangeReading
from perilune.truth.sensors.scene import Scene


class Noisy(Protocol):
    """A data sheet with noise that grows with range."""

    noise_m: Any
    noise_fraction: Any


def noise_m(spec: Noisy, range_m: Float[Array, ""]) -> Float[Array, ""]:
    """One sigma of the noise at a range."""
    return jnp.sqrt(spec.noise_m**2 + (spec.noise_fraction * range_m) ** 2)


def sigma(spec: Noisy, reading: RangeReading, period_s: Float[Array, ""]) -> Float[Array, "1"]:
    """One sigma of the noise at the range that was read; of a laser upright over smooth ground."""
    del period_s
    return noise_m(spec, reading.range_m)[None]


def shift(reading: RangeReading, error: Float[Array, "1"], scene: Scene) -> RangeReading:
    """A longer or shorter range; none is negative."""
    del scene
    return RangeReading(jnp.maximum(reading.range_m + error[0], 0.0), reading.beam, reading.valid)


def scale(reading: RangeReading, factor: Float[Array, "1"]) -> RangeReading:
    """The range, with its noise, multiplied."""
    return RangeReading(reading.range_m * factor[0], reading.beam, reading.valid)
