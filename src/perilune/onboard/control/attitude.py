"""Attitude wanted and torque to reach it: a rate-limited proportional-derivative law."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.derivatives import length
from perilune.mechanics.matrices import matvec
from perilune.mechanics.rotation import cross, rotate_back, to_matrix
from perilune.onboard.upload import ControlSettings

FREQUENCY_TIMES_TICK = 0.15
"""Bandwidth of the attitude loop times the tick, at most: it stays well below the sampling rate."""


def attitude_from_axes(
    thrust_axis: Float[Array, "3"], side_axis: Float[Array, "3"]
) -> Float[Array, "3 3"]:
    """Body axes, the columns of (3, 3), with z along the thrust and y nearest the side axis."""
    z = thrust_axis / jnp.linalg.norm(thrust_axis)
    x = cross(side_axis, z)
    x = x / jnp.maximum(length(x), 1e-9)
    return jnp.stack([x, cross(z, x), z], axis=-1)


def leaned(wanted_axes: Float[Array, "3 3"], thrust_body: Float[Array, "3"]) -> Float[Array, "3 3"]:
    """Body axes, (3, 3), that put this direction of the body where `wanted_axes` has z.

    By the least turn but for one about z, which leaves y nearest to where it is.
    """
    return wanted_axes @ attitude_from_axes(thrust_body, jnp.array([0.0, 1.0, 0.0])).T


def attitude_error_rad(
    inertial_from_body: Float[Array, "4"], wanted_axes: Float[Array, "3 3"]
) -> Float[Array, "3"]:
    """The shortest rotation vector, (3,) in body axes, from the attitude held to the one wanted.

    Half the sum of the crosses of like axes is the sine of the angle along its axis, and the sum of
    their products gives its cosine.
    """
    held_axes = to_matrix(inertial_from_body)
    sine = 0.5 * jnp.sum(cross(held_axes.T, wanted_axes.T), axis=0)
    size = length(sine)
    angle = jnp.arctan2(size, 0.5 * (jnp.sum(held_axes * wanted_axes) - 1.0))
    return rotate_back(inertial_from_body, sine * angle / jnp.maximum(size, 1e-12))


def attitude_frequency_rad_s(control: ControlSettings) -> Float[Array, ""]:
    """Bandwidth of the attitude loop on short ticks: what the vehicle allows, no more than set."""
    return jnp.minimum(control.attitude_frequency_rad_s, control.vehicle_frequency_rad_s)


class Pointing(NamedTuple):
    """Attitude and rate as they are, and as they are to be."""

    inertial_from_body: Float[Array, "4"]
    wanted_axes: Float[Array, "3 3"]  # of the body, inertial
    rate_body_rad_s: Float[Array, "3"]
    wanted_rate_body_rad_s: Float[Array, "3"]


def torque_impulse_nms(
    control: ControlSettings,
    inertia_kg_m2: Float[Array, "3 3"],
    pointing: Pointing,
    tick_s: Float[Array, ""],
) -> tuple[Float[Array, "3"], Float[Array, "3"]]:
    """Angular impulse wanted over one tick, N m s, and the attitude's error, rad; body axes.

    The bandwidth falls on long ticks.
    """
    rate, rate_wanted = pointing.rate_body_rad_s, pointing.wanted_rate_body_rad_s
    error_rad = attitude_error_rad(pointing.inertial_from_body, pointing.wanted_axes)
    frequency = jnp.minimum(attitude_frequency_rad_s(control), FREQUENCY_TIMES_TICK / tick_s)
    stiffness_per_s = 0.5 * frequency / control.damping_factor
    slew = stiffness_per_s * error_rad
    size = length(slew)
    slew = slew * jnp.minimum(1.0, control.rate_limit_rad_s / jnp.maximum(size, 1e-12))
    change = 2.0 * control.damping_factor * frequency * (slew + rate_wanted - rate)
    return matvec(inertia_kg_m2, change) * tick_s, error_rad
