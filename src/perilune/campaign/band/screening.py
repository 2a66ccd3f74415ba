"""What each assumption does to P(clean) by itself, and which levels of all are worst and best.

Each assumption is flown at three levels on the same run numbers, all others at their medians. Of
three levels rather than two, so that one whose both ends harm (a bias of either sign) is seen.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from perilune.campaign.band.held_values import Level
from perilune.campaign.statistics.multiple_testing import holm
from perilune.campaign.statistics.paired_tests import difference_interval, mcnemar_p

Flags = Bool[np.ndarray, " run"]


@dataclass(frozen=True)
class Screened:
    """One assumption: which runs were clean at each level, the same run numbers at all three."""

    path: str
    clean: Mapping[Level, Flags]

    def counts(self) -> dict[Level, int]:
        """How many runs were clean at each level."""
        return {level: int(np.sum(flags)) for level, flags in self.clean.items()}


def worst_level(screened: Screened) -> Level:
    """The level with the fewest clean runs; the median where an end is no worse."""
    counts = screened.counts()
    return min(counts, key=lambda level: (counts[level], level != "median"))


def best_level(screened: Screened) -> Level:
    """The level with the most clean runs; the median where an end is no better."""
    counts = screened.counts()
    return max(counts, key=lambda level: (counts[level], level == "median"))


def ranked(every: Sequence[Screened], confidence: float) -> list[dict[str, Any]]:
    """What each assumption moves, the one that moves P(clean) most first.

    A dict each: `path`, `clean` by level, `runs`; `worst` and `best`, the levels; `difference`, the
    share clean at the best less that at the worst, with `interval`, which holds for all pairs of
    levels of all assumptions at once with `confidence` (Bonferroni over three pairs each, so that
    the choice of the pair after the flights costs nothing); `p_adjusted`, McNemar's exact test,
    Holm over the same pairs; `moved`, whether that is small enough.
    """
    pairs = [_pairs(each) for each in every]
    adjusted = holm([p for some in pairs for p in some.values()])
    error = (1.0 - confidence) / max(len(adjusted), 1)
    each_adjusted = dict(
        zip(
            [(each.path, pair) for each, some in zip(every, pairs, strict=True) for pair in some],
            adjusted,
            strict=True,
        )
    )
    rows = [_row(each, error) for each in every]
    for row in rows:
        pair = frozenset((row["worst"], row["best"]))
        p = float(each_adjusted.get((row["path"], pair), 1.0))
        row |= {"p_adjusted": p, "moved": p <= 1.0 - confidence}
    return sorted(rows, key=lambda row: (-row["difference"], row["p_adjusted"]))


def _pairs(screened: Screened) -> dict[frozenset[Level], float]:
    """The p value of each pair of levels."""
    return {
        frozenset(pair): mcnemar_p(*_only(screened, *pair))
        for pair in itertools.combinations(screened.clean, 2)
    }


def _only(screened: Screened, one: Level, other: Level) -> tuple[int, int]:
    """(clean at the one level alone, clean at the other alone)."""
    first, second = screened.clean[one], screened.clean[other]
    return int(np.sum(first & ~second)), int(np.sum(~first & second))


def _row(screened: Screened, error: float) -> dict[str, Any]:
    counts, worst, best = screened.counts(), worst_level(screened), best_level(screened)
    runs = len(screened.clean["median"])
    return {
        "path": screened.path,
        "runs": runs,
        "clean": counts,
        "worst": worst,
        "best": best,
        "difference": (counts[best] - counts[worst]) / runs,
        "interval": difference_interval(*_only(screened, worst, best), runs, 1.0 - error),
    }
