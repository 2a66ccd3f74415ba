"""The probability of a clean touchdown, its interval, what that assumes, and the decision."""

import dataclasses

import numpy as np

from perilune.campaign import sequential
from perilune.campaign.interval import (
    BETWEEN_BLOCKS,
    CLOPPER_PEARSON,
    Method,
    between_blocks,
    clopper_pearson,
)
from perilune.campaign.order import SOBOL_BLOCK, most_runs

LATIN = Method(
    "Clopper-Pearson, as for independent runs",
    "Runs of one Latin hypercube taken for independent ones: approximate, and on the safe side for "
    "all but the smallest campaigns, as the estimate's variance is at most n / (n - 1) times that "
    "of random runs.",
    "Owen, Annals of Statistics 25 (1997) 1541-1557; " + CLOPPER_PEARSON.source,
)
SETTLED_MOST = 400
VERDICTS = ("met", "refuted", "undecided", "none")


def requirement_of(order):
    """The `Requirement` of an order, or None."""
    if order.require is None:
        return None
    return sequential.Requirement(order.require, order.confidence)


def estimate(order, clean, ends):
    """The estimate's part of `campaign.json`.

    `clean` is (runs,) bool in the order of runs, `ends` the runs after each batch.
    """
    clean, requirement = np.asarray(clean, bool), requirement_of(order)
    runs, count = len(clean), int(np.sum(clean))
    method, interval = _interval(order, clean)
    return {
        "runs": runs,
        "clean": count,
        "probability": count / runs,
        "confidence": order.confidence,
        "interval": list(interval),
        "method": dataclasses.asdict(method),
        "requirement": requirement
        and {**dataclasses.asdict(requirement), "most_runs": most_runs(order)},
        "decision": _decision(order, requirement, (count, runs), interval),
        "settled": _settled(order, clean, _thinned(ends)),
    }


def _interval(order, clean):
    runs, count = len(clean), int(np.sum(clean))
    if order.require is not None:
        requirement = requirement_of(order)
        return sequential.METHOD, sequential.bounds(count, runs, order.confidence, requirement)
    if order.sampling == "sobol":
        shares = clean.reshape(-1, SOBOL_BLOCK).mean(axis=1)
        return BETWEEN_BLOCKS, between_blocks(shares, order.confidence)
    method = LATIN if order.sampling == "lhs" else CLOPPER_PEARSON
    return method, clopper_pearson(count, runs, order.confidence)


def _decision(order, requirement, counted, interval):
    if requirement is None:
        return {"verdict": "none", "sentence": _said(order, counted, interval), "after_runs": None}
    verdict = sequential.decide(requirement, *counted)
    return {
        "verdict": verdict,
        "sentence": sequential.sentence(requirement, *counted),
        "after_runs": None if verdict == "undecided" else counted[1],
    }


def _said(order, counted, interval):
    clean, runs = counted
    lo, hi = (f"{100.0 * end:.2f}" for end in interval)
    return (
        f"{clean} of {runs} flights were clean, {100.0 * clean / runs:.2f} %: the probability of a "
        f"clean touchdown lies between {lo} % and {hi} %, said with {100.0 * order.confidence:g} % "
        "confidence. Nothing was required."
    )


def _settled(order, clean, ends):
    """The estimate as runs came in, after each of `ends`."""
    counts = np.cumsum(clean)[np.asarray(ends) - 1]
    lo, hi = _bounds(order, clean, (counts, np.asarray(ends)))
    return [
        {"runs": int(n), "clean": int(k), "probability": k / n, "lo": low, "hi": high}
        for n, k, low, high in zip(ends, counts, lo, hi, strict=True)
    ]


def _bounds(order, clean, counted):
    if order.require is not None:
        return sequential.bounds(*counted, order.confidence, requirement_of(order))
    if order.sampling == "sobol":
        return np.transpose([_of_blocks(order, clean[:end]) for end in counted[1]])
    return clopper_pearson(*counted, order.confidence)


def _of_blocks(order, clean):
    """The interval by the whole blocks so far; until there are two, as for independent runs."""
    whole = len(clean) // SOBOL_BLOCK * SOBOL_BLOCK
    if whole < 2 * SOBOL_BLOCK:
        return clopper_pearson(np.sum(clean), len(clean), order.confidence)
    return _interval(order, clean[:whole])[1]


def _thinned(ends):
    """At most `SETTLED_MOST` of them, the last one always."""
    step = -(-len(ends) // SETTLED_MOST)
    return list(ends)[::-1][::step][::-1]
