"""Faults of the flight computer: a clock that is off, and times in which nothing runs."""

from collections.abc import Sequence
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.truth.faults.fault_kinds import Active, Fault, FaultState, Now
from perilune.truth.faults.onset import active_now


class Computer(eqx.Module):
    """How the computer is at a step."""

    _: KW_ONLY
    clock_error_s: Float[Array, ""]
    down: Bool[Array, ""]
    holds: Bool[Array, ""]  # whether the last command is obeyed while it is down


def computer_now(
    faults: Sequence[Fault], state: FaultState, now: Now
) -> tuple[Computer, FaultState]:
    """The computer with all its faults; jumps of several add. `faults` is not empty."""
    active, state = active_now(faults, state, now)
    jump_s, down, holds = jnp.array(0.0), jnp.array(False), jnp.array(True)
    for one in active:
        jump_s = jump_s + _if_on(one, "clock_jump_s", 0.0)
        fails = _if_on(one, "down", 0.0) > 0.0
        down = down | fails
        holds = holds & (~fails | (_if_on(one, "holds_command", 0.0) > 0.0))
    return Computer(clock_error_s=jump_s, down=down, holds=holds), state


def _if_on(one: Active, name: str, otherwise: float) -> Float[Array, ""]:
    return jnp.where(one.on, one.fault.get(name, otherwise), otherwise)
