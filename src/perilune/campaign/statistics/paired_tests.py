"""Whether two campaigns on the same run numbers differ: in clean flights, or in a figure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import bdtr

from perilune.campaign.statistics.binomial_interval import check_confidence, clopper_pearson
from perilune.errors import InputError

SHARE_FOR_DISCORD = 0.2
"""Of the interval's error, what the chance of discord gets; its direction has the rest."""
SOURCE = (
    "McNemar, Psychometrika 12 (1947) 153-157, exact; interval: product of two "
    "Clopper-Pearson intervals, conservative by Bonferroni's inequality"
)


def compare(
    clean_a: Bool[np.ndarray, " run"] | Sequence[bool],
    clean_b: Bool[np.ndarray, " run"] | Sequence[bool],
    confidence: float = 0.95,
) -> dict[str, Any]:
    """Set two campaigns side by side: run i of one beside run i of the other.

    `clean_a`, `clean_b`: the same run numbers in the same order. Gives a dict for
    the record:

    - `runs`, `both_clean`, `only_a_clean`, `only_b_clean`, `neither_clean`: counts;
    - `p`: McNemar's exact two-sided p value, a sign test on the runs that differ;
    - `differ`: whether p <= 1 - confidence; `better`: "a", "b" or None, with `confidence`;
    - `difference`: share clean of b less that of a; `interval` [lo, hi] on it, two-sided;
    - `b_share`, `b_share_interval`: of the runs that differ, how many are clean in b, with
      Clopper-Pearson (None and [0, 1] where none differs); `source`.

    The p value decides. The interval is that of discord times direction, P(differ) (2 P(b | differ)
    - 1), each bounded exactly; its coverage is at least `confidence` and usually more, so that it
    may touch 0 where p is only just small enough. Raises InputError where the two do not match.
    """
    check_confidence(confidence)
    counts = _counts(np.asarray(clean_a), np.asarray(clean_b))
    only_a, only_b, runs = counts["only_a_clean"], counts["only_b_clean"], counts["runs"]
    p = mcnemar_p(only_a, only_b)
    differ = p <= 1.0 - confidence
    return {
        **counts,
        "p": p,
        "differ": differ,
        "better": ("a" if only_a > only_b else "b") if differ else None,
        "confidence": confidence,
        "difference": (only_b - only_a) / runs,
        "interval": difference_interval(only_a, only_b, runs, confidence),
        "b_share": only_b / (only_a + only_b) if only_a + only_b else None,
        "b_share_interval": _plain(clopper_pearson(only_b, only_a + only_b, confidence)),
        "source": SOURCE,
    }


def _counts(clean_a: Bool[np.ndarray, " run"], clean_b: Bool[np.ndarray, " run"]) -> dict[str, int]:
    if clean_a.shape != clean_b.shape or clean_a.ndim != 1 or clean_a.size == 0:
        raise InputError(
            "Paired campaigns must have the same run numbers, at least one, but came with shapes "
            f"{clean_a.shape} and {clean_b.shape}; keep only the runs that both have."
        )
    clean_a, clean_b = clean_a.astype(bool), clean_b.astype(bool)
    return {
        "runs": clean_a.size,
        "both_clean": int(np.sum(clean_a & clean_b)),
        "only_a_clean": int(np.sum(clean_a & ~clean_b)),
        "only_b_clean": int(np.sum(~clean_a & clean_b)),
        "neither_clean": int(np.sum(~clean_a & ~clean_b)),
    }


def mcnemar_p(only_a: int, only_b: int) -> float:
    """McNemar's exact p value: two-sided binomial at one half on the runs that differ."""
    fewer, differing = min(only_a, only_b), only_a + only_b
    return float(min(1.0, 2.0 * bdtr(float(fewer), differing, 0.5))) if differing else 1.0


def sign_test(changes: Float[np.ndarray, " run"]) -> tuple[int, int, float]:
    """(up, down, p): how many of the paired changes are above and below 0, and the exact p value.

    `changes` are b less a of one figure, finite. The sign test (Arbuthnott 1710; Dixon and
    Mood, Journal of the American Statistical Association 41, 1946, 557-566): where neither
    campaign is favoured each change that is not 0 is up or down like a fair coin, whatever its
    size and shape. p is 1 where nothing changed.
    """
    up, down = int(np.sum(changes > 0.0)), int(np.sum(changes < 0.0))
    return up, down, mcnemar_p(up, down)


def median_interval(values: Float[np.ndarray, " n"], confidence: float) -> list[float] | None:
    """[lo, hi] of the median of the law that `values` are drawn from; None where n is too small.

    Order statistics, the sign test turned round: each end is wrong with at most
    (1 - confidence) / 2, for any distribution. `least_pairs` gives the number it takes.
    """
    ordered, count = np.sort(values), len(values)
    below = bdtr(np.arange(count, dtype=float), count, 0.5)
    rank = int(np.sum(below <= 0.5 * (1.0 - confidence)))
    return _plain((ordered[rank - 1], ordered[count - rank])) if rank else None


def least_pairs(error: float) -> int:
    """The fewest pairs that all agree of which a two-sided sign test can have p <= `error`.

    >>> least_pairs(0.05)
    6
    """
    return int(np.ceil(1.0 - np.log2(error)))


def difference_interval(only_a: int, only_b: int, runs: int, confidence: float) -> list[float]:
    """[lo, hi] for P(b clean) - P(a clean), covering at least as often as promised."""
    error = 1.0 - confidence
    differing = only_a + only_b
    discord = clopper_pearson(differing, runs, 1.0 - SHARE_FOR_DISCORD * error)
    toward_b = clopper_pearson(only_b, differing, 1.0 - (1.0 - SHARE_FOR_DISCORD) * error)
    corners = [d * (2.0 * b - 1.0) for d in discord for b in toward_b]
    return _plain((min(corners), max(corners)))


def _plain(ends: Sequence[float]) -> list[float]:
    return [float(end) for end in ends]
