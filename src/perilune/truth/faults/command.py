"""The command that the actuators obey in the place of the one that was given.

A command is for engines and nozzles, the units of a fault: the engines first, then the nozzles, as
truth counts them. The altimeter's beam is no unit and passes unchanged.
"""

import dataclasses
from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from perilune.interfaces.clock import CLOCK_S, COAST_TICK_COUNT
from perilune.interfaces.commands import Command, quiet_command
from perilune.interfaces.signal_fault import COMMAND_PARTS, parts_of
from perilune.truth.faults.fault_kinds import Draws, Fault, FaultState, Now, Signal
from perilune.truth.faults.faults import init, struck

PARTS = parts_of(COMMAND_PARTS)
COMPONENT_COUNT = sum(part.size for part in PARTS)
"""Components of an error of one unit: throttle, gimbal about x and about y, pulse."""
OPEN_S = CLOCK_S * COAST_TICK_COUNT
"""A pulse as long as the longest tick."""


def _shift(command: Command, error: Float[Array, "u 4"]) -> Command:
    """Throttle, fraction of full thrust, gimbal, rad, and pulse, s, off by an error.

    An engine that is off stays off, and a nozzle that is closed stays closed.
    """
    engines, nozzles = _split(command, error)
    pulse_s = jnp.maximum(command.thruster_on_s + nozzles[:, 3], 0.0)
    return dataclasses.replace(
        command,
        throttle=jnp.clip(command.throttle + engines[:, 0], 0.0, 1.0),
        gimbal_rad=command.gimbal_rad + engines[:, 1:3],
        thruster_on_s=jnp.where(command.thruster_on_s > 0.0, pulse_s, 0.0),
    )


def _split(
    command: Command, of_units: Shaped[Array, "u ..."]
) -> tuple[Shaped[Array, "E ..."], Shaped[Array, "N ..."]]:
    """What is of the engines, and what is of the nozzles."""
    count = command.throttle.shape[-1]
    return of_units[:count], of_units[count:]


def _either(yes: Bool[Array, "*u"], this: Command, that: Command) -> Command:
    """Unit by unit, the first command where true, else the second."""
    units = this.throttle.shape[-1] + this.thruster_on_s.shape[-1]
    engines, nozzles = _split(this, jnp.broadcast_to(yes, units))
    return Command(
        engine_on=jnp.where(engines, this.engine_on, that.engine_on),
        throttle=jnp.where(engines, this.throttle, that.throttle),
        gimbal_rad=jnp.where(engines[:, None], this.gimbal_rad, that.gimbal_rad),
        thruster_on_s=jnp.where(nozzles, this.thruster_on_s, that.thruster_on_s),
        altimeter_beam=that.altimeter_beam,
    )


def _take(rows: Command, place: Int[Array, " u"]) -> Command:
    """Of commands one after the other, newest first, each unit's own."""
    engines, nozzles = _split(rows, place)
    of_engines, of_nozzles = (
        (engines, jnp.arange(len(engines))),
        (nozzles, jnp.arange(len(nozzles))),
    )
    return Command(
        engine_on=rows.engine_on[of_engines],
        throttle=rows.throttle[of_engines],
        gimbal_rad=rows.gimbal_rad[of_engines],
        thruster_on_s=rows.thruster_on_s[of_nozzles],
        altimeter_beam=rows.altimeter_beam[0],
    )


def _hold_throttle(yes: Bool[Array, "*u"], this: Command, that: Command) -> Command:
    return dataclasses.replace(that, throttle=_either(yes, this, that).throttle)


def _hold_gimbal(yes: Bool[Array, "*u"], this: Command, that: Command) -> Command:
    return dataclasses.replace(that, gimbal_rad=_either(yes, this, that).gimbal_rad)


def _lose(command: Command, lost: Bool[Array, "*u"]) -> Command:
    quiet = quiet_command(command.throttle.shape[-1], command.thruster_on_s.shape[-1])
    return _either(lost, quiet, command)


def _stick(command: Command, on: Bool[Array, " u"]) -> Command:
    engines, nozzles = _split(command, on)
    return dataclasses.replace(
        command,
        engine_on=command.engine_on | engines,
        thruster_on_s=jnp.where(nozzles, OPEN_S, command.thruster_on_s),
    )


def _weaken(command: Command, factor: Float[Array, "*u"]) -> Command:
    """Engines make another thrust of it; a nozzle makes the same."""
    return dataclasses.replace(command, thrust_factor=_of_engines(command, factor))


def _slow(command: Command, factor: Float[Array, "*u"]) -> Command:
    """Engines come to it with another lag; a nozzle opens as fast as before."""
    return dataclasses.replace(command, lag_factor=_of_engines(command, factor))


def _of_engines(command: Command, factor: Float[Array, "*u"]) -> Float[Array, " E"]:
    units = command.throttle.shape[-1] + command.thruster_on_s.shape[-1]
    return _split(command, jnp.broadcast_to(factor, units))[0]


def _chance_of(fault: Fault, chances: Float[Array, "rows 2"]) -> Float[Array, "u 2"]:
    """Each unit's own where some are named; one for the whole command where all are struck."""
    return jnp.where(jnp.all(fault["units"] > 0.0), chances[-1], chances[:-1])


COMMAND = Signal(
    parts=PARTS,
    shift=_shift,
    sigma=None,
    lose=_lose,
    is_valid=lambda _: jnp.array(True),
    either=_either,
    take=_take,
    chance_of=_chance_of,
    hold={"throttle_frozen": _hold_throttle, "gimbal_frozen": _hold_gimbal},
    stick=_stick,
    made_of={"thrust_factor": _weaken, "lag_factor": _slow},
)
"""A command that is lost is one that turns everything off."""


def first_state(faults: Sequence[Fault], quiet: Command) -> FaultState:
    """Before the flight; `quiet` is a command that turns everything off."""
    return init(faults, quiet)


def obey(
    faults: Sequence[Fault], state: FaultState, command: Command, now: Now, draws: Draws
) -> tuple[Command, FaultState]:
    """What the actuators obey, and what its faults keep until the next command.

    `draws` are normals (units, 4) and uniforms (units + 1, 2), the last for the command as a whole.
    """
    return struck(faults, state, command, COMMAND, now, draws)
