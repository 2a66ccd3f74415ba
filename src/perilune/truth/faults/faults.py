"""Faults of a signal between its sender and its receiver: one function for any reading or command.

`struck` serves readings of every sensor and, in `obey`, the command. Which effects there are on
which signals is structure: what is not there is not computed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.interfaces.signal_fault import Part
from perilune.mechanics.derivatives import root

Fault = Mapping[str, Array]
"""One fault of one signal: the numbers of its table that say when, and those of its effects."""
Draws = tuple[Float[Array, "*units n"] | None, Float[Array, "*rows 2"] | None]
"""Normal numbers, and the uniform ones of a dropout and of a spike; None where none are needed."""
Tree = TypeVar("Tree")
KEPT_COUNT = 32
"""How many signals that are on their way are kept for a delay."""
NOT_YET_S = jnp.inf


def whole(yes: Bool[Array, ""], this: Tree, that: Tree) -> Tree:
    return jax.tree.map(lambda a, b: jnp.where(yes, a, b), this, that)


def _row(rows: Tree, place: Int[Array, ""]) -> Tree:
    return jax.tree.map(lambda leaf: leaf[place], rows)


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What a kind of signal is like.

    A signal for several units, such as the command, is struck unit by unit: whether a fault is on,
    and what follows from it, then has an axis of units, `*u`, which a reading's has not.
    """

    parts: Sequence[Part]
    """What errors move, in the order of the components of an error."""
    shift: Callable[[Any, Float[Array, "*u n"]], Any]
    """The signal with an error added."""
    sigma: Callable[[Any], Float[Array, " n"]] | None
    """One sigma of a healthy unit's noise; None where it has none."""
    lose: Callable[[Any, Bool[Array, "*u"]], Any]
    """The signal, or what arrives in its place where it is lost."""
    is_valid: Callable[[Any], Bool[Array, "*u"]]
    """Whether any of it is good."""
    either: Callable[[Bool[Array, "*u"], Any, Any], Any] = whole
    """The first signal where true, else the second."""
    take: Callable[[Any, Int[Array, "*u"]], Any] = _row
    """The signal at a place of a history."""
    chance_of: Callable[[Fault, Float[Array, "*rows 2"]], Float[Array, "*u 2"]] = lambda _, all_: (
        all_
    )
    """The uniform numbers that decide a fault's dropouts and spikes."""
    scale: Callable[[Any, Float[Array, "*u n"]], Any] | None = None
    """The signal with its components multiplied; None where no fault can do that."""
    hold: Mapping[str, Callable[[Bool[Array, "*u"], Any, Any], Any]] = field(default_factory=dict)
    """Parts of it that can freeze alone, by effect: as `either`, of that part."""
    stick: Callable[[Any, Bool[Array, "*u"]], Any] | None = None
    """The signal, or one that turns on; None where there is no such thing."""
    weaken: Callable[[Any, Float[Array, "*u"]], Any] | None = None
    """The signal with what comes of it multiplied; None where no fault can do that."""


class Now(eqx.Module):
    """When a signal is sent."""

    _: KW_ONLY
    time_s: Float[Array, ""]
    event_time_s: Float[Array, " events"]  # not-a-number before an event
    height_m: Float[Array, ""]  # over the ground, at the end of the last cycle


@dataclass(frozen=True, kw_only=True)
class Active:
    """One fault at one moment."""

    fault: Fault
    on: Bool[Array, "*u"]
    since_s: Float[Array, ""]
    """For how long it has been on."""
    chance: Float[Array, "*u 2"] | None
    """Uniform numbers of a dropout and of a spike."""


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
    return any("noise" in name for fault in faults for name in fault)


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
    begun = [_begun(one, low, now) for one, low in zip(faults, state.low_since_s, strict=True)]
    state = _keep(state, low_since_s=tuple(low for _, _, low in begun))
    normals, chances = draws
    active = [
        Active(
            fault=one,
            on=on & (one["units"] > 0.0) if "units" in one else on,
            since_s=since_s,
            chance=None if chances is None else how.chance_of(one, chances),
        )
        for one, (on, since_s, _) in zip(faults, begun, strict=True)
    ]
    signal = _with_errors(active, signal, how, normals)
    signal, state = _frozen(active, state, signal, how)
    signal, state = _late(active, state, signal, how, now)
    signal = how.lose(signal, _is_lost(active))
    if how.stick is not None and uses(faults, "stuck_on"):
        signal = how.stick(signal, _any(active, "stuck_on"))
    if how.weaken is not None and uses(faults, "thrust_factor"):
        signal = how.weaken(signal, _product(active, "thrust_factor"))
    return signal, state


