"""Faults of the switches in the footpads: silent ones, and ones that are closed too early."""

from collections.abc import Sequence

from jaxtyping import Array, Bool

from perilune.truth.faults.fault_kinds import Fault, FaultState, Now
from perilune.truth.faults.onset import active_now


def struck_switches(
    faults: Sequence[Fault], state: FaultState, closed: Bool[Array, " L"], now: Now
) -> tuple[Bool[Array, " L"], FaultState]:
    """Which switches read as closed; one that is both silent and closed is silent."""
    active, state = active_now(faults, state, now)
    for effect, reads in (("closed", True), ("silent", False)):
        for one in active:
            if effect in one.fault:
                hit = one.on & (one.fault["legs"] > 0.0)
                closed = (closed | hit) if reads else (closed & ~hit)
    return closed, state
