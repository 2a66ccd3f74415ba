"""A flight: orbit to handover, then contact to the end, summed up."""

from dataclasses import KW_ONLY
from types import ModuleType
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import Carry, Flight, Software, begin
from perilune.flight.checkpointed_loop import every_sample, marks_of, run
from perilune.flight.flight_phases import PHASES
from perilune.flight.innovation_recorder import compared_labels
from perilune.flight.recorder import miss_m, time_out
from perilune.interfaces.clock import seconds
from perilune.mechanics.rotation import rotate
from perilune.onboard import port
from perilune.truth.dynamics.ground_clearance import GroundRelativeState, ground_relative_state
from perilune.truth.dynamics.state import LegState
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from perilune.truth.environment.terrain import place_on_map_m
from perilune.truth.vehicle.vehicle import ContactPoints


class Places(eqx.Module):
    """Where a flight aimed and where it came to rest, MOON_ME.

    `true` is on the true ground. `map` is where the map draws the same piece of ground: the map's
    error, which turns and raises the whole ground, is taken off.
    """

    aim_true_fixed_m: Float[Array, "3"]
    aim_map_fixed_m: Float[Array, "3"]
    rest_true_fixed_m: Float[Array, "3"]
    rest_map_fixed_m: Float[Array, "3"]


class FlightSummary(eqx.Module):
    """What a campaign keeps of a flight; figures that did not happen are not-a-number."""

    _: KW_ONLY
    outcome: Int[Array, ""]
    event_time_s: Float[Array, "12"]  # by `Event`
    contact: GroundRelativeState
    rest: GroundRelativeState
    places: Places
    miss_m: Float[Array, ""]  # over the true ground, from where the aim point truly is
    propellant_kg: Float[Array, ""]
    cold_gas_kg: Float[Array, ""]
    legs: LegState  # struts crushed, pads sunk, legs broken
    peak_force_n: Float[Array, " P"]  # by contact point: legs, hull, bells
    strike_body_m: Float[Array, "3"]  # where hull or bells met the ground hardest
    bell_clearance_m: Float[Array, ""]  # of the lowest engine's rim over the ground, at the end
    consistency: Float[Array, "10 13"]  # by `CheckPoint` and `CONSISTENCY`
    height_error_100_m: Float[Array, ""]
    peak_thrust_fraction: Float[Array, ""]
    thrust_short_s: Float[Array, ""]  # in powered descent: the thrust wanted was not to be had
    torque_short_s: Float[Array, ""]  # likewise
    innovations: Float[Array, "units 2"]  # squares over variances, summed, and how many
    leg_count: int = eqx.field(static=True)
    bell_count: int = eqx.field(static=True)
    compared: tuple[str, ...] = eqx.field(static=True)  # the units of `innovations`


def fly(
    plan: FlightPlan,
    key: Key[Array, ""],
    sampled: bool = False,
    lane: Int[Array, ""] | None = None,
    software: Software | ModuleType = port,
) -> Any:
    """Fly a drawn plan: a pure function of plan and key, fit for `jit` and `vmap`.

    Gives a `FlightSummary`, SI, whose fields docs/look-up/python.md lists; with `sampled` (static)
    also every tick of both phases; with `lane`, one whole number for all of a batch, instead the
    `Marks` of that lane in both phases. `key` is that of `draw`; `software` (static) is what flies:
    `wake` and `step`, as `onboard.port` has them. Raises nothing: how a flight went is its
    `outcome`, and what did not happen is not-a-number. docs/understand/flight-loop.md has the loop,
    docs/understand/motion.md the equations of motion.

    `sampled_flight` and `fly_batch` have it compiled; by itself:

    >>> import jax, perilune
    >>> flight_plan, key = perilune.plan(perilune.load_mission("athena")), perilune.run_key(4, 17)
    >>> jax.eval_shape(perilune.fly, flight_plan, key).peak_force_n.ndim
    1
    """
    flight = Flight(plan, key, software)
    keeping = every_sample if lane is None else marks_of(lane)
    carry, passed = begin(flight), []
    for phase in PHASES:
        step = phase.steps(flight, place_fixed_m(plan, carry), sampled)
        carry, kept = run(step, carry, phase.cap(plan.caps), phase.room_count, keeping)
        carry = time_out(carry, phase.is_overdue(carry))
        passed.append(kept)
    summary = sum_up(plan, carry)
    return (summary, tuple(passed)) if sampled or lane is not None else summary


def place_fixed_m(plan: FlightPlan, carry: Carry) -> Float[Array, "3"]:
    """Where the vehicle is, (3,) Moon-fixed."""
    fixed = fixed_from_inertial(plan.world.sky, seconds(carry.clock))
    return rotate(fixed, carry.state.position_inertial_m)


def places_of(plan: FlightPlan, rest_fixed_m: Float[Array, "3"]) -> Places:
    """`Places` of a flight that ended at `rest_fixed_m` (3,), on the true ground."""
    return Places(
        plan.world.aim_fixed_m,
        plan.nominal_start.aim_fixed_m,
        rest_fixed_m,
        place_on_map_m(plan.world.terrain, rest_fixed_m),
    )


def _hardest_strike_body_m(
    points: ContactPoints, peak_force_n: Float[Array, " P"]
) -> Float[Array, "3"]:
    """The point of hull and bells that felt the ground hardest; not-a-number where none did."""
    body_n = peak_force_n[points.leg_count :]
    hardest = jnp.arange(len(body_n)) == jnp.argmax(body_n)
    places_m = points.position_body_m[points.leg_count :]
    place_m = jnp.sum(jnp.where(hardest[:, None], places_m, 0.0), axis=0)
    return jnp.where(jnp.max(body_n) > 0.0, place_m, jnp.nan)


def sum_up(plan: FlightPlan, carry: Carry) -> FlightSummary:
    """The summary of a flight that has ended."""
    time_s = seconds(carry.clock)
    spin = spin_inertial_rad_s(plan.world.sky, time_s)
    touched = carry.first.touched
    at_end = ground_relative_state(carry.state, spin, plan.endings.rest_direction_body)

    def only_if_down(value: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where(touched, value, jnp.nan)

    return FlightSummary(
        outcome=carry.outcome,
        event_time_s=carry.log.event_time_s,
        contact=jax.tree.map(only_if_down, ground_relative_state(carry.first.state, spin)),
        rest=jax.tree.map(only_if_down, at_end),
        places=places_of(plan, only_if_down(place_fixed_m(plan, carry))),
        miss_m=only_if_down(miss_m(plan, carry, time_s)),
        propellant_kg=carry.state.propellant_kg,
        cold_gas_kg=carry.state.cold_gas_kg,
        legs=carry.touch.legs,
        peak_force_n=carry.touch.peak_force_n,
        strike_body_m=_hardest_strike_body_m(plan.vehicle.contact, carry.touch.peak_force_n),
        bell_clearance_m=only_if_down(carry.bell_clearance_m),
        consistency=carry.checks.consistency,
        height_error_100_m=carry.checks.height_error_100_m,
        peak_thrust_fraction=carry.log.peak_thrust_fraction,
        thrust_short_s=carry.log.thrust_short_s,
        torque_short_s=carry.log.torque_short_s,
        innovations=carry.checks.innovations,
        leg_count=plan.vehicle.contact.leg_count,
        bell_count=plan.vehicle.contact.bell_count,
        compared=compared_labels(plan),
    )
