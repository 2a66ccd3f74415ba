"""Knows how campaigns end on coins whose bias is known: how often wrongly, after how many runs.

Thousands of synthetic campaigns are looked at after every batch of 64, up to 10,000 runs. Their
errors are held to the promise and their mean length to the exact one (`exactly`, by convolving the
binomial). Beside each stands the smallest fixed-sample test that decides rightly in 95 % of
campaigns; it has to know the bias beforehand, which nobody does.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats
from scipy.special import bdtr, bdtrc

from perilune.campaign.statistics.binomial_interval import clopper_pearson
from perilune.campaign.statistics.sequential_test import Requirement, boundaries, bounds
from validation.comparison import Comparison

BATCH, MOST, CAMPAIGNS, SEED = 64, 10_000, 4_000, 20_261_122
TRUTHS = {
    0.99: (0.9, 0.97, 0.985, 0.99, 0.995, 0.999, 1.0),
    0.95: (0.8, 0.9, 0.94, 0.95, 0.96, 0.98, 1.0),
    0.9: (0.7, 0.85, 0.88, 0.9, 0.92, 0.95, 1.0),
}
CONFIDENCE = 0.95
CHANCE = 1e-6
"""How seldom a comparison may fail by chance alone."""
LOOKS = np.append(np.arange(BATCH, MOST, BATCH), MOST)
SIZES = np.arange(1, MOST + 1)


@dataclass(frozen=True)
class Ends:
    """How campaigns end: shares met, refuted and undecided, and the mean number of runs."""

    met_fraction: float
    refuted_fraction: float
    undecided_fraction: float
    mean_count: float
    sigma_count: float
    median_count: float


def compare(campaigns=CAMPAIGNS, truths=None):
    """Errors, lengths and intervals of synthetic campaigns, each within what chance allows."""
    found = []
    for required, shares in (truths or TRUTHS).items():
        requirement = Requirement(required, CONFIDENCE)
        for truth in shares:
            found += one_truth(requirement, truth, campaigns)
        found.append(peeking(requirement, campaigns))
    return found


def one_truth(requirement, truth, campaigns=CAMPAIGNS):
    """Wrong decisions, mean length and bounds at one bias, `campaigns` times."""
    unclean = toss(truth, campaigns)
    ends = flown(unclean, *at_looks(requirement))
    exact = exactly(truth, *at_looks(requirement))
    what = f"P >= {requirement.probability:g}, truth {truth:g}"
    return [
        _error(what, requirement, truth, ends, campaigns),
        _length(what, requirement, truth, ends, exact, campaigns),
        _misses(what, requirement, truth, unclean),
    ]


def toss(truth, campaigns):
    """Unclean runs of each campaign at each look: (campaigns, looks)."""
    random = np.random.default_rng([SEED, round(1e6 * truth)])
    batches = np.diff(LOOKS, prepend=0)
    return np.cumsum(random.binomial(batches, 1.0 - truth, (campaigns, LOOKS.size)), axis=1)


def at_looks(requirement):
    """Most unclean runs that are met and fewest that are refuted, at the looks."""
    met, refuted = boundaries(requirement, MOST)
    return met[LOOKS], refuted[LOOKS]


def flown(unclean, met, refuted):
    """The `Ends` of campaigns that stop at the first look past a boundary."""
    stops = (unclean <= met) | (unclean >= refuted)
    ended = stops.any(axis=1)
    last = np.where(ended, stops.argmax(axis=1), LOOKS.size - 1)
    was_met = ended & (np.take_along_axis(unclean, last[:, None], 1)[:, 0] <= met[last])
    runs = LOOKS[last]
    shares = was_met.mean(), (ended & ~was_met).mean(), 1.0 - ended.mean()
    return Ends(*shares, runs.mean(), runs.std(), np.median(runs))


def exactly(truth, met, refuted):
    """The `Ends` without chance: the binomial convolved from look to look."""
    alive, first, met_share, refuted_share, stopped = np.ones(1), 0, 0.0, 0.0, []
    for more, low, high in zip(np.diff(LOOKS, prepend=0), met, refuted, strict=True):
        alive = np.convolve(alive, _step(int(more), truth))
        below, above = max(0, low + 1 - first), max(0, high - first)
        met_now, refuted_now = alive[:below].sum(), alive[above:].sum()
        stopped.append(met_now + refuted_now)
        met_share, refuted_share = met_share + met_now, refuted_share + refuted_now
        alive, first = alive[below:above], first + below
    chances = np.append(stopped[:-1], stopped[-1] + alive.sum())
    mean = chances @ LOOKS
    sigma = np.sqrt(max(0.0, chances @ LOOKS**2 - mean**2))
    median = LOOKS[np.searchsorted(np.cumsum(chances), 0.5 - 1e-12)]
    return Ends(met_share, refuted_share, alive.sum(), mean, sigma, float(median))


@cache
def _step(runs, truth):
    return stats.binom.pmf(np.arange(runs + 1), runs, 1.0 - truth)


def fixed_test(requirement, truth):
    """(size, wrong) of the smallest fixed-sample test that decides rightly with the confidence.

    It judges once, by a one-sided Clopper-Pearson bound at the confidence; `wrong` is how often it
    refutes a truth that meets the requirement or passes one that does not. At the required
    probability itself nothing decides often, and the size is the most runs allowed.
    """
    met, refuted = _fixed_limits(requirement)
    says_met = bdtr(np.maximum(met, 0.0), SIZES, 1.0 - truth) * (met >= 0.0)
    says_refuted = bdtrc(refuted - 1.0, SIZES, 1.0 - truth) * (refuted <= SIZES)
    meets = truth >= requirement.probability
    right, wrong = (says_met, says_refuted) if meets else (says_refuted, says_met)
    enough = np.flatnonzero(right >= requirement.confidence)
    row = MOST - 1 if truth == requirement.probability else enough[0]
    return int(SIZES[row]), float(wrong[row])


@cache
def _fixed_limits(requirement):
    """Most unclean runs met and fewest refuted by one look, for each of `SIZES`."""
    chance, error = 1.0 - requirement.probability, 1.0 - requirement.confidence
    met = stats.binom.ppf(error, SIZES, chance)
    met -= bdtr(np.maximum(met, 0.0), SIZES, chance) > error
    return met, stats.binom.isf(error, SIZES, chance) + 1.0


def peeking(requirement, campaigns=CAMPAIGNS):
    """How often the fixed-sample test errs at the requirement when looked at after every batch."""
    met, refuted = (limit[LOOKS - 1] for limit in _fixed_limits(requirement))
    ends = flown(toss(requirement.probability, campaigns), met, refuted)
    count = round(ends.refuted_fraction * campaigns)
    least = clopper_pearson(count, campaigns, 1.0 - 2.0 * CHANCE)[0]
    return Comparison(
        f"P >= {requirement.probability:g}, fixed test looked at after every batch: errs more",
        1.0 - requirement.confidence,
        float(least),
        "of 1",
        f"refuted at the requirement itself, {campaigns} campaigns",
        ours=1.0 - requirement.confidence,
        theirs=ends.refuted_fraction,
    )


def wrong_share(requirement, truth, ends):
    """The share of campaigns whose decision is wrong; at the requirement, of the likelier one."""
    if truth == requirement.probability:
        return max(ends.met_fraction, ends.refuted_fraction)
    return ends.refuted_fraction if truth > requirement.probability else ends.met_fraction


def _error(what, requirement, truth, ends, campaigns):
    wrong = wrong_share(requirement, truth, ends)
    lo, hi = clopper_pearson(round(wrong * campaigns), campaigns, 0.95)
    most = stats.binom.isf(CHANCE, campaigns, 1.0 - requirement.confidence) / campaigns
    return Comparison(
        f"{what}: wrong, 95 % in [{lo:.4f}, {hi:.4f}]",
        wrong,
        most,
        "of 1",
        "promised 0.05; beside: the fixed-sample test's",
        ours=wrong,
        theirs=fixed_test(requirement, truth)[1],
    )


def _length(what, requirement, truth, ends, exact, campaigns):
    chance = stats.norm.isf(0.5 * CHANCE) * exact.sigma_count / np.sqrt(campaigns)
    rounding = 1e-9 * exact.mean_count
    return Comparison(
        f"{what}: runs, median {ends.median_count:.0f}, "
        f"undecided {100.0 * ends.undecided_fraction:.1f} %",
        abs(ends.mean_count - exact.mean_count),
        chance + rounding,
        "runs",
        "mean by convolution; beside: the fixed-sample test's size",
        ours=ends.mean_count,
        theirs=fixed_test(requirement, truth)[0],
    )


def _misses(what, requirement, truth, unclean):
    """Campaigns whose bounds leave the truth out at any look at all."""
    pairs, back = np.unique(unclean * (2 * MOST) + LOOKS, return_inverse=True)
    counts, runs = np.divmod(pairs, 2 * MOST)
    lo, hi = bounds(runs - counts, runs, requirement.confidence)
    outside = ((lo > truth) | (hi < truth))[back.reshape(unclean.shape)].any(axis=1)
    most = stats.binom.isf(CHANCE, unclean.shape[0], 1.0 - requirement.confidence)
    return Comparison(
        f"{what}: bounds that ever miss it",
        outside.mean(),
        most / unclean.shape[0],
        "of 1",
        "promised 0.05 over all looks",
        ours=outside.mean(),
        theirs=1.0 - requirement.confidence,
    )
