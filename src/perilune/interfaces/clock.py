"""The simulation's clock: tenths of a second, ticks in cycles in frames; long ticks in calm flight.

| every | true state and sensors | flight software |
|---|---|---|
| tick | motion, IMU, contact switches | dead reckoning, phases, guidance, control |
| cycle of 2 ticks | altimeters, velocimeter, cameras | covariance, their readings |
| frame of 3 cycles | gravity field, star tracker | gravity field, star tracker |
"""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

CLOCK_S = 0.1
TICK_COUNT, COAST_TICK_COUNT = 1, 25  # tenths of a second to a tick, and to a long one
CYCLE_TICKS = 2
FRAME_CYCLES = 3
FRAME_S = CLOCK_S * TICK_COUNT * CYCLE_TICKS * FRAME_CYCLES
COAST_FRAME_S = CLOCK_S * COAST_TICK_COUNT * CYCLE_TICKS * FRAME_CYCLES


def tick_count(
    calm_until_s: Float[Array, "..."], start_s: Float[Array, "..."]
) -> Int[Array, "..."]:
    """Tenths of a second to each tick of the frame that begins at `start_s`.

    0.1 s, or 2.5 s while the flight software's telemetry says that nothing is about to happen.
    """
    return jnp.where(start_s < calm_until_s, COAST_TICK_COUNT, TICK_COUNT)


def seconds(count: Int[Array, "..."] | int) -> Float[Array, "..."]:
    """A count of tenths as seconds."""
    return CLOCK_S * jnp.asarray(count, float)
