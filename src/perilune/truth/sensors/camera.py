"""The navigation camera: plain horizontal fixes on the map, blind outside a band of heights."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.camera import CameraErrors, CameraReading, CameraSpec
from perilune.interfaces.sensor import Draw
from perilune.mechanics.rotation import cross
from perilune.truth.sensors.scene import Scene


def init(_: CameraSpec) -> None:
    """It keeps nothing from reading to reading."""


def track_axes(
    position_m: Float[Array, "3"], track_normal: Float[Array, "3"]
) -> tuple[Float[Array, "3"], Float[Array, "3"]]:
    """Unit vectors along and across the track at a position; `track_normal` is fixed to the map."""
    up = position_m / jnp.linalg.norm(position_m)
    along = cross(track_normal, up)
    along = along / jnp.linalg.norm(along)
    return along, cross(up, along)


def measure(
    spec: CameraSpec, errors: CameraErrors, state: None, scene: Scene, draw: Draw
) -> tuple[CameraReading, None]:
    """A fix on the map, with errors along and across the track.

    One is due once a period, within the band of heights.
    """
    before_s = scene.time_s - scene.period_s
    due = jnp.floor(scene.time_s / spec.period_s) > jnp.floor(before_s / spec.period_s)
    error_m = jnp.asarray(errors.bias_m) + spec.noise_m * draw.normals
    height_m = scene.ground.height_m
    inside = (height_m > spec.min_height_m) & (height_m < spec.max_height_m)
    fix = CameraReading(scene.ground.on_map_fixed_m, due & inside)
    return shift(fix, error_m, scene), state


def sigma(
    spec: CameraSpec, reading: CameraReading, period_s: Float[Array, ""]
) -> Float[Array, "2"]:
    """One sigma along the track and across it."""
    del reading, period_s
    return spec.noise_m * jnp.ones(2)


def shift(reading: CameraReading, error: Float[Array, "2"], scene: Scene) -> CameraReading:
    """The fix moved along the track and across it."""
    place_m = reading.position_fixed_m
    along, across = track_axes(place_m, scene.ground.track_normal_fixed)
    return CameraReading(place_m + error[0] * along + error[1] * across, reading.valid)
