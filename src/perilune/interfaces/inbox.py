"""What the simulation hands the flight software at every step: the clock, and what has arrived."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax

from perilune.interfaces.measurements import (
    ContactReading,
    CycleReadings,
    ImuReading,
    StarTrackerReading,
)


class Arrivals(eqx.Module):
    """What the sensors have sent; cycle and star tracker hold their last where none is due."""

    imu: ImuReading  # over the tick that ends now
    cycle: CycleReadings
    star_tracker: StarTrackerReading


class Inbox(eqx.Module):
    """What one step of the flight software works on."""

    _: KW_ONLY
    time_s: jax.Array  # since the start of the flight
    tick_s: jax.Array  # until the next step
    frame_s: jax.Array  # of the frame under way, from its first step to the first of the next
    cycle_due: jax.Array  # bool: a cycle ends now, and `arrived.cycle` is new
    frame_due: jax.Array  # bool: a frame ends now, and `arrived.star_tracker` is new
    contact: ContactReading
    arrived: Arrivals | None  # None in contact, where only the footpad switches are read
