"""The radar altimeter: the nearest ground in one of its beams, with its limits and dropouts."""

import jax.numpy as jnp

from perilune.interfaces.radar_altimeter import RadarAltimeterSpec
from perilune.interfaces.ranging import RangeReading, RangingErrors, beams_body
from perilune.interfaces.sensor import Draw
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.nearest_ground import Cone, Level, Pattern, nearest_ground
from perilune.truth.sensors.ranging import noise_m, scale, shift, sigma
from perilune.truth.sensors.scene import Scene, is_due

__all__ = ["init", "measure", "scale", "shift", "sigma"]

PATTERN = Pattern(ring_fractions=(0.4, 1.0), ray_count=(4, 6))
"""Rays that the ground is looked for along; `docs/understand/sensors.md` says what is missed."""


def init(_: RadarAltimeterSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: RadarAltimeterSpec, errors: RangingErrors, state: None, scene: Scene, draw: Draw
) -> tuple[RangeReading, None]:
    """The range to the nearest ground, once a period.

    Higher than its greatest range no ground is looked for.
    """
    asked = is_due(spec.period_s, scene) & (scene.ground.height_m < spec.max_range_m)
    silent = RangeReading(jnp.array(0.0), scene.beam, jnp.array(False))
    return if_any_lane(asked, lambda _: track(spec, errors, scene, draw), silent), state


def track(
    spec: RadarAltimeterSpec, errors: RangingErrors, scene: Scene, draw: Draw
) -> RangeReading:
    """The first echo: of relief as coarse as the ground that makes up one.

    Ground that lies within a depth d of the nearest of level ground is sqrt(2 h d) across, to
    each side: what is smaller is averaged.
    """
    ground = scene.ground
    detail_m = jnp.sqrt(2.0 * spec.resolution_m * jnp.maximum(ground.height_m, spec.resolution_m))
    cone = Cone(
        scene.place_fixed_m(jnp.asarray(spec.mount_m)),
        scene.facing_fixed(beams_body(spec)[scene.beam][None])[0],
        spec.half_angle_rad,
    )
    level = Level(ground.here_fixed_m, ground.height_m)
    found = nearest_ground(lambda place_m: ground.over_m(place_m, detail_m), cone, level, PATTERN)
    cosine = -jnp.sum(found.direction * found.normal)
    seen = cosine > jnp.cos(spec.incidence_limit_rad)
    inside = (found.range_m > spec.min_range_m) & (found.range_m < spec.max_range_m)
    true_m = jnp.where(inside, found.range_m, 0.0)
    biased_m = true_m * (1.0 + errors.scale_fraction) + errors.bias_m
    read_m = biased_m + noise_m(spec, true_m) * draw.normals
    kept = draw.uniforms >= spec.dropout_fraction
    return RangeReading(read_m, scene.beam, seen & inside & kept)
