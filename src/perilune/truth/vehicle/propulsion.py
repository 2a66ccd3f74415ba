"""What engine and thrusters do: thrust, flow, force and torque in body axes."""

import jax.numpy as jnp

from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.mechanics.rotation import cross


def commanded_thrust_n(engine, command, propellant_kg):
    """The thrust the engine settles at: between its floor and full, or nothing when off or dry."""
    lit = command.engine_on & (propellant_kg > 0.0)
    wanted_n = jnp.clip(
        command.throttle * engine.max_thrust_n, engine.min_thrust_n, engine.max_thrust_n
    )
    return jnp.where(lit, wanted_n, 0.0)


def mass_flow_kg_s(thrust_n, specific_impulse_s):
    """Propellant used per second."""
    return thrust_n / exhaust_speed_m_s(specific_impulse_s)


def thrust_direction_body(gimbal_rad):
    """Unit vector of the engine's force; the gimbal turns about body x, then body y.

    The sine is its series to the seventh power, 1e-10 off at 15 degrees: the library's costs more
    than the rest of the derivative.
    """
    square = gimbal_rad**2
    sine = gimbal_rad * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)))
    cosine = jnp.sqrt(1.0 - sine**2)
    return jnp.stack([sine[1] * cosine[0], -sine[0], cosine[1] * cosine[0]])


def engine_wrench(engine, thrust_n, gimbal_rad, center_body_m):
    """Force (3,) N and torque about the centre of mass (3,) N m, body axes.

    The pointing error adds to the gimbal: both are turns about the pivot.
    """
    force_n = thrust_n * thrust_direction_body(gimbal_rad + engine.pointing_rad)
    zero = jnp.zeros_like(engine.pivot_height_m)
    pivot_m = jnp.stack([zero, zero, engine.pivot_height_m])
    return force_n, cross(pivot_m - center_body_m, force_n)


def thruster_wrench(thrusters, on_fraction, center_body_m):
    """Mean force, torque and total thrust of nozzles firing for `on_fraction` (..., 16) of a step.

    Leading axes, such as one of steps, stay: (..., 3) N, (..., 3) N m and (...) N.
    """
    share = on_fraction[..., None]
    force_n = thrusters.thrust_n * thrusters.direction_body
    torque_nm = cross(thrusters.position_body_m - center_body_m, force_n)
    total_n = thrusters.thrust_n * jnp.sum(on_fraction, axis=-1)
    return jnp.sum(share * force_n, axis=-2), jnp.sum(share * torque_nm, axis=-2), total_n
