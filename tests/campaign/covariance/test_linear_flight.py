"""A flight made linear, against two-body motion, the filter itself and flights of a campaign."""

from typing import NamedTuple

import jax
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import chi2

import perilune
from perilune.campaign.covariance.drawn_errors import drawn_errors
from perilune.campaign.covariance.epochs import epochs_of
from perilune.campaign.covariance.error_axes import AXES, HEIGHT
from perilune.campaign.covariance.error_budget import (
    GROUNDS,
    Along,
    budget_along,
    ground_errors,
    noises_of,
    start_errors,
)
from perilune.campaign.covariance.linear_flight import linear_flight
from perilune.campaign.covariance.moments import moments_of
from perilune.campaign.covariance.propagation import propagated
from perilune.campaign.covariance.reference_flight import recorded, reference_plan
from perilune.campaign.covariance_document import GROUPS
from perilune.flight.carry import CONSISTENCY, CheckPoint

FLIGHTS = 256
ALLOWED = 0.15
CHANCE = 1e-3
"""Of any of the comparisons below failing by the luck of the flights alone."""
LEAST_SHARE = 0.85
"""Of the comparisons with all sources, of ground too: those within what is allowed."""


class Analysed(NamedTuple):
    """A mission on smooth ground, recorded and made linear."""

    plan: object
    record: object
    moment: object
    drawn: object
    linear: object
    epochs: object
    budget: object


@pytest.fixture(scope="module")
def analysed(data_folder):
    """Athena over the measured maps, without relief below them."""
    folders = perilune.Folders(data=data_folder)
    mission = perilune.load_mission("athena", ["site.surface.largest=1 m"], folders=folders)
    plan = perilune.plan(mission)
    record = recorded(plan, 0, None, print)
    moment, drawn = moments_of(record, plan.upload), drawn_errors(mission, plan)
    reference = reference_plan(plan)
    linear, epochs = linear_flight(reference, moment, drawn), epochs_of(plan, record)
    budget = budget_along(reference, linear, Along(record, moment, drawn, epochs.rows))
    return Analysed(plan, record, moment, drawn, linear, epochs, budget)


@pytest.fixture(scope="module")
def flown(analysed):
    """Squared errors over the filter's variance of the mission's own flights: (256, 10, 13)."""
    batches = [perilune.fly_batch(analysed.plan, seed=0, first_run=at) for at in range(0, 256, 64)]
    return np.concatenate([summary.consistency for _, summary in batches])


def test_errors_of_the_coast_drift_as_two_orbits_part(analysed):
    """Central differences of two-body motion, integrated by scipy, over 600 s."""
    moment, steps = analysed.moment, analysed.linear.travelled.through
    first = int(np.flatnonzero(~moment.powered[:, 0] & (moment.tick_s > 1.0))[10])
    rows = range(first, first + 120)
    drift = np.eye(6)
    for row in rows:
        drift = steps[row, :6, :6] @ drift
    span_s = 0.1 * (moment.clock[rows[-1], 2] - moment.clock[first, 0])
    start = np.concatenate(
        [moment.start.position_inertial_m[first], moment.start.velocity_inertial_m_s[first]]
    )
    gm = float(analysed.plan.upload.chart.gravity.gm_m3_s2)

    def rates(_, state):
        return np.concatenate([state[3:], -gm * state[:3] / np.linalg.norm(state[:3]) ** 3])

    def end(state):
        return solve_ivp(rates, (0.0, span_s), state, rtol=1e-12, atol=1e-9).y[:, -1]

    sizes = np.array([100.0] * 3 + [0.1] * 3)
    moves = np.diag(sizes)
    found = [(end(start + each) - end(start - each)) / (2.0 * each.sum()) for each in moves]
    scale = sizes[None, :] / np.maximum(np.abs(drift) @ sizes, 1e-9)[:, None]
    np.testing.assert_allclose(scale * drift, scale * np.stack(found, axis=1), atol=2e-4)


