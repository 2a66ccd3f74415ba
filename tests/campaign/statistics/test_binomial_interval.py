"""Clopper-Pearson beside SciPy's, and what an interval between Sobol blocks may claim."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perilune.campaign.statistics.binomial_interval import between_blocks, clopper_pearson
from perilune.errors import InputError

COUNTS = st.integers(1, 20_000).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs)))
CONFIDENCES = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.9999])


@given(COUNTS, CONFIDENCES)
def test_the_interval_is_scipy_s_exact_one(counts, confidence):
    clean, runs = counts
    theirs = stats.binomtest(clean, runs).proportion_ci(confidence, method="exact")
    np.testing.assert_allclose(
        clopper_pearson(clean, runs, confidence), theirs, rtol=1e-9, atol=1e-12
    )


def test_thirty_of_thirty_support_no_more_than_0_884():
    assert round(clopper_pearson(30, 30, 0.95)[0], 3) == 0.884


def test_without_a_failure_the_lower_end_is_the_closed_form():
    runs = np.array([1, 30, 299, 10_000])
    lo, hi = clopper_pearson(runs, runs, 0.95)
    np.testing.assert_allclose(lo, 0.025 ** (1.0 / runs), rtol=1e-12)
    assert (hi == 1.0).all()


def test_no_run_says_nothing():
    assert clopper_pearson(0, 0, 0.95) == (0.0, 1.0)


@pytest.mark.parametrize("probability", [0.003, 0.5, 0.97, 0.99])
@pytest.mark.parametrize("runs", [7, 64, 300])
def test_it_covers_the_truth_at_least_as_often_as_promised(probability, runs):
    clean = np.arange(runs + 1)
    lo, hi = clopper_pearson(clean, runs, 0.95)
    chance = stats.binom.pmf(clean, runs, probability)
    assert chance[lo > probability].sum() <= 0.025
    assert chance[hi < probability].sum() <= 0.025


@given(st.integers(2, 500), CONFIDENCES)
def test_both_ends_rise_with_the_clean_runs_and_hold_the_share(runs, confidence):
    clean = np.arange(runs + 1)
    lo, hi = clopper_pearson(clean, runs, confidence)
    assert (np.diff(lo) > 0.0).all()
    assert (np.diff(hi) > 0.0).all()
    assert ((lo <= clean / runs) & (clean / runs <= hi)).all()


@given(COUNTS, CONFIDENCES)
def test_clean_and_unclean_swapped_swap_the_ends(counts, confidence):
    clean, runs = counts
    lo, hi = clopper_pearson(clean, runs, confidence)
    other_lo, other_hi = clopper_pearson(runs - clean, runs, confidence)
    np.testing.assert_allclose([1.0 - hi, 1.0 - lo], [other_lo, other_hi], rtol=0.0, atol=1e-15)


def test_between_blocks_is_scipy_s_interval_of_a_mean():
    shares = np.array([0.97, 0.985, 0.99, 0.975, 0.9803])
    theirs = stats.ttest_1samp(shares, 0.5).confidence_interval(0.95)
    np.testing.assert_allclose(between_blocks(shares, 0.95), theirs, rtol=1e-12)


def test_between_blocks_stays_within_zero_and_one():
    lo, hi = between_blocks([1.0, 0.9, 1.0], 0.99)
    assert 0.0 < lo < hi == 1.0


@pytest.mark.parametrize("blocks", [2, 4, 20])
def test_blocks_without_spread_promise_only_what_their_number_shows(blocks):
    often = 0.025 ** (1.0 / (blocks - 1))
    assert between_blocks(np.ones(blocks), 0.95) == pytest.approx((often, 1.0))
    assert between_blocks(np.zeros(blocks), 0.95) == pytest.approx((0.0, 1.0 - often))
    assert between_blocks(np.full(blocks, 0.5), 0.95) == pytest.approx(
        (0.5 * often, 1.0 - 0.5 * often)
    )


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda: clopper_pearson(31, 30, 0.95), "31 of 30"),
        (lambda: clopper_pearson(-1, 30, 0.95), "-1 of 30"),
        (lambda: clopper_pearson(1, 30, 95.0), "but is 95"),
        (lambda: between_blocks([0.9], 0.95), "two blocks or more"),
    ],
)
def test_impossible_questions_are_named_with_their_cure(ask, named):
    with pytest.raises(InputError, match=named):
        ask()


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.05, -0.5])
def test_a_confidence_of_nothing_or_certainty_is_refused(confidence):
    for ask in (
        lambda: clopper_pearson(1, 2, confidence),
        lambda: between_blocks([0, 1], confidence),
    ):
        with pytest.raises(InputError, match="A confidence must lie between 0 and 1"):
            ask()


def test_between_blocks_of_shares_near_zero_begins_at_zero():
    assert between_blocks([0.0, 0.0, 0.05], 0.95)[0] == 0.0
