"""The navigation camera: fixes on the map whose chance and error depend on the light."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.camera import CameraErrors, CameraReading, CameraSpec, one_sigma_m
from perilune.interfaces.sensor import Draw
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.rotation import cross
from perilune.truth.environment.lighting import Lighting, daylight_fraction
from perilune.truth.sensors.scene import Scene, is_due


def init(_: CameraSpec) -> None:
    """It keeps nothing from reading to reading."""


def track_axes(
    position_m: Float[Array, "3"], track_normal: Float[Array, "3"]
) -> tuple[Float[Array, "3"], Float[Array, "3"], Float[Array, "3"]]:
    """Unit vectors along the track, across it and up; `track_normal` is fixed to the map."""
    up = position_m / jnp.linalg.norm(position_m)
    along = cross(track_normal, up)
    along = along / jnp.linalg.norm(along)
    return along, cross(up, along), up


def measure(
    spec: CameraSpec, errors: CameraErrors, state: None, scene: Scene, draw: Draw
) -> tuple[CameraReading, None]:
    """A fix on the map, with errors along the track, across it and up.

    One is due once a period, within the band of heights; in poor light few of them come.
    """
    height_m = scene.ground.height_m
    inside = (height_m > spec.min_height_m) & (height_m < spec.max_height_m)
    asked = is_due(spec.period_s, scene) & inside
    none = jnp.zeros_like(height_m)
    silent = CameraReading(jnp.zeros(3), none, none, jnp.zeros_like(asked))
    return if_any_lane(asked, lambda _: fix(spec, errors, scene, draw), silent), state


def fix(spec: CameraSpec, errors: CameraErrors, scene: Scene, draw: Draw) -> CameraReading:
    """What the matcher makes of the view below.

    One uniform number, counted down from one, says whether there is a fix, and by the part of its
    chance that it falls in whether that is a wrong match, off by far more than the noise. Where
    every draw is off it is one: whatever light there is brings a right match.
    """
    ground, light = scene.ground, scene.ground.lighting()
    quality = quality_fraction(spec, light, ground.height_m)
    chance = quality * (1.0 - spec.dropout_fraction)
    luck = 1.0 - draw.uniforms
    is_wrong = luck >= chance * (1.0 - wrong_chance(spec, light))
    right_m = one_sigma_m(spec, ground.height_m, quality)
    size_m = jnp.where(is_wrong, spec.wrong_match_m * jnp.ones(3), right_m)
    found = CameraReading(ground.on_map_fixed_m, ground.height_m, quality, luck < chance)
    return shift(found, jnp.asarray(errors.bias_m) + size_m * draw.normals, scene)


def quality_fraction(
    spec: CameraSpec, light: Lighting, height_m: Float[Array, ""]
) -> Float[Array, ""]:
    """Matches of the view to the map, as a share of those in full light: the product of three.

    By the daylight; by the map's pixels across the view, rising evenly to as many as are of use;
    and by the angle between the Sun's directions now and in the map's images.
    """
    width_m = 2.0 * height_m * jnp.tan(0.5 * spec.view_rad)
    of_map = width_m / (spec.map_resolution_m * spec.full_pixels_count)
    turned = spec.map_light_rad / spec.map_light_tolerance_rad
    alike = jnp.clip(of_map, 0.0, 1.0) * jnp.exp(-0.5 * turned**2)
    return daylight_fraction(spec, light) * alike


def wrong_chance(spec: CameraSpec, light: Lighting) -> Float[Array, ""]:
    """Of a fix being a wrong match: shadows hide what would tell places apart."""
    shadow = 1.0 - light.lit_fraction
    return jnp.minimum(spec.wrong_fraction + spec.wrong_in_shadow_fraction * shadow, 1.0)


def sigma(
    spec: CameraSpec, reading: CameraReading, period_s: Float[Array, ""]
) -> Float[Array, "3"]:
    """One sigma along the track, across it and up, of a right match."""
    del period_s
    return one_sigma_m(spec, reading.height_m, reading.quality_fraction)


def shift(reading: CameraReading, error: Float[Array, "3"], scene: Scene) -> CameraReading:
    """The fix moved along the track, across it and up."""
    place_m = reading.position_fixed_m
    along, across, up = track_axes(place_m, scene.ground.track_normal_fixed)
    moved_m = place_m + error[0] * along + error[1] * across + error[2] * up
    return CameraReading(moved_m, reading.height_m, reading.quality_fraction, reading.valid)
