from datetime import datetime

import pytest

from perilune.data.spice_kernels import kernels
from perilune.data.utc import epoch_from_utc, utc_text
from perilune.errors import InputError
from perilune.mechanics.time import tdb_s
from tests.mechanics.test_time import between_s

UTC = [
    "2025-03-06T17:32:00",
    "2024-02-22T23:23:00.125",
    "2016-12-31T23:59:59",
    "2017-01-01T00:00:00",
]


@pytest.mark.parametrize("text", UTC)
def test_an_instant_in_utc_is_the_ephemeris_time_of_spice(text):
    with kernels("leapseconds") as spice:
        theirs_s = spice.str2et(text)
    assert tdb_s(epoch_from_utc(text + "Z")) == pytest.approx(theirs_s, abs=2.5e-7)


@pytest.mark.parametrize("text", UTC)
def test_an_instant_is_written_as_spice_writes_it(text):
    epoch = epoch_from_utc(text + "Z")
    with kernels("leapseconds") as spice:
        theirs = spice.et2utc(tdb_s(epoch), "ISOC", 3)
    assert utc_text(epoch) == theirs + "Z"


def test_noon_of_the_first_of_january_2000_is_64_184_seconds_after_j2000():
    epoch = epoch_from_utc("2000-01-01T12:00:00Z")  # TAI - UTC 32 s, TT - TAI 32.184 s
    assert epoch.day == 0
    assert epoch.second_s == pytest.approx(64.184, abs=2e-4)  # TDB - TT is below 2 ms


def test_the_leap_second_of_2016_is_counted():
    gap_s = between_s(
        epoch_from_utc("2016-12-31T23:59:59Z"), epoch_from_utc("2017-01-01T00:00:00Z")
    )
    assert gap_s == pytest.approx(2.0, abs=1e-9)


@pytest.mark.parametrize("decimals", [0, 3, 6])
def test_text_read_back_is_the_same_instant_to_its_last_digit(decimals):
    epoch = epoch_from_utc("2025-03-06T17:31:59.999987Z")
    again = epoch_from_utc(utc_text(epoch, decimals=decimals))
    assert abs(between_s(epoch, again)) <= 0.5 * 10.0**-decimals + 1e-9


def test_rounding_carries_into_the_minute():
    epoch = epoch_from_utc("2025-03-06T17:31:59.999987Z")
    assert utc_text(epoch) == "2025-03-06T17:32:00.000Z"
    assert utc_text(epoch, after_s=60.0, decimals=0) == "2025-03-06T17:33:00Z"


@pytest.mark.parametrize("spelling", ["2025-03-06 17:32:00 UTC", "2025-03-06T17:32:00+00:00"])
def test_other_spellings_of_utc_are_the_same_instant(spelling):
    assert epoch_from_utc(spelling) == epoch_from_utc("2025-03-06T17:32:00Z")


@pytest.mark.parametrize(
    "text", ["2025-03-06T17:32:00", "2025-03-06T17:32:00+01:00", "6 March 2025", "", "2025-13-01Z"]
)
def test_an_instant_without_its_scale_or_unreadable_is_refused_with_the_cure(text):
    with pytest.raises(InputError, match=r"must be ISO 8601 in UTC .* end it in `Z`"):
        epoch_from_utc(text)


EARLY_S = {
    "1969-07-20T20:17:40": 4.2131700 + (40_422 + 73_060 / 86_400 - 39_126) * 0.002592,
    "1966-02-03T18:44:52": 4.3131700 + (39_159 + 67_492 / 86_400 - 39_126) * 0.002592,
    "1961-07-31T12:00:00": 1.4228180 + (37_511.5 - 37_300) * 0.001296,
    "1961-08-01T12:00:00": 1.3728180 + (37_512.5 - 37_300) * 0.001296,
}
"""TAI - UTC by the lines that the IERS publishes (UTC-TAI.history), MJD and rate as there."""


@pytest.mark.parametrize("text", list(EARLY_S))
def test_before_1972_utc_is_that_of_the_iers(text):
    """TDB - TAI is 32.184 s and at most 2 ms."""
    epoch = epoch_from_utc(text + "Z")
    day_s = between_s(epoch_from_utc("2000-01-01T12:00:00Z"), epoch)
    civil_s = (datetime.fromisoformat(text) - datetime(2000, 1, 1, 12)).total_seconds()
    ahead_s = day_s - civil_s + 32.0 + 32.184
    assert ahead_s == pytest.approx(32.184 + EARLY_S[text], abs=4e-3)
    assert utc_text(epoch, decimals=6) == text + ".000000Z"


def test_before_1960_it_goes_on_as_the_table_begins():
    """The rate of 1960 was 15 parts in a billion."""
    year_s = between_s(
        epoch_from_utc("1959-01-01T00:00:00Z"), epoch_from_utc("1960-01-01T00:00:00Z")
    )
    assert year_s - 365 * 86_400 == pytest.approx(365 * 0.001296, abs=4e-3)
    assert utc_text(epoch_from_utc("1959-09-13T21:02:24Z"), decimals=0) == "1959-09-13T21:02:24Z"
