"""What nozzles do once the lander has touched down, where they are to hold it or push it over."""

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from perilune.interfaces.clock import CLOCK_S
from perilune.interfaces.commands import Command
from perilune.onboard.memory import Memory
from perilune.onboard.phases.progress import landed
from perilune.onboard.upload import Upload


def pushed(
    upload: Upload,
    before: Int[Array, ""],
    memory: Memory,
    command: Command,
    time_s: Float[Array, ""],
) -> tuple[Memory, Command]:
    """The nozzles of the push stay open for its time, counted from the step that finds it landed.

    `before` is the phase of the last step; `command` has everything off where it has landed.
    """
    push = upload.contact_push
    if push is None:
        return memory, command
    progress = memory.progress
    down = progress.phase == landed(upload)
    began_s = jnp.where(down & (before != progress.phase), time_s, progress.began_s)
    pushes = down & (time_s < began_s + push.duration_s - 0.5 * CLOCK_S)
    open_s = jnp.where(pushes, CLOCK_S * push.open_factor, command.thruster_on_s)
    memory = dataclasses.replace(memory, progress=dataclasses.replace(progress, began_s=began_s))
    return memory, dataclasses.replace(command, thruster_on_s=open_s)
