"""A step of the flight software on its computer, which may be down or have a clock that is off."""

import dataclasses
from typing import NamedTuple

import jax.numpy as jnp

from perilune.flight.carry import Carry, Flight
from perilune.flight.instant import moment
from perilune.flight.part_states import COMPUTER, ComputerState
from perilune.interfaces import Command, Inbox, Telemetry, quiet_command
from perilune.truth.faults.computer import computer_now
from perilune.truth.faults.fault_kinds import whole


class Ran(NamedTuple):
    """What comes of a step of the flight software: the carry with its memory, and what it says."""

    carry: Carry
    command: Command
    telemetry: Telemetry


def run(flight: Flight, carry: Carry, inbox: Inbox) -> Ran:
    """One step of it.

    While its computer is down the memory stays as it was, telemetry repeats phase and pace, and
    the command is the last one or everything off. The first step after it is given how long it was.
    """
    plan, kept = flight.plan, carry.parts.computer
    if kept is None:
        memory, command, telemetry = flight.software.step(plan.upload, carry.memory, inbox)
        return Ran(dataclasses.replace(carry, memory=memory), command, telemetry)
    now, faults = computer_now(plan.faults[COMPUTER], kept.faults, moment(carry))
    seen = dataclasses.replace(inbox, time_s=inbox.time_s + now.clock_error_s, down_s=kept.down_s)
    memory, command, telemetry = flight.software.step(plan.upload, carry.memory, seen)
    quiet = quiet_command(len(command.throttle), len(command.thruster_on_s))
    last = whole(now.holds, carry.command, quiet)
    telemetry = dataclasses.replace(
        telemetry,
        phase=jnp.where(now.down, carry.phase, telemetry.phase),
        calm_until_s=jnp.where(now.down, carry.calm_until_s, telemetry.calm_until_s),
    )
    computer = ComputerState(faults, jnp.where(now.down, kept.down_s + inbox.tick_s, 0.0))
    after = dataclasses.replace(
        carry,
        memory=whole(now.down, carry.memory, memory),
        parts=dataclasses.replace(carry.parts, computer=computer),
    )
    return Ran(after, whole(now.down, last, command), telemetry)
