"""The Doppler velocimeter: closing speeds along three beams."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.sensor import Draw
from perilune.interfaces.velocimeter import (
    VelocimeterErrors,
    VelocimeterReading,
    VelocimeterSpec,
    beams_body,
)
from perilune.mechanics.rotation import cross, rotate
from perilune.truth.sensors.scene import Scene


def init(_: VelocimeterSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: VelocimeterSpec, errors: VelocimeterErrors, state: None, scene: Scene, draw: Draw
) -> tuple[VelocimeterReading, None]:
    """Speeds along the beams of the mount over the turning ground.

    Range serves validity only and is taken to the tangent plane below: right to the roughness of
    the ground over the beams' spread, a few per cent of the height.
    """
    ground = scene.ground
    beams = scene.facing_fixed(beams_body(spec))
    cosine = -jnp.sum(beams * ground.normal_fixed, axis=-1)
    range_m = ground.height_m / cosine
    closing_m_s = jnp.sum(beams * _over_ground_m_s(spec, scene), axis=-1)
    valid = (
        (cosine > jnp.cos(spec.incidence_limit_rad))
        & (range_m > spec.min_range_m)
        & (range_m < spec.max_range_m)
        & (jnp.abs(closing_m_s) < spec.speed_limit_m_s)
        & (draw.uniforms >= spec.dropout_fraction)
    )
    scaled_m_s = closing_m_s * (1.0 + errors.scale_fraction)
    reading_m_s = scaled_m_s + jnp.asarray(errors.bias_m_s) + spec.noise_m_s * draw.normals
    return VelocimeterReading(reading_m_s, valid), state


def _over_ground_m_s(spec: VelocimeterSpec, scene: Scene) -> Float[Array, "3"]:
    """Velocity of the mount, Moon-fixed axes."""
    state, ground = scene.state, scene.ground
    arm_m = jnp.asarray(spec.mount_m) - scene.center_body_m
    swing = rotate(state.inertial_from_body, cross(state.rate_body_rad_s, arm_m))
    moving = rotate(ground.fixed_from_inertial, state.velocity_inertial_m_s + swing)
    return moving - cross(ground.spin_fixed_rad_s, ground.here_fixed_m)


def sigma(
    spec: VelocimeterSpec, reading: VelocimeterReading, period_s: Float[Array, ""]
) -> Float[Array, "3"]:
    """One sigma along each beam."""
    del reading, period_s
    return spec.noise_m_s * jnp.ones(3)


def shift(
    reading: VelocimeterReading, error: Float[Array, "3"], scene: Scene
) -> VelocimeterReading:
    """Faster or slower along each beam."""
    del scene
    return VelocimeterReading(reading.closing_speed_m_s + error, reading.valid)
