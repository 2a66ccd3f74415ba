"""The search along a factor: flown here by runs whose limits are known beforehand."""

import numpy as np
import pytest

from perilune.campaign.envelope.crossings import LEVELS, Span, Tried, crossing, next_value

RUNS, MOST = 64, 30


def searched(span, limits, most=MOST):
    """The values tried where run i is lost at `limits[i]`, a share of the way out, and farther."""
    flown = [Tried(span.start, len(limits), len(limits))]
    while (value := next_value(span, flown, most)) is not None:
        share = (value - span.start) / (span.furthest - span.start)
        flown.append(Tried(value, int(np.sum(limits > share)), len(limits)))
    return flown


@pytest.mark.parametrize("span", [Span(0.0, -40.0), Span(0.15, 2.0)])
def test_the_bracket_of_a_level_holds_the_quantile_of_the_runs_limits(span):
    for seed in range(20):
        limits = np.random.default_rng(seed).uniform(0.2, 0.9, RUNS)
        tried = searched(span, limits)
        for level in LEVELS:
            found = crossing(span, tried, level, 0.95)
            lost = np.sort(limits)[int(np.ceil((1.0 - level) * RUNS + 1e-9)) - 1]
            if level == 0.5:
                lost = np.sort(limits)[RUNS // 2]
            true = span.start + lost * (span.furthest - span.start)
            low, high = sorted((found.holds_to, found.lost_at))
            assert low <= true <= high
            assert high - low <= abs(span.furthest - span.start) / 32 + 0.02


def test_the_bounds_of_a_crossing_hold_the_median_as_often_as_they_say():
    """The order statistics of 64 uniform numbers: 95 % at least, by the closed form."""
    span, kept = Span(0.0, 1.0), 0
    generator, count = np.random.default_rng(1), 600
    for _ in range(count):
        found = crossing(span, searched(span, generator.uniform(0.0, 1.0, RUNS)), 0.5, 0.95)
        kept += found.shown_to <= 0.5 <= found.shown_lost_at
    assert kept / count > 0.95 - 2.0 * np.sqrt(0.95 * 0.05 / count)


def test_all_clean_runs_too_few_to_show_a_level_show_it_lost_all_the_same():
    found = crossing(Span(0.0, 1.0), searched(Span(0.0, 1.0), np.full(RUNS, 0.6)), 0.99, 0.95)
    assert found.shown_to is None
    assert found.holds_to < 0.6 <= found.shown_lost_at


def test_a_factor_that_loses_nothing_is_flown_at_its_middle_and_its_end_only():
    span = Span(0.0, -40.0)
    tried = searched(span, np.full(RUNS, 2.0))
    assert [each.value for each in tried] == [0.0, -40.0, -20.0]
    found = crossing(span, tried, 0.99, 0.95)
    assert (found.holds_to, found.lost_at) == (-40.0, None)


def test_a_level_that_is_lost_at_the_start_has_no_bracket():
    found = crossing(Span(0.0, 1.0), [Tried(0.0, 60, RUNS), Tried(1.0, 0, RUNS)], 0.99, 0.95)
    assert (found.holds_to, found.lost_at) == (None, 0.0)


def test_a_value_that_cannot_be_flown_is_lost_and_its_edge_is_found():
    span, edge = Span(0.0, 100.0), 43.0
    tried = [Tried(0.0, RUNS, RUNS)]
    while (value := next_value(span, tried, MOST)) is not None:
        tried.append(Tried(value, RUNS, RUNS) if value < edge else Tried(value, 0, 0))
    for level in LEVELS:
        found = crossing(span, tried, level, 0.95)
        assert found.holds_to < edge <= found.lost_at
        assert found.lost_at - found.holds_to < 100.0 / 32 + 1.0


def test_no_more_values_are_flown_than_asked_for():
    assert len(searched(Span(0.0, 1.0), np.linspace(0.1, 0.9, RUNS), most=5)) == 5
