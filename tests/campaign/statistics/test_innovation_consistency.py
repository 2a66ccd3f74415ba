"""Means of NIS: flights are the independent draws, and what is off is said by how much."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from perilune.campaign.statistics.innovation_consistency import AS_EXPECTED, innovations


def rows(count, scale=1.0, seed=3):
    """NIS of flights whose readings share what differs from flight to flight."""
    values = scale * np.random.default_rng(seed).chisquare(200, count) / 200
    return pa.table({"run": np.arange(count), "nis_altimeter": values, "nis_camera": values})


def test_readings_as_expected_are_said_to_be():
    found = innovations(rows(100))
    assert [each["unit"] for each in found] == ["altimeter", "camera"]
    assert [each["words"] for each in found] == [AS_EXPECTED] * 2


def test_the_interval_is_students_at_the_shared_confidence():
    table = rows(50)
    values = table["nis_altimeter"].to_numpy()
    low, high = stats.t.interval(0.975, 49, values.mean(), stats.sem(values))
    (found, _) = innovations(table, 0.95)
    assert (found["lo"], found["hi"]) == pytest.approx((low, high))


def test_readings_that_scatter_twice_as_far_are_off_by_two():
    assert innovations(rows(100, scale=4.0))[0]["words"].startswith("off by 2.0")


def test_a_sensor_that_no_flight_used_is_left_out_and_too_few_flights_say_nothing():
    silent = rows(30).append_column("nis_radar", pa.array([None] * 30, pa.float64()))
    assert [each["unit"] for each in innovations(silent)] == ["altimeter", "camera"]
    assert innovations(rows(5))[0]["mean"] is None
