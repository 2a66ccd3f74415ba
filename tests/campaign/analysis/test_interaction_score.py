"""The score of two inputs acting together: each step of it beside its definition."""

import json

import numpy as np
import pytest
from numpy.polynomial import legendre
from scipy import stats

from perilune.campaign.analysis.interaction_score import (
    DEGREE_AGAIN,
    LEAST_AGAIN,
    PARTS,
    Look,
    Rest,
    after_main_effects,
    corners,
    least_count,
    look,
    look_again,
)
from perilune.campaign.analysis.interactions import LEAST_COUNT, LEAST_FAILURES, pairs
from perilune.campaign.statistics.multiple_testing import holm
from tests.campaign.planted import campaign

COUNT, INPUTS = 600, 4


def drawn_and_values(count=COUNT, inputs=INPUTS, seed=1):
    draws = np.random.default_rng(seed)
    drawn = draws.normal(size=(count, inputs))
    return drawn, drawn[:, 0] * drawn[:, 1] + drawn[:, 2] + draws.normal(size=count)


def rest_of(count=COUNT, inputs=INPUTS, seed=1):
    drawn, values = drawn_and_values(count, inputs, seed)
    return after_main_effects(values, drawn)


def part(ranks, which):
    """Legendre's first or second polynomial, of mean square one over (-1, 1)."""
    if which == 0:
        return np.sqrt(3.0) * ranks
    return np.sqrt(5.0) * (1.5 * ranks**2 - 0.5)


def score_of(left, product, inflation):
    return np.sum(left * product) / np.sqrt(inflation * np.sum((left * product) ** 2))


def test_the_least_count_is_five_flights_a_term_of_parabolas():
    assert [least_count(inputs) for inputs in (1, 2, 60)] == [15, 25, 605]


def test_ranks_lie_evenly_in_minus_one_to_one():
    order = np.random.default_rng(4).permutation(20)
    rest = after_main_effects(np.zeros(20), np.exp(order)[:, None])
    np.testing.assert_allclose(rest.ranks[:, 0], (order + 0.5) / 10.0 - 1.0)


@pytest.mark.parametrize(
    ("count", "degree"), [(5 * 17, 4), (5 * 17 - 1, 3), (5 * 13, 3), (5 * 13 - 1, 2), (5 * 9, 2)]
)
def test_main_effects_are_taken_off_to_the_highest_degree_the_flights_bear(count, degree):
    """What is left is square to every term; so many terms fitted inflate its variance."""
    rest = rest_of(count)
    terms = legendre.legvander(rest.ranks, degree)
    np.testing.assert_allclose(np.einsum("n,ndk->dk", rest.left, terms), 0.0, atol=1e-9 * count)
    assert rest.inflation == pytest.approx(count / (count - 1 - degree * INPUTS))
    if degree < 4:
        more = legendre.legvander(rest.ranks, degree + 1)[..., -1]
        assert np.max(np.abs(rest.left @ more)) > 1e-3


def test_a_figure_that_is_a_sum_of_main_effects_leaves_nothing():
    drawn, _ = drawn_and_values()
    ranks = stats.rankdata(drawn, axis=0)
    rest = after_main_effects(7.0 + ranks[:, 0] ** 4 / 1e9 - 3.0 * ranks[:, 1], drawn)
    np.testing.assert_allclose(rest.left, 0.0, atol=1e-8)


def test_a_look_is_the_largest_score_of_four_products_for_every_pair():
    rest = rest_of()
    seen = look(rest)
    expected = [(a, b) for a in range(INPUTS) for b in range(a + 1, INPUTS)]
    assert [tuple(place) for place in seen.place] == expected
    for i, (a, b) in enumerate(expected):
        four = {
            (j, k): score_of(
                rest.left, part(rest.ranks[:, a], j) * part(rest.ranks[:, b], k), rest.inflation
            )
            for j in range(len(PARTS))
            for k in range(len(PARTS))
        }
        best = max(four, key=lambda each: abs(four[each]))
        assert tuple(seen.part[i]) == best
        assert seen.score[i] == pytest.approx(four[best])
        assert seen.p[i] == pytest.approx(min(1.0, 4.0 * 2.0 * stats.norm.sf(abs(four[best]))))


