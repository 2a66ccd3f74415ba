"""The rows of two campaigns set side by side: what each holds by hand, and in which order."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from perilune.campaign.analysis.paired_figures import columns_of, compare_figures
from perilune.campaign.statistics.paired_tests import difference_interval, median_interval

RUNS = 100
NORMAL = stats.norm.ppf((np.arange(RUNS) + 0.5) / RUNS)
"""As evenly as a Gaussian has them."""
SHUFFLED = np.random.default_rng(5).permutation(NORMAL)


def table(**columns):
    return pa.table({name: pa.array(each, from_pandas=True) for name, each in columns.items()})


def failing(*runs):
    """A margin that is violated in these runs."""
    margin = np.ones(RUNS)
    margin[list(runs)] = -1.0
    return margin


def only_row(a, b, confidence=0.95):
    (row,) = compare_figures((table(x_m=a), table(x_m=b)), confidence)["figures"]
    return row


def test_sigma_is_the_root_mean_square_of_both_campaigns_spreads():
    row = only_row(100.0 + 2.0 * NORMAL, 50.0 + SHUFFLED)
    assert row["sigma"] == pytest.approx(np.sqrt((2.0**2 + 1.0**2) / 2.0), rel=0.02)
    assert (row["a_median"], row["b_median"]) == (pytest.approx(100.0), pytest.approx(50.0))
    assert (row["pairs"], row["unit"]) == (RUNS, "m")


def test_sigma_of_an_even_spread_is_its_quartiles_distance_over_that_of_a_gaussian():
    even = np.arange(101.0)
    assert only_row(even, even)["sigma"] == pytest.approx(50.0 / (2.0 * stats.norm.ppf(0.75)), 1e-4)


def test_a_spread_that_shrank_is_a_change_downward():
    spread = only_row(NORMAL, 0.2 * NORMAL)["spread"]
    assert (spread["up"], spread["down"], spread["moved"]) == (0, RUNS, True)
    assert spread["change"] == pytest.approx(-0.8 * np.median(np.abs(NORMAL)))


def test_changes_that_balance_are_tested_and_have_a_p_value_of_one():
    swing = np.tile([1.0, -1.0], RUNS // 2)
    level = only_row(SHUFFLED, SHUFFLED + swing)["level"]
    assert (level["up"], level["down"], level["p"]) == (50, 50, 1.0)
    a, b = table(margin_x=failing(1, 2)), table(margin_x=failing(3, 4))
    (row,) = compare_figures((a, b))["counts"]
    assert (row["p"], row["p_adjusted"], row["difference"]) == (1.0, 1.0, 0.0)


def test_a_far_outlier_hardly_moves_sigma():
    far = NORMAL.copy()
    far[0] = 1e9
    assert only_row(far, SHUFFLED)["sigma"] == pytest.approx(1.0, rel=0.03)


def test_where_most_flights_have_the_same_value_sigma_is_the_standard_deviation():
    rare = np.where(np.arange(RUNS) < 10, 7.0, 0.0)
    expected = np.sqrt((np.var(rare) + np.var(2.0 * rare)) / 2.0)
    assert only_row(rare, 2.0 * rare)["sigma"] == pytest.approx(expected)


def test_what_never_varies_has_no_spread_whatever_its_binary_digits():
    row = only_row(np.full(RUNS, 11.1), np.full(RUNS, 11.3))
    assert (row["sigma"], row["size"], row["moved"]) == (0.0, None, True)


def test_size_is_the_larger_change_that_moved_over_sigma():
    wider = 5.0 * NORMAL + 0.01
    row = only_row(NORMAL, wider)
    assert row["spread"]["moved"]
    assert row["spread"]["change"] == pytest.approx(4.0 * np.median(np.abs(NORMAL)), rel=0.05)
    assert row["size"] == pytest.approx(row["spread"]["change"] / row["sigma"])
    assert only_row(NORMAL, NORMAL)["size"] is None


def test_the_intervals_of_figures_share_the_error_with_all_tests():
    b = NORMAL + 0.1 * SHUFFLED + 0.2
    row = only_row(NORMAL, b)  # of level and of spread: two tests
    assert row["level"]["interval"] == median_interval(b - NORMAL, 1.0 - 0.05 / 2.0)


def test_a_constant_added_to_large_numbers_is_no_change_of_spread():
    """Of a size whose rounding, one part in 1e16 of 2^30, is far above 1e-12."""
    large = 2.0**30 * (1.0 + 0.1 * NORMAL)
    row = only_row(large, large + 0.1 * 2.0**30)
    assert row["level"]["moved"]
    assert row["spread"]["p"] is None


@pytest.mark.parametrize("swapped", [False, True])
def test_a_pair_that_either_side_lacks_is_no_pair(swapped):
    gaps = np.where(np.arange(RUNS) < 30, np.nan, SHUFFLED)
    row = only_row(*(gaps, NORMAL)[:: -1 if swapped else 1])
    assert row["pairs"] == RUNS - 30
    assert np.isfinite([row["a_median"], row["b_median"], row["sigma"]]).all()


def test_figures_come_by_what_moved_then_by_kind_then_by_size():
    names = ("contact_s", "event_a_s", "event_b_s", "nees_p", "miss_m", "cold_gas_kg")
    a = dict.fromkeys(names, NORMAL) | {"event_c_s": np.full(RUNS, 5.0)}
    b = a | {
        "contact_s": NORMAL + 0.5,
        "event_a_s": NORMAL - 3.0,
        "event_b_s": NORMAL + 2.0,
        "event_c_s": np.full(RUNS, 5.1),  # against no spread at all
        "nees_p": NORMAL + 0.4,
        "miss_m": NORMAL + 0.3,
    }
    a = {name: values + index for index, (name, values) in enumerate(a.items())}
    b = {name: values + index for index, (name, values) in enumerate(b.items())}
    whole = compare_figures((table(**a), table(**b)))
    found = whole["figures"]
    assert whole["together"]["looked_at"] == len(found) == 7
    assert whole["together"]["moved"] == 6
    assert [row["column"] for row in found] == [
        "miss_m",
        "nees_p",
        "event_c_s",
        "event_a_s",
        "event_b_s",
        "contact_s",
        "cold_gas_kg",
    ]
    assert [row["kind"] for row in found[:3]] == ["judged", "navigation", "times and places"]
    assert (found[1]["unit"], found[2]["unit"]) == ("", "s")
    assert (found[2]["size"], found[-1]["size"]) == (None, None)


def test_counts_come_by_what_moved_then_by_how_far_their_shares_lie_apart():
    a = {"margin_w": failing(*range(5)), "margin_x": failing(), "margin_y": failing(*range(40))}
    b = {"margin_w": failing(), "margin_x": failing(*range(10))}
    b["margin_y"] = failing(*range(40, 92))
    a["margin_z"], b["margin_z"] = failing(), failing(*range(3))
    a["margin_met"] = b["margin_met"] = failing()
    found = compare_figures((table(**a), table(**b)))
    told = [(row["name"], row["moved"], row["difference"]) for row in found["counts"]]
    assert told == [("x", True, 0.1), ("y", False, 0.12), ("w", False, -0.05), ("z", False, 0.03)]
    y = found["counts"][1]
    assert (y["a"], y["b"], y["only_a"], y["only_b"], y["runs"]) == (40, 52, 40, 52, RUNS)
    assert y["kind"] == "violated"
    assert y["interval"] == difference_interval(40, 52, RUNS, 1.0 - 0.05 / 4.0)
    assert (found["together"]["looked_at"], found["together"]["tests"]) == (4, 4)
    assert found["together"]["moved"] == 1
    assert found["figures"] == []


def test_outcomes_and_first_causes_are_counted_by_name_and_none_is_no_cause():
    a = table(outcome=["LANDED"] * 20, first_cause=[None] * 20)
    b = table(outcome=["CRASHED"] * 8 + ["LANDED"] * 12, first_cause=["tilt"] * 7 + [None] * 13)
    counts = {(row["kind"], row["name"]): row for row in compare_figures((a, b))["counts"]}
    found = {key: (row["a"], row["b"], row["only_a"], row["only_b"]) for key, row in counts.items()}
    assert found == {
        ("outcome", "CRASHED"): (0, 8, 0, 8),
        ("outcome", "LANDED"): (20, 12, 8, 0),
        ("first cause", "tilt"): (0, 7, 0, 7),
    }
    assert counts["first cause", "tilt"]["p"] == pytest.approx(2.0 * 0.5**7)


@pytest.mark.parametrize(("pairs", "moved"), [(6, True), (5, False)])
def test_a_single_count_has_all_of_the_error_and_moves_where_its_p_just_reaches_it(pairs, moved):
    confidence = 1.0 - 2.0 * 0.5**6
    a = table(first_cause=pa.array([None] * 20, pa.string()))
    b = table(first_cause=["tilt"] * pairs + [None] * (20 - pairs))
    found = compare_figures((a, b), confidence)
    (row,) = found["counts"]
    assert row["moved"] is moved
    assert row["interval"] == difference_interval(0, pairs, 20, confidence)
    assert found["together"]["least_pairs"] == 6


def test_figures_that_the_same_flights_came_to_are_counted_once():
    early, late = (np.where(np.arange(RUNS) < reached, NORMAL, np.nan) for reached in (60, 80))
    never = np.full(RUNS, np.nan)
    a = table(p_m=early, q_m=2.0 * early, r_m=NORMAL, s_m=never, t_m=late)
    b = table(p_m=late, q_m=3.0 * late, r_m=NORMAL, s_m=never, t_m=late)
    counts = compare_figures((a, b))["counts"]
    assert [(row["kind"], row["name"]) for row in counts] == [
        ("came to", "p_m"),
        ("came to", "t_m"),
    ]
    assert (counts[0]["a"], counts[0]["b"], counts[0]["only_b"]) == (60, 80, 20)
    assert counts[1]["p"] is None


def test_other_flights_under_the_same_limits_have_no_figure_of_a_margin():
    """Limit less figure, plus the figure again, is the limit but for rounding."""
    a, b = {}, {}
    for name, limit, scale in (("x_m", 10.0, 1.0), ("load_n", 1e9, 1e8), ("hull_n", 0.0, 3.0)):
        a[name], b[name] = scale * NORMAL, scale * SHUFFLED
        a[f"margin_{name}"], b[f"margin_{name}"] = limit - a[name], limit - b[name]
    assert columns_of((table(**a), table(**b))) == ["x_m", "load_n", "hull_n"]
    b["margin_x_m"] = b["margin_x_m"] + 1e-6
    assert columns_of((table(**a), table(**b))) == ["x_m", "margin_x_m", "load_n", "hull_n"]


def test_a_margin_without_a_figure_is_counted_and_is_no_figure():
    a, b = table(margin_at_rest=failing()), table(margin_at_rest=failing(*range(9)))
    found = compare_figures((a, b))
    assert found["figures"] == []
    assert [(row["name"], row["only_b"]) for row in found["counts"]] == [("at_rest", 9)]


def test_a_figure_that_repeats_another_is_kept_where_it_is_judged_and_left_out_elsewhere():
    a, b = ({"p_m": one, "q_m": one, "miss_m": one} for one in (NORMAL, SHUFFLED))
    assert columns_of((table(**a), table(**b))) == ["p_m", "miss_m"]
    b["q_m"] = NORMAL
    assert columns_of((table(**a), table(**b))) == ["p_m", "q_m", "miss_m"]


def test_only_numbers_with_a_fraction_that_both_kept_are_figures():
    a = table(run=np.arange(RUNS), x_m=NORMAL, y_m=2.0 * NORMAL, input_z=SHUFFLED)
    b = table(run=np.arange(RUNS), x_m=NORMAL, w_m=NORMAL, input_z=SHUFFLED)
    assert columns_of((a, b)) == ["x_m"]
