"""The Doppler velocimeter: closing speeds and ranges along three beams, or their side lobes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.sensor import Draw
from perilune.interfaces.velocimeter import (
    VelocimeterErrors,
    VelocimeterReading,
    VelocimeterSpec,
    beams_body,
    side_lobes_body,
)
from perilune.mechanics.batching import if_any_lane
from perilune.truth.sensors.scene import Scene, over_ground_m_s, strike

REACH_FACTOR = 1.5
"""Higher than so many greatest ranges, no beam is marched."""


def init(_: VelocimeterSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: VelocimeterSpec, errors: VelocimeterErrors, state: None, scene: Scene, draw: Draw
) -> tuple[VelocimeterReading, None]:
    """Speeds and ranges along the beams of the mount over the turning ground, some of side lobes.

    Each beam is marched to the ground; none is where all are out of reach or too fast.
    """
    dropped, astray = draw.uniforms[:3], draw.uniforms[3:] < spec.side_lobe_fraction
    seen_body = jnp.where(astray[:, None], side_lobes_body(spec), beams_body(spec))
    beams = scene.facing_fixed(seen_body)
    arm_m = jnp.asarray(spec.mount_m) - scene.center_body_m
    closing_m_s = jnp.sum(beams * over_ground_m_s(scene, arm_m), axis=-1)
    slow = jnp.abs(closing_m_s) < spec.speed_limit_m_s
    in_reach = scene.ground.height_m < REACH_FACTOR * spec.max_range_m
    nowhere = (jnp.zeros(3), jnp.zeros(3, bool))
    range_m, returned = if_any_lane(
        in_reach & jnp.any(slow), lambda _: _ranged(spec, scene, beams), nowhere
    )
    valid = returned & slow & (dropped >= spec.dropout_fraction)
    scaled_m_s = closing_m_s * (1.0 + errors.scale_fraction)
    reading_m_s = scaled_m_s + jnp.asarray(errors.bias_m_s) + spec.noise_m_s * draw.normals[:3]
    read_m = jnp.where(returned, range_m + spec.range_noise_m * draw.normals[3:], 0.0)
    return VelocimeterReading(reading_m_s, read_m, valid), state


def _ranged(
    spec: VelocimeterSpec, scene: Scene, beams: Float[Array, "3 3"]
) -> tuple[Float[Array, "3"], Bool[Array, "3"]]:
    """Slant range along each beam, and whether it comes back from there."""
    mount_m = scene.place_fixed_m(jnp.asarray(spec.mount_m))
    reach_m = jnp.asarray(spec.max_range_m)
    met = jax.lax.map(lambda beam: strike(scene.ground, mount_m, beam, reach_m), beams)
    cosine = -jnp.sum(beams * met.normal_fixed, axis=-1)
    inside = (met.range_m > spec.min_range_m) & (met.range_m < spec.max_range_m)
    return met.range_m, met.hit & inside & (cosine > jnp.cos(spec.incidence_limit_rad))


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
    return VelocimeterReading(reading.closing_speed_m_s + error, reading.range_m, reading.valid)


def scale(reading: VelocimeterReading, factor: Float[Array, "3"]) -> VelocimeterReading:
    """The speed along each beam, with its noise, multiplied; ranges stay."""
    return VelocimeterReading(reading.closing_speed_m_s * factor, reading.range_m, reading.valid)
