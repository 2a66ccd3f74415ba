"""The probability of a clean touchdown, its interval, what that assumes, and the decision."""

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from perilune.campaign.request import SOBOL_BLOCK, Order, most_runs
from perilune.campaign.statistics import sequential_test
from perilune.campaign.statistics.binomial_interval import (
    BETWEEN_BLOCKS,
    CLOPPER_PEARSON,
    Method,
    between_blocks,
    clopper_pearson,
)
from perilune.campaign.statistics.scope import P_CLEAN
from perilune.campaign.statistics.tally import Reached, Tally

LATIN = Method(
    "Clopper-Pearson, as for independent runs",
    "Runs of one Latin hypercube taken for independent ones: approximate, and on the safe side for "
    "all but the smallest campaigns, as the estimate's variance is at most n / (n - 1) times that "
    "of random runs.",
    "Owen, Annals of Statistics 25 (1997) 1541-1557; " + CLOPPER_PEARSON.source,
)
SETTLED_MOST = 400
RUNS_CHANGED = " The number of runs was changed after the campaign was begun, {}"


def requirement_of(order: Order) -> sequential_test.Requirement | None:
    """The `Requirement` of an order, or None."""
    if order.require is None:
        return None
    return sequential_test.Requirement(order.require, order.confidence)


def estimate(
    order: Order, clean: Bool[np.ndarray, " runs"], ends: Sequence[int], asked: Sequence[int] = ()
) -> dict[str, Any]:
    """The estimate's part of `campaign.json`.

    `clean` is (runs,) bool in the order of runs, `ends` the runs after each batch, `asked` every
    number of runs that was ever asked for: where it was changed it was not fixed beforehand.
    """
    clean, requirement = np.asarray(clean, bool), requirement_of(order)
    runs, count = len(clean), int(np.sum(clean))
    method, interval = _interval(order, clean, asked)
    return {
        "runs": runs,
        "clean": count,
        "probability": count / runs,
        "confidence": order.confidence,
        "interval": list(interval),
        "method": dataclasses.asdict(method),
        "requirement": requirement
        and {**dataclasses.asdict(requirement), "most_runs": most_runs(order)},
        "decision": _decision(order, requirement, Reached(runs, count), interval),
        "settled": _settled(order, clean, _thinned(ends), asked),
    }


def interval_so_far(order: Order, tally: Tally, asked: Sequence[int] = ()) -> Sequence[float]:
    """(lo, hi) of a campaign under way, for display.

    Of the runs that a decision may be taken on where these may be looked at; of all that were flown
    as if their number had been fixed, where not.
    """
    if _is_looked_at(order, asked):
        return _time_uniform(tally.clean, tally.reached, order.confidence, requirement_of(order))
    return clopper_pearson(tally.flown_clean, tally.flown, order.confidence)


@lru_cache(maxsize=64)
def _time_uniform(
    clean: int, runs: int, confidence: float, requirement: sequential_test.Requirement | None
) -> Sequence[float]:
    return sequential_test.bounds(clean, runs, confidence, requirement)


def _is_looked_at(order: Order, asked: Sequence[int]) -> bool:
    """Whether the runs that were seen may have decided how many there are."""
    return order.require is not None or (order.sampling == "random" and _is_changed(asked))


def _is_changed(asked: Sequence[int]) -> bool:
    return len(set(asked)) > 1


def _interval(
    order: Order, clean: Bool[np.ndarray, " runs"], asked: Sequence[int]
) -> tuple[Method, Sequence[float]]:
    """(`Method`, (lo, hi))."""
    runs, count = len(clean), int(np.sum(clean))
    if _is_looked_at(order, asked):
        requirement = requirement_of(order)
        why = "which this allows for." if requirement is None else ""
        method = _with_changed_runs(sequential_test.METHOD, why)
        return method, sequential_test.bounds(count, runs, order.confidence, requirement)
    if order.sampling == "sobol":
        shares = clean.reshape(-1, SOBOL_BLOCK).mean(axis=1)
        why = "which this does not allow for." if _is_changed(asked) else ""
        return _with_changed_runs(BETWEEN_BLOCKS, why), between_blocks(shares, order.confidence)
    method = LATIN if order.sampling == "lhs" else CLOPPER_PEARSON
    return method, clopper_pearson(count, runs, order.confidence)


def _with_changed_runs(method: Method, why: str) -> Method:
    """The method, and what the number of runs having been changed means for it, where it was."""
    return dataclasses.replace(
        method, assumes=method.assumes + RUNS_CHANGED.format(why) * bool(why)
    )


def _decision(
    order: Order,
    requirement: sequential_test.Requirement | None,
    so_far: Reached,
    interval: Sequence[float],
) -> dict[str, Any]:
    if requirement is None:
        return {
            "verdict": "none",
            "sentence": _sentence(order, so_far, interval),
            "after_runs": None,
        }
    verdict = sequential_test.decide(requirement, so_far.clean, so_far.runs)
    return {
        "verdict": verdict,
        "sentence": sequential_test.sentence(requirement, so_far.clean, so_far.runs),
        "after_runs": None if verdict == "undecided" else so_far.runs,
    }


def _sentence(order: Order, so_far: Reached, interval: Sequence[float]) -> str:
    runs, clean = so_far
    lo, hi = (f"{100.0 * end:.2f}" for end in interval)
    return (
        f"{clean} of {runs} flights were clean, {100.0 * clean / runs:.2f} %: {P_CLEAN} lies "
        f"between {lo} % and {hi} % at {100.0 * order.confidence:g} % confidence. No requirement "
        "was set."
    )


def _settled(
    order: Order, clean: Bool[np.ndarray, " runs"], ends: Sequence[int], asked: Sequence[int]
) -> list[dict[str, Any]]:
    """The estimate as runs came in, after each of `ends`."""
    counts = np.cumsum(clean)[np.asarray(ends) - 1]
    lo, hi = _bounds(order, clean, np.asarray(ends), asked)
    return [
        {"runs": int(n), "clean": int(k), "probability": k / n, "lo": low, "hi": high}
        for n, k, low, high in zip(ends, counts, lo, hi, strict=True)
    ]


def _bounds(
    order: Order,
    clean: Bool[np.ndarray, " runs"],
    ends: Int[np.ndarray, " look"],
    asked: Sequence[int],
) -> tuple[Float[np.ndarray, " look"], Float[np.ndarray, " look"]]:
    counts = np.cumsum(clean)[ends - 1]
    if _is_looked_at(order, asked):
        return sequential_test.bounds(counts, ends, order.confidence, requirement_of(order))
    if order.sampling == "sobol":
        lo, hi = np.transpose([_of_blocks(order, clean[:end]) for end in ends])
        return lo, hi
    return clopper_pearson(counts, ends, order.confidence)


def _of_blocks(order: Order, clean: Bool[np.ndarray, " runs"]) -> tuple[float, float]:
    """The interval by the whole blocks so far; until there are two, as for independent runs."""
    whole = len(clean) // SOBOL_BLOCK * SOBOL_BLOCK
    if whole < 2 * SOBOL_BLOCK:
        return clopper_pearson(np.sum(clean), len(clean), order.confidence)
    return between_blocks(clean[:whole].reshape(-1, SOBOL_BLOCK).mean(axis=1), order.confidence)


def _thinned(ends: Sequence[int]) -> list[int]:
    """At most `SETTLED_MOST` of them, the last one always."""
    step = -(-len(ends) // SETTLED_MOST)
    return list(ends)[::-1][::step][::-1]
