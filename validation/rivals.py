"""Knows how many runs other tests of a required probability would take, beside the one chosen.

Mean lengths are exact (the binomial convolved from look to look, as in `coins`), but that of the
betting test, whose bets depend on the order of the runs: it is tossed. All keep each error to 0.05
and look after every 64 runs, up to 10,000.
"""

import numpy as np
from scipy import stats
from scipy.special import betainc, betaincc, betaln

from perilune.campaign.statistics.sequential_test import Requirement, boundaries
from validation.coins import CONFIDENCE, LOOKS, MOST, SEED, TRUTHS, at_looks, exactly
from validation.comparison import Comparison

ERROR = 1.0 - CONFIDENCE
TOSSED = 400


def compare(truths=None, tossed=TOSSED):
    """The geometric mean, over truths off the requirement, of our mean length over a rival's."""
    found = []
    for required, shares in (truths or TRUTHS).items():
        requirement = Requirement(required, CONFIDENCE)
        off = [share for share in shares if share != required]
        ours = [exactly(truth, *at_looks(requirement)).mean_count for truth in off]
        for name, theirs in lengths(requirement, off, tossed).items():
            ratio = float(np.exp(np.mean(np.log(np.divide(ours, theirs)))))
            listed = ", ".join(f"{runs:.0f}" for runs in theirs)
            what = f"P >= {required:g}, chosen test's length over that of: {name}"
            found.append(Comparison(what, ratio, 1.0, "of 1", f"its runs: {listed}"))
    return found


def lengths(requirement, truths, tossed=TOSSED):
    """Mean runs of each rival at each truth."""
    required = requirement.probability
    limits = {
        "beta-binomial mixture": mixture(required),
        "group-sequential, Pocock type": group_sequential(required, _pocock),
        "group-sequential, O'Brien-Fleming type": group_sequential(required, _obrien_fleming),
    }
    means = {
        name: [exactly(truth, *ends).mean_count for truth in truths]
        for name, ends in limits.items()
    }
    means["betting, Kelly's stake cut at a half"] = [
        betting(required, truth, tossed) for truth in truths
    ]
    return means


def mixture(required):
    """One-sided mixtures of Beta(1/2, 1/2): Howard and others (2021), Proposition 7."""
    chance, least = 1.0 - required, np.log(1.0 / ERROR)
    met, refuted = boundaries(Requirement(required, CONFIDENCE), MOST)
    near_met, near_refuted = [], []
    for n in LOOKS:
        counts = np.arange(min(n, refuted[n] + met[n] + 60) + 1.0)
        likelihood = betaln(counts + 0.5, n - counts + 0.5) - betaln(0.5, 0.5)
        likelihood -= counts * np.log(chance) + (n - counts) * np.log(required)
        part = betainc(counts + 0.5, n - counts + 0.5, chance) / betainc(0.5, 0.5, chance)
        rest = betaincc(counts + 0.5, n - counts + 0.5, chance) / betaincc(0.5, 0.5, chance)
        near_met.append(np.sum(part >= np.exp(least - likelihood)) - 1)
        late = np.flatnonzero((rest >= np.exp(least - likelihood)) & (counts > n * chance))
        near_refuted.append(late[0] if late.size else n + 1)
    return np.array(near_met), np.array(near_refuted)


def _pocock(share):
    return ERROR * np.log1p((np.e - 1.0) * share)


def _obrien_fleming(share):
    return 2.0 * stats.norm.sf(stats.norm.isf(0.5 * ERROR) / np.sqrt(share))


def group_sequential(required, spending):
    """Boundaries that spend an error over 10,000 runs (Lan and DeMets, Biometrika 70, 1983)."""
    chance = 1.0 - required
    met = _spent(chance, spending)
    return met, LOOKS - _spent(required, spending)


def _spent(chance, spending):
    """The most events at each look that an event of this chance comes to too rarely."""
    alive, first, spent, most, flown = np.ones(1), 0, 0.0, [], 0
    for look in LOOKS:
        more = look - flown
        alive = np.convolve(alive, stats.binom.pmf(np.arange(more + 1), more, chance))
        drop = np.searchsorted(np.cumsum(alive), spending(look / MOST) - spent, side="right")
        spent, alive, first, flown = spent + alive[:drop].sum(), alive[drop:], first + drop, look
        most.append(first - 1)
    return np.array(most)


def betting(required, truth, tossed):
    """Mean runs of two bettors, one each way, who stake as Kelly would on what they have seen.

    Waudby-Smith and Ramdas, JRSS B 86 (2024) 1-27: capital multiplies by 1 + stake (clean -
    required); the stake is known before the run, and never risks more than half of the capital.
    """
    random = np.random.default_rng([SEED, round(1e6 * truth), 1])
    clean = random.random((tossed, MOST)) < truth
    seen = (np.cumsum(clean, axis=1) - clean + 0.5) / np.arange(1.0, MOST + 1.0)
    stake = (seen - required) / (required * (1.0 - required))
    capital = []
    for way, most in ((1.0, 0.5 / required), (-1.0, 0.5 / (1.0 - required))):
        cut = way * np.clip(way * stake, 0.0, most)
        capital.append(np.cumsum(np.log1p(cut * (clean - required)), axis=1)[:, LOOKS - 1])
    rich = np.maximum(*capital) >= np.log(1.0 / ERROR)
    return LOOKS[np.where(rich.any(axis=1), rich.argmax(axis=1), LOOKS.size - 1)].mean()
