"""Knows the one clock: an instant in TDB held in two parts, and its spelling in UTC."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from perilune.errors import InputError
from perilune.mechanics.spice_kernels import kernels

DAY_S = 86_400.0
_J2000_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Epoch:
    """An instant in TDB: whole days of 86,400 s since J2000 (noon) and the rest, in [0, 86,400).

    The two parts are kept apart so that nanoseconds survive: the rest is good to 1.5e-11 s, while
    one float of seconds since J2000 is good to 1.2e-7 s in 2025.
    """

    day: int
    second_s: float


def epoch_from_utc(text: str) -> Epoch:
    """The instant of an ISO 8601 text in UTC, such as `2025-03-06T17:32:00Z`.

    The text must say its scale (`Z`, `+00:00` or ` UTC`). Read to the microsecond; a leap second
    itself (`23:59:60`) is refused. TDB - UTC is SPICE's `deltet` with NAIF's leap seconds.

    Raises InputError when the text is no such instant.
    """
    instant = _read(text)
    since = instant - _J2000_NOON
    in_day_s = since.seconds + since.microseconds * 1e-6
    with kernels("leapseconds") as spice:
        ahead_s = spice.deltet(since.days * DAY_S + in_day_s, "UTC")
    return after(Epoch(since.days, in_day_s), ahead_s)


def utc_text(epoch: Epoch, after_s: float = 0.0, decimals: int = 3) -> str:
    """An instant, `after_s` seconds after `epoch`, as ISO 8601 in UTC: `2025-03-06T17:32:00.000Z`.

    Rounded to `decimals` (0 to 6) places. Inside a leap second the clock shown stands a second on.
    """
    instant = after(epoch, after_s)
    with kernels("leapseconds") as spice:
        ahead_s = spice.deltet(tdb_s(instant), "ET")
    ticks = round((instant.second_s - ahead_s) * 10**decimals)
    whole_s, ticks = divmod(ticks, 10**decimals)
    civil = _J2000_NOON + timedelta(days=instant.day, seconds=whole_s)
    fraction = f".{ticks:0{decimals}d}" if decimals else ""
    return f"{civil:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def after(epoch: Epoch, seconds_s: float) -> Epoch:
    """The instant `seconds_s` (of either sign) after `epoch`."""
    days, second_s = divmod(epoch.second_s + seconds_s, DAY_S)
    if second_s >= DAY_S:  # a tiny negative rounds up to the whole day
        days, second_s = days + 1, 0.0
    return Epoch(epoch.day + int(days), second_s)


def tdb_s(epoch: Epoch) -> float:
    """Seconds of TDB since J2000 as one float (0.1 microseconds in 2025): for SPICE only."""
    return math.fsum((epoch.day * DAY_S, epoch.second_s))


def _read(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(str(text).strip().removesuffix(" UTC") + _scale(text))
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() != timedelta(0):
        raise InputError(
            f'An instant must be ISO 8601 in UTC such as "2025-03-06T17:32:00Z", but is "{text}"; '
            "write the date, `T`, the time of day, and end it in `Z`."
        )
    return instant.astimezone(UTC)


def _scale(text: str) -> str:
    return "+00:00" if str(text).strip().endswith(" UTC") else ""
