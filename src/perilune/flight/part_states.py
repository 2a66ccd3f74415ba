"""What is kept from step to step of computer, tanks and footpad switches, for their faults."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.flight_plan import FlightPlan
from perilune.truth.faults.fault_kinds import FaultState
from perilune.truth.faults.onset import nothing_yet
from perilune.truth.sensors import contact_switches

COMPUTER, PROPELLANT, SWITCHES = "computer", "propellant", "contact_switches"


class ComputerState(eqx.Module):
    """What is kept of the computer."""

    faults: FaultState
    down_s: Float[Array, ""]  # for how long it has been down


class PartStates(eqx.Module):
    """What is kept of every part; None where nothing is asked of it."""

    _: KW_ONLY
    computer: ComputerState | None
    leak: FaultState
    switches: FaultState
    pressed_since_s: Float[Array, " L"] | None  # each footpad; infinite where it is free


def first_parts(plan: FlightPlan) -> PartStates:
    """Before the flight."""
    computer = plan.faults.get(COMPUTER, ())
    return PartStates(
        computer=ComputerState(nothing_yet(computer), jnp.array(0.0)) if computer else None,
        leak=nothing_yet(plan.faults.get(PROPELLANT, ())),
        switches=nothing_yet(plan.faults.get(SWITCHES, ())),
        pressed_since_s=contact_switches.begin(
            plan.vehicle.contact.switches, plan.vehicle.contact.leg_count
        ),
    )
