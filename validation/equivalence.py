"""Whether two programs that fly the same runs end them alike: an equivalence test on pairs.

The chance that a run ends otherwise by one than by the other bounds how far apart the chances of
any outcome are, whatever outcomes there are (the coupling bound of the total variation distance;
Lindvall, Lectures on the Coupling Method, 1992, I.2). So one exact upper bound on it decides both
one-sided tests of every outcome at once (Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15,
1987, 657-680).
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from scipy.special import bdtr

from perilune.campaign.statistics.binomial_interval import clopper_pearson

ERROR = 0.05
"""Chance at most to call programs equivalent whose runs differ as often as the margin."""


class Equivalence(NamedTuple):
    """Paired runs, how many ended otherwise, and what that says of all runs."""

    run_count: int
    differing_count: int
    most_fraction: float  # of all runs that may end otherwise, at 1 - `ERROR`; Clopper-Pearson
    margin_fraction: float
    holds: bool
    outcomes: dict[str, list[int]]  # how often each program ended in it


def equivalence(
    ours: Sequence[Hashable], theirs: Sequence[Hashable], margin_fraction: float
) -> Equivalence:
    """The outcomes of the same runs by two programs, in the same order, beside a margin.

    It holds where at most `margin_fraction` of all runs end otherwise, and so no outcome is more
    or less frequent by more than that, with a chance of error of at most `ERROR`.
    """
    differing = sum(one != other for one, other in zip(ours, theirs, strict=True))
    most = float(clopper_pearson(differing, len(ours), 1.0 - 2.0 * ERROR)[1])
    outcomes = {
        str(each): [list(ours).count(each), list(theirs).count(each)]
        for each in sorted({*ours, *theirs}, key=str)
    }
    return Equivalence(
        len(ours), differing, most, margin_fraction, most <= margin_fraction, outcomes
    )


def most_differing(run_count: int, margin_fraction: float) -> int:
    """How many of so many runs may end otherwise for equivalence to hold; -1 where none do."""
    count = -1
    while clopper_pearson(count + 1, run_count, 1.0 - 2.0 * ERROR)[1] <= margin_fraction:
        count += 1
    return count


def alarm_chance(run_count: int, margin_fraction: float, differing_fraction: float) -> float:
    """The chance that equivalence is not shown of programs that differ in such a share of runs."""
    most = most_differing(run_count, margin_fraction)
    return 1.0 if most < 0 else float(1.0 - bdtr(float(most), run_count, differing_fraction))
