"""The test that may look as often as it likes: its errors worked out exactly, its bounds too."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from perilune.campaign.statistics import sequential_test
from perilune.campaign.statistics.binomial_interval import clopper_pearson
from perilune.campaign.statistics.order_statistics import least_count
from perilune.campaign.statistics.sequential_test import (
    HALF_SPENT_RUNS,
    Requirement,
    boundaries,
    bounds,
    decide,
    log_evidence,
)

REQUIREMENTS = [
    Requirement(0.99, 0.95),
    Requirement(0.9, 0.95),
    Requirement(0.5, 0.9),
    Requirement(0.05, 0.8),
    Requirement(0.999, 0.99),
]
COUNTS = st.integers(1, 5_000).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs)))


def ever(probability, looks, stops):
    """How probable it is that the unclean runs ever stop at one of the looks, worked out exactly.

    `stops[i]` (look + 1,) says which counts stop at look i. Convolved with SciPy's binomial; what
    has stopped is taken out, and nothing else is.
    """
    alive, flown = np.ones(1), 0
    for look, stop in zip(looks, stops, strict=True):
        more = look - flown
        step = stats.binom.pmf(np.arange(more + 1), more, 1.0 - probability)
        alive, flown = np.where(stop, 0.0, np.convolve(alive, step)), look
    return 1.0 - alive.sum()


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
@pytest.mark.parametrize("every", [1, 17, 64])
def test_neither_error_passes_what_is_promised_however_often_one_looks(requirement, every):
    looks = np.arange(every, 1_500, every)
    met, refuted = boundaries(requirement, 1_500)
    at = requirement.probability
    wrongly_met = ever(at, looks, [np.arange(n + 1) <= met[n] for n in looks])
    wrongly_refuted = ever(at, looks, [np.arange(n + 1) >= refuted[n] for n in looks])
    promised = (1.0 - requirement.confidence) * looks[-1] / (HALF_SPENT_RUNS + looks[-1])
    assert wrongly_met <= promised + 1e-12
    assert wrongly_refuted <= promised + 1e-12


@pytest.mark.parametrize("requirement", REQUIREMENTS[:2], ids=str)
def test_the_promise_is_used_and_not_merely_kept(requirement):
    """Looking after every run spends nearly all that may be spent: the boundary is no looser."""
    looks = np.arange(1, 1_500)
    met, refuted = boundaries(requirement, 1_500)
    promised = (1.0 - requirement.confidence) * 1_499 / (HALF_SPENT_RUNS + 1_499)
    for stops in (
        [np.arange(n + 1) <= met[n] for n in looks],
        [np.arange(n + 1) >= refuted[n] for n in looks],
    ):
        assert ever(requirement.probability, looks, stops) > 0.95 * promised


def exact_boundary(chance, error, runs):
    """The same boundary in whole fractions, where nothing is rounded and nothing is held back."""
    alive, spent, most = {0: Fraction(1)}, Fraction(0), [-1]
    for n in range(1, runs + 1):
        grown = {}
        for count, weight in alive.items():
            grown[count] = grown.get(count, 0) + weight * (1 - chance)
            grown[count + 1] = grown.get(count + 1, 0) + weight * chance
        alive, top = grown, most[-1]
        while spent + alive[min(alive)] <= error * Fraction(n, HALF_SPENT_RUNS + n):
            top = min(alive)
            spent += alive.pop(top)
        most.append(max(top, most[-1]))
    return most


@pytest.mark.parametrize(("chance", "error"), [("1/2", "1/10"), ("3/10", "1/4"), ("9/10", "1/20")])
def test_the_boundary_is_that_of_exact_arithmetic(chance, error):
    chance, error = Fraction(chance), Fraction(error)
    met, _ = boundaries(Requirement(float(1 - chance), float(1 - error)), 90)
    assert list(met[:91]) == exact_boundary(chance, error, 90)


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_without_a_failure_it_is_met_where_the_closed_form_says(requirement):
    met, _ = boundaries(requirement, 8_000)
    n = np.arange(1, 8_001)
    spendable = (1.0 - requirement.confidence) * n / (HALF_SPENT_RUNS + n)
    first = n[requirement.probability**n <= spendable][0]
    assert np.argmax(met >= 0) == first
    assert first >= least_count(requirement.probability, requirement.confidence)


def test_the_price_of_looking_is_84_runs_beside_the_fixed_test_s_299():
    assert decide(Requirement(0.99, 0.95), 382, 382) == "met"
    assert decide(Requirement(0.99, 0.95), 381, 381) == "undecided"
    assert least_count(0.99, 0.95) == 299


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_the_boundaries_never_cross_and_never_turn_back(requirement):
    met, refuted = boundaries(requirement, 8_000)
    assert (met < refuted).all()
    assert (np.diff(met) >= 0).all()
    assert (np.diff(refuted[1:]) >= 0).all()


@pytest.mark.parametrize("runs", [64, 640, 6_400])
def test_one_more_clean_run_never_makes_the_decision_worse(runs):
    ladder = ["refuted", "undecided", "met"]
    steps = [ladder.index(decide(Requirement(0.95), clean, runs)) for clean in range(runs + 1)]
    assert steps == sorted(steps)
    assert set(steps) == ({0, 1} if runs == 64 else {0, 1, 2})


@pytest.mark.parametrize("requirement", REQUIREMENTS[:2], ids=str)
@pytest.mark.parametrize("runs", [600, 1_000])
def test_a_count_on_a_boundary_is_decided_and_the_next_one_inside_is_not(requirement, runs):
    met, refuted = boundaries(requirement, runs)
    counts = met[runs], met[runs] + 1, refuted[runs] - 1, refuted[runs]
    found = [decide(requirement, runs - unclean, runs) for unclean in counts]
    assert found == ["met", "undecided", "undecided", "refuted"]


def test_the_boundaries_that_all_campaigns_of_a_process_share_cannot_be_written():
    for end in boundaries(Requirement(0.99), 64):
        with pytest.raises(ValueError, match="read-only"):
            end[64] = 0


def test_a_longer_campaign_has_the_same_boundary_so_far():
    short = sequential_test._boundary(0.01, 0.05, 500)
    assert (sequential_test._boundary(0.01, 0.05, 3_000)[:501] == short).all()


@pytest.mark.parametrize("probability", [0.5, 0.95, 0.99, 0.999])
def test_the_bounds_hold_the_truth_at_all_looks_at_once(probability):
    looks = np.unique(np.geomspace(1, 2_000, 60).astype(int))
    outside = []
    for n in looks:
        lo, hi = bounds(n - np.arange(n + 1), n, 0.95)
        outside.append((lo > probability) | (hi < probability))
    assert ever(probability, looks, outside) <= 0.05


@pytest.mark.parametrize("probability", [0.5, 0.95, 0.99, 0.999])
def test_the_evidence_against_the_truth_seldom_grows_large_though_looked_at_every_run(probability):
    looks = np.arange(1, 1_500)
    large = [log_evidence(probability, n - np.arange(n + 1), n) >= np.log(40.0) for n in looks]
    assert 0.0 < ever(probability, looks, large) <= 0.025


@given(st.floats(0.01, 0.99), COUNTS)
def test_the_evidence_is_a_martingale(probability, counts):
    """Whatever has flown, its mean after one more run is what it was (Ville needs no more)."""
    clean, runs = counts
    now = log_evidence(probability, clean, runs)
    if np.isfinite(now):
        after = [
            log_evidence(probability, clean + more, runs + 1) + np.log(chance)
            for more, chance in ((1, probability), (0, 1.0 - probability))
        ]
        assert np.logaddexp(*after) == pytest.approx(now, abs=1e-7)


@pytest.mark.parametrize(("probability", "clean", "runs"), [(0.9, 64, 64), (0.97, 995, 1_000)])
def test_the_evidence_is_the_mean_likelihood_by_quadrature(probability, clean, runs):
    def likelihood(p):
        return np.exp(stats.binom.logpmf(clean, runs, p))

    def density(angle):
        """Beta(1/2, 1/2) over the angle whose squared sine is the probability is flat."""
        return likelihood(np.sin(angle) ** 2)

    start = np.arcsin(np.sqrt(probability))
    peak = np.arcsin(np.sqrt(clean / runs))
    mean, _ = integrate.quad(density, start, np.pi / 2, points=[min(peak, 1.57)], epsrel=1e-12)
    mean /= np.pi / 2 - start
    assert log_evidence(probability, clean, runs) == pytest.approx(
        np.log(mean / likelihood(probability)), rel=1e-9
    )


@pytest.mark.parametrize(("clean", "runs"), [(1, 2), (60, 64), (384, 384), (990, 1_000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_evidence_at_a_bound_is_one_over_half_of_the_error(clean, runs, confidence):
    """Ville: it ever grows so large with that probability, so that each end takes half."""
    lo, hi = bounds(clean, runs, confidence)
    allowed = pytest.approx(np.log(2.0 / (1.0 - confidence)), abs=1e-7)
    assert log_evidence(lo, clean, runs) == allowed
    if clean < runs:
        assert log_evidence(1.0 - hi, runs - clean, runs) == allowed


def test_without_a_run_the_bounds_are_all_that_is_possible():
    assert bounds(0, 0, 0.95) == (0.0, 1.0)


@settings(deadline=None)
@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_bounds_are_never_narrower_than_the_interval_that_may_look_once(counts, confidence):
    lo, hi = bounds(*counts, confidence)
    once_lo, once_hi = clopper_pearson(*counts, confidence)
    assert 0.0 <= lo <= once_lo <= once_hi <= hi <= 1.0


@settings(deadline=None)
@given(COUNTS)
def test_clean_and_unclean_swapped_swap_the_bounds(counts):
    clean, runs = counts
    lo, hi = bounds(clean, runs, 0.95)
    assert bounds(runs - clean, runs, 0.95) == pytest.approx((1.0 - hi, 1.0 - lo), abs=1e-13)


@pytest.mark.parametrize("runs", [1, 64, 1_000])
def test_both_bounds_rise_with_the_clean_runs(runs):
    lo, hi = bounds(np.arange(runs + 1), runs, 0.95)
    assert (np.diff(lo) >= 0.0).all()
    assert (np.diff(hi) >= 0.0).all()
    assert lo[0] == 0.0
    assert hi[-1] == 1.0


@settings(deadline=None)
@given(COUNTS, st.floats(0.05, 1.0))
def test_the_evidence_falls_as_the_probability_nears_the_share(counts, part):
    """So that what it refutes is everything below one bound."""
    clean, runs = counts
    share = clean / runs
    near, nearer = 0.9 * part * share, part * share
    if 0.0 < nearer < 1.0 and log_evidence(nearer, clean, runs) >= 0.0:
        assert log_evidence(near, clean, runs) >= log_evidence(nearer, clean, runs) - 1e-9


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_while_undecided_the_bounds_hold_the_required_probability(requirement):
    runs = np.unique(np.geomspace(1, 30_000, 200).astype(int))
    met, refuted = boundaries(requirement, 30_000)
    for inside in (met[runs] + 1, refuted[runs] - 1):
        clean = runs - np.clip(inside, 0, runs)
        undecided = [decide(requirement, *c) == "undecided" for c in zip(clean, runs, strict=True)]
        lo, hi = bounds(clean, runs, requirement.confidence, requirement)
        assert (lo[undecided] <= requirement.probability).all()
        assert (hi[undecided] >= requirement.probability).all()


@pytest.mark.parametrize("which", [0, 1], ids=["met", "refuted"])
def test_a_decided_campaign_s_bounds_are_left_as_they_are(which):
    """On the boundary too, where some of the bounds leave the required probability out."""
    requirement = Requirement(0.9, 0.95)
    runs = np.arange(1, 601)
    unclean = boundaries(requirement, 600)[which][runs]
    reachable = (unclean >= 0) & (unclean <= runs)
    clean, runs = (runs - unclean)[reachable], runs[reachable]
    lo, hi = bounds(clean, runs, 0.95)
    assert ((lo > 0.9) | (hi < 0.9)).any()
    np.testing.assert_array_equal(bounds(clean, runs, 0.95, requirement), (lo, hi))
