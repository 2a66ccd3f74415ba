"""Faults of a signal between its sender and its receiver: one function for any reading or command.

`struck` serves readings of every sensor and, in `obey`, the command. Which effects there are on
which signals is structure: what is not there is not computed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.signal_fault import Part
from perilune.mechanics.derivatives import root

Fault = Mapping[str, Array]
"""One fault of one signal: the numbers of its table that say when, and those of its effects."""
Active = Sequence[tuple[Fault, Bool[Array, ""], Float[Array, ""]]]
"""Faults, whether each is on now, and for how long."""
Draws = tuple[Float[Array, " n"] | None, Float[Array, "2"] | None]
"""Normal numbers, and the uniform ones of a dropout and of a spike; None where none are needed."""
Tree = TypeVar("Tree")
KEPT_COUNT = 32
"""How many signals that are on their way are kept for a delay."""
NOT_YET_S = jnp.inf


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What a kind of signal is like."""

    parts: Sequence[Part]
    """What errors move, in the order of the components of an error."""
    shift: Callable[[Any, Float[Array, " n"]], Any]
    """The signal with an error added."""
    sigma: Callable[[Any], Float[Array, " n"]] | None
    """One sigma of a healthy unit's noise; None where it has none."""
    lose: Callable[[Any, Bool[Array, ""]], Any]
    """The signal, or what arrives in its place where it is lost."""
    is_valid: Callable[[Any], Bool[Array, ""]]
    """Whether any of it is good."""


class Now(eqx.Module):
    """When a signal is sent."""

    _: KW_ONLY
    time_s: Float[Array, ""]
    event_time_s: Float[Array, " events"]  # not-a-number before an event
    height_m: Float[Array, ""]  # over the ground, at the end of the last cycle


class FaultState(eqx.Module):
    """What the faults of one signal keep from one to the next; None where no effect needs it."""

    _: KW_ONLY
    low_since_s: tuple[Float[Array, ""] | None, ...]  # a fault each: when it first was so low
    held: Any  # the last valid signal before it froze
    sent: Any  # the last ones, newest first, and when they were sent


def uses(faults: Sequence[Fault], *names: str) -> bool:
    """Whether any of these faults has any of these effects."""
    return any(name in fault for fault in faults for name in names)


def needs_noise(faults: Sequence[Fault]) -> bool:
    """Whether normal numbers are to be drawn."""
    return uses(faults, "noise_factor")


def needs_chance(faults: Sequence[Fault]) -> bool:
    """Whether two uniform numbers are to be drawn: of a dropout and of a spike."""
    return uses(faults, "dropout_fraction", "spike_fraction")


def init(faults: Sequence[Fault], quiet: Any) -> FaultState:
    """Before the flight; `quiet` is a signal that says nothing."""
    never = jnp.array(NOT_YET_S)
    late = uses(faults, "delay_s")
    rows = jax.tree.map(lambda leaf: jnp.stack([leaf] * KEPT_COUNT), quiet) if late else None
    return FaultState(
        low_since_s=tuple(never if "below_height_m" in each else None for each in faults),
        held=quiet if uses(faults, "frozen") else None,
        sent=(jnp.full(KEPT_COUNT, NOT_YET_S), rows) if late else None,
    )


def struck(
    faults: Sequence[Fault],
    state: FaultState,
    signal: Any,
    how: Signal,
    now: Now,
    draws: Draws,
) -> tuple[Any, FaultState]:
    """The signal that arrives in the place of this one.

    In this order: noise, bias, drift and spikes at the sender; frozen; late; then what is lost on
    the way.
    """
    if not faults:
        return signal, state
    begun = [_begun(one, low, now) for one, low in zip(faults, state.low_since_s, strict=True)]
    state = _keep(state, low_since_s=tuple(low for _, _, low in begun))
    active = [(one, on, since) for one, (on, since, _) in zip(faults, begun, strict=True)]
    signal = _with_errors(active, signal, how, draws)
    signal, state = _frozen(active, state, signal, how)
    signal, state = _late(active, state, signal, how, now)
    return how.lose(signal, _is_lost(active, draws[1])), state


