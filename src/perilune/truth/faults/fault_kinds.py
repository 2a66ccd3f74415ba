"""What faults work on: a kind of signal, a moment, a fault that is on, and what it keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.interfaces.signal_fault import Part

Fault = Mapping[str, Array]
"""One fault of one signal: the numbers of its table that say when, and those of its effects."""
Draws = tuple[Float[Array, "*units n"] | None, Float[Array, "*rows 2"] | None]
"""Normal numbers, and the uniform ones of a dropout and of a spike; None where none are needed."""
Tree = TypeVar("Tree")
NOT_YET_S = jnp.inf


def whole(yes: Bool[Array, ""], this: Tree, that: Tree) -> Tree:
    """The one signal where true, else the other."""
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
    limit: Callable[[Any, Float[Array, " n"]], Any] | None = None
    """The signal with its components held within plus and minus a limit; None where none is."""
    hold: Mapping[str, Callable[[Bool[Array, "*u"], Any, Any], Any]] = field(default_factory=dict)
    """Parts of it that can freeze alone, by effect: as `either`, of that part."""
    stick: Callable[[Any, Bool[Array, "*u"]], Any] | None = None
    """The signal, or one that turns on; None where there is no such thing."""
    made_of: Mapping[str, Callable[[Any, Float[Array, "*u"]], Any]] = field(default_factory=dict)
    """By effect, the signal with something that comes of it multiplied, such as its thrust."""


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
    chance: Float[Array, "*u 2"] | None = None
    """Uniform numbers of a dropout and of a spike."""

    def on_in(self, part: Part) -> Bool[Array, "*u k"]:
        """Whether it is on in each component of a part: of some axes alone where it names them."""
        on = jnp.broadcast_to(self.on[..., None], (*jnp.shape(self.on), part.size))
        return on & (self.fault["axes"] > 0.0) if "axes" in self.fault else on


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


def keep(state: FaultState, **changes: Any) -> FaultState:
    """The state with some of its fields changed."""
    return FaultState(**vars(state) | changes)
