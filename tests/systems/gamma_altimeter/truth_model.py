"""The gamma-ray altimeter as it is: the ground straight below, while it lies within the beam."""

import jax.numpy as jnp
from jaxtyping import Array, Float
from perilune.interfaces.gamma_altimeter import (
    GammaAltimeterErrors,
    GammaAltimeterReading,
    GammaAltimeterSpec,
)

from perilune.interfaces.sensor import Draw
from perilune.truth.sensors.scene import Scene

DOWN_BODY = jnp.array([0.0, 0.0, -1.0])


def init(_: GammaAltimeterSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: GammaAltimeterSpec, errors: GammaAltimeterErrors, state: None, scene: Scene, draw: Draw
) -> tuple[GammaAltimeterReading, None]:
    """The detector's height, with the errors of the flight and noise."""
    place_m = scene.place_fixed_m(jnp.asarray(spec.mount_m))
    height_m = scene.ground.below(place_m)[0]
    axis = scene.facing_fixed(DOWN_BODY[None])[0]
    up = scene.ground.here_fixed_m / jnp.linalg.norm(scene.ground.here_fixed_m)
    inside = -jnp.sum(axis * up) > jnp.cos(spec.half_angle_rad)
    valid = inside & (height_m < spec.max_height_m) & (draw.uniforms >= spec.dropout_fraction)
    read_m = height_m * (1.0 + errors.scale_fraction) + errors.bias_m
    return GammaAltimeterReading(read_m + spec.noise_m * draw.normals, valid), state


def sigma(
    spec: GammaAltimeterSpec, reading: GammaAltimeterReading, period_s: Float[Array, ""]
) -> Float[Array, "1"]:
    """One sigma of the noise."""
    del reading, period_s
    return jnp.asarray(spec.noise_m)[None]


def shift(
    reading: GammaAltimeterReading, error: Float[Array, "1"], scene: Scene
) -> GammaAltimeterReading:
    """A greater or a smaller height."""
    del scene
    return GammaAltimeterReading(reading.height_m + error[0], reading.valid)
