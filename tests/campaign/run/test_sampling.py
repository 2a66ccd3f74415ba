"""Points in the unit cube: even where they promise it, alike whatever the batches."""

import numpy as np
import pytest

from perilune.campaign.request import (
    MOST_OF_A_LATIN_HYPERCUBE,
    SOBOL_BLOCK,
    Order,
    check_order,
    most_runs,
)
from perilune.campaign.run.sampling import Span, hold, points_of
from perilune.errors import InputError

USED, ROWS = 5, 8


def all_points(sampling, runs, batch, seed=3):
    batches = [
        points_of(sampling, seed, Span(first, batch, runs), USED, ROWS)
        for first in range(0, runs, batch)
    ]
    return np.concatenate(batches)


def test_random_sampling_leaves_every_draw_to_the_run():
    assert np.all(np.isnan(all_points("random", 128, 64)))


@pytest.mark.parametrize("sampling", ["random", "sobol"])
def test_a_number_that_is_held_has_its_quantile_and_no_other_is_touched(sampling):
    points = all_points(sampling, 512, 64)
    kept = points.copy()
    held = hold(points, ("a", "b", "c"), {"b": 0.05})
    assert np.all(held[:, 1] == 0.05)
    np.testing.assert_array_equal(np.delete(held, 1, axis=1), np.delete(kept, 1, axis=1))
    np.testing.assert_array_equal(points, kept)


@pytest.mark.parametrize("sampling", ["sobol", "lhs"])
def test_points_do_not_depend_on_how_runs_are_cut_into_batches(sampling):
    small, large = all_points(sampling, 512, 64), all_points(sampling, 512, 4096)[:512]
    np.testing.assert_array_equal(small, large)


@pytest.mark.parametrize("sampling", ["sobol", "lhs"])
def test_points_lie_inside_the_cube_and_only_on_rows_in_use(sampling):
    points = all_points(sampling, 512, 64)
    assert np.all((points[:, :USED] > 0.0) & (points[:, :USED] < 1.0))
    assert np.all(np.isnan(points[:, USED:]))


@pytest.mark.parametrize("sampling", ["sobol", "lhs"])
def test_another_seed_gives_other_points(sampling):
    assert not np.any(
        all_points(sampling, 512, 64)[:, :USED] == all_points(sampling, 512, 64, seed=4)[:, :USED]
    )


def test_a_latin_hypercube_has_one_run_in_every_stratum_of_every_input():
    runs = 300
    points = all_points("lhs", runs, 64)
    assert np.all(np.isnan(points[runs:]))
    strata = np.sort(np.floor(points[:runs, :USED] * runs), axis=0)
    np.testing.assert_array_equal(strata, np.tile(np.arange(runs)[:, None], USED))


def test_every_block_of_sobol_points_is_balanced_and_its_own():
    points = all_points("sobol", 4 * SOBOL_BLOCK, 64)[:, :USED].reshape(4, SOBOL_BLOCK, USED)
    for block in points:
        strata = np.sort(np.floor(block * SOBOL_BLOCK), axis=0)
        np.testing.assert_array_equal(strata, np.tile(np.arange(SOBOL_BLOCK)[:, None], USED))
    assert len(np.unique(points[:, 0, 0])) == 4


def test_more_runs_leave_earlier_sobol_points_as_they_are():
    few, more = all_points("sobol", 512, 64), all_points("sobol", 1024, 64)
    np.testing.assert_array_equal(few, more[:512])


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"require": 0.99, "sampling": "lhs", "runs": 100}, "--require needs independent flights"),
        ({"require": 0.99, "sampling": "sobol"}, "--require needs independent flights"),
        ({"sampling": "lhs"}, "must know how many runs .* give --runs"),
        ({"sampling": "lhs", "runs": MOST_OF_A_LATIN_HYPERCUBE + 1}, "at most 65536 runs"),
        ({"sampling": "sobol", "runs": 1000}, "blocks of 256.*give --runs 1024"),
        ({"sampling": "sobol", "runs": 256}, "at least two.*give --runs 512"),
        ({"sampling": "halton"}, 'must be random, sobol or lhs, but is "halton"'),
        ({"require": 1.0}, "--require must be a probability between 0 and 1"),
        ({"confidence": 95.0}, "--confidence must lie between 0 and 1 .* but is 95"),
        ({"runs": 0}, "--runs must lie between 1"),
        ({"workers": 0}, "--workers must be at least 1"),
        ({"workers": 2, "cluster": "tcp://here"}, "give one of them"),
        ({"seed": -1}, "--seed must lie between 0"),
    ],
)
def test_what_cannot_be_kept_is_not_promised(order, sentence):
    with pytest.raises(InputError, match=sentence):
        check_order(Order("athena", **order))


def test_how_many_runs_are_flown_at_most():
    assert most_runs(Order("athena", runs=77)) == 77
    assert most_runs(Order("athena", require=0.99)) == 10_000
    assert most_runs(Order("athena", require=0.99, runs=500)) == 500
