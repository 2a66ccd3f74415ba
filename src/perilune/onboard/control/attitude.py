"""Attitude wanted and torque to reach it: a rate-limited proportional-derivative law."""

import jax.numpy as jnp

from perilune.mechanics.rotation import conjugate, cross, from_matrix, multiply, to_rotation_vector


def attitude_from_axes(thrust_axis, side_axis):
    """The attitude whose z is the thrust axis and whose y lies nearest the side axis; any frame."""
    z = thrust_axis / jnp.linalg.norm(thrust_axis)
    x = cross(side_axis, z)
    x = x / jnp.maximum(jnp.linalg.norm(x), 1e-9)
    return from_matrix(jnp.stack([x, cross(z, x), z], axis=-1))


def torque_impulse_nms(control, inertia_kg_m2, attitudes, rates, tick_s):
    """Angular impulse wanted over one tick, (3,) N m s, body axes.

    `attitudes` is (inertial_from_body now, wanted); `rates` is (body rate, body rate wanted). The
    loop's frequency falls on long ticks so that it stays well below the sampling rate.
    """
    now, wanted = attitudes
    rate, rate_wanted = rates
    error_rad = to_rotation_vector(multiply(conjugate(now), wanted))
    frequency = jnp.minimum(control.attitude_frequency_rad_s, 0.15 / tick_s)
    stiffness_per_s = 0.5 * frequency / control.damping_factor
    slew = stiffness_per_s * error_rad
    size = jnp.linalg.norm(slew)
    slew = slew * jnp.minimum(1.0, control.rate_limit_rad_s / jnp.maximum(size, 1e-12))
    change = 2.0 * control.damping_factor * frequency * (slew + rate_wanted - rate)
    return inertia_kg_m2 * change * tick_s, error_rad
