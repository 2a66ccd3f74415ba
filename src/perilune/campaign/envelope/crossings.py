"""Where P(clean) falls through a level along one factor, found by bisection on the same runs.

Every point flies the same run numbers. If a run that is lost at one value is lost at every value
farther out, each run has one value at which it is lost; a level is crossed at a quantile of those,
and the values at which the binomial interval leaves the level are the order statistics that
bound that quantile, whatever their distribution (David and Nagaraja, Order Statistics, 2003,
section 7.1). How many runs come back farther out says how far that holds.
"""

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from perilune.campaign.statistics.binomial_interval import clopper_pearson

LEVELS = (0.99, 0.5)
FINENESS = 32
"""A bracket this much narrower than the range is narrow enough."""


@dataclass(frozen=True)
class Tried:
    """A value and how many of its runs were clean; no runs where it cannot be flown."""

    value: float  # in the factor's unit
    clean: int
    runs: int

    def is_below(self, level: float) -> bool:
        """Whether the share of clean runs is; a value that cannot be flown is."""
        return self.clean < level * self.runs or not self.runs


@dataclass(frozen=True)
class Span:
    """From the value that the mission has to the furthest one, either way."""

    start: float
    furthest: float

    def outward(self, tried: Sequence[Tried]) -> list[Tried]:
        """From the start on."""
        return sorted(tried, key=lambda each: abs(each.value - self.start))

    def rounded(self, value: float) -> float:
        """A value with no more digits than the range needs."""
        digits = 2 - math.floor(math.log10(abs(self.furthest - self.start)))
        return round(value, digits)


@dataclass(frozen=True)
class Crossing:
    """Where a level is crossed; None for an end that lies off the values tried."""

    level: float
    _: KW_ONLY
    holds_to: float | None
    """The estimate is at the level or above it up to here; None where it never is."""
    lost_at: float | None
    """The first value beyond at which it is below; None where there is none."""
    shown_to: float | None
    """The interval is above the level up to here; None where it never is."""
    shown_lost_at: float | None
    """The first value from which it is below; None where it never is."""


def crossing(span: Span, tried: Sequence[Tried], level: float, confidence: float) -> Crossing:
    """Of one level, from the values tried, the start among them."""
    ordered = span.outward(tried)
    below = [each.is_below(level) for each in ordered]
    ends = [clopper_pearson(each.clean, each.runs, confidence) for each in ordered]
    unsure = [low < level for low, _ in ends]
    lost = [high < level or not each.runs for (_, high), each in zip(ends, ordered, strict=True)]
    return Crossing(
        level,
        holds_to=_before(ordered, below),
        lost_at=_first(ordered, below),
        shown_to=_before(ordered, unsure),
        shown_lost_at=_first(ordered, lost),
    )


def next_value(span: Span, tried: Sequence[Tried], most: int) -> float | None:
    """The next value to fly; None where the levels are bracketed, or `most` were tried.

    The furthest and the middle first, whatever they show; then the middle of the widest bracket.
    """
    known = {each.value for each in tried}
    if len(known) >= most:
        return None
    first = (span.furthest, span.rounded(0.5 * (span.start + span.furthest)))
    if missing := [value for value in first if value not in known]:
        return missing[0]
    ordered = span.outward(tried)
    brackets = [
        ends for level in LEVELS if (ends := _bracket(ordered, level)) and _is_wide(span, ends)
    ]
    if not brackets:
        return None
    near, far = max(brackets, key=lambda ends: abs(ends[1] - ends[0]))
    value = span.rounded(0.5 * (near + far))
    return None if value in known else value


def _is_wide(span: Span, ends: tuple[float, float]) -> bool:
    return abs(ends[1] - ends[0]) > abs(span.furthest - span.start) / FINENESS


def _bracket(ordered: Sequence[Tried], level: float) -> tuple[float, float] | None:
    below = [each.is_below(level) for each in ordered]
    near, far = _before(ordered, below), _first(ordered, below)
    return None if near is None or far is None else (near, far)


def _first(ordered: Sequence[Tried], has: Sequence[bool]) -> float | None:
    return next((each.value for each, yes in zip(ordered, has, strict=True) if yes), None)


def _before(ordered: Sequence[Tried], has: Sequence[bool]) -> float | None:
    """The last value before the first that has it."""
    count = next((place for place, yes in enumerate(has) if yes), len(has))
    return ordered[count - 1].value if count else None
