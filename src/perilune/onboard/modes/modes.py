"""The parts of the flight as the flight software sees them, and what ends each."""

import enum

import equinox as eqx
import jax
import jax.numpy as jnp

ALIGN_LEAD_S = 30.0
BURN_LEAD_S = 60.0
"""From this long before the descent-orbit burn on, ticks are short: a long frame ends before it."""
BRAKING_LEFT_S = 5.0
APPROACH_LEFT_S = 8.0


class Mode(enum.IntEnum):
    """In the order they come; no mode is entered twice. A closed footpad switch ends the last."""

    ORBIT = 0
    DEORBIT = 1
    COAST = 2
    ALIGN = 3
    BRAKING = 4
    APPROACH = 5
    DESCENT = 6
    LANDED = 7


def is_powered(mode):
    """Whether the engine burns in a mode."""
    return (mode == Mode.DEORBIT) | ((mode >= Mode.BRAKING) & (mode < Mode.LANDED))


def calm_until_s(upload, mode):
    """Until when nothing is about to happen, so that long ticks will do.

    Waiting in orbit that is until shortly before the descent-orbit burn; in the coast without end,
    as that is asked again at every step.
    """
    waiting_s = jnp.where(mode == Mode.ORBIT, upload.plan.deorbit_time_s - BURN_LEAD_S, -jnp.inf)
    return jnp.where(mode == Mode.COAST, jnp.inf, waiting_s)


class Progress(eqx.Module):
    """What mode changes are decided on."""

    mode: jax.Array
    time_to_go_s: jax.Array
    deorbit_gained_m_s: jax.Array  # along the planned burn


def advance(upload, progress, view, time_s):
    """The mode now: at most one step on from the last."""
    plan = upload.plan
    burn_m_s = jnp.linalg.norm(plan.deorbit_velocity_inertial_m_s)
    push_m_s2 = plan.deorbit_throttle * upload.vehicle.max_thrust_n / upload.vehicle.start_mass_kg
    tail_m_s = push_m_s2 * plan.deorbit_tail_s
    ground_speed = jnp.linalg.norm(view.velocity_site_m_s)
    to_ignition_s = (view.range_m - plan.ignition_range_m) / jnp.maximum(ground_speed, 1.0)
    near = view.range_m < 0.5 * jnp.pi * jnp.linalg.norm(upload.chart.aim_fixed_m)
    ends = jnp.stack(
        [
            time_s >= plan.deorbit_time_s,
            progress.deorbit_gained_m_s >= burn_m_s - tail_m_s,
            near & (to_ignition_s < ALIGN_LEAD_S),
            to_ignition_s <= 0.0,
            progress.time_to_go_s <= BRAKING_LEFT_S,
            (progress.time_to_go_s <= APPROACH_LEFT_S) | (view.height_m < plan.final_height_m),
            jnp.array(False),
            jnp.array(False),
        ]
    )
    return progress.mode + ends[progress.mode].astype(progress.mode.dtype)
