"""A flight: orbit to handover, then contact to the end, summed up."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.design.caps import CONTACT_TICK_ROOM, FRAME_ROOM
from perilune.flight.carry import begin
from perilune.flight.log import miss_m, time_out
from perilune.flight.loop import frame
from perilune.flight.pieces import every_sample, marks_of, run
from perilune.flight.settle import settle_tick
from perilune.mechanics.rotation import rotate
from perilune.onboard.schedule import seconds
from perilune.truth.motion.events import Stance, stance
from perilune.truth.world.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from perilune.truth.world.terrain import place_on_map_m


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
    consistency: jax.Array  # (10, 13) by `CheckPoint` and `CONSISTENCY`
    height_error_100_m: jax.Array
    peak_thrust_fraction: jax.Array


def fly(plan, key, sampled=False, lane=None):
    """Fly a drawn plan: a pure function of plan and key, fit for `jit` and `vmap`.

    Returns a `FlightSummary`; with `sampled` (static) also every tick of both phases; with `lane`,
    one whole number for all of a batch, instead the `Marks` of that lane in both phases.
    """
    keeping = every_sample if lane is None else marks_of(lane)
    caps, carry = plan.caps, begin(plan)
    carry, flown = run(
        lambda now: frame(plan, key, now, sampled), carry, (caps.frame_count, FRAME_ROOM), keeping
    )
    carry = time_out(carry, ~carry.contact_entered)  # contact is for what has reached the ground
    here = place_fixed_m(plan, carry)
    carry, settled = run(
        lambda now: settle_tick(plan, key, now, here, sampled),
        carry,
        (caps.contact_tick_count, CONTACT_TICK_ROOM),
        keeping,
    )
    summary = sum_up(plan, time_out(carry, jnp.array(True)))
    return (summary, (flown, settled)) if sampled or lane is not None else summary


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
