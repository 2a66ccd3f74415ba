"""At which quantiles the numbers that are not known are held, point by point."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["low", "median", "high"]
QUANTILES: dict[Level, float] = {"low": 0.05, "median": 0.5, "high": 0.95}
"""Of each number's own distribution: its ends leave out a twentieth on either side."""
ENDS: tuple[Level, Level] = ("low", "high")


def all_at_median(paths: Sequence[str]) -> dict[str, Level]:
    """{path: level} of the point that every assumption is compared with."""
    return dict.fromkeys(paths, "median")


def one_at_an_end(paths: Sequence[str], path: str, level: Level) -> dict[str, Level]:
    """{path: level} with one number at an end of its range, all others at their medians."""
    return all_at_median(paths) | {path: level}


def held(levels: Mapping[str, Level]) -> tuple[tuple[str, float], ...]:
    """(path, quantile) of each number, as an `Order` takes it."""
    return tuple((path, QUANTILES[level]) for path, level in levels.items())
