"""A flight: orbit to handover, then contact to the end, summed up."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight.carry import begin
from perilune.flight.log import miss_m, time_out
from perilune.flight.loop import frame
from perilune.flight.settle import settle_tick
from perilune.mechanics.rotation import rotate
from perilune.onboard.schedule import seconds
from perilune.truth.motion.events import Stance, stance
from perilune.truth.world.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from perilune.truth.world.terrain import place_on_map_m

FLIGHT_FRAMES = 2400
CONTACT_TICKS = 200
PIECE = 20


class FlightSummary(eqx.Module):
    """What a campaign keeps of a flight; figures that did not happen are not-a-number."""

    outcome: jax.Array
    event_time_s: jax.Array  # (11,) by `Event`
    contact: Stance
    rest: Stance
    rest_position_fixed_m: jax.Array  # (3,) as the map draws it, from whose aim point it missed
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

    Returns a `FlightSummary`, and with `sampled` (static) also every tick of both phases.
    """
    carry = begin(plan)
    carry, flown = run(lambda now: frame(plan, key, now, sampled), carry, FLIGHT_FRAMES)
    here = place_fixed_m(plan, carry)
    carry, settled = run(
        lambda now: settle_tick(plan, key, now, here, sampled), carry, CONTACT_TICKS
    )
    summary = sum_up(plan, time_out(carry))
    return (summary, (flown, settled)) if sampled else summary


def run(step, carry, count):
    """Up to `count` steps of one phase, in pieces, until nothing moves any more.

    A batch so ends with its last flight and not at the cap. Samples, where `step` gives any, go
    into arrays of `count` rows; rows that were never flown stay zero, their `active` False.
    """
    step = jax.jit(step)  # traced once, for the samples' shapes and for its work
    shapes = jax.eval_shape(step, carry)[1]
    blank = jax.tree.map(lambda one: jnp.zeros((count, *one.shape), one.dtype), shapes)

    def piece(state):
        now, done, _, kept = state
        after, samples = jax.lax.scan(lambda each, _: step(each), now, None, PIECE)
        kept = jax.tree.map(
            lambda rows, new: jax.lax.dynamic_update_slice_in_dim(rows, new, done, 0),
            kept,
            samples,
        )
        return after, done + PIECE, after.clock != now.clock, kept

    start = (carry, jnp.array(0), jnp.array(True), blank)
    moved, _, _, kept = jax.lax.while_loop(
        lambda state: state[2] & (state[1] < count), piece, start
    )
    return moved, kept


def place_fixed_m(plan, carry):
    """Where the vehicle is, (3,) Moon-fixed."""
    fixed = fixed_from_inertial(plan.world.sky, seconds(carry.clock))
    return rotate(fixed, carry.state.position_inertial_m)


def sum_up(plan, carry):
    """The summary of a flight that has ended."""
    time_s = seconds(carry.clock)
    spin = spin_inertial_rad_s(plan.world.sky, time_s)
    touched = carry.first.touched

    def only_if_down(value):
        return jnp.where(touched, value, jnp.nan)

    return FlightSummary(
        carry.outcome,
        carry.log.event_time_s,
        jax.tree.map(only_if_down, stance(carry.first.state, spin)),
        jax.tree.map(only_if_down, stance(carry.state, spin)),
        only_if_down(place_on_map_m(plan.world.terrain, place_fixed_m(plan, carry))),
        only_if_down(miss_m(plan, carry, time_s)),
        carry.state.propellant_kg,
        carry.state.cold_gas_kg,
        carry.touch.stroke_m,
        carry.touch.peak_force_n,
        carry.log.consistency,
        carry.log.height_error_100_m,
        carry.log.peak_thrust_fraction,
    )
