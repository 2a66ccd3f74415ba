"""Whether a required probability is met or refuted, for any number of earlier looks.

The test: Gandy, "Sequential Implementation of Monte Carlo Tests With Uniformly Bounded Resampling
Risk", JASA 104 (2009) 1504-1511. After n runs at most e(n) = (1 - C) n / (k + n) of the error has
been spent; the boundary on the unclean runs is the farthest that keeps to it, worked out exactly
from the binomial at the required probability. Unlike Gandy's two boundaries, which stop each other,
each of ours is worked out as if the other were not there: so each error stands for any choice of
looks, after every run, every batch, or once.

The bounds: the one-sided beta-binomial mixture (Robbins, Annals of Mathematical Statistics 41
(1970) 1397-1409; Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49 (2021) 1055-1080,
Proposition 7), by Ville's inequality true at all looks at once.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Int
from scipy.special import betainc, betaln, xlogy

from perilune.campaign.statistics.binomial_interval import Method, check_confidence, check_counts
from perilune.campaign.statistics.scope import P_CLEAN
from perilune.errors import InputError
from perilune.mechanics.array_types import AnyArray

Decision: TypeAlias = Literal["met", "refuted", "undecided"]

HALF_SPENT_RUNS = 500
"""Gandy's k: after so many runs half of the error may be spent."""
PRIOR = 0.5
"""Both exponents of the mixing beta distribution (Jeffreys')."""
NEGLIGIBLE = 1e-30
"""Probability below which a far state is counted as its neighbour nearer to the boundary."""
HALVINGS = 52

METHOD = Method(
    "time-uniform beta-binomial mixture",
    "Independent random runs, looked at any number of times; valid at all looks at once.",
    "Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49 (2021) 1055-1080; "
    "decision: Gandy, JASA 104 (2009) 1504-1511",
)


@dataclass(frozen=True)
class Requirement:
    """P(clean) shall be `probability` or more; either decision errs with at most 1 - confidence."""

    probability: float
    confidence: float = 0.95


def check(requirement: Requirement) -> None:
    """Raise InputError for a requirement that no test can decide."""
    if not 0.0 < requirement.probability < 1.0:
        raise InputError(
            "A required probability must lie between 0 and 1, such as 0.99, but is "
            f"{requirement.probability:g}."
        )
    if not 0.5 < requirement.confidence < 1.0:
        raise InputError(
            "The confidence of a requirement must lie between 0.5 and 1, such as 0.95, but is "
            f"{requirement.confidence:g}."
        )


def decide(requirement: Requirement, clean: int, runs: int) -> Decision:
    """ "met", "refuted" or "undecided" after `clean` of `runs` runs.

    Below the required probability P(ever "met") <= 1 - confidence; at it or above P(ever
    "refuted") <= 1 - confidence; each for any number of looks at any runs, as long as they are
    independent and random. Raises InputError for impossible counts or requirements.

    >>> decide(Requirement(0.99, 0.95), 384, 384)
    'met'
    """
    check_counts(clean, runs)
    met, refuted = boundaries(requirement, runs)
    unclean = runs - clean
    if unclean <= met[runs]:
        return "met"
    return "refuted" if unclean >= refuted[runs] else "undecided"


def boundaries(
    requirement: Requirement, runs: int
) -> tuple[Int[np.ndarray, " count"], Int[np.ndarray, " count"]]:
    """The most unclean runs that are "met" and the fewest that are "refuted", after n runs.

    Two integer arrays of at least runs + 1 entries, row n after n runs; -1 and n + 1 where no
    count suffices. 10,000 runs take about 0.4 s, once a process.
    """
    check(requirement)
    reach = max(1024, 1 << int(runs).bit_length())
    return _boundaries(requirement, reach)


@lru_cache(maxsize=8)
def _boundaries(
    requirement: Requirement, reach: int
) -> tuple[Int[np.ndarray, " count"], Int[np.ndarray, " count"]]:
    clean, error = requirement.probability, 1.0 - requirement.confidence
    most_unclean = _boundary(1.0 - clean, error, reach)
    most_clean = _boundary(clean, error, reach)
    ends = most_unclean, np.arange(reach + 1) - most_clean
    for end in ends:
        end.flags.writeable = False
    return ends


