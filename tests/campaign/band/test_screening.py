"""What each assumption does by itself, on runs whose clean flags are laid by hand."""

import numpy as np
import pytest

from perilune.campaign.band.screening import Screened, best_level, ranked, worst_level
from perilune.campaign.statistics.paired_tests import difference_interval, mcnemar_p

RUNS = 200


def clean(count):
    """The first `count` of the runs clean."""
    return np.arange(RUNS) < count


def screened(path, low, median, high):
    return Screened(path, {"low": clean(low), "median": clean(median), "high": clean(high)})


@pytest.mark.parametrize(
    ("counts", "worst", "best"),
    [
        ((150, 120, 90), "high", "low"),
        ((90, 120, 150), "low", "high"),
        ((90, 120, 100), "low", "median"),
        ((130, 120, 125), "median", "low"),
        ((120, 120, 120), "median", "median"),
        ((90, 90, 120), "median", "high"),
    ],
    ids=["falls", "rises", "both ends harm", "both ends help", "no effect", "low is no worse"],
)
def test_the_levels_of_a_corner_are_those_with_the_fewest_and_the_most_clean_runs(
    counts, worst, best
):
    each = screened("x", *counts)
    assert (worst_level(each), best_level(each)) == (worst, best)


def test_assumptions_are_ranked_by_what_they_move():
    every = [screened("a", 100, 101, 102), screened("b", 160, 120, 80), screened("c", 90, 120, 100)]
    rows = ranked(every, 0.95)
    assert [row["path"] for row in rows] == ["b", "c", "a"]
    assert [row["difference"] for row in rows] == [80 / RUNS, 30 / RUNS, 2 / RUNS]
    assert [row["moved"] for row in rows] == [True, True, False]
    assert rows[0]["clean"] == {"low": 160, "median": 120, "high": 80}


def test_intervals_and_p_values_are_those_of_all_pairs_of_levels_together():
    """Two assumptions have six pairs; by Holm the second smallest p of them counts five times."""
    every = [screened("a", 60, 40, 20), screened("b", 41, 40, 40)]
    first, second = ranked(every, 0.9)
    for row, differing in ((first, 40), (second, 1)):
        each = difference_interval(0, differing, RUNS, 1.0 - 0.1 / 6)
        assert row["interval"] == pytest.approx(each, rel=1e-12)
    assert first["p_adjusted"] == pytest.approx(6 * mcnemar_p(0, 40))
    assert second["p_adjusted"] == 1.0


def test_the_difference_counts_pairs_and_not_totals():
    """As many clean at both levels, but in other runs: nothing is gained on the whole."""
    flipped = ~clean(100)
    each = Screened("x", {"low": flipped, "median": clean(100), "high": clean(100)})
    (row,) = ranked([each], 0.95)
    assert row["difference"] == 0.0
    assert not row["moved"]


def test_chance_alone_moves_an_assumption_no_more_often_than_allowed():
    """Twenty assumptions without effect, each pair of levels differing in a fifth of the runs."""
    rng, alarms, tries = np.random.default_rng(7), 0, 200
    for _ in range(tries):
        middle = rng.random(RUNS) < 0.8
        every = [
            Screened(
                str(i),
                {"low": _redrawn(rng, middle), "median": middle, "high": _redrawn(rng, middle)},
            )
            for i in range(20)
        ]
        alarms += any(row["moved"] for row in ranked(every, 0.95))
    assert alarms <= 0.05 * tries + 3.0 * np.sqrt(0.05 * 0.95 * tries)


def _redrawn(rng, flags):
    """The same chance, drawn again in some of the runs."""
    again = rng.random(RUNS) < 0.3
    return np.where(again, rng.random(RUNS) < 0.8, flags)
