"""Means of NEES: a consistent filter's stay in their band, an inconsistent one's are flagged."""

import json

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from perilune.campaign.statistics.filter_consistency import (
    CAUTIOUS,
    INSIDE,
    OVERCONFIDENT,
    POINTS,
    consistency,
    flagged,
    mean_band,
)

GROUPS = {"position": 3, "velocity": 3, "attitude": 3, "height": 1}


def table(count, seed=1, scale=1.0):
    """Rows of a filter whose squared errors are `scale` times what it believes."""
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            f"nees_{point}_{group}": scale * rng.chisquare(degrees, count) / degrees
            for point in POINTS
            for group, degrees in GROUPS.items()
        }
    )


def test_every_group_of_the_rows_is_told_with_its_own_degrees_of_freedom():
    rows = consistency(table(100))
    assert {each["group"]: each["degrees"] for each in rows} == GROUPS
    assert [each["point"] for each in rows[:: len(GROUPS)]] == list(POINTS)


def test_a_filter_whose_sigma_is_three_times_its_error_is_cautious_and_not_praised():
    for each in consistency(table(200, scale=1.0 / 9.0)):
        assert each["verdict"] == CAUTIOUS
        assert each["ratio"] == pytest.approx(3.0, rel=0.15)
        assert each["words"].startswith("cautious: its sigma is ")


def test_errors_larger_than_sigma_are_overconfident_by_the_root_of_the_mean():
    rows = consistency(table(200, scale=6.1))
    assert {each["verdict"] for each in rows} == {OVERCONFIDENT}
    for each in rows:
        assert each["ratio"] == pytest.approx(np.sqrt(each["mean"]))


def test_one_mean_outside_is_flagged_among_those_inside():
    rows = table(64)
    values = 6.1 * rows["nees_gate_height"].to_numpy()
    at = rows.column_names.index("nees_gate_height")
    found = flagged(consistency(rows.set_column(at, "nees_gate_height", pa.array(values))))
    assert [each["column"] for each in found] == ["nees_gate_height"]


def test_the_band_of_a_mean_is_that_of_chi_square_tables():
    """Chi-square at 0.025 and 0.975: 30 degrees 16.791, 46.979; 1 degree 0.000982, 5.024."""
    assert mean_band(10, 3, 0.05) == pytest.approx((16.791 / 30, 46.979 / 30), abs=1e-4)
    assert mean_band(1, 1, 0.05) == pytest.approx((0.000982, 5.024), abs=5e-4)


def test_a_consistent_filter_is_flagged_no_more_often_than_promised():
    """Of 300 campaigns at 95 % more than 37 flagged come up once in 1e6 where 5 % is true."""
    tries = 300
    flags = sum(bool(flagged(consistency(table(30, seed)))) for seed in range(tries))
    assert flags <= int(stats.binom.isf(1e-6, tries, 0.05))


def test_too_few_flights_say_nothing_of_the_filter_and_all_is_json():
    rows = consistency(table(5, scale=9.0))
    assert {each["verdict"] for each in rows} == {None}
    assert rows[0]["words"] == "too few flights: 5, at least 20 are needed"
    assert not flagged(rows)
    json.dumps(rows, allow_nan=False)
    assert {each["verdict"] for each in consistency(table(20))} <= {INSIDE, CAUTIOUS, OVERCONFIDENT}


def constant(mean, count=40):
    """Rows whose squared errors are all the same."""
    return pa.table({"nees_gate_height": np.full(count, mean), "miss_m": np.ones(count)})


@pytest.mark.parametrize(
    ("mean", "verdict", "ratio", "words"),
    [
        (1.0, INSIDE, 1.0, INSIDE),
        (0.25, CAUTIOUS, 2.0, "cautious: its sigma is 2.00 times its rms error"),
        (9.0, OVERCONFIDENT, 3.0, "overconfident: its rms error is 3.00 times its sigma"),
        (0.0, CAUTIOUS, None, "cautious: its sigma is many times its rms error"),
    ],
)
def test_a_verdict_has_its_ratio_and_its_words(mean, verdict, ratio, words):
    (row,) = consistency(constant(mean))
    assert (row["verdict"], row["ratio"], row["words"]) == (verdict, ratio, words)


def test_an_error_of_nothing_is_flagged_before_every_other():
    table_of = {"nees_gate_height": np.full(40, 9.0), "nees_gate_position": np.zeros(40)}
    assert [each["group"] for each in flagged(consistency(pa.table(table_of)))] == [
        "position",
        "height",
    ]
