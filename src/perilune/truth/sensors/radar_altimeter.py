"""The radar altimeter: the nearest ground in one of its beams, with its limits and dropouts."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.radar_altimeter import (
    RadarAltimeterErrors,
    RadarAltimeterReading,
    RadarAltimeterSpec,
    axes_body,
)
from perilune.interfaces.sensor import Draw
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.nearest_ground import Cone, Level, Pattern, nearest_ground
from perilune.truth.sensors.scene import Scene, is_due

PATTERN = Pattern(ring_fractions=(0.4, 1.0), ray_count=(4, 6))
"""Rays that the ground is looked for along; `docs/understand/sensors.md` says what is missed."""


def init(_: RadarAltimeterSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: RadarAltimeterSpec, errors: RadarAltimeterErrors, state: None, scene: Scene, draw: Draw
) -> tuple[RadarAltimeterReading, None]:
    """The range to the nearest ground, once a period.

    Higher than its greatest range no ground is looked for.
    """
    asked = is_due(spec.period_s, scene) & (scene.ground.height_m < spec.max_range_m)
    silent = RadarAltimeterReading(jnp.array(0.0), scene.beam, jnp.array(False))
    return if_any_lane(asked, lambda _: track(spec, errors, scene, draw), silent), state


def track(
    spec: RadarAltimeterSpec, errors: RadarAltimeterErrors, scene: Scene, draw: Draw
) -> RadarAltimeterReading:
    """The first echo: of relief as coarse as the ground that makes up one.

    Ground that lies within a depth d of the nearest of level ground is sqrt(2 h d) across, to
    each side: what is smaller is averaged.
    """
    ground = scene.ground
    detail_m = jnp.sqrt(2.0 * spec.resolution_m * jnp.maximum(ground.height_m, spec.resolution_m))
    cone = Cone(
        scene.place_fixed_m(jnp.asarray(spec.mount_m)),
        scene.facing_fixed(axes_body(spec)[scene.beam][None])[0],
        spec.half_angle_rad,
    )
    level = Level(ground.here_fixed_m, ground.height_m)
    found = nearest_ground(lambda place_m: ground.over_m(place_m, detail_m), cone, level, PATTERN)
    cosine = -jnp.sum(found.direction * found.normal)
    seen = cosine > jnp.cos(spec.incidence_limit_rad)
    inside = (found.range_m > spec.min_range_m) & (found.range_m < spec.max_range_m)
    true_m = jnp.where(inside, found.range_m, 0.0)
    biased_m = true_m * (1.0 + errors.scale_fraction) + errors.bias_m
    read_m = biased_m + _sigma_m(spec, true_m) * draw.normals
    kept = draw.uniforms >= spec.dropout_fraction
    return RadarAltimeterReading(read_m, scene.beam, seen & inside & kept)


def _sigma_m(spec: RadarAltimeterSpec, range_m: Float[Array, ""]) -> Float[Array, ""]:
    return jnp.sqrt(spec.noise_m**2 + (spec.noise_fraction * range_m) ** 2)


def sigma(
    spec: RadarAltimeterSpec, reading: RadarAltimeterReading, period_s: Float[Array, ""]
) -> Float[Array, "1"]:
    """One sigma of the noise at the range that was read."""
    del period_s
    return _sigma_m(spec, reading.range_m)[None]


def shift(
    reading: RadarAltimeterReading, error: Float[Array, "1"], scene: Scene
) -> RadarAltimeterReading:
    """A longer or shorter range; none is negative."""
    del scene
    range_m = jnp.maximum(reading.range_m + error[0], 0.0)
    return RadarAltimeterReading(range_m, reading.beam, reading.valid)


def scale(reading: RadarAltimeterReading, factor: Float[Array, "1"]) -> RadarAltimeterReading:
    """The range, with its noise, multiplied."""
    return RadarAltimeterReading(reading.range_m * factor[0], reading.beam, reading.valid)
