"""Order statistics beside the beta distribution of a sorted uniform, and the known numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perilune.campaign.statistics.order_statistics import (
    least_count,
    lower_bound,
    rank_of,
    upper_bound,
)
from perilune.errors import InputError

FRACTIONS = st.sampled_from([0.6, 0.9, 0.95, 0.99, 0.99865])
CONFIDENCES = st.sampled_from([0.5, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("fraction", "confidence", "failures", "runs"),
    [(0.99, 0.95, 0, 299), (0.99, 0.95, 5, 1_049), (0.99865, 0.90, 0, 1_705), (0.95, 0.95, 0, 59)],
)
def test_the_numbers_people_know(fraction, confidence, failures, runs):
    assert least_count(fraction, confidence, failures) == runs


@given(FRACTIONS, CONFIDENCES)
def test_without_failures_the_count_is_the_closed_form(fraction, confidence):
    runs = least_count(fraction, confidence)
    assert runs == math.ceil(math.log(1.0 - confidence) / math.log(fraction) - 1e-9)


@given(FRACTIONS, CONFIDENCES, st.integers(0, 40))
def test_the_count_is_the_least_that_the_binomial_allows(fraction, confidence, failures):
    runs = least_count(fraction, confidence, failures)
    enough, one_less = stats.binom.cdf(failures, [runs, runs - 1], 1.0 - fraction)
    assert enough <= 1.0 - confidence + 1e-12
    assert one_less > 1.0 - confidence or runs - 1 == failures


@given(st.integers(1, 4_000), FRACTIONS, CONFIDENCES)
def test_the_rank_is_the_least_whose_sorted_uniform_is_above_the_fraction(n, fraction, confidence):
    rank = rank_of(n, fraction, confidence)

    def sureness(k):
        return stats.beta.sf(fraction, k, n - k + 1)

    if rank is None:
        assert sureness(n) < confidence + 1e-12
    else:
        assert sureness(rank) >= confidence - 1e-12
        assert rank == 1 or sureness(rank - 1) < confidence + 1e-12


@given(FRACTIONS, CONFIDENCES, st.integers(0, 6))
def test_as_many_values_lie_beyond_the_bound_as_the_count_allows_failures(
    fraction, confidence, failures
):
    runs = least_count(fraction, confidence, failures)
    assert rank_of(runs, fraction, confidence) == runs - failures
    assert rank_of(runs - 1, fraction, confidence) in {None, runs - failures}


def test_the_bound_is_the_value_of_that_rank():
    values = np.random.default_rng(1).permutation(1_049).astype(float)
    bound = upper_bound(values, 0.99, 0.95)
    assert (bound.value, bound.rank, bound.count) == (1_043.0, 1_044, 1_049)
    assert bound.reached


def test_the_lower_bound_is_the_upper_one_in_the_mirror():
    values = np.random.default_rng(2).normal(size=400)
    mirrored = upper_bound(-values, 0.95, 0.9)
    bound = lower_bound(values, 0.95, 0.9)
    assert bound.value == -mirrored.value
    assert bound.rank == mirrored.rank


@pytest.mark.parametrize("ask", [upper_bound, lower_bound])
def test_flights_that_never_came_to_it_count_as_the_worst(ask):
    values = np.arange(299.0)
    whole = ask(values, 0.95, 0.95)
    values[[3, 150]] = np.nan
    holed = ask(values, 0.95, 0.95)
    assert holed.reached
    assert holed.rank == whole.rank
    beyond = np.isnan(values).sum() + (
        (values > holed.value).sum() if ask is upper_bound else (values < holed.value).sum()
    )
    assert beyond == 299 - holed.rank


def test_a_bound_among_the_flights_that_never_came_to_it_is_not_reached():
    bound = upper_bound(np.r_[np.arange(298.0), np.nan], 0.99, 0.95)
    assert (bound.value, bound.rank, bound.reached) == (None, 299, False)


@pytest.mark.parametrize("count", [0, 1, 298])
def test_too_few_flights_bound_nothing(count):
    bound = upper_bound(np.zeros(count), 0.99, 0.95)
    assert (bound.value, bound.rank, bound.count, bound.reached) == (None, None, count, False)


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda: upper_bound([1.0], 99.0, 0.95), "fraction .* but is 99"),
        (lambda: least_count(0.99, 1.0), "confidence .* but is 1"),
        (lambda: least_count(0.99, 0.9, -1), "but are -1"),
    ],
)
def test_impossible_questions_are_named_with_their_cure(ask, named):
    with pytest.raises(InputError, match=named):
        ask()


def test_a_rank_whose_probability_is_exactly_the_confidence_serves():
    assert rank_of(1, 0.5, 0.5) == 1


@pytest.mark.parametrize("fraction", [0.0, 1.0, 1.05])
def test_a_fraction_of_none_or_all_is_refused(fraction):
    with pytest.raises(InputError, match="A fraction of landings must lie between 0 and 1"):
        rank_of(10, fraction, 0.9)
