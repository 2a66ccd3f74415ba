"""The star tracker: attitude, finer across its boresight than about it."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.sensor import Draw
from perilune.interfaces.star_tracker import (
    StarTrackerErrors,
    StarTrackerReading,
    StarTrackerSpec,
)
from perilune.mechanics.rotation import from_rotation_vector, multiply
from perilune.truth.sensors.scene import Scene


def init(_: StarTrackerSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: StarTrackerSpec, errors: StarTrackerErrors, state: None, scene: Scene, draw: Draw
) -> tuple[StarTrackerReading, None]:
    """Attitude turned by small rotations, fixed and random, body axes; blind when turning fast."""
    noise = draw.normals
    boresight = spec.boresight / jnp.linalg.norm(spec.boresight)
    along = jnp.sum(noise * boresight) * boresight
    error_rad = spec.cross_axis_rad * (noise - along) + spec.roll_rad * along
    off_rad = errors.misalignment_rad + error_rad
    seen = multiply(scene.state.inertial_from_body, from_rotation_vector(off_rad))
    slow = jnp.linalg.norm(scene.state.rate_body_rad_s) < spec.rate_limit_rad_s
    return StarTrackerReading(seen, slow), state


def sigma(
    spec: StarTrackerSpec, reading: StarTrackerReading, period_s: Float[Array, ""]
) -> Float[Array, "3"]:
    """One sigma about each body axis."""
    del reading, period_s
    boresight = spec.boresight / jnp.linalg.norm(spec.boresight)
    across, about = spec.cross_axis_rad**2, spec.roll_rad**2
    return jnp.sqrt(across + (about - across) * boresight**2)


def shift(
    reading: StarTrackerReading, error: Float[Array, "3"], scene: Scene
) -> StarTrackerReading:
    """The attitude turned by a small rotation more, rad, body axes."""
    del scene
    turned = multiply(reading.inertial_from_body, from_rotation_vector(error))
    return StarTrackerReading(turned, reading.valid)
