"""The equivalence test of two programs that fly the same runs, on coins whose odds are known."""

import numpy as np
import pytest

from validation.equivalence import ERROR, alarm_chance, equivalence, most_differing


def test_without_a_difference_the_bound_is_the_rule_of_three():
    """1 - 0.05^(1/n), in closed form; 3/n nearly."""
    found = equivalence(["LANDED"] * 2000, ["LANDED"] * 2000, 0.01)
    assert found.most_fraction == pytest.approx(1.0 - ERROR ** (1.0 / 2000), rel=1e-9)
    assert found.holds
    assert found.outcomes == {"LANDED": [2000, 2000]}


def test_equal_frequencies_of_other_runs_are_not_taken_for_the_same_flights():
    """As many landed and as many crashed, but not the same ones: no pair shows that."""
    ours = ["LANDED", "CRASHED"] * 500
    assert not equivalence(ours, ours[::-1], 0.01).holds


def test_runs_that_were_not_flown_by_both_are_refused():
    with pytest.raises(ValueError, match="zip"):
        equivalence(["LANDED"], [], 0.01)


@pytest.mark.parametrize(("runs", "margin"), [(64, 0.1), (2000, 0.01)])
def test_programs_that_differ_by_the_margin_pass_in_one_case_of_twenty_at_most(runs, margin):
    """Exactly, by the binomial law; one more differing run than `most_differing` is refused."""
    assert 1.0 - alarm_chance(runs, margin, margin) <= ERROR
    most = most_differing(runs, margin)
    for count, holds in ((most, True), (most + 1, False)):
        differing = np.arange(runs) < count
        assert equivalence(differing.tolist(), [False] * runs, margin).holds is holds


def test_programs_that_hardly_differ_are_seldom_accused():
    """One run in a thousand ends otherwise: not shown equivalent in one case of ten thousand."""
    assert most_differing(2000, 0.01) == 12
    assert alarm_chance(2000, 0.01, 0.001) < 1e-4
    assert alarm_chance(20, 0.01, 0.0) == 1.0
