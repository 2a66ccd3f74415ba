"""Whether two programs that fly the same runs end them equally often: an equivalence test on pairs.

Programs that round differently end some flights differently, to and fro. What must be equal is how
often each outcome comes. Two one-sided tests of the difference (Schuirmann, J. Pharmacokinetics and
Biopharmaceutics 15, 1987, 657-680), by the exact, conservative interval of paired campaigns.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from scipy.special import bdtr

from perilune.campaign.statistics.paired_tests import difference_interval

ERROR = 0.05
"""Chance at most to call an outcome equally frequent where it differs by the margin."""
OUT_OF_REACH = 6.0
"""Standard deviations beyond which a count is left out of a sum: one chance in 500 million."""


class Frequency(NamedTuple):
    """One outcome by both programs: runs that ended in it, and ours less theirs of all runs."""

    ours_count: int
    theirs_count: int
    difference_low_fraction: float
    difference_high_fraction: float


class Equivalence(NamedTuple):
    """Paired runs, how many ended differently, and how often each outcome came."""

    run_count: int
    differing_count: int
    margin_fraction: float
    holds: bool
    outcomes: dict[str, Frequency]


def equivalence(
    ours: Sequence[Hashable], theirs: Sequence[Hashable], margin_fraction: float
) -> Equivalence:
    """The outcomes of the same runs by two programs, in the same order, beside a margin.

    It holds where no outcome is more or less frequent by more than `margin_fraction` of all runs;
    said of programs that differ by as much, that is wrong with a chance of at most `ERROR`.
    """
    pairs = list(zip(ours, theirs, strict=True))
    outcomes = {str(each): _frequency(pairs, each) for each in sorted({*ours, *theirs}, key=str)}
    holds = all(
        within(each.difference_low_fraction, each.difference_high_fraction, margin_fraction)
        for each in outcomes.values()
    )
    differing = sum(one != other for one, other in pairs)
    return Equivalence(len(pairs), differing, margin_fraction, holds, outcomes)


def _frequency(pairs: Sequence[tuple[Hashable, Hashable]], outcome: Hashable) -> Frequency:
    only_ours = sum(one == outcome != other for one, other in pairs)
    only_theirs = sum(one != outcome == other for one, other in pairs)
    both = sum(one == outcome == other for one, other in pairs)
    interval = difference_interval(only_theirs, only_ours, len(pairs), 1.0 - 2.0 * ERROR)
    return Frequency(both + only_ours, both + only_theirs, *interval)


def within(low: float, high: float, margin: float) -> bool:
    """Whether an interval lies inside a margin on both sides."""
    return -margin <= low and high <= margin


def chance_to_hold(
    run_count: int, margin_fraction: float, only_ours: float, only_theirs: float
) -> float:
    """The chance that one outcome is found equally frequent.

    `only_ours` and `only_theirs` are the shares of all runs that end in it by one program alone.
    """
    differing, chance = only_ours + only_theirs, 0.0
    for count in _likely(run_count, differing):
        weight = _chance_of(count, run_count, differing)
        for ours in _likely(count, only_ours / differing):
            interval = difference_interval(count - ours, ours, run_count, 1.0 - 2.0 * ERROR)
            if within(*interval, margin_fraction):
                chance += weight * _chance_of(ours, count, only_ours / differing)
    return chance


def _likely(count: int, share: float) -> range:
    """The counts of a binomial law that are not out of reach."""
    reach = OUT_OF_REACH * (count * share * (1.0 - share)) ** 0.5 + 1.0
    return range(max(int(count * share - reach), 0), min(int(count * share + reach), count) + 1)


def _chance_of(successes: int, count: int, share: float) -> float:
    below = bdtr(successes - 1.0, count, share) if successes else 0.0
    return float(bdtr(float(successes), count, share) - below)
