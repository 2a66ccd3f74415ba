"""Whether the lander has touched down, by its footpad switches: from when on, and how surely."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.onboard.upload import TouchdownSense

ROUNDING_S = 0.01


class SwitchMemory(eqx.Module):
    """What is kept of the switches of L legs from step to step."""

    _: KW_ONLY
    listens: Bool[Array, ""]  # whether it has been low enough
    latched: Bool[Array, " L"]  # closed at some time before
    since_s: Float[Array, " L"]  # since when each has been closed; infinite where it is open


def first_switches(sense: TouchdownSense | None) -> SwitchMemory | None:
    """Before the flight; None where a closed switch is acted on at once and always."""
    if sense is None:
        return None
    none = jnp.zeros(sense.leg_count, bool)
    return SwitchMemory(
        listens=jnp.array(False), latched=none, since_s=jnp.full(sense.leg_count, jnp.inf)
    )


def low_enough(
    sense: TouchdownSense | None, kept: SwitchMemory | None, height_m: Float[Array, ""]
) -> SwitchMemory | None:
    """Listening from the first time on that it is believed to be so low."""
    if sense is None or kept is None:
        return kept
    listens = kept.listens | (height_m < sense.listened_below_m)
    return SwitchMemory(listens=listens, latched=kept.latched, since_s=kept.since_s)


def touched_down(
    sense: TouchdownSense | None,
    kept: SwitchMemory | None,
    closed: Bool[Array, " L"],
    time_s: Float[Array, ""],
) -> tuple[Bool[Array, ""], SwitchMemory | None]:
    """Whether a switch says so, and what is kept.

    A closing before it listens is forgotten, unless it is latched, as Mars Polar Lander kept it.
    """
    if sense is None or kept is None:
        return jnp.any(closed), kept
    since_s = jnp.where(closed, jnp.minimum(kept.since_s, time_s), jnp.inf)
    sure = closed & (time_s - since_s > sense.confirmed_s - ROUNDING_S)
    latched = kept.latched | (sure & (sense.latched_factor > 0.0))
    kept = SwitchMemory(listens=kept.listens, latched=latched, since_s=since_s)
    return kept.listens & jnp.any(sure | latched), kept