def test_a_pair_that_lowers_a_figure_is_as_sure_as_one_that_raises_it():
    rest = rest_of()
    lowered = look(Rest(-rest.left, rest.ranks, rest.inflation))
    np.testing.assert_allclose(lowered.score, -look(rest).score)
    np.testing.assert_allclose(lowered.p, look(rest).p)
    assert np.min(lowered.p) < 1e-9


def test_a_closer_look_takes_the_two_inputs_own_effects_off_more_finely():
    rest = rest_of()
    seen = look(rest)
    again = look_again(rest, seen, 0.05)
    for i, ((a, b), (j, k)) in enumerate(zip(seen.place, seen.part, strict=True)):
        own = np.concatenate(
            [
                legendre.legvander(rest.ranks[:, one], DEGREE_AGAIN)[:, skip:]
                for skip, one in ((0, a), (1, b))
            ],
            axis=1,
        )
        product = part(rest.ranks[:, a], j) * part(rest.ranks[:, b], k)
        left, product = (one - own @ np.linalg.pinv(own) @ one for one in (rest.left, product))
        closer = score_of(left, product, rest.inflation)
        assert again.score[i] == pytest.approx(min(seen.score[i], closer, key=abs))
        assert again.p[i] >= seen.p[i]
        assert again.p[i] == pytest.approx(min(1.0, 8.0 * stats.norm.sf(abs(again.score[i]))))
    np.testing.assert_array_equal(again.place, seen.place)


def test_only_the_surest_pairs_are_looked_at_again():
    rest = rest_of(inputs=8)
    seen = look(rest)
    again = look_again(rest, seen, 0.05)
    changed = np.flatnonzero(again.score != seen.score)
    surest = np.argsort(seen.p, kind="stable")[:LEAST_AGAIN]
    assert 0 < len(changed) <= LEAST_AGAIN < len(seen.p)
    assert set(changed) <= set(surest)


def test_all_hopeful_pairs_are_looked_at_again():
    """More are hopeful than are looked at at least."""
    rest = rest_of(inputs=8)
    seen = look(rest)
    hopeful = Look(seen.place, seen.part, np.full(28, 99.0), np.full(28, 1e-9))
    assert np.all(look_again(rest, hopeful, 0.05).score < 99.0)


def test_the_corners_are_means_by_halves_and_the_excess_is_beyond_the_sum():
    ranks = (np.arange(40) + 0.5) / 20.0 - 1.0
    a, b = (each.ravel() for each in np.meshgrid(ranks, ranks, indexing="ij"))
    values = 1.0 + 1.0 * (a > 0.0) + 2.0 * (b > 0.0) + 4.0 * ((a > 0.0) & (b > 0.0))
    rest = Rest(values, np.stack([b, a], axis=1), 1.0)
    found = corners(values, rest, np.array([1, 0]), np.array([0, 0]))
    assert found["corners"] == {"both_low": 1.0, "a_high": 2.0, "b_high": 3.0, "both_high": 8.0}
    assert found["excess"] == 4.0


def test_by_the_distance_from_the_middle_the_outer_half_is_the_high_one():
    ranks = (np.arange(40) + 0.5) / 20.0 - 1.0
    a, b = (each.ravel() for each in np.meshgrid(ranks, ranks, indexing="ij"))
    values = 10.0 * (np.abs(a) > 0.5) + 1.0 * (b > 0.0)
    found = corners(values, Rest(values, np.stack([a, b], axis=1), 1.0), [0, 1], [1, 0])
    assert found["corners"] == {"both_low": 0.0, "a_high": 10.0, "b_high": 1.0, "both_high": 11.0}
    assert found["excess"] == 0.0


