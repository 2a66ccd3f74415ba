"""Faults of a signal between its sender and its receiver: one function for any reading or command.

`struck` serves readings of every sensor and, in `obey`, the command. Which effects there are on
which signals is structure: what is not there is not computed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.truth.faults.fault_kinds import (
    NOT_YET_S,
    Active,
    Draws,
    Fault,
    FaultState,
    Now,
    Signal,
    keep,
    uses,
)
from perilune.truth.faults.onset import active_now, first_low_s
from perilune.truth.faults.sender_errors import with_errors

KEPT_COUNT = 32
"""How many signals that are on their way are kept for a delay."""


def init(faults: Sequence[Fault], quiet: Any) -> FaultState:
    """Before the flight; `quiet` is a signal that says nothing."""
    late = uses(faults, "delay_s")
    rows = jax.tree.map(lambda leaf: jnp.stack([leaf] * KEPT_COUNT), quiet) if late else None
    return FaultState(
        low_since_s=first_low_s(faults),
        held=quiet if any("frozen" in name for each in faults for name in each) else None,
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

    In this order: factor, noise, bias, drift and spikes at the sender; frozen; late; then what is
    lost on the way, and what the receiver does whatever arrives, or makes of it.
    """
    if not faults:
        return signal, state
    active, state = active_now(faults, state, now)
    normals, chances = draws
    if chances is not None:
        active = [replace(one, chance=how.chance_of(one.fault, chances)) for one in active]
    signal = with_errors(active, signal, how, normals)
    signal, state = _frozen(active, state, signal, how)
    signal, state = _late(active, state, signal, how, now)
    signal = how.lose(signal, _is_lost(active))
    if how.stick is not None and uses(faults, "stuck_on"):
        signal = how.stick(signal, _any(active, "stuck_on"))
    for name, multiplied in how.made_of.items():
        if uses(faults, name):
            signal = multiplied(signal, _product(active, name))
    return signal, state


def _product(active: Sequence[Active], name: str) -> Float[Array, "*u"]:
    """Of the factors of a name that are on."""
    found = [jnp.where(one.on, one.fault[name], 1.0) for one in active if name in one.fault]
    return jnp.prod(jnp.stack(found), axis=0)


def _any(active: Sequence[Active], name: str) -> Bool[Array, "*u"]:
    return jnp.any(jnp.stack([one.on for one in active if name in one.fault]), axis=0)


def _frozen(
    active: Sequence[Active], state: FaultState, signal: Any, how: Signal
) -> tuple[Any, FaultState]:
    if state.held is None:
        return signal, state
    held = how.either(how.is_valid(signal), signal, state.held)
    for name, hold in {"frozen": how.either, **how.hold}.items():
        if uses([one.fault for one in active], name):
            stuck = _any(active, name)
            held = hold(stuck, state.held, held)
            signal = hold(stuck, state.held, signal)
    return signal, keep(state, held=held)


def _late(
    active: Sequence[Active], state: FaultState, signal: Any, how: Signal, now: Now
) -> tuple[Any, FaultState]:
    """The newest of those sent at least the delay ago; nothing where there is none yet."""
    if state.sent is None:
        return signal, state
    late = [one for one in active if "delay_s" in one.fault]
    delays = [jnp.where(one.on, one.fault["delay_s"], 0.0) for one in late]
    delay_s = jnp.max(jnp.stack(delays), axis=0)
    times_s = jnp.concatenate([now.time_s[None], state.sent[0][:-1]])
    rows = jax.tree.map(
        lambda new, old: jnp.concatenate([new[None], old[:-1]]), signal, state.sent[1]
    )
    old_enough = times_s <= (now.time_s - delay_s)[..., None]
    arrived = how.take(rows, jnp.argmax(old_enough, axis=-1))
    return how.lose(arrived, ~jnp.any(old_enough, axis=-1)), keep(state, sent=(times_s, rows))


def _is_lost(active: Sequence[Active]) -> Bool[Array, "*u"]:
    lost = jnp.array(False)
    for one in active:
        if "lost_after_s" in one.fault:
            lost = lost | (one.on & (one.since_s >= one.fault["lost_after_s"]))
        if "invalid" in one.fault:
            lost = lost | one.on
        if "dropout_fraction" in one.fault:
            assert one.chance is not None
            lost = lost | (one.on & (one.chance[..., 0] < one.fault["dropout_fraction"]))
    return lost
