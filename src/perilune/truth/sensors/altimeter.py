"""The laser altimeter: one of two beams marched to the ground, with its limits and dropouts."""

import jax.numpy as jnp

from perilune.interfaces.altimeter import AltimeterSpec
from perilune.interfaces.ranging import RangeReading, RangingErrors, beams_body
from perilune.interfaces.sensor import Draw
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.derivatives import to_quantum
from perilune.truth.sensors.laser_echo import depth_m, fate
from perilune.truth.sensors.ranging import noise_m, scale, shift, sigma
from perilune.truth.sensors.scene import Scene, strike

__all__ = ["init", "measure", "scale", "shift", "sigma"]

REACH_FACTOR = 2.0
"""Higher than so many greatest ranges, no beam is marched."""
LEAST_QUANTUM_M = 1e-9


def init(_: AltimeterSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: AltimeterSpec, errors: RangingErrors, state: None, scene: Scene, draw: Draw
) -> tuple[RangeReading, None]:
    """The slant range along the beam in use; no beam is marched far beyond its reach."""
    in_reach = scene.ground.height_m < REACH_FACTOR * spec.max_range_m
    silent = RangeReading(jnp.array(0.0), scene.beam, jnp.array(False))
    reading = if_any_lane(in_reach, lambda _: ask(spec, errors, scene, draw), silent)
    return reading, state


def ask(spec: AltimeterSpec, errors: RangingErrors, scene: Scene, draw: Draw) -> RangeReading:
    """The range from the mount to where the beam meets the ground, by the echo of its spot."""
    ground = scene.ground
    mount_m = scene.place_fixed_m(jnp.asarray(spec.mount_m))
    direction = scene.facing_fixed(beams_body(spec)[scene.beam][None])[0]
    range_m, normal, hit = strike(ground, mount_m, direction, jnp.asarray(spec.max_range_m))
    cosine = -jnp.sum(direction * normal)
    seen = hit & (cosine > jnp.cos(spec.incidence_limit_rad))
    deep_m = depth_m(spec, scene, range_m, cosine)
    of = fate(spec, scene, range_m, draw.uniforms[0])
    near_m = jnp.minimum(spec.min_range_m, range_m)
    false_m = near_m + draw.uniforms[1] * (range_m - near_m)
    timed_m = jnp.where(of.false, false_m, range_m - spec.early_factor * deep_m)
    biased_m = timed_m * (1.0 + errors.scale_fraction) + errors.bias_m
    sigma_m = jnp.sqrt(noise_m(spec, range_m) ** 2 + (spec.jitter_factor * deep_m) ** 2)
    noisy_m = biased_m + sigma_m * draw.normals
    counted_m = to_quantum(noisy_m, jnp.maximum(spec.quantum_m, LEAST_QUANTUM_M))
    inside = (range_m > spec.min_range_m) & (range_m < spec.max_range_m)
    return RangeReading(counted_m, scene.beam, seen & inside & ~of.lost)
