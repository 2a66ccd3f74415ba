"""What the simulation hands the flight software at every step: the clock, and what has arrived."""

import dataclasses
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
from jaxtyping import Array, Bool, Float

from perilune.interfaces.contact_switches import ContactReading


class Message(eqx.Module):
    """What a sensor sends: a reading, and the time at which it says that it took it."""

    reading: Any  # of its kind; every one has a field `valid`
    time_s: Float[Array, ""]  # time tag by the sensor's own clock, since the start of the flight


def valid_if(yes: Bool[Array, ""], message: Message) -> Message:
    """A message whose reading is not valid unless it is heard."""
    reading = message.reading
    heard = dataclasses.replace(reading, valid=reading.valid & yes)
    return dataclasses.replace(message, reading=heard)


def readings_of(messages: Mapping[str, Message]) -> dict[str, Any]:
    """What messages say, by label."""
    return {label: message.reading for label, message in messages.items()}


class Arrivals(eqx.Module):
    """Messages by the label of the unit; those of a cycle or frame are old where none is due."""

    tick: dict[str, Message]  # over the tick that ends now
    cycle: dict[str, Message]
    frame: dict[str, Message]


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
    down_s: Float[Array, ""] | None = None  # how long the computer was down; None: it never is
