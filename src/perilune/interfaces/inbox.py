"""What the simulation hands the flight software at every step: the clock, and what has arrived."""

from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
from jaxtyping import Array, Bool, Float

from perilune.interfaces.contact_switches import ContactReading


class Arrivals(eqx.Module):
    """Readings by the label of the unit; those of a cycle or frame are old where none is due."""

    tick: dict[str, Any]  # over the tick that ends now
    cycle: dict[str, Any]
    frame: dict[str, Any]


class Inbox(eqx.Module):
    """What one step of the flight software works on."""

    _: KW_ONLY
    time_s: Float[Array, ""]  # since the start of the flight
    tick_s: Float[Array, ""]  # until the next step
    frame_s: Float[Array, ""]  # of the frame under way, from its first step to the next one's first
    cycle_due: Bool[Array, ""]  # a cycle ends now, and `arrived.cycle` is new
    frame_due: Bool[Array, ""]  # so does a frame, and `arrived.frame` is new
    contact: ContactReading
    arrived: Arrivals | None  # None in contact, where only the footpad switches are read
