"""Which points of a sweep differ from each other, paired run by run, corrected for all."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from perilune.campaign.analysis.paired_figures import correct, figure_rows, settle
from perilune.campaign.figure_names import JUDGED
from perilune.campaign.statistics.columns import flags
from perilune.campaign.statistics.paired_tests import compare, difference_interval

MOST_FOR_ALL_PAIRS = 10
"""More points are compared with their neighbours on the grid only."""
COUNTS = ("runs", "both_clean", "only_a_clean", "only_b_clean", "neither_clean", "difference", "p")


def pairs_of(points: Sequence[Mapping[str, str]]) -> list[tuple[int, int]]:
    """Which points, {path: value} in the order of their grid, are compared: (place, place)."""
    every = itertools.combinations(range(len(points)), 2)
    if len(points) <= MOST_FOR_ALL_PAIRS:
        return list(every)
    steps = {path: list(dict.fromkeys(each[path] for each in points)) for path in points[0]}

    def is_next(pair: tuple[int, int]) -> bool:
        one, other = (points[place] for place in pair)
        apart = [
            abs(values.index(one[path]) - values.index(other[path]))
            for path, values in steps.items()
        ]
        return sum(apart) == 1

    return list(filter(is_next, every))


def compare_points(
    tables: Sequence[pa.Table], pairs: Sequence[tuple[int, int]], confidence: float = 0.95
) -> dict:
    """Set points of a sweep side by side, run i of one beside run i of the other.

    `tables` are the rows of each point, `pairs` places of two of them. Gives `pairs`, a dict each:
    `a`, `b`, their places; the counts of `paired_tests.compare`, `difference`, `interval`, `p`,
    `p_adjusted` and `differ` of clean flights; `figures`, the rows of `compare_figures` in
    `paired_figures` for what a touchdown is judged by. And `together`: `pairs`, `tests` of figures,
    `confidence`. Clean flights are corrected for all pairs; figures for all figures of all pairs.
    """
    found = [_pair(tables, pair, confidence) for pair in pairs]
    correct(found, confidence)
    error = (1.0 - confidence) / max(len(found), 1)
    for row in found:
        row["differ"] = row.pop("moved")
        only = row["only_a_clean"], row["only_b_clean"]
        row["interval"] = difference_interval(*only, row["runs"], 1.0 - error)
    together = settle([each for row in found for each in row["figures"]], [], confidence)
    return {
        "pairs": found,
        "together": {"pairs": len(found), "tests": together["tests"], "confidence": confidence},
    }


def _pair(tables: Sequence[pa.Table], pair: tuple[int, int], confidence: float) -> dict[str, Any]:
    count = min(len(tables[place]) for place in pair)
    rows = [tables[place].slice(0, count) for place in pair]
    one, other = (flags(table, "clean") for table in rows)
    counts = compare(one, other, confidence)
    names = [name for name in JUDGED if all(name in table.column_names for table in rows)]
    row = {"a": pair[0], "b": pair[1]} | {name: counts[name] for name in COUNTS}
    return row | {"figures": figure_rows(rows, names)}
