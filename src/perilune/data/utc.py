"""Instants in UTC: read and written by NAIF's leap seconds, and before 1972 by the IERS' table."""

from datetime import UTC, datetime, timedelta
from types import ModuleType

from perilune.data.early_utc import LEAP_SECONDS_BEGIN, tai_less_utc_s
from perilune.data.spice_kernels import kernels
from perilune.errors import InputError
from perilune.mechanics.time import Epoch, after, tdb_s

_J2000_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


def epoch_from_utc(text: str) -> Epoch:
    """The instant of an ISO 8601 text in UTC, such as `2025-03-06T17:32:00Z`.

    The text must say its scale (`Z`, `+00:00` or ` UTC`). Read to the microsecond; a leap second
    itself (`23:59:60`) is refused. TDB - UTC is SPICE's `deltet` with NAIF's leap seconds; before
    1972 it is SPICE's TDB - TAI and the TAI - UTC of `tai_less_utc_s`.

    Raises InputError when the text is no such instant.
    """
    instant = _read(text)
    since = instant - _J2000_NOON
    in_day_s = since.seconds + since.microseconds * 1e-6
    with kernels("leapseconds") as spice:
        ahead_s = _tdb_less_utc_s(spice, instant)
    return after(Epoch(since.days, in_day_s), ahead_s)


def _tdb_less_utc_s(spice: ModuleType, instant: datetime) -> float:
    since_s = (instant - _J2000_NOON) / timedelta(seconds=1)
    if instant >= LEAP_SECONDS_BEGIN:
        return float(spice.deltet(since_s, "UTC"))
    tai_s = since_s + tai_less_utc_s(instant)
    return float(spice.unitim(tai_s, "TAI", "TDB")) - since_s


def utc_text(epoch: Epoch, after_s: float = 0.0, decimals: int = 3) -> str:
    """An instant, `after_s` seconds after `epoch`, as ISO 8601 in UTC: `2025-03-06T17:32:00.000Z`.

    Rounded to `decimals` (0 to 6) places. Inside a leap second the clock shown stands a second on.
    """
    instant = after(epoch, after_s)
    with kernels("leapseconds") as spice:
        ahead_s = float(spice.deltet(tdb_s(instant), "ET"))
        near = _J2000_NOON + timedelta(seconds=tdb_s(instant) - ahead_s)
        if near < LEAP_SECONDS_BEGIN:  # some seconds off, in which the difference hardly changes
            ahead_s = _tdb_less_utc_s(spice, near)
            ahead_s = _tdb_less_utc_s(
                spice, _J2000_NOON + timedelta(seconds=tdb_s(instant) - ahead_s)
            )
    ticks = round((instant.second_s - ahead_s) * 10**decimals)
    whole_s, ticks = divmod(ticks, 10**decimals)
    civil = _J2000_NOON + timedelta(days=instant.day, seconds=whole_s)
    fraction = f".{ticks:0{decimals}d}" if decimals else ""
    return f"{civil:%Y-%m-%dT%H:%M:%S}{fraction}Z"


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
