"""Optical velocity: ground speed over distance, seen by features in the light."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.optical_velocity import (
    OpticalVelocityErrors,
    OpticalVelocityReading,
    OpticalVelocitySpec,
    noise_rad_s,
    view_body,
)
from perilune.interfaces.sensor import Draw
from perilune.mechanics.batching import if_any_lane
from perilune.truth.environment.lighting import daylight_fraction
from perilune.truth.sensors.scene import Scene, is_due, over_ground_m_s


def init(_: OpticalVelocitySpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: OpticalVelocitySpec,
    errors: OpticalVelocityErrors,
    state: None,
    scene: Scene,
    draw: Draw,
) -> tuple[OpticalVelocityReading, None]:
    """The motion of the ground through the view, once a period and within the band of heights."""
    height_m = scene.ground.height_m
    inside = (height_m > spec.min_height_m) & (height_m < spec.max_height_m)
    asked = is_due(spec.period_s, scene) & inside
    silent = OpticalVelocityReading(jnp.zeros(2), jnp.zeros_like(asked))
    return if_any_lane(asked, lambda _: track(spec, errors, scene, draw), silent), state


def track(
    spec: OpticalVelocitySpec, errors: OpticalVelocityErrors, scene: Scene, draw: Draw
) -> OpticalVelocityReading:
    """Speed across the view over the distance to ground that is level at the height below.

    What the ground in view departs from that is a share of the reading, drawn for each.
    """
    ground = scene.ground
    middle_body, across_body = view_body(jnp.asarray(spec.cant_rad))
    middle = scene.facing_fixed(middle_body[None])[0]
    across = scene.facing_fixed(across_body)
    cosine = -jnp.sum(middle * ground.here_fixed_m) / jnp.linalg.norm(ground.here_fixed_m)
    facing = cosine > jnp.cos(spec.tilt_limit_rad)
    distance_m = ground.height_m / jnp.where(facing, cosine, 1.0)
    flow_rad_s = jnp.sum(across * over_ground_m_s(scene), axis=-1) / distance_m
    scaled = flow_rad_s * (1.0 + errors.scale_fraction + spec.relief_fraction * draw.normals[2])
    noise = noise_rad_s(spec) * draw.normals[:2]
    light = daylight_fraction(spec, ground.lighting())
    seen = 1.0 - draw.uniforms < light * (1.0 - spec.dropout_fraction)
    slow = jnp.max(jnp.abs(flow_rad_s)) < spec.flow_limit_rad_s
    return OpticalVelocityReading(
        scaled + jnp.asarray(errors.bias_rad_s) + noise, facing & seen & slow
    )


def sigma(
    spec: OpticalVelocitySpec, reading: OpticalVelocityReading, period_s: Float[Array, ""]
) -> Float[Array, "2"]:
    """One sigma on each axis."""
    del period_s
    relief = spec.relief_fraction * reading.flow_rad_s
    return jnp.sqrt(noise_rad_s(spec) ** 2 + relief**2)


def shift(
    reading: OpticalVelocityReading, error: Float[Array, "2"], scene: Scene
) -> OpticalVelocityReading:
    """Faster or slower on each axis."""
    del scene
    return OpticalVelocityReading(reading.flow_rad_s + error, reading.valid)
