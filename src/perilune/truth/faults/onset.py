"""When a fault is on: after a time or an event, below a height, for a duration."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.truth.faults.fault_kinds import NOT_YET_S, Active, Fault, FaultState, Now, keep


def nothing_yet(faults: Sequence[Fault]) -> FaultState:
    """Before the flight, of faults that keep no signal."""
    return FaultState(low_since_s=first_low_s(faults), held=None, sent=None)


def first_low_s(faults: Sequence[Fault]) -> tuple[Float[Array, ""] | None, ...]:
    """Before the flight: a fault each, when the vehicle first was as low as it asks."""
    never = jnp.array(NOT_YET_S)
    return tuple(never if "below_height_m" in each else None for each in faults)


def active_now(
    faults: Sequence[Fault], state: FaultState, now: Now
) -> tuple[list[Active], FaultState]:
    """Every fault as it is now, on or not, and what is kept until the next moment."""
    found = [begun(one, low, now) for one, low in zip(faults, state.low_since_s, strict=True)]
    state = keep(state, low_since_s=tuple(low for _, _, low in found))
    return [
        Active(
            fault=one,
            on=on & (one["units"] > 0.0) if "units" in one else on,
            since_s=since_s,
        )
        for one, (on, since_s, _) in zip(faults, found, strict=True)
    ], state


def begun(
    fault: Fault, low_since_s: Float[Array, ""] | None, now: Now
) -> tuple[Bool[Array, ""], Float[Array, ""], Float[Array, ""] | None]:
    """Whether a fault is on, for how long, and when the vehicle first was as low as it asks."""
    event_s = now.event_time_s[fault["after_event"].astype(int)]
    since_s = jnp.where(jnp.isnan(event_s), NOT_YET_S, event_s + fault["after_s"])
    if low_since_s is not None:
        is_low = (now.time_s >= since_s) & (now.height_m < fault["below_height_m"])
        low_since_s = jnp.minimum(low_since_s, jnp.where(is_low, now.time_s, NOT_YET_S))
        since_s = low_since_s
    on = (now.time_s >= since_s) & (now.time_s < since_s + fault["duration_s"])
    return on, now.time_s - since_s, low_since_s
