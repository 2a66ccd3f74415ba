"""How long the valve of an engine that pulses is open in a tick, and what that leaves to the next.

Pulse-width modulation with the remainder of the impulse carried over.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.onboard.upload import PulsingBelief


class Shares(NamedTuple):
    """Of full thrust, by engine: in the mean of the tick as it is fired; what is left to fire."""

    throttle: Float[Array, " E"]
    unspent_s: Float[Array, " E"]  # of full thrust


def pulsed(
    valves: PulsingBelief,
    throttle: Float[Array, " E"],
    unspent_s: Float[Array, " E"],
    tick_s: Float[Array, ""],
) -> Shares:
    """The nearest that valves can do to the throttles wanted and what the last tick left.

    They are open for no less than their least time and closed for no less than theirs. Engines that
    burn steadily have their throttles.
    """
    wanted_s = throttle * tick_s + unspent_s
    open_s = jnp.minimum(jnp.maximum(wanted_s, valves.min_on_s), tick_s - valves.min_off_s)
    open_s = jnp.where(wanted_s < 0.5 * valves.min_on_s, 0.0, open_s)
    open_s = jnp.where(wanted_s > tick_s - 0.5 * valves.min_off_s, tick_s, open_s)
    fires = (valves.pulses_factor > 0.5) & (throttle > 0.0)
    return Shares(
        jnp.where(fires, open_s / tick_s, throttle), jnp.where(fires, wanted_s - open_s, 0.0)
    )
