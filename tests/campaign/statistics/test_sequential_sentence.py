"""What the sequential test tells a reader: its decision in words, and what it cannot be asked."""

import pytest

from perilune.campaign.statistics.scope import P_CLEAN
from perilune.campaign.statistics.sequential_test import Requirement, bounds, decide, sentence
from perilune.errors import InputError


@pytest.mark.parametrize(
    ("clean", "runs", "opens", "explains"),
    [
        (384, 384, "Met after 384 runs, 0 of them unclean", True),
        (2_000, 2_000, "Met after 2000 runs", False),
        (50, 64, "Refuted after 64 runs, 14 of them unclean", False),
        (64, 64, "Undecided after 64 runs", False),
    ],
)
def test_the_sentence_explains_an_interval_that_seems_to_contradict_it(
    clean, runs, opens, explains
):
    requirement = Requirement(0.99, 0.95)
    said = sentence(requirement, clean, runs)
    lo, hi = bounds(clean, runs, 0.95, requirement)
    seems_to = decide(requirement, clean, runs) != "undecided" and bool(lo < 0.99 < hi)
    assert said.startswith(opens)
    assert ("does not speak against this" in said) is explains is seems_to


@pytest.mark.parametrize(
    ("clean", "runs", "opens", "side"),
    [
        (2_000, 2_000, "Met after 2000 runs, 0 of them unclean", "at least"),
        (50, 64, "Refuted after 64 runs, 14 of them unclean", "less than"),
    ],
)
def test_the_sentence_says_on_which_side_the_probability_lies_and_how_surely(
    clean, runs, opens, side
):
    words = sentence(Requirement(0.99, 0.95), clean, runs)
    assert words == f"{opens}: {P_CLEAN} is {side} 0.99, with 95 % confidence."


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda: decide(Requirement(0.99), 65, 64), "65 of 64"),
        (lambda: decide(Requirement(99.0), 64, 64), "probability .* but is 99"),
        (lambda: decide(Requirement(0.0), 64, 64), "probability .* but is 0"),
        (lambda: decide(Requirement(1.0), 64, 64), "probability .* but is 1"),
        (lambda: decide(Requirement(0.99, 0.4), 64, 64), "confidence .* but is 0.4"),
        (lambda: decide(Requirement(0.99, 0.5), 64, 64), "confidence .* but is 0.5"),
        (lambda: decide(Requirement(0.99, 1.0), 64, 64), "confidence .* but is 1"),
        (lambda: bounds(65, 64, 0.95), "65 of 64"),
        (lambda: bounds(1, 2, 1.0), "confidence .* but is 1"),
    ],
)
def test_impossible_questions_are_named_with_their_cure(ask, named):
    with pytest.raises(InputError, match=named):
        ask()
