"""The command that the actuators obey in the place of the one that was given."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.commands import Command
from perilune.interfaces.signal_fault import COMMAND_PARTS, parts_of
from perilune.truth.faults.faults import Fault, FaultState, Now, Signal, init, struck


def _shift(command: Command, error: Float[Array, "3"]) -> Command:
    """Throttle and gimbal off by an error: a fraction of full thrust, then rad about x and y."""
    return dataclasses.replace(
        command,
        throttle=jnp.clip(command.throttle + error[0], 0.0, 1.0),
        gimbal_rad=command.gimbal_rad + error[1:],
    )


def _lose(command: Command, lost: Bool[Array, ""]) -> Command:
    return jax.tree.map(lambda leaf: jnp.where(lost, jnp.zeros_like(leaf), leaf), command)


COMMAND = Signal(
    parts=parts_of(COMMAND_PARTS),
    shift=_shift,
    sigma=None,
    lose=_lose,
    is_valid=lambda _: jnp.array(True),
)
"""A command that is lost is one that turns everything off."""


def first_state(faults: Sequence[Fault], quiet: Command) -> FaultState:
    """Before the flight; `quiet` is a command that turns everything off."""
    return init(faults, quiet)


def obey(
    faults: Sequence[Fault],
    state: FaultState,
    command: Command,
    now: Now,
    chance: Float[Array, "2"] | None,
) -> tuple[Command, FaultState]:
    """What the actuators obey, and what its faults keep until the next command."""
    return struck(faults, state, command, COMMAND, now, (None, chance))