def _boundary(chance: float, error: float, reach: int) -> Int[np.ndarray, " count"]:
    """The most events, after each n, that an event of this `chance` comes to too rarely.

    `alive[i]` is the probability of `first + i` events so far without having stopped. The far
    tail is held at fewer events than it has, which can only make the boundary stricter.
    """
    alive, first, spent = np.ones(1), 0, 0.0
    most = np.full(reach + 1, -1)
    for n in range(1, reach + 1):
        alive = np.append(alive * (1.0 - chance), 0.0) + np.append(0.0, alive * chance)
        if alive[-1] < NEGLIGIBLE:
            alive[-2] += alive[-1]
            alive = alive[:-1]
        while spent + alive[0] <= error * n / (HALF_SPENT_RUNS + n):
            spent += alive[0]
            alive, first = alive[1:], first + 1
        most[n] = first - 1
    return most


def bounds(
    clean: Int[AnyArray, "..."],
    runs: Int[AnyArray, "..."],
    confidence: float,
    requirement: Requirement | None = None,
) -> tuple[Float[AnyArray, "..."], Float[AnyArray, "..."]]:
    """(lo, hi) for P(clean), true at all looks at once with `confidence`, half its error each side.

    `clean` and `runs` are counts or arrays of counts that broadcast; so are the ends. With a
    `requirement` that `decide` leaves undecided, they are widened to hold its probability, so
    that no interval decides what the test has not. The other way round they may still hold it
    when the test has decided: `sentence` then gives the reason. Raises InputError for impossible
    counts.
    """
    check_confidence(confidence)
    check_counts(clean, runs)
    clean, runs = np.broadcast_arrays(np.asarray(clean, float), np.asarray(runs, float))
    evidence = np.log(2.0 / (1.0 - confidence))
    lo, hi = _lower(clean, runs, evidence), 1.0 - _lower(runs - clean, runs, evidence)
    if requirement is None:
        return lo[()], hi[()]
    return _widened(requirement, clean, runs, lo, hi)


def _widened(
    requirement: Requirement,
    clean: Float[np.ndarray, "..."],
    runs: Float[np.ndarray, "..."],
    lo: Float[np.ndarray, "..."],
    hi: Float[np.ndarray, "..."],
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    met, refuted = boundaries(requirement, int(runs.max(initial=0.0)))
    row = runs.astype(int)
    undecided = (runs - clean > met[row]) & (runs - clean < refuted[row])
    held = requirement.probability
    lo = np.where(undecided, np.minimum(lo, held), lo)
    return lo[()], np.where(undecided, np.maximum(hi, held), hi)[()]


def _lower(
    successes: Float[np.ndarray, "..."], runs: Float[np.ndarray, "..."], evidence: float
) -> Float[np.ndarray, "..."]:
    """The largest probability that the mixture over all larger ones refutes, by halving."""
    low, high = np.zeros(runs.shape), successes / np.maximum(runs, 1.0)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        refuted = log_evidence(middle, successes, runs) >= evidence
        low, high = np.where(refuted, middle, low), np.where(refuted, high, middle)
    return low


def log_evidence(
    probability: Float[AnyArray, "..."],
    successes: Float[AnyArray, "..."],
    runs: Float[AnyArray, "..."],
) -> Float[AnyArray, "..."]:
    """Log of the evidence that P(success) is above `probability`: a martingale's logarithm.

    The mean likelihood of all larger probabilities, weighed by Beta(1/2, 1/2) cut off below
    `probability`, over the likelihood of `probability` itself.
    """
    failures, rest = runs - successes, 1.0 - np.asarray(probability)
    with np.errstate(divide="ignore"):
        larger = betaln(failures + PRIOR, successes + PRIOR) + np.log(
            betainc(failures + PRIOR, successes + PRIOR, rest)
        )
        weight = betaln(PRIOR, PRIOR) + np.log(betainc(PRIOR, PRIOR, rest))
    return larger - weight - xlogy(successes, probability) - xlogy(failures, rest)


def sentence(requirement: Requirement, clean: int, runs: int) -> str:
    """The decision in words; where the interval seems to contradict it, with the reason."""
    verdict = decide(requirement, clean, runs)
    required, sure = f"{requirement.probability:g}", f"{100.0 * requirement.confidence:g} %"
    flown = f"after {runs} runs, {runs - clean} of them unclean"
    if verdict == "undecided":
        return (
            f"Undecided {flown}: neither that {P_CLEAN} is {required} or more nor that it is less "
            f"is shown with {sure} confidence."
        )
    at_least = "at least" if verdict == "met" else "less than"
    decision = (
        f"{verdict.capitalize()} {flown}: {P_CLEAN} is {at_least} {required}, with {sure} "
        "confidence."
    )
    lo, hi = bounds(clean, runs, requirement.confidence, requirement)
    return decision + (_WHY.format(required) if lo < requirement.probability < hi else "")


_WHY = (
    " The two-sided interval still holds {0}, and does not speak against this: it divides its "
    "error between its two ends and stands for every probability at once, where the test spends "
    "all of it on {0}."
)
