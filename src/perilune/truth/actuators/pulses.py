"""What engines do that are on at full thrust or off: one pulse in each tick, lags followed exactly.

Pulse-width modulation: a pulse begins with the tick and lasts for the share of it that is ordered.
"""

from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

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


def pulse_in_steps(
    pulse: Pulse, step_s: Float[Array, ""], step_count: int
) -> tuple[Float[Array, "steps 3 E"], Float[Array, " E"]]:
    """As `free_flight.thrust_in_steps`, wherever in a step the pulse ends, and the thrust after.

    The middle value is the mean of the step; the two others give the displacement.
    """
    now_n, rows = pulse.before_n, []
    for step in range(step_count):
        lit_s = jnp.clip(pulse.open_s - step * step_s, 0.0, step_s)
        dark_s = step_s - lit_s
        rise, fall = _decay(lit_s, pulse.lag_s), _decay(dark_s, pulse.lag_down_s)
        short_n = now_n - pulse.full_n
        peak_n = pulse.full_n + rise.left * short_n
        lit_n_s = lit_s * pulse.full_n + rise.once_s * short_n
        lit_n_s2 = 0.5 * lit_s**2 * pulse.full_n + rise.twice_s2 * short_n
        mean_n = (lit_n_s + fall.once_s * peak_n) / step_s
        carried_n = 6.0 * (lit_n_s2 + dark_s * lit_n_s + fall.twice_s2 * peak_n) / step_s**2
        rows.append(jnp.stack([carried_n - 2.0 * mean_n, mean_n, 4.0 * mean_n - carried_n]))
        now_n = fall.left * peak_n
    return jnp.stack(rows), now_n


class _Decay(NamedTuple):
    """Of exp(-t/lag): what is left after a time, its integral over it, and the integral of that.

    The second loses digits in short times, of which it makes nothing.
    """

    left: Float[Array, " E"]
    once_s: Float[Array, " E"]
    twice_s2: Float[Array, " E"]


def _decay(time_s: Float[Array, " E"], lag_s: Float[Array, " E"]) -> _Decay:
    gone = -jnp.expm1(-time_s / lag_s)
    once_s = lag_s * gone
    return _Decay(1.0 - gone, once_s, lag_s * (time_s - once_s))
