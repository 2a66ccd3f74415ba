"""What faults do to tanks and footpad switches in a tick, and what is kept of them."""

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import Carry
from perilune.flight.handover import center_of_mass_m
from perilune.flight.instant import moment
from perilune.flight.part_states import PROPELLANT, SWITCHES
from perilune.flight.suite import SignalDraw
from perilune.interfaces import ContactReading
from perilune.truth.actuators.nozzles import Jets
from perilune.truth.faults.leak import leaking
from perilune.truth.faults.switches import struck_switches
from perilune.truth.sensors.contact_switches import Pads, closed_now


def leak_now(plan: FlightPlan, carry: Carry) -> tuple[Jets | None, Carry]:
    """What leaks in the tick that begins; None where no fault is a leak."""
    faults = plan.faults.get(PROPELLANT, ())
    if not faults:
        return None, carry
    state = carry.state
    leak, kept = leaking(
        faults, carry.parts.leak, moment(carry), state.tank_kg, center_of_mass_m(plan, state)
    )
    return leak, dataclasses.replace(carry, parts=dataclasses.replace(carry.parts, leak=kept))


def switches_in_flight(plan: FlightPlan, carry: Carry) -> tuple[ContactReading, Carry]:
    """Open, but for what faults make of them."""
    return _struck(plan, carry, jnp.zeros(plan.vehicle.contact.leg_count, bool))


def switches_on_ground(
    plan: FlightPlan, carry: Carry, time_s: Float[Array, ""], draws: dict[str, SignalDraw]
) -> tuple[ContactReading, Carry]:
    """As the loads on the pads at the end of the last tick close them, with their faults."""
    touch, count = carry.touch, plan.vehicle.contact.leg_count
    drawn = draws.get(SWITCHES)
    closed, since_s = closed_now(
        plan.vehicle.contact.switches,
        carry.parts.pressed_since_s,
        Pads(touch.normal_force_n[:count], touch.peak_force_n[:count]),
        time_s,
        None if drawn is None else drawn.own.uniforms,
    )
    parts = dataclasses.replace(carry.parts, pressed_since_s=since_s)
    return _struck(plan, dataclasses.replace(carry, parts=parts), closed)


def _struck(
    plan: FlightPlan, carry: Carry, closed: Bool[Array, " L"]
) -> tuple[ContactReading, Carry]:
    faults = plan.faults.get(SWITCHES, ())
    if not faults:
        return ContactReading(closed), carry
    closed, kept = struck_switches(faults, carry.parts.switches, closed, moment(carry))
    parts = dataclasses.replace(carry.parts, switches=kept)
    return ContactReading(closed), dataclasses.replace(carry, parts=parts)
