"""A flight: orbit to handover, then contact to the end, summed up."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight.carry import Event, begin, note
from perilune.flight.log import CLOCK_S, miss_m
from perilune.flight.loop import frame
from perilune.flight.outcome import Outcome, latch
from perilune.mechanics.rotation import rotate
from perilune.truth.motion.events import Stance, stance
from perilune.truth.world.ephemeris import fixed_from_inertial, spin_inertial_rad_s

FLIGHT_FRAMES = 2700
CONTACT_FRAMES = 50


class FlightSummary(eqx.Module):
    """What a campaign keeps of a flight; figures that did not happen are not-a-number."""

    outcome: jax.Array
    event_time_s: jax.Array  # (11,) by `Event`
    contact: Stance
    rest: Stance
    rest_position_fixed_m: jax.Array  # (3,)
    miss_m: jax.Array
    propellant_kg: jax.Array
    cold_gas_kg: jax.Array
    stroke_m: jax.Array  # (18,)
    peak_force_n: jax.Array  # (18,)
    consistency: jax.Array  # (10, 3) by `CheckPoint`
    height_error_100_m: jax.Array
    peak_thrust_fraction: jax.Array


def fly(plan, key, sampled=False):
    """Fly a drawn plan: a pure function of plan and key, fit for `jit` and `vmap`.

    Returns a `FlightSummary`, and with `sampled` (static) also every tick of the two phases.
    """
    carry = begin(plan)
    samples = []
    for in_contact, count in ((False, FLIGHT_FRAMES), (True, CONTACT_FRAMES)):
        carry, ticks = jax.lax.scan(
            lambda now, _, on=in_contact: frame(plan, key, now, on, sampled), carry, None, count
        )
        samples.append(ticks)
    summary = sum_up(plan, _time_out(carry))
    return (summary, samples) if sampled else summary


def _time_out(carry):
    time_s = carry.clock * CLOCK_S
    outcome = latch(carry.outcome, jnp.array(True), Outcome.TIMED_OUT)
    times = note(carry.log.event_time_s, Event.END, jnp.array(True), time_s)
    log = dataclasses.replace(carry.log, event_time_s=times)
    return dataclasses.replace(carry, outcome=outcome, log=log)


def sum_up(plan, carry):
    """The summary of a flight that has ended."""
    time_s = carry.clock * CLOCK_S
    spin = spin_inertial_rad_s(plan.world.sky, time_s)
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    touched = carry.first.touched

    def only_if_down(value):
        return jnp.where(touched, value, jnp.nan)

    return FlightSummary(
        carry.outcome,
        carry.log.event_time_s,
        jax.tree.map(only_if_down, stance(carry.first.state, spin)),
        jax.tree.map(only_if_down, stance(carry.state, spin)),
        only_if_down(rotate(fixed, carry.state.position_inertial_m)),
        only_if_down(miss_m(plan, carry, time_s)),
        carry.state.propellant_kg,
        carry.state.cold_gas_kg,
        carry.touch.stroke_m,
        carry.touch.peak_force_n,
        carry.log.consistency,
        carry.log.height_error_100_m,
        carry.log.peak_thrust_fraction,
    )
