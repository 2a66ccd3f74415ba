"""The switches in the footpads: closed under load, bouncing for a moment after they close."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.contact_switches import ContactSwitchesSpec


class Pads(eqx.Module):
    """What the switches of L legs feel."""

    load_n: Float[Array, " L"]  # now
    peak_load_n: Float[Array, " L"]  # since the flight began


def begin(spec: ContactSwitchesSpec | None, leg_count: int) -> Float[Array, " L"] | None:
    """Since when each is under load: never yet; None where nothing is asked of it."""
    return None if spec is None else jnp.full(leg_count, jnp.inf)


def closed_now(
    spec: ContactSwitchesSpec | None,
    since_s: Float[Array, " L"] | None,
    pads: Pads,
    time_s: Float[Array, ""],
    chance: Float[Array, " L"] | None,
) -> tuple[Bool[Array, " L"], Float[Array, " L"] | None]:
    """Which are closed, and since when each is under its load.

    Without a spec a switch closes for good at the first load. While its contacts bounce, a reading
    finds them open by chance.
    """
    if spec is None or since_s is None:
        return pads.peak_load_n > 0.0, None
    pressed = pads.load_n > spec.closing_load_n
    since_s = jnp.where(pressed, jnp.minimum(since_s, time_s), jnp.inf)
    bounces = time_s - since_s < spec.chatter_s
    assert chance is not None
    return pressed & ~(bounces & (chance < spec.open_fraction)), since_s
