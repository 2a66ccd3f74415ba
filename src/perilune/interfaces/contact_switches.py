"""The switches in the footpads: what closes them, what they read, and when they are listened to."""

from typing import Annotated

import equinox as eqx
from jaxtyping import Array, Bool
from pydantic import Field

from perilune.interfaces.table import Fraction, NotNegative, Positive, Table


class ContactSwitchesSpec(Table):
    """A switch in each footpad. Without this table a switch closes for good at the first load."""

    closing_load_n: NotNegative = 0.0
    """On the pad; a switch is closed while the load is greater."""
    chatter_s: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """So long after it has closed, its contacts bounce."""
    open_fraction: Fraction = 0.5
    """Share of that time in which they are open."""
    listened_below_m: Positive | None = None
    """Believed height below which the flight software acts on the switches; or `never` for always.
    """
    confirmed_s: Annotated[float, Field(ge=0.0, le=2.0)] = 0.0
    """How long a switch has to be closed before the flight software acts on it."""
    latched: bool = False
    """Whether a closing before it listens is kept, and acted on as soon as it does."""


TRUTH_ALONE = ("closing_load_n", "chatter_s", "open_fraction")
"""What of it the flight software does not use."""
BELIEF_ALONE = ("listened_below_m", "confirmed_s", "latched")
"""What of it only the flight software uses."""


class ContactReading(eqx.Module):
    """Which of them are closed."""

    closed: Bool[Array, " legs"]