def test_the_filters_covariance_comes_out_again_cycle_by_cycle(analysed):
    """Its own, but where it took more noise than assumed, which a linear analysis does not see."""
    found, kept = analysed.linear.steps.covariance, analysed.record.heard.covariance[1:]
    sigma = np.sqrt(np.einsum("cii->ci", kept))
    apart = np.abs(found - kept) / (sigma[:, :, None] * sigma[:, None, :])
    assert np.mean(apart.max(axis=(1, 2)) < 1e-3) > 0.99


def test_errors_of_the_start_have_the_sigmas_that_the_mission_draws(analysed):
    start = start_errors(analysed.drawn, 9)
    position, speed, attitude = (np.sqrt(np.sum(start[at : at + 3] ** 2)) for at in (0, 3, 6))
    assert position == pytest.approx(np.sqrt(300.0**2 + 300.0**2 + 150.0**2), rel=1e-6)
    assert speed == pytest.approx(np.sqrt(0.14**2 + 0.28**2 + 0.28**2), rel=1e-6)
    assert attitude == pytest.approx(np.radians(0.02) * np.sqrt(3.0), rel=1e-6)


def test_squares_of_the_sources_add_up_to_the_square_of_the_whole(analysed):
    budget = analysed.budget
    total = sum(each**2 for each in budget.by_source.values())
    np.testing.assert_allclose(budget.true**2, total, rtol=1e-12)
    assert set(GROUNDS[:1]) < set(budget.by_source)


def test_sigmas_are_those_of_flights_of_the_mission(analysed, flown):
    """256 flights: within 15 %, and what chi-square gives so many flights besides.

    Flights cross one ground, tracks of theirs some hundred metres apart: of what the ground between
    the map's points makes they share some, which the flight without draws has too, and not the
    rest. So they lie between the analysis without that ground and with it, this flight's own error
    beside. Every axis at every moment is compared, but where no flight has a height yet.
    """
    budget, points = analysed.budget, analysed.epochs.points
    columns = [CONSISTENCY.index(group) for group in GROUPS]
    of_ground = sum(budget.by_source[name] ** 2 for name in GROUNDS if name in budget.by_source)
    left_out = analysed.record.consistency[list(points)][:, columns] * budget.claimed**2
    least = np.sqrt(budget.true**2 - of_ground) / budget.claimed
    most = np.sqrt(budget.true**2 + np.nan_to_num(left_out)) / budget.claimed
    squares = flown[:, list(points)][:, :, columns]
    compared = np.all(np.isfinite(squares), axis=0)
    assert np.all(compared[points.index(CheckPoint.ALIGNMENT) :])
    assert np.all(compared[:, :HEIGHT])
    found = np.sqrt(np.mean(squares, axis=0))
    luck = 0.5 * CHANCE / compared.sum()
    low, high = np.sqrt(chi2.ppf([luck, 1.0 - luck], FLIGHTS) / FLIGHTS)
    less, more = found / least, found / most
    beyond = compared & ((less < (1.0 - ALLOWED) * low) | (more > (1.0 + ALLOWED) * high))
    where = [
        (points[row].name, AXES[axis][0], less[row, axis], more[row, axis])
        for row, axis in np.argwhere(beyond)
    ]
    assert where == []
    alone = found * budget.claimed / budget.true
    assert np.mean(np.abs(alone - 1.0)[compared] < ALLOWED) > LEAST_SHARE


def test_a_noise_that_is_left_out_leaves_the_others_as_they_are(analysed):
    plan, linear = reference_plan(analysed.plan), analysed.linear
    noises, grounds = noises_of(plan), ground_errors(plan, analysed.moment)
    count, rows = linear.steps.through.shape[1], analysed.epochs.rows
    start = start_errors(analysed.drawn, count)
    with_all = propagated(linear, start, noises, grounds, rows)[-1]
    gone = "camera: noise"
    fewer = {name: each for name, each in noises.items() if name != gone}
    without = propagated(linear, start, fewer, grounds, rows)[-1]
    kept = [place for place, name in enumerate(noises) if name != gone]
    np.testing.assert_array_equal(with_all.by_noise[kept], without.by_noise)
    assert np.trace(with_all.by_noise[list(noises).index(gone)][:3, :3]) > 100.0


def test_every_number_that_is_linear_is_finite(analysed):
    assert all(np.all(np.isfinite(each)) for each in jax.tree.leaves(analysed.linear))
