"""Knows which figures of two campaigns on the same run numbers moved, by how much, how surely."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float

from perilune.campaign.analysis.failure_modes import violated
from perilune.campaign.figure_names import JUDGED
from perilune.campaign.statistics.columns import numbers
from perilune.campaign.statistics.multiple_testing import holm
from perilune.campaign.statistics.paired_tests import (
    difference_interval,
    least_pairs,
    mcnemar_p,
    median_interval,
    sign_test,
)
from perilune.mechanics.si_units import unit_of

NORMAL_QUARTILES = 1.349
"""Quartiles of a Gaussian lie so many sigma apart."""
KINDS = ("judged", "navigation", "times and places")
MARGIN, NEES, NIS = "margin_", "nees_", "nis_"
ROUNDING = 1e-12
"""Of a value: a distance from the median that changed by less has not changed."""
SOURCE = (
    "sign test, exact, of level and spread; McNemar's of counts; Holm, Scandinavian Journal of "
    "Statistics 6 (1979) 65-70, over all tests; intervals of medians by order statistics and of "
    "shares by Clopper and Pearson, together at the confidence by Bonferroni's inequality"
)


def compare_figures(tables: Sequence[pa.Table], confidence: float = 0.95) -> dict:
    """Set every figure of two campaigns side by side: run i of one beside run i of the other.

    `tables` are their rows, the same runs in the same order. Gives a dict for the record:

    - `figures`: one dict a column, the most important first. `level` and `spread` are tests of a
      paired change, b less a, over the `pairs` that came to it in both: `change` its median,
      `interval`, `up`, `down`, `p`, `p_adjusted`, `moved`. Of `spread` the change is that of the
      distance from the campaign's own median. `size` is the larger change that moved over the
      spread between flights (`sigma`); `moved` is whether either did; `column`, `kind`, `unit`,
      `a_median`, `b_median`.
    - `counts`: one dict for each way to end, first cause, criterion violated, and figure that
      some flights never came to: `kind`, `name`, `runs`, `a`, `b`, `only_a`, `only_b`,
      `difference` of the shares with its `interval`, `p`, `p_adjusted`, `moved`.
    - `together`: `looked_at`, figures and counts; `tests` corrected for; `moved`, figures and
      counts that did; `same`, whether nothing differs in any run; `least_pairs` that could show
      anything; `confidence`, `source`.

    In at most 1 - confidence of all pairs of campaigns that differ by chance alone does any figure
    or count appear as moved; all intervals hold together at `confidence`. What could not be
    tested has p None.
    """
    figures = figure_rows(tables, columns_of(tables))
    counts = [_count(*each) for each in _counted(tables)]
    together = settle(figures, counts, confidence)
    return {
        "figures": sorted(figures, key=_importance),
        "counts": sorted(counts, key=lambda row: (not row["moved"], -abs(row["difference"]))),
        "together": together,
    }


def figure_rows(tables: Sequence[pa.Table], names: Sequence[str]) -> list[dict]:
    """The rows of `figures` of these columns, to be given to `settle`."""
    return [_figure(name, *_both(tables, name)) for name in names]


def settle(figures: Sequence[dict], counts: Sequence[dict], confidence: float) -> dict:
    """Correct rows for each other and write it, with their intervals, into them: `together`."""
    tests = [*(row[what] for row in figures for what in ("level", "spread")), *counts]
    tested = [each for each in tests if each["p"] is not None]
    correct(tested, confidence)
    error = (1.0 - confidence) / max(len(tested), 1)
    for row in figures:
        _conclude(row, 1.0 - error)
    for row in counts:
        differing = row["only_a"], row["only_b"]
        row["interval"] = difference_interval(*differing, row["runs"], 1.0 - error)
    return {
        "looked_at": len(figures) + len(counts),
        "tests": len(tested),
        "moved": sum(row["moved"] for row in (*figures, *counts)),
        "same": not tested,
        "least_pairs": least_pairs(error),
        "confidence": confidence,
        "source": SOURCE,
    }


def correct(tests: Sequence[dict], confidence: float) -> None:
    """Write `p_adjusted` (Holm, over all of these) and `moved` into each test."""
    adjusted = holm([each["p"] for each in tests])
    for each, p in zip(tests, adjusted, strict=True):
        each |= {"p_adjusted": float(p), "moved": bool(p <= 1.0 - confidence)}


def columns_of(tables: Sequence[pa.Table]) -> list[str]:
    """The figures that both kept, each once.

    What was drawn is no figure, and a margin to the same limit repeats its figure.
    """
    kept, seen = [], set()
    for name in _floating(tables):
        key = tuple(values.tobytes() for values in _both(tables, name))
        if key not in seen or name in JUDGED:
            kept.append(name)
        seen.add(key)
    return kept


def _floating(tables: Sequence[pa.Table]) -> list[str]:
    return [
        name
        for name in tables[0].column_names
        if all(name in table.column_names for table in tables)
        and pa.types.is_floating(tables[0][name].type)
        and not name.startswith("input_")
        and not (name.startswith(MARGIN) and _is_same_limit(tables, name))
    ]


def _is_same_limit(tables: Sequence[pa.Table], name: str) -> bool:
    """Whether a margin only repeats its figure; `at_rest` is counted."""
    figure = name.removeprefix(MARGIN)
    if any(figure not in table.column_names for table in tables):
        return True
    first, second = (numbers(table, name) + numbers(table, figure) for table in tables)
    apart = np.abs(first - second)
    return not np.any(apart > 1e-9 * np.maximum(np.abs(first), 1.0))


def _both(tables: Sequence[pa.Table], name: str) -> tuple[Float[np.ndarray, " run"], ...]:
    return tuple(numbers(table, name) for table in tables)


def _figure(name: str, a: Float[np.ndarray, " run"], b: Float[np.ndarray, " run"]) -> dict:
    """A row of `figures`, not yet corrected for the others."""
    came = np.isfinite(a) & np.isfinite(b)
    a, b = a[came], b[came]
    apart = _distances(b) - _distances(a)
    rounding = ROUNDING * np.maximum(np.abs(a), np.abs(b))
    return {
        "column": name,
        "kind": _kind_of(name),
        "unit": _unit_of(name),
        "pairs": len(a),
        "a_median": float(np.median(a)) if len(a) else None,
        "b_median": float(np.median(b)) if len(a) else None,
        "sigma": _sigma(a, b) if len(a) else None,
        "level": _change(b - a),
        "spread": _change(np.where(np.abs(apart) > rounding, apart, 0.0)),
    }


def _change(changes: Float[np.ndarray, " run"]) -> dict[str, Any]:
    """A paired change as a test: p is None where nothing changed at all."""
    up, down, p = sign_test(changes)
    return {
        "change": float(np.median(changes)) if len(changes) else None,
        "changes": changes,
        "up": up,
        "down": down,
        "p": p if up + down else None,
        "p_adjusted": None,
        "moved": False,
    }


def _conclude(row: dict[str, Any], confidence: float) -> None:
    """Write the intervals, and how large the change is against the spread between flights."""
    for what in ("level", "spread"):
        row[what]["interval"] = median_interval(row[what].pop("changes"), confidence)
    sizes = [abs(row[what]["change"]) for what in ("level", "spread") if row[what]["moved"]]
    row["moved"] = bool(sizes)
    row["size"] = max(sizes) / row["sigma"] if sizes and row["sigma"] else None


def _importance(row: Mapping[str, Any]) -> tuple[bool, int, float]:
    """What moved first; of that what is judged, then the largest against the spread."""
    size = np.inf if row["size"] is None and row["moved"] else row["size"] or 0.0
    return (not row["moved"], KINDS.index(row["kind"]), -size)


def _kind_of(name: str) -> str:
    if name.startswith((NEES, NIS)):
        return "navigation"
    return "judged" if name.removeprefix(MARGIN) in JUDGED else "times and places"


def _unit_of(name: str) -> str:
    try:
        return unit_of(name)
    except LookupError:
        return ""


def _distances(values: Float[np.ndarray, " run"]) -> Float[np.ndarray, " run"]:
    """How far each lies from the median of all."""
    return np.abs(values - np.median(values)) if len(values) else values


def _sigma(a: Float[np.ndarray, " run"], b: Float[np.ndarray, " run"]) -> float:
    """The spread between flights of one campaign, as a Gaussian with these quartiles has it.

    Where the quartiles coincide, the standard deviation: about one of the values, so that the
    rounding of their mean is no spread of a constant.
    """
    quartiles = [np.subtract(*np.percentile(one, [75, 25])) / NORMAL_QUARTILES for one in (a, b)]
    spreads = quartiles if any(quartiles) else [np.std(one - one[0]) for one in (a, b)]
    return float(np.sqrt(np.mean(np.square(spreads))))


def _counted(
    tables: Sequence[pa.Table],
) -> Iterator[tuple[str, str, Bool[np.ndarray, " run"], Bool[np.ndarray, " run"]]]:
    """(kind, name, whether each flight of a has it, and of b) of all that is counted."""
    for kind, column in (("outcome", "outcome"), ("first cause", "first_cause")):
        if all(column in table.column_names for table in tables):
            has = [np.array(table[column].to_pylist(), object) for table in tables]
            for name in sorted({each for one in has for each in one if each is not None}):
                yield kind, name, has[0] == name, has[1] == name
    shared = [name for name in tables[0].column_names if name in tables[1].column_names]
    for name in (each for each in shared if each.startswith(MARGIN)):
        criterion = name.removeprefix(MARGIN)
        a, b = (violated(table, criterion) for table in tables)
        if np.any(a | b):
            yield "violated", criterion, a, b
    yield from _reached(tables)


def _reached(
    tables: Sequence[pa.Table],
) -> Iterator[tuple[str, str, Bool[np.ndarray, " run"], Bool[np.ndarray, " run"]]]:
    """Figures that some flight never came to; one for all that the same flights came to."""
    seen = set()
    for name in columns_of(tables):
        came = [np.isfinite(each) for each in _both(tables, name)]
        key = tuple(each.tobytes() for each in came)
        some = any(each.any() for each in came)
        if key not in seen and some and not all(each.all() for each in came):
            seen.add(key)
            yield "came to", name, *came


def _count(kind: str, name: str, a: Bool[np.ndarray, " run"], b: Bool[np.ndarray, " run"]) -> dict:
    """A row of `counts`, not yet corrected for the others."""
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    return {
        "kind": kind,
        "name": name,
        "runs": len(a),
        "a": int(np.sum(a)),
        "b": int(np.sum(b)),
        "only_a": only_a,
        "only_b": only_b,
        "difference": (only_b - only_a) / len(a),
        "p": mcnemar_p(only_a, only_b) if only_a + only_b else None,
        "p_adjusted": None,
        "moved": False,
    }
