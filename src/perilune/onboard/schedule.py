"""What runs when: the clock counts tenths of a second; long ticks while coasting or waiting."""

import jax.numpy as jnp

from perilune.onboard.modes.modes import Mode

CLOCK_S = 0.1
TICK_COUNT, COAST_TICK_COUNT = 1, 25  # tenths of a second to a tick
CYCLE_TICKS = 2
FRAME_CYCLES = 3
FRAME_S = CLOCK_S * TICK_COUNT * CYCLE_TICKS * FRAME_CYCLES
COAST_FRAME_S = CLOCK_S * COAST_TICK_COUNT * CYCLE_TICKS * FRAME_CYCLES
BURN_LEAD_S = 60.0
"""From this long before the descent-orbit burn on, ticks are short: a long frame ends before it."""

# every            runs, in this order
SCHEDULE = (
    ("tick", ("modes", "guidance", "control", "strapdown")),
    ("cycle of 2 ticks", ("covariance", "altimeter", "velocimeter", "camera")),
    ("frame of 3 cycles", ("star tracker", "gravity field")),
)


def tick_count(mode, to_burn_s):
    """Tenths of a second to the next tick: 0.1 s, or 2.5 s while nothing is about to happen.

    That is in the coast, and in orbit while the descent-orbit burn is more than `BURN_LEAD_S` off.
    """
    waiting = (mode == Mode.ORBIT) & (to_burn_s > BURN_LEAD_S)
    return jnp.where((mode == Mode.COAST) | waiting, COAST_TICK_COUNT, TICK_COUNT)


def seconds(count):
    """A count of tenths as seconds."""
    return CLOCK_S * jnp.asarray(count, float)
