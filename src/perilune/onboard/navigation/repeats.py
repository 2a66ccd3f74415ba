"""Which messages repeat the ones before them: a unit that is stuck, however valid it says it is.

The noise of a healthy unit moves its last bits from one reading to the next, and so does the
vehicle. A unit whose valid readings are the same to the bit for `MOST_REPEATS` times in a row is
stuck, and what it goes on to repeat is not valid: it neither insists on its reading, as a healthy
unit does whose estimate is wrong, nor keeps a coarser unit from use (`navigation.heights`). The
first reading that differs is heard again.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.inbox import Message, valid_if
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import sensor_of

MOST_REPEATS = 3.0
"""A laser whose quantum is a fifth of its noise repeats itself by chance once in 18 readings, so
often in a row once in 6,000, and then loses one."""


class Repeat(eqx.Module):
    """What the last valid reading of a unit was, and how often it has come again since."""

    said: Float[Array, " n"]
    count: Float[Array, ""]


def no_repeats(labels: list[str]) -> dict[str, Repeat]:
    """Before the first reading of units that read once a cycle or a frame."""
    timed = [label for label in labels if sensor_of(label).rate is not Rate.TICK]
    return {label: Repeat(_never(label), jnp.array(0.0)) for label in timed}


def unstuck(
    repeats: Mapping[str, Repeat], messages: Mapping[str, Message]
) -> tuple[dict[str, Repeat], dict[str, Message]]:
    """What was said with these messages, and the messages, not valid where a unit is stuck."""
    now = {label: _heard(repeats[label], messages[label]) for label in messages}
    fresh = {
        label: valid_if(now[label].count < MOST_REPEATS, message)
        for label, message in messages.items()
    }
    return {**repeats, **now}, fresh


def _heard(repeat: Repeat, message: Message) -> Repeat:
    """With one message more, which says nothing unless something of it is valid."""
    said = _said(message.reading)
    valid: Bool[Array, ""] = jnp.any(message.reading.valid)
    same = jnp.all(said == repeat.said)
    after = Repeat(said, jnp.where(same, repeat.count + 1.0, 0.0))
    return jax.tree.map(lambda new, old: jnp.where(valid, new, old), after, repeat)


def _said(reading: Any) -> Float[Array, " n"]:
    """All numbers of a reading but its flags."""
    leaves = jax.tree.leaves(dataclasses.replace(reading, valid=None))
    return jnp.concatenate([jnp.ravel(jnp.asarray(leaf, float)) for leaf in leaves])


def _never(label: str) -> Float[Array, " n"]:
    """What no reading says."""
    return jnp.full_like(_said(sensor_of(label).silent()), jnp.inf)
