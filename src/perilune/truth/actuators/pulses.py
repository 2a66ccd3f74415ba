"""What engines do that are on at full thrust or off: one pulse in each tick, lags followed exactly.

Pulse-width modulation: a pulse begins with the tick and lasts for the share of it that is ordered.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.integration import decay_integrals

TIMING_FACTOR = 1e-9
"""Of a least time, by which a pulse may miss it: an order's share is rounded."""


class Pulsing(eqx.Module):
    """Which of E engines pulse, and the least times of their valves; zero of the others."""

    _: KW_ONLY
    pulses: Bool[Array, " E"]
    min_on_s: Float[Array, " E"]
    min_off_s: Float[Array, " E"]


class Pulse(eqx.Module):
    """One tick of E engines: towards full thrust while the valve is open, then towards none."""

    _: KW_ONLY
    before_n: Float[Array, " E"]
    full_n: Float[Array, " E"]
    lag_s: Float[Array, " E"]
    lag_down_s: Float[Array, " E"]
    open_s: Float[Array, " E"]


def open_time_s(
    pulsing: Pulsing, share: Float[Array, " E"], tick_s: Float[Array, ""]
) -> Float[Array, " E"]:
    """As the valves make it: no pulse shorter than the least, no break shorter than the least."""
    asked_s = share * tick_s
    too_short = asked_s < pulsing.min_on_s * (1.0 - TIMING_FACTOR)
    no_break = tick_s - asked_s < pulsing.min_off_s * (1.0 - TIMING_FACTOR)
    return jnp.where(too_short, 0.0, jnp.where(no_break, tick_s, asked_s))


def thrust_at_n(pulse: Pulse, since_s: Float[Array, " t"]) -> Float[Array, "t E"]:
    """Thrust at times after the tick began."""
    lit_s = jnp.minimum(since_s[:, None], pulse.open_s)
    dark_s = since_s[:, None] - lit_s
    return _risen_n(pulse, pulse.before_n, lit_s) * jnp.exp(-dark_s / pulse.lag_down_s)


def pulse_in_steps(
    pulse: Pulse, edges_n: Float[Array, "edges E"], step_s: Float[Array, ""]
) -> Float[Array, "steps 3 E"]:
    """As `free_flight.thrust_in_steps`, wherever in a step the pulse ends.

    The middle value is the mean of the step; the two others give the displacement.
    """
    first_n = edges_n[:-1]
    starts_s = step_s * jnp.arange(float(len(first_n)))
    lit_s = jnp.clip(pulse.open_s - starts_s[:, None], 0.0, step_s)
    dark_s = step_s - lit_s
    once, twice = decay_integrals(lit_s / pulse.lag_s)
    short_n = first_n - pulse.full_n
    lit_n_s = lit_s * (pulse.full_n + once * short_n)
    lit_n_s2 = lit_s**2 * (0.5 * pulse.full_n + twice * short_n)
    peak_n = _risen_n(pulse, first_n, lit_s)
    once, twice = decay_integrals(dark_s / pulse.lag_down_s)
    mean_n = (lit_n_s + dark_s * once * peak_n) / step_s
    carried_n = (lit_n_s2 + dark_s * lit_n_s + dark_s**2 * twice * peak_n) * 6.0 / step_s**2
    return jnp.stack([carried_n - 2.0 * mean_n, mean_n, 4.0 * mean_n - carried_n], axis=1)


def _risen_n(
    pulse: Pulse, before_n: Float[Array, "*t E"], lit_s: Float[Array, "*t E"]
) -> Float[Array, "*t E"]:
    return pulse.full_n + jnp.exp(-lit_s / pulse.lag_s) * (before_n - pulse.full_n)
