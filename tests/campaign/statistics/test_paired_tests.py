"""Two campaigns on the same runs: McNemar beside SciPy, the interval over all outcomes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perilune.campaign.statistics.paired_tests import (
    compare,
    difference_interval,
    least_pairs,
    mcnemar_p,
    median_interval,
    sign_test,
)
from perilune.errors import InputError

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=200)


def campaigns(both, only_a, only_b, neither):
    kinds = [(True, True), (True, False), (False, True), (False, False)]
    rows = np.repeat(kinds, [both, only_a, only_b, neither], axis=0)
    return np.random.default_rng(4).permutation(rows).T


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_p_value_is_scipy_s_sign_test(only_a, only_b):
    theirs = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert mcnemar_p(only_a, only_b) == pytest.approx(theirs, rel=1e-10)


def test_what_differs_is_counted_and_its_direction_named():
    found = compare(*campaigns(900, 20, 5, 75), 0.95)
    assert [found[f"only_{x}_clean"] for x in "ab"] == [20, 5]
    assert (found["both_clean"], found["neither_clean"], found["runs"]) == (900, 75, 1_000)
    assert found["differ"]
    assert found["better"] == "a"
    assert found["difference"] == pytest.approx(-0.015)
    assert found["b_share"] == 0.2
    assert found["interval"][0] < -0.015 < found["interval"][1] < 0.0


def test_campaigns_that_agree_on_every_run_do_not_differ():
    found = compare(*campaigns(10, 0, 0, 3))
    assert (found["p"], found["differ"], found["better"]) == (1.0, False, None)
    assert found["b_share"] is None
    assert found["b_share_interval"] == [0.0, 1.0]
    assert found["interval"][0] == -found["interval"][1] < 0.0


@given(PAIRS)
def test_the_campaigns_swapped_mirror_every_number(pairs):
    a, b = np.array(pairs).T
    one, other = compare(a, b), compare(b, a)
    assert one["p"] == other["p"]
    assert one["difference"] == -other["difference"]
    assert one["interval"] == pytest.approx([-x for x in reversed(other["interval"])], abs=1e-12)
    assert {one["better"], other["better"]} in ({None}, {"a", "b"})


@given(PAIRS)
def test_the_interval_holds_the_difference_and_stays_between_minus_one_and_one(pairs):
    found = compare(*np.array(pairs).T)
    lo, hi = found["interval"]
    assert -1.0 <= lo <= found["difference"] <= hi <= 1.0


@given(PAIRS)
def test_an_interval_that_leaves_zero_out_agrees_with_the_p_value(pairs):
    found = compare(*np.array(pairs).T)
    if found["interval"][0] > 0.0:
        assert found["better"] == "b"
    if found["interval"][1] < 0.0:
        assert found["better"] == "a"


@pytest.mark.parametrize("runs", [5, 14])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_covers_the_difference_at_least_as_often_as_promised(runs, confidence):
    """Every outcome of a small campaign, weighed by its exact chance, on a grid of truths."""
    counts = [(a, b) for a in range(runs + 1) for b in range(runs + 1 - a)]
    ends = np.array([difference_interval(a, b, runs, confidence) for a, b in counts])
    outcomes = np.array([(a, b, runs - a - b) for a, b in counts])
    for a, b in itertools.product([0.0, 0.01, 0.05, 0.2, 0.5, 0.9], repeat=2):
        if a + b <= 1.0:
            chance = stats.multinomial.pmf(outcomes, runs, [a, b, 1.0 - a - b])
            held = (ends[:, 0] <= b - a + 1e-12) & (b - a - 1e-12 <= ends[:, 1])
            assert chance[held].sum() >= confidence - 1e-12


@pytest.mark.parametrize(
    ("a", "b"), [([True], [True, False]), ([], []), ([[True]], [[False]])], ids=str
)
def test_campaigns_that_do_not_match_are_refused(a, b):
    with pytest.raises(InputError, match="same run numbers"):
        compare(a, b)


def test_the_sign_test_leaves_out_what_did_not_change():
    up, down, p = sign_test(np.array([0.0, 1e-9, -2.0, 0.0, 3.0, 0.5]))
    assert (up, down) == (3, 1)
    assert p == pytest.approx(stats.binomtest(1, 4).pvalue)
    assert sign_test(np.zeros(3)) == (0, 0, 1.0)


@pytest.mark.parametrize(
    ("count", "ranks"), [(5, None), (6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (50, (18, 33))]
)
def test_the_median_lies_between_the_ranks_of_the_textbooks_at_95_percent(count, ranks):
    """Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2 and table A3."""
    values = np.random.default_rng(2).permutation(np.arange(1.0, count + 1.0))
    assert median_interval(values, 0.95) == (None if ranks is None else list(map(float, ranks)))


@pytest.mark.parametrize("error", [0.3, 0.05, 0.01, 1e-4])
def test_the_fewest_pairs_that_agree_are_just_enough_for_the_sign_test(error):
    least = least_pairs(error)
    assert mcnemar_p(0, least) <= error < mcnemar_p(0, least - 1)


def test_campaigns_without_a_difference_are_bounded_by_a_fifth_of_the_error():
    """No run differs: discord is at most Clopper and Pearson's end at a fifth of the error."""
    most = stats.binomtest(0, 200).proportion_ci(1.0 - 0.2 * 0.05, method="exact").high
    assert difference_interval(0, 0, 200, 0.95) == pytest.approx([-most, most])


def test_runs_that_all_differ_one_way_bound_discord_and_direction_apart():
    lo = stats.binomtest(10, 10).proportion_ci(1.0 - 0.8 * 0.05, method="exact").low
    discord = stats.binomtest(10, 40).proportion_ci(1.0 - 0.2 * 0.05, method="exact")
    ends = [d * (2.0 * b - 1.0) for d in (discord.low, discord.high) for b in (lo, 1.0)]
    assert difference_interval(0, 10, 40, 0.95) == pytest.approx([min(ends), max(ends)])


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_a_comparison_at_no_confidence_is_refused(confidence):
    with pytest.raises(InputError, match="A confidence must lie between 0 and 1"):
        compare([True], [False], confidence)
