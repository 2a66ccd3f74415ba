"""The score test of two inputs acting together, for all pairs at once.

With every main effect taken off a figure, what is left has no part in common with the product of
two independent inputs unless they act together. All products are summed by one matrix product;
the surest are looked at again with the two inputs' own effects fitted more finely.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.polynomial import legendre
from scipy import linalg, stats

from perilune.campaign.statistics.multiple_testing import holm
from perilune.mechanics.array_types import AnyArray

ROWS_PER_TERM = 5
"""So many flights at least for every term of the main effects that is fitted."""
DEGREES = (4, 3, 2)
"""Of the main effects in each input's rank: the highest that the flights can support."""
DEGREE_AGAIN = 8
MOST_AGAIN = 200
LEAST_AGAIN = 20
PARTS = ("value", "distance from the middle")
"""What of an input is multiplied: Legendre's first and second polynomial of its rank."""


@dataclass(frozen=True)
class Rest:
    """What all main effects leave of a figure, beside the inputs' ranks."""

    left: Float[np.ndarray, " n"]
    ranks: Float[np.ndarray, "n d"]  # in (-1, 1)
    inflation: float  # of a sum's variance, for the terms fitted


@dataclass(frozen=True)
class Look:
    """All pairs a < b of d inputs, m = d(d - 1)/2, and what was seen of each."""

    place: Int[np.ndarray, "m 2"]  # of the inputs
    part: Int[np.ndarray, "m 2"]  # by `PARTS`
    score: Float[np.ndarray, " m"]  # standard normal where the two act apart
    p: Float[np.ndarray, " m"]  # two-sided, of the best of four products of parts


def least_count(input_count: int) -> int:
    """The fewest flights that support the main effects of so many inputs."""
    return ROWS_PER_TERM * (1 + DEGREES[-1] * input_count)


def after_main_effects(values: Float[np.ndarray, " n"], drawn: Float[np.ndarray, "n d"]) -> Rest:
    """The `Rest` of a figure (n,) after the main effects of inputs (n, d), by least squares.

    n is at least `least_count(d)`.
    """
    count, input_count = drawn.shape
    ranks = (stats.rankdata(drawn, axis=0) - 0.5) / count * 2.0 - 1.0
    bearable = [k for k in DEGREES if ROWS_PER_TERM * (1 + k * input_count) <= count]
    terms = _terms(ranks, bearable[0])
    gram, rank = linalg.pinvh(terms.T @ terms, return_rank=True)
    left = values - terms @ (gram @ (terms.T @ values))
    return Rest(left, ranks, count / (count - rank))


def look(rest: Rest) -> Look:
    """The `Look` at every pair: one score each, the largest of its four products of parts.

    The error is robust (White, Econometrica 48, 1980, 817-838): what is left of a figure may
    spread differently from place to place, as that of a yes or no does.
    """
    parts = np.concatenate([_part(rest.ranks, k) for k in range(len(PARTS))], axis=1)
    sums = parts.T @ (rest.left[:, None] * parts)
    squares = (parts**2).T @ (rest.left[:, None] ** 2 * parts**2)
    scores = _over_root(sums, rest.inflation * squares)
    first, second = np.triu_indices(rest.ranks.shape[1], 1)
    shape = (len(PARTS), rest.ranks.shape[1]) * 2
    four = scores.reshape(shape)[:, first, :, second].reshape(len(first), -1)
    best = np.argmax(np.abs(four), axis=1)
    score = np.take_along_axis(four, best[:, None], axis=1)[:, 0]
    place, part = np.stack([first, second], axis=1), np.stack(np.divmod(best, len(PARTS)), axis=1)
    return Look(place, part, score, _p_of(score))


def look_again(rest: Rest, seen: Look, allowed: float) -> Look:
    """The same `Look` with the surest pairs' p values made no smaller by a closer look."""
    hopeful = int(np.sum(holm(seen.p) <= allowed))
    again = np.argsort(seen.p, kind="stable")[: min(max(hopeful, LEAST_AGAIN), MOST_AGAIN)]
    score = seen.score.copy()
    for i in again:
        closer = _closer(rest, seen.place[i], seen.part[i])
        score[i] = min(score[i], closer, key=abs)
    return replace(seen, score=score, p=_p_of(score))


def _closer(rest: Rest, place: Int[np.ndarray, "2"], part: Int[np.ndarray, "2"]) -> float:
    """The score of one product with the two inputs' own effects taken off it and the figure."""
    own = _terms(rest.ranks[:, place], DEGREE_AGAIN)
    a, b = (_part(rest.ranks[:, i], k) for i, k in zip(place, part, strict=True))
    both = np.stack([rest.left, a * b], axis=1)
    left, product = (both - own @ linalg.lstsq(own, both)[0]).T
    return float(_over_root(np.sum(left * product), rest.inflation * np.sum((left * product) ** 2)))


def corners(
    values: Float[np.ndarray, " n"],
    rest: Rest,
    place: Int[np.ndarray, "2"],
    part: Int[np.ndarray, "2"],
) -> dict[str, Any]:
    """`corners` and `excess` of one pair: the figure's means by halves of the two parts."""
    a, b = (
        one > np.median(one)
        for one in (_part(rest.ranks[:, i], k) for i, k in zip(place, part, strict=True))
    )
    sides = {"both_low": ~a & ~b, "a_high": a & ~b, "b_high": ~a & b, "both_high": a & b}
    means = {
        name: float(np.mean(values[side])) if np.any(side) else None for name, side in sides.items()
    }
    known = [mean for mean in means.values() if mean is not None]
    if len(known) < len(means):
        return {"corners": means, "excess": None}
    both_low, a_high, b_high, both_high = known
    return {"corners": means, "excess": both_high - a_high - b_high + both_low}


def _p_of(score: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    return np.minimum(1.0, len(PARTS) ** 2 * 2.0 * stats.norm.sf(np.abs(score)))


def _terms(ranks: Float[np.ndarray, "n d"], degree: int) -> Float[np.ndarray, "n k"]:
    """(n, 1 + degree d): one, and Legendre's polynomials of each input's rank."""
    powers = legendre.legvander(ranks, degree)[..., 1:]
    return np.concatenate([np.ones((len(ranks), 1)), powers.reshape(len(ranks), -1)], axis=1)


def _part(ranks: Float[np.ndarray, "..."], which: int) -> Float[np.ndarray, "..."]:
    """Legendre's polynomial of degree `which` + 1, scaled to variance one over even ranks."""
    degree = which + 1
    return np.sqrt(2.0 * degree + 1.0) * legendre.legval(ranks, np.eye(degree + 1)[degree])


def _over_root(
    sums: Float[AnyArray, "..."], squares: Float[AnyArray, "..."]
) -> Float[AnyArray, "..."]:
    """sums / √squares, zero where nothing varies."""
    root = np.sqrt(squares)
    return np.divide(sums, root, out=np.zeros_like(root), where=root > 0.0)