def _keep(state: FaultState, **changes: Any) -> FaultState:
    return FaultState(**vars(state) | changes)


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


def _product(active: Sequence[Active], name: str) -> Float[Array, "*u"]:
    """Of the factors of a name that are on; 1 where there is none."""
    found = [jnp.where(one.on, one.fault[name], 1.0) for one in active if name in one.fault]
    return jnp.prod(jnp.stack(found), axis=0) if found else jnp.array(1.0)


def _any(active: Sequence[Active], name: str) -> Bool[Array, "*u"]:
    return jnp.any(jnp.stack([one.on for one in active if name in one.fault]), axis=0)


def _with_errors(
    active: Sequence[Active], signal: Any, how: Signal, normals: Float[Array, "*u n"] | None
) -> Any:
    """Multiplied, then noise, bias, drift and spikes."""
    faults = [one.fault for one in active]
    if how.scale is not None and any(uses(faults, part.factor) for part in how.parts):
        signal = how.scale(
            signal, _by_component(how, [_product(active, part.factor) for part in how.parts])
        )
    if needs_noise(faults):
        assert normals is not None
        signal = how.shift(signal, _added_sigma(active, signal, how) * normals)
    if not any(uses(faults, part.bias, part.drift, part.spike) for part in how.parts):
        return signal
    return how.shift(signal, _by_component(how, [_error(active, part) for part in how.parts]))


def _by_component(how: Signal, by_part: Sequence[Float[Array, "*u"]]) -> Float[Array, "*u n"]:
    """A number of each part, in every component of it."""
    shape = jnp.broadcast_shapes(*map(jnp.shape, by_part))
    columns = [
        jnp.broadcast_to(each, shape)[..., None] * jnp.ones(part.size)
        for part, each in zip(how.parts, by_part, strict=True)
    ]
    return jnp.concatenate(columns, axis=-1)


def _added_sigma(active: Sequence[Active], signal: Any, how: Signal) -> Float[Array, "*u n"]:
    """Of the noise beyond a healthy unit's, so that the total is the factor times it.

    Where a healthy unit has none, that of each fault, which add as squares.
    """
    if how.sigma is not None:
        factor = _product(active, "noise_factor")
        return root(jnp.maximum(factor**2 - 1.0, 0.0)) * how.sigma(signal)
    variances = [
        sum(
            (jnp.where(one.on, one.fault[part.noise], 0.0) ** 2)
            for one in active
            if part.noise in one.fault
        )
        for part in how.parts
    ]
    return _by_component(how, [root(jnp.asarray(each)) for each in variances])


def _error(active: Sequence[Active], part: Part) -> Float[Array, "*u"]:
    """Bias, drift and spike of one part."""
    error = jnp.array(0.0)
    for one in active:
        if part.bias in one.fault:
            error = error + jnp.where(one.on, one.fault[part.bias], 0.0)
        if part.drift in one.fault:
            grown = one.fault[part.drift] * one.since_s / one.fault["drift_time_s"]
            error = error + jnp.where(one.on, grown, 0.0)
        if part.spike in one.fault and "spike_fraction" in one.fault:
            assert one.chance is not None
            hit = one.on & (one.chance[..., 1] < one.fault["spike_fraction"])
            error = error + jnp.where(hit, one.fault[part.spike], 0.0)
    return error


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
    return signal, _keep(state, held=held)


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
    return how.lose(arrived, ~jnp.any(old_enough, axis=-1)), _keep(state, sent=(times_s, rows))


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
