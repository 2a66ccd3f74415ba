"""UTC before 1972, when it was steered in steps and in rate, and the time scale before that."""

from datetime import UTC, datetime

from perilune.mechanics.time import DAY_S

LEAP_SECONDS_BEGIN = datetime(1972, 1, 1, tzinfo=UTC)
_FIRST = datetime(1960, 1, 1, tzinfo=UTC)
_FIRST_RATE_PER_DAY_S = 0.001296


def tai_less_utc_s(instant: datetime) -> float:
    """TAI - UTC before 1972, in s, by the table of the IERS as ERFA has it (`eraDat`).

    UTC begins in 1960. Before that the first line of the table is extended, which is UT1 within
    0.2 s for 1959 (TAI - UT1 was 0.7 to 0.9 s).
    """
    import erfa

    day = max(instant, _FIRST)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    of_day = (day - midnight).total_seconds() / DAY_S
    extended_days = (instant - day).total_seconds() / DAY_S
    table_s = float(erfa.dat(day.year, day.month, day.day, of_day))
    return table_s + _FIRST_RATE_PER_DAY_S * extended_days
