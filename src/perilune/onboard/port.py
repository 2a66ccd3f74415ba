"""The flight software as the simulation sees it: it wakes, and then answers an inbox at every step.

Nothing else of `onboard/` is called in flight. Other software that has these two functions can
stand here unchanged: what it keeps is its own affair, and what it says is the command and the
telemetry.
"""

import dataclasses

from jaxtyping import Array, Float

from perilune.interfaces import Command, Inbox, NavigationTelemetry, Telemetry
from perilune.onboard import computer
from perilune.onboard.computer import Heard
from perilune.onboard.control.hold_after_contact import pushed
from perilune.onboard.memory import Memory, wake
from perilune.onboard.navigation.ground import steady_variance_m2
from perilune.onboard.phases.progress import calm_until_s
from perilune.onboard.restart import restarted
from perilune.onboard.touchdown import low_enough
from perilune.onboard.upload import Upload

__all__ = ["step", "wake"]


def step(upload: Upload, memory: Memory, inbox: Inbox) -> tuple[Memory, Command, Telemetry]:
    """One step: what has arrived is used, and a command is given that holds until the next.

    In contact nothing arrives but the footpad switches: the last command holds until one closes.
    """
    command, navigation = memory.command, None
    if inbox.down_s is not None:
        memory = restarted(memory, inbox.down_s)
    if inbox.arrived is not None:
        memory, heard = computer.listen(upload, memory, inbox)
        memory, command, height_m = computer.decide(upload, memory, inbox.time_s, inbox.tick_s)
        switches = low_enough(upload.touchdown, memory.switches, height_m)
        memory = dataclasses.replace(memory, switches=switches)
        navigation = _navigation(upload, memory, heard, height_m)
    before = memory.progress.phase
    memory, command = computer.after_touch(upload, memory, command, inbox)
    memory, command = pushed(upload, before, memory, command, inbox.time_s)
    memory = dataclasses.replace(memory, command=command)
    phase = memory.progress.phase
    calm_s = calm_until_s(upload, phase)
    return memory, command, Telemetry(phase, calm_s, navigation, memory.shortfall)


def _navigation(
    upload: Upload, memory: Memory, heard: Heard, height_m: Float[Array, ""]
) -> NavigationTelemetry:
    return NavigationTelemetry(
        reckoned=heard.reckoned,
        estimate=computer.believed_state(memory.estimate),
        covariance=memory.estimate.covariance,
        datum_variance_m2=steady_variance_m2(upload),
        height_m=height_m,
        mass_kg=memory.mass_kg,
        height_variance_m2=memory.height_variance_m2,
        cycle_results=heard.cycle_results,
        frame_results=heard.frame_results,
    )