def test_an_empty_corner_has_no_mean_and_then_there_is_no_excess():
    ranks = (np.arange(40) + 0.5) / 20.0 - 1.0
    found = corners(ranks, Rest(ranks, np.stack([ranks, ranks], axis=1), 1.0), [0, 1], [0, 0])
    assert found["corners"]["a_high"] is None
    assert found["corners"]["both_high"] == pytest.approx(0.5)
    assert found["excess"] is None


def row_of(drawn, clean=None, most=20, confidence=0.95, **figures):
    figure = next(iter(figures), "clean")
    table, inputs = campaign(drawn, clean, **figures)
    return pairs(table, inputs, (figure,), confidence, most)[0]


def test_the_pairs_are_the_surest_first_with_p_values_corrected_for_all():
    drawn, values = drawn_and_values(inputs=6)
    whole = row_of(drawn, miss_m=values, most=100)
    p = [one["p"] for one in whole["pairs"]]
    assert (whole["looked_at"], len(p), whole["count"]) == (15, 15, COUNT)
    assert p == sorted(p)
    np.testing.assert_allclose([one["p_adjusted"] for one in whole["pairs"]], holm(np.array(p)))
    assert [one["significant"] for one in whole["pairs"]] == [True] + [False] * 14
    assert whole["found"] == 1
    first = whole["pairs"][0]
    assert (first["column_a"], first["path_a"]) == ("input_x0_m", "x0")
    assert (first["column_b"], first["path_b"]) == ("input_x1_m", "x1")
    assert row_of(drawn, miss_m=values, most=3)["pairs"] == whole["pairs"][:3]
    assert row_of(drawn, miss_m=values, most=3)["found"] == 1


def test_flights_that_never_came_to_a_figure_and_inputs_that_never_varied_are_left_out():
    drawn, values = drawn_and_values(inputs=6)
    expected = row_of(drawn[100:, [0, 1, 3, 5]], miss_m=values[100:])
    drawn[:, 2] = 7.0
    drawn[100:, 4] = 7.0
    values[:100] = np.nan
    found = row_of(drawn, miss_m=values)
    assert (found["count"], found["looked_at"]) == (COUNT - 100, 6)
    assert [one["p"] for one in found["pairs"]] == [one["p"] for one in expected["pairs"]]
    assert found["pairs"][0]["path_b"] == "x1"


@pytest.mark.parametrize(
    ("failures", "words"),
    [
        (LEAST_FAILURES - 1, "too few failures to decide: at least 20 are needed"),
        (LEAST_FAILURES, None),
        (200 - LEAST_FAILURES, None),
        (201 - LEAST_FAILURES, "too few clean flights to decide: at least 20 are needed"),
    ],
)
def test_it_takes_twenty_failures_and_twenty_clean_flights(failures, words):
    drawn, _ = drawn_and_values(200)
    assert row_of(drawn, np.arange(200) >= failures)["words"] == words


def test_it_takes_a_hundred_flights_that_vary_and_five_a_term():
    drawn, values = drawn_and_values(LEAST_COUNT)
    assert row_of(drawn, miss_m=values)["words"] is None
    assert row_of(drawn[1:], miss_m=values[1:])["words"] == (
        "too few flights to decide: 99, at least 100 are needed"
    )
    assert row_of(drawn, miss_m=np.full(LEAST_COUNT, 3.0))["words"] == "it did not vary"
    assert row_of(drawn[:, :2], miss_m=values)["words"] is None
    wide, figure = drawn_and_values(205, 20)
    assert least_count(20) == 205
    assert row_of(wide, miss_m=figure)["words"] is None
    assert row_of(wide[1:], miss_m=figure[1:])["words"] == (
        "too few flights for 20 inputs: at least 205 are needed"
    )
    untested = row_of(drawn[1:], miss_m=values[1:])
    assert (untested["found"], untested["looked_at"], untested["pairs"]) == (0, 0, [])
    json.dumps(untested, allow_nan=False)
