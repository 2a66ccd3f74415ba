"""What runs when: the computer's clock counts tenths of a second, and coasts with long strides."""

import jax.numpy as jnp

from perilune.onboard.modes.modes import Mode

CLOCK_S = 0.1
TICK_COUNT, COAST_TICK_COUNT = 1, 25  # tenths of a second to a tick
CYCLE_TICKS = 2
FRAME_CYCLES = 3

# every            runs, in this order
SCHEDULE = (
    ("tick", ("modes", "guidance", "control", "strapdown")),
    ("cycle of 2 ticks", ("covariance", "altimeter", "velocimeter", "camera")),
    ("frame of 3 cycles", ("star tracker", "gravity field")),
)


def tick_count(mode):
    """Tenths of a second to the next tick: 0.1 s, or 2.5 s while coasting."""
    return jnp.where(mode == Mode.COAST, COAST_TICK_COUNT, TICK_COUNT)


def seconds(count):
    """A count of tenths as seconds."""
    return CLOCK_S * jnp.asarray(count, float)
