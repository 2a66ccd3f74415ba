"""The equivalence test of two programs that fly the same runs, on coins whose odds are known."""

import pytest

from validation.equivalence import ERROR, chance_to_hold, equivalence

RUNS, MARGIN = 64, 0.35


def test_programs_that_end_every_run_alike_are_equivalent():
    found = equivalence(["LANDED"] * 2000, ["LANDED"] * 2000, 0.003)
    assert found.holds
    assert found.differing_count == 0
    assert found.outcomes["LANDED"][:2] == (2000, 2000)


def test_other_runs_that_land_are_no_difference_in_how_many_do():
    """As many landed and crashed by either, though a tenth of the runs changed places."""
    ours = ["LANDED", "CRASHED"] * 100 + ["LANDED"] * 1800
    theirs = ["CRASHED", "LANDED"] * 100 + ["LANDED"] * 1800
    found = equivalence(ours, theirs, 0.03)
    assert found.holds
    assert found.differing_count == 200
    landed = found.outcomes["LANDED"]
    assert landed.difference_high_fraction == pytest.approx(-landed.difference_low_fraction)


def test_an_outcome_that_is_more_frequent_by_the_margin_is_found():
    ours = ["CRASHED"] * 60 + ["LANDED"] * 1940
    found = equivalence(ours, ["LANDED"] * 2000, 0.03)
    assert not found.holds
    crashed = found.outcomes["CRASHED"]
    assert crashed.difference_low_fraction < 0.03 < crashed.difference_high_fraction


def test_runs_that_were_not_flown_by_both_are_refused():
    with pytest.raises(ValueError, match="zip"):
        equivalence(["LANDED"], [], 0.01)


@pytest.mark.parametrize("theirs", [0.001, 0.05, 0.2])
def test_programs_that_differ_by_the_margin_pass_in_one_case_of_twenty_at_most(theirs):
    """By the law of the counts, summed, however many runs change places besides."""
    assert chance_to_hold(RUNS, MARGIN, theirs + MARGIN, theirs) <= ERROR
    assert chance_to_hold(RUNS, MARGIN, theirs, theirs + MARGIN) <= ERROR


def test_programs_that_only_round_differently_are_seldom_accused():
    """An eighth of the runs ends otherwise, as seen with a noisy altimeter, to and fro alike."""
    assert 1.0 - chance_to_hold(RUNS, MARGIN, 0.06, 0.06) < 1e-3
