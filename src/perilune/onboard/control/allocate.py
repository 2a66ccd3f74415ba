"""Who makes the torque: gimbal for pitch and yaw while the engine burns, cold gas for the rest."""

import jax.numpy as jnp

from perilune.interfaces import Command
from perilune.onboard.control.nozzles import nozzle_shares


def vehicle_now(vehicle, mass_kg):
    """Inertia (3,) and gimbal arm (m) between full and empty tanks."""
    span = vehicle.full_mass_kg - vehicle.empty_mass_kg
    filled = jnp.clip((mass_kg - vehicle.empty_mass_kg) / span, 0.0, 1.0)
    inertia = vehicle.empty_inertia_kg_m2 + filled * (
        vehicle.full_inertia_kg_m2 - vehicle.empty_inertia_kg_m2
    )
    arm = vehicle.empty_gimbal_arm_m + filled * (
        vehicle.full_gimbal_arm_m - vehicle.empty_gimbal_arm_m
    )
    return inertia, arm


def engine_command(vehicle, acceleration_m_s2, mass_kg, engine_on):
    """Throttle that gives an acceleration, between the floor and full."""
    wanted = mass_kg * acceleration_m_s2 / vehicle.max_thrust_n
    floor = vehicle.min_thrust_n / vehicle.max_thrust_n
    return jnp.where(engine_on, jnp.clip(wanted, floor, 1.0), 0.0)


def allocate(vehicle, impulse_nms, burn, timing, beam):
    """Turn an angular impulse into gimbal angles and pulses.

    `burn` is (on, throttle, arm in m), `timing` (tick_s, whether to stay quiet). A force at the
    pivot, below the centre, of F sin(angle about x) along -y makes a torque -F arm sin(angle) about
    x, and likewise about y.
    """
    engine_on, throttle, arm_m = burn
    tick_s, quiet = timing
    thrust_n = jnp.maximum(throttle * vehicle.max_thrust_n, 1.0)
    torque_nm = impulse_nms / tick_s
    angle = jnp.clip(
        -torque_nm[:2] / (thrust_n * arm_m), -vehicle.gimbal_limit_rad, vehicle.gimbal_limit_rad
    )
    by_gas = torque_nm * jnp.where(engine_on, jnp.array([0.0, 0.0, 1.0]), jnp.ones(3))
    pulse_s = nozzle_shares(vehicle, by_gas) * tick_s
    pulse_s = jnp.where((pulse_s < vehicle.min_pulse_s) | quiet, 0.0, pulse_s)
    return Command(engine_on, throttle, jnp.where(engine_on, angle, 0.0), pulse_s, beam)
