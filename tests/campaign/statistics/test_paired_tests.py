"""Two campaigns on the same runs: McNemar beside SciPy, the interval over all outcomes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perilune.campaign.statistics.paired_tests import compare, difference_interval, mcnemar_p
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
