"""The `band` of `campaign.json`: P(clean) over what is not known, and what moves it most."""

from typing import Literal

from perilune.verdict.document import (
    AtLeastOne,
    Count,
    Document,
    Interval,
    Probability,
    described,
)

Named = Literal["low", "median", "high"]


class Ends(Document):
    """Of a number that is not known, in its SI unit."""

    low: float
    high: float


class CleanAt(Document):
    """How many runs were clean with one number at each level, all others at their medians."""

    low: Count
    median: Count
    high: Count


class Assumption(Document):
    """A number that is not known, and what it does to P(clean) by itself."""

    path: str
    unit: str
    distribution: str
    source: str
    values: Ends = described("at the two quantiles")
    runs: AtLeastOne
    clean: CleanAt
    worst: Named = described("the level with the fewest clean runs")
    best: Named = described("the level with the most")
    difference: Probability = described("share clean at the best less that at the worst")
    interval: list[float] = described("[lo, hi] of the difference, for all assumptions at once")
    p_adjusted: Probability
    moved: bool = described("whether the difference is told from chance")


class Corner(Document):
    """All numbers that are not known, at their worst or at their best together."""

    name: Literal["worst", "best"]
    levels: dict[str, Named]
    runs: AtLeastOne
    clean: Count
    probability: Probability


class BandDocument(Document):
    """P(clean) between bounds that hold wherever the assumptions lie in their ranges."""

    interval: Interval = described("[lo, hi]: below P(clean) at the worst, above it at the best")
    confidence: Probability = described("that both ends hold")
    quantiles: Interval = described("between which each number was varied")
    method: str
    assumes: str
    source: str
    runs: AtLeastOne = described("flights at each point")
    seeds: list[Count] = described("of the points that chose the corners, and of the corners")
    corners: list[Corner] = described("worst, then best")
    assumptions: list[Assumption] = described("the one that moves P(clean) most first")
