"""The star tracker: attitude, finer across its boresight than about it."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.sensor import Draw
from perilune.interfaces.star_tracker import (
    StarTrackerErrors,
    StarTrackerReading,
    StarTrackerSpec,
)
from perilune.mechanics.glare import is_near, moon_is_near
from perilune.mechanics.rotation import from_rotation_vector, multiply, rotate
from perilune.truth.sensors.scene import Scene


def init(_: StarTrackerSpec) -> None:
    """It keeps nothing from reading to reading."""


def measure(
    spec: StarTrackerSpec, errors: StarTrackerErrors, state: None, scene: Scene, draw: Draw
) -> tuple[StarTrackerReading, None]:
    """Attitude turned by small rotations, fixed and random, body axes.

    It is blind when turning fast, and with Sun, Earth or the Moon's limb near its boresight.
    """
    noise = draw.normals
    boresight = spec.boresight / jnp.linalg.norm(spec.boresight)
    along = jnp.sum(noise * boresight) * boresight
    error_rad = spec.cross_axis_rad * (noise - along) + spec.roll_rad * along
    off_rad = errors.misalignment_rad + error_rad
    seen = multiply(scene.state.inertial_from_body, from_rotation_vector(off_rad))
    slow = jnp.linalg.norm(scene.state.rate_body_rad_s) < spec.rate_limit_rad_s
    return StarTrackerReading(seen, slow & ~_dazzled(spec, scene, boresight)), state


def _dazzled(
    spec: StarTrackerSpec, scene: Scene, boresight_body: Float[Array, "3"]
) -> Bool[Array, ""]:
    here_m, bodies = scene.state.position_inertial_m, scene.bodies
    axis = rotate(scene.state.inertial_from_body, boresight_body)
    return (
        is_near(axis, bodies.sun_inertial_m - here_m, spec.sun_exclusion_rad)
        | is_near(axis, bodies.earth_inertial_m - here_m, spec.earth_exclusion_rad)
        | moon_is_near(axis, here_m, spec.moon_exclusion_rad)
    )


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
