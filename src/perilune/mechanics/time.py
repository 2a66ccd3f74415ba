"""The one clock: an instant in TDB, held in two parts."""

import math
from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True)
class Epoch:
    """An instant in TDB: whole days of 86,400 s since J2000 (noon) and the rest, in [0, 86,400).

    The two parts are kept apart so that nanoseconds survive: the rest is good to 1.5e-11 s, while
    one float of seconds since J2000 is good to 1.2e-7 s in 2025.
    """

    day: int
    second_s: float


def after(epoch: Epoch, seconds_s: float) -> Epoch:
    """The instant `seconds_s` (of either sign) after `epoch`."""
    days, second_s = divmod(epoch.second_s + seconds_s, DAY_S)
    if second_s >= DAY_S:  # a tiny negative rounds up to the whole day
        days, second_s = days + 1, 0.0
    return Epoch(epoch.day + int(days), second_s)


def tdb_s(epoch: Epoch) -> float:
    """Seconds of TDB since J2000 as one float (0.1 microseconds in 2025): for SPICE only."""
    return math.fsum((epoch.day * DAY_S, epoch.second_s))