def _keep(state: FaultState, **changes: Any) -> FaultState:
    fields = {name: getattr(state, name) for name in ("low_since_s", "held", "sent")}
    return FaultState(**fields | changes)


def _begun(
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


def _product(active: Active, name: str) -> Float[Array, ""]:
    found = [jnp.where(on, fault[name], 1.0) for fault, on, _ in active if name in fault]
    return jnp.prod(jnp.stack(found))


def _any(
    active: Active, name: str, test: Callable[[Float[Array, ""]], Bool[Array, ""] | bool]
) -> Bool[Array, ""]:
    found = [on & test(fault[name]) for fault, on, _ in active if name in fault]
    return jnp.any(jnp.stack(found))


def _with_errors(active: Active, signal: Any, how: Signal, draws: Draws) -> Any:
    """Noise beyond the healthy unit's, so that the total is the factor times it; then the rest."""
    normals, chance = draws
    faults = [fault for fault, _, _ in active]
    if needs_noise(faults):
        assert how.sigma is not None
        assert normals is not None
        factor = _product(active, "noise_factor")
        added = root(jnp.maximum(factor**2 - 1.0, 0.0)) * how.sigma(signal) * normals
        signal = how.shift(signal, added)
    if not any(uses(faults, part.bias, part.drift, part.spike) for part in how.parts):
        return signal
    errors = [_error(active, part, chance) * jnp.ones(part.size) for part in how.parts]
    return how.shift(signal, jnp.concatenate(errors))


def _error(active: Active, part: Part, chance: Float[Array, "2"] | None) -> Float[Array, ""]:
    """Bias, drift and spike of one part."""
    error = jnp.array(0.0)
    for fault, on, since_s in active:
        if part.bias in fault:
            error = error + jnp.where(on, fault[part.bias], 0.0)
        if part.drift in fault:
            grown = fault[part.drift] * since_s / fault["drift_time_s"]
            error = error + jnp.where(on, grown, 0.0)
        if part.spike in fault and "spike_fraction" in fault:
            assert chance is not None
            hit = on & (chance[1] < fault["spike_fraction"])
            error = error + jnp.where(hit, fault[part.spike], 0.0)
    return error


def _frozen(active: Active, state: FaultState, signal: Any, how: Signal) -> tuple[Any, FaultState]:
    if state.held is None:
        return signal, state
    stuck = _any(active, "frozen", lambda _: True)
    fresh = ~stuck & how.is_valid(signal)
    held = _either(fresh, signal, state.held)
    return _either(stuck, held, signal), _keep(state, held=held)


def _late(
    active: Active, state: FaultState, signal: Any, how: Signal, now: Now
) -> tuple[Any, FaultState]:
    """The newest of those sent at least the delay ago; nothing where there is none yet."""
    if state.sent is None:
        return signal, state
    delays = [jnp.where(on, f["delay_s"], 0.0) for f, on, _ in active if "delay_s" in f]
    delay_s = jnp.max(jnp.stack(delays))
    times_s = jnp.concatenate([now.time_s[None], state.sent[0][:-1]])
    rows = jax.tree.map(
        lambda new, old: jnp.concatenate([new[None], old[:-1]]), signal, state.sent[1]
    )
    old_enough = times_s <= now.time_s - delay_s
    place = jnp.argmax(old_enough)
    arrived = jax.tree.map(lambda leaf: leaf[place], rows)
    return how.lose(arrived, ~jnp.any(old_enough)), _keep(state, sent=(times_s, rows))


def _is_lost(active: Active, chance: Float[Array, "2"] | None) -> Bool[Array, ""]:
    lost = jnp.array(False)
    for fault, on, since_s in active:
        if "lost_after_s" in fault:
            lost = lost | (on & (since_s >= fault["lost_after_s"]))
        if "invalid" in fault:
            lost = lost | on
        if "dropout_fraction" in fault:
            assert chance is not None
            lost = lost | (on & (chance[0] < fault["dropout_fraction"]))
    return lost


def _either(yes: Bool[Array, ""], this: Tree, that: Tree) -> Tree:
    return jax.tree.map(lambda a, b: jnp.where(yes, a, b), this, that)
