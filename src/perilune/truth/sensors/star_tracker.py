"""The star tracker: attitude, finer across its boresight than about it."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax
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
from perilune.truth.sensors.scene import Scene, Tick

TIE_S = 1e-6


class Turning(eqx.Module):
    """How the vehicle turned at the instant of the frame's reading, a latency before its end."""

    _: KW_ONLY
    known: Bool[Array, ""]
    inertial_from_body: Float[Array, "4"]  # as the tick began in which that instant lies
    turned_rad: Float[Array, "3"]  # from then on, body axes
    rate_body_rad_s: Float[Array, "3"]


def init(_: StarTrackerSpec) -> Turning:
    """Nothing was followed yet."""
    none = jnp.zeros(3)
    return Turning(
        known=jnp.array(False),
        inertial_from_body=jnp.array([1.0, 0.0, 0.0, 0.0]),
        turned_rad=none,
        rate_body_rad_s=none,
    )


def follow(spec: StarTrackerSpec, state: Turning, tick: Tick) -> Turning:
    """What is kept after a tick: its turning up to the instant of the reading, if it holds that.

    The angle from the tick's beginning is the cubic that has the rates at both of its ends and its
    whole rotation (Hermite's interpolation).
    """
    then_s = tick.frame_end_s - spec.latency_s
    early_s = then_s - TIE_S  # an instant between two ticks is of the first, however it is rounded
    inside = (tick.start_s < early_s) & (early_s <= tick.end_s)
    span_s = tick.end_s - tick.start_s
    s = (then_s - tick.start_s) / span_s
    rotation_rad = tick.after.sensed_rotation_body_rad
    first_rad, last_rad = span_s * tick.before.rate_body_rad_s, span_s * tick.after.rate_body_rad_s
    twist = first_rad + last_rad - 2.0 * rotation_rad
    bend = rotation_rad - first_rad - twist
    now = Turning(
        known=jnp.array(True),
        inertial_from_body=tick.before.inertial_from_body,
        turned_rad=s * (first_rad + s * (bend + s * twist)),
        rate_body_rad_s=(first_rad + s * (2.0 * bend + 3.0 * s * twist)) / span_s,
    )
    return jax.tree.map(lambda new, old: jnp.where(inside, new, old), now, state)


def measure(
    spec: StarTrackerSpec, errors: StarTrackerErrors, state: Turning, scene: Scene, draw: Draw
) -> tuple[StarTrackerReading, Turning]:
    """Attitude turned by small rotations, fixed and random, body axes.

    It is blind when turning fast, and with Sun, Earth or the Moon's limb near its boresight. The
    attitude is that followed to the instant of the reading; the scene's where none was.
    """
    followed = multiply(state.inertial_from_body, from_rotation_vector(state.turned_rad))
    attitude = jnp.where(state.known, followed, scene.state.inertial_from_body)
    rate_rad_s = jnp.where(state.known, state.rate_body_rad_s, scene.state.rate_body_rad_s)
    noise = draw.normals
    boresight = spec.boresight / jnp.linalg.norm(spec.boresight)
    along = jnp.sum(noise * boresight) * boresight
    error_rad = spec.cross_axis_rad * (noise - along) + spec.roll_rad * along
    off_rad = errors.misalignment_rad + error_rad
    seen = multiply(attitude, from_rotation_vector(off_rad))
    slow = jnp.linalg.norm(rate_rad_s) < spec.rate_limit_rad_s
    dazzled = _dazzled(spec, scene, rotate(attitude, boresight))
    return StarTrackerReading(seen, slow & ~dazzled), state


def _dazzled(spec: StarTrackerSpec, scene: Scene, axis: Float[Array, "3"]) -> Bool[Array, ""]:
    here_m, bodies = scene.state.position_inertial_m, scene.bodies
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
