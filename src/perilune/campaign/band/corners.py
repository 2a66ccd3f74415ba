"""The band: a lower bound where all assumptions are at their worst, an upper one at their best."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from perilune.campaign.band.held_values import QUANTILES, Level
from perilune.campaign.band.screening import Flags, Screened, ranked
from perilune.campaign.statistics.binomial_interval import CLOPPER_PEARSON, clopper_pearson

ASSUMES = (
    "Each number that is not known lies between the 5 % and 95 % quantiles of its distribution. "
    "Worst and best of all together are at the levels (low, median, high) that are worst and best "
    "of each by itself: no two assumptions undo each other, and none is worse between its levels. "
    "These levels were chosen on other runs than those that bound P(clean) here."
)
METHOD = "Clopper-Pearson at the worst and at the best corner, Bonferroni over the two ends"


def band_of(
    screened: Sequence[Screened],
    levels: Mapping[str, Mapping[str, Level]],
    clean: Mapping[str, Flags],
    confidence: float,
) -> dict[str, Any]:
    """The band's part of a document.

    `levels` are those of each path at "worst" and at "best", `clean` the runs flown there, which
    must be other ones than those of `screened`. `interval` is [lo, hi]: lo is below P(clean) at the
    worst corner, hi above that at the best, each but for (1 - confidence) / 2, so that both hold
    with `confidence`. Where chance has put the worst above the best, each end is the outer one.
    """
    bounds = [clopper_pearson(int(np.sum(each)), len(each), confidence) for each in clean.values()]
    return {
        "interval": [min(lo for lo, _ in bounds), max(hi for _, hi in bounds)],
        "confidence": confidence,
        "quantiles": [QUANTILES["low"], QUANTILES["high"]],
        "method": METHOD,
        "assumes": ASSUMES,
        "source": CLOPPER_PEARSON.source,
        "corners": [_corner(name, levels[name], flags) for name, flags in clean.items()],
        "assumptions": ranked(screened, confidence),
    }


def _corner(name: str, levels: Mapping[str, Level], flags: Flags) -> dict[str, Any]:
    count = int(np.sum(flags))
    return {
        "name": name,
        "levels": dict(levels),
        "runs": len(flags),
        "clean": count,
        "probability": count / len(flags),
    }
