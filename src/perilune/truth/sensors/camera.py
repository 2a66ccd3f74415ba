"""The navigation camera: plain horizontal fixes on the map, blind outside a band of heights."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.interfaces import CameraReading
from perilune.mechanics.rotation import cross


class Camera(eqx.Module):
    """Fix noise and a bias that lasts the flight, along and across the ground track."""

    noise_m: jax.Array
    bias_m: jax.Array  # (2,) along, across
    period_s: jax.Array
    min_height_m: jax.Array
    max_height_m: jax.Array


def track_axes(position_m, track_normal):
    """Unit vectors along and across the track at a position; `track_normal` is fixed to the map."""
    up = position_m / jnp.linalg.norm(position_m)
    along = cross(track_normal, up)
    along = along / jnp.linalg.norm(along)
    return along, cross(up, along)


def measure(camera, position_fixed_m, track_normal_fixed, when, noise):
    """A fix at `when` = (clearance_m, time_s, frame_s): due once a period, within the band."""
    clearance_m, time_s, frame_s = when
    due = jnp.floor(time_s / camera.period_s) > jnp.floor((time_s - frame_s) / camera.period_s)
    along, across = track_axes(position_fixed_m, track_normal_fixed)
    error_m = camera.bias_m + camera.noise_m * noise
    fix_m = position_fixed_m + error_m[0] * along + error_m[1] * across
    inside = (clearance_m > camera.min_height_m) & (clearance_m < camera.max_height_m)
    return CameraReading(fix_m, due & inside)
