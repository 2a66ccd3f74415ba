"""Campaigns on coins of known bias: errors, lengths and bounds within what chance allows."""

import pytest

from perilune.campaign.statistics.sequential_test import Requirement
from validation import coins, rivals

NEAR_AND_FAR = {0.9: (0.7, 0.88, 0.9, 0.92, 1.0)}


def test_a_few_hundred_campaigns_err_and_last_and_cover_as_chance_allows():
    """Each limit is what the binomial, or the exact spread of the length, allows by chance."""
    found = coins.compare(campaigns=300, truths=NEAR_AND_FAR)
    assert len(found) == 3 * 5 + 1
    assert not [one for one in found if not one.holds]


@pytest.mark.parametrize("required", coins.TRUTHS)
def test_looked_at_after_every_batch_neither_error_passes_five_in_a_hundred(required):
    ends = coins.exactly(required, *coins.at_looks(Requirement(required, 0.95)))
    assert 0.02 < ends.met_fraction <= 0.05
    assert 0.02 < ends.refuted_fraction <= 0.05


@pytest.mark.parametrize(("required", "runs"), [(0.99, 299), (0.95, 59), (0.9, 29)])
def test_the_fixed_test_beside_it_is_the_known_one(required, runs):
    assert coins.fixed_test(Requirement(required, 0.95), 1.0) == (runs, 0.0)


def test_a_test_that_errs_too_often_is_noticed():
    """The same comparison, given the boundaries of a test that promises only 0.2."""
    loose = coins.flown(coins.toss(0.9, 1_000), *coins.at_looks(Requirement(0.9, 0.8)))
    assert not coins._error("", Requirement(0.9, 0.95), 0.9, loose, 1_000).holds


def test_no_rival_is_shorter_on_the_whole():
    found = rivals.compare(truths=NEAR_AND_FAR, tossed=100)
    assert len(found) == 4
    assert not [one for one in found if not one.holds]
