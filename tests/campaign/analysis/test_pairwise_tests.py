"""Points of a sweep set beside each other: which pairs, and corrected for all of them."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from perilune.campaign.analysis.pairwise_tests import compare_points, pairs_of
from perilune.campaign.figure_names import JUDGED
from perilune.campaign.statistics.paired_tests import difference_interval
from tests.report.synthetic_campaign import rows


def test_up_to_ten_points_are_compared_with_every_other():
    points = [{"a": str(i % 3), "b": str(i // 3)} for i in range(9)]
    assert len(pairs_of(points)) == 36


def test_more_points_are_compared_with_their_neighbours_on_the_grid():
    points = [{"a": str(i), "b": str(j)} for i in range(4) for j in range(3)]
    pairs = pairs_of(points)
    assert len(pairs) == 4 * 2 + 3 * 3
    assert (0, 1) in pairs
    assert (0, 3) in pairs
    assert (0, 4) not in pairs
    assert pairs_of([{"a": str(i)} for i in range(12)]) == [(i, i + 1) for i in range(11)]


def test_a_point_that_leaves_less_in_the_tank_is_told_from_its_neighbours():
    table = rows(64, seed=3, hardship=0.0)
    at = table.column_names.index("propellant_kg")
    less = pa.array(table["propellant_kg"].to_numpy() - 14.0)
    found = compare_points([table, table, table.set_column(at, "propellant_kg", less)], PAIRS)
    moved = {
        (row["a"], row["b"]): [each["column"] for each in row["figures"] if each["moved"]]
        for row in found["pairs"]
    }
    assert moved == {(0, 1): [], (0, 2): ["propellant_kg"], (1, 2): ["propellant_kg"]}
    assert not any(row["differ"] for row in found["pairs"])
    assert {each["column"] for each in found["pairs"][0]["figures"]} == set(JUDGED)


def test_points_that_fail_more_often_differ_in_clean_flights_after_correction():
    easy, harder = rows(96, seed=3, hardship=0.0), rows(96, seed=3, hardship=3.0)
    (row,) = compare_points([easy, harder], [(0, 1)])["pairs"]
    assert row["differ"]
    assert row["only_b_clean"] == 0
    assert row["interval"][1] < 0.0


def test_points_of_unequal_length_are_compared_over_the_runs_that_both_have():
    (row,) = compare_points([rows(64), rows(40)], [(0, 1)])["pairs"]
    assert row["runs"] == 40


def test_points_that_differ_by_chance_alone_are_told_apart_as_rarely_as_promised():
    """Of 200 sweeps at 95 % more than 28 with any pair that differs come up once in 1e6."""
    rng, alarms, tries = np.random.default_rng(5), 0, 200
    for _ in range(tries):
        tables = [pa.table({"clean": rng.random(60) < 0.7}) for _ in range(4)]
        found = compare_points(tables, pairs_of([{"a": str(i)} for i in range(4)]))
        alarms += any(row["differ"] for row in found["pairs"])
    assert alarms <= int(stats.binom.isf(1e-6, tries, 0.05))


PAIRS = [(0, 1), (0, 2), (1, 2)]


def test_ten_points_are_still_compared_with_every_other_and_eleven_are_not():
    assert len(pairs_of([{"a": str(i)} for i in range(10)])) == 45
    assert len(pairs_of([{"a": str(i)} for i in range(11)])) == 10


def test_an_interval_of_clean_flights_has_its_part_of_the_error_of_all_pairs():
    easy, harder = rows(96, seed=3, hardship=0.0), rows(96, seed=3, hardship=3.0)
    found = compare_points([easy, harder, easy], PAIRS, confidence=0.95)["pairs"]
    for row in found:
        only = row["only_a_clean"], row["only_b_clean"]
        expected = difference_interval(*only, row["runs"], 1.0 - 0.05 / 3.0)
        assert row["interval"] == pytest.approx(expected)
