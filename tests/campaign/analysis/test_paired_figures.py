"""Every figure of two campaigns set side by side: planted changes are found, chance is not."""

import json

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from perilune.campaign.analysis.paired_figures import columns_of, compare_figures
from perilune.campaign.statistics.paired_tests import least_pairs, median_interval, sign_test
from perilune.verdict.plain import plain
from tests.report.synthetic_campaign import rows

RUNS = 64


def changed(table, **columns):
    """Rows with some columns replaced by numbers."""
    for name, values in columns.items():
        column = pa.array(np.asarray(values, float), from_pandas=True)
        table = table.set_column(table.column_names.index(name), name, column)
    return table


@pytest.fixture(scope="module")
def table():
    return rows(RUNS, seed=3, hardship=0.0)


def values_of(table, name):
    return table[name].to_numpy().astype(float)


def row_of(found, name):
    return next(each for each in found["figures"] if each["column"] == name)


def test_a_figure_that_fell_in_every_run_moved_by_its_median_though_all_were_clean(table):
    kg = values_of(table, "propellant_kg")
    less = 14.0 + 0.2 * np.random.default_rng(1).standard_normal(RUNS)
    found = compare_figures((table, changed(table, propellant_kg=kg - less)))
    row = found["figures"][0]
    assert (row["column"], row["unit"], row["moved"]) == ("propellant_kg", "kg", True)
    level = row["level"]
    assert (level["up"], level["down"]) == (0, RUNS)
    assert level["change"] == pytest.approx(-np.median(less))
    assert level["interval"][0] < -np.median(less) < level["interval"][1] < -13.5
    assert found["together"]["moved"] == 1
    assert row["size"] == pytest.approx(np.median(less) / row["sigma"])


def test_a_figure_that_is_farther_from_its_median_moved_in_spread_alone(table):
    height = values_of(table, "height_error_100_m")
    wider = np.median(height) + 3.0 * (height - np.median(height))
    found = compare_figures((table, changed(table, height_error_100_m=wider)))
    row = row_of(found, "height_error_100_m")
    assert row["spread"]["moved"]
    assert row["spread"]["down"] == 0
    assert not row["level"]["moved"]


def test_a_constant_added_to_every_run_is_no_change_of_spread(table):
    kg = values_of(table, "propellant_kg")
    row = compare_figures((table, changed(table, propellant_kg=kg - 0.1)))["figures"][0]
    assert row["level"]["moved"]
    assert row["spread"]["p"] is None


def test_flights_that_never_came_to_a_figure_are_counted_and_not_compared(table):
    tilt = values_of(table, "tilt_deg")
    tilt[:20] = np.nan
    margin = values_of(table, "margin_tilt_deg")
    margin[:20] = np.nan
    other = changed(table, tilt_deg=tilt, margin_tilt_deg=margin)
    found = compare_figures((table, other))
    came = next(each for each in found["counts"] if each["kind"] == "came to")
    assert row_of(found, "tilt_deg")["pairs"] == RUNS - 20
    assert row_of(found, "tilt_deg")["level"]["p"] is None
    assert {"violated", "came to"} == {each["kind"] for each in found["counts"] if each["moved"]}
    assert came["name"] == "tilt_deg"
    assert (came["only_a"], came["only_b"]) == (20, 0)


def test_a_figure_that_neither_side_came_to_is_told_nothing_of(table):
    row = row_of(compare_figures((table, table)), "event_tank_dry_s")
    assert row["pairs"] == 0
    assert row["level"] | {"change": None, "interval": None, "p": None} == row["level"]


def test_a_campaign_beside_itself_is_the_same_in_every_figure(table):
    together = compare_figures((table, table))["together"]
    assert together["same"]
    assert (together["tests"], together["moved"]) == (0, 0)


def test_a_margin_is_a_figure_of_its_own_only_where_its_limit_was_changed(table):
    margin = values_of(table, "margin_tilt_deg")
    assert not [name for name in columns_of((table, table)) if name.startswith("margin_")]
    looser = changed(table, margin_tilt_deg=margin + 5.0)
    found = compare_figures((table, looser))
    assert [each["column"] for each in found["figures"] if each["moved"]] == ["margin_tilt_deg"]


def test_what_was_drawn_is_no_figure(table):
    drawn = [name for name in table.column_names if name.startswith("input_")]
    assert drawn
    assert not set(columns_of((table, table))) & {*drawn, "run"}


def test_judged_figures_come_before_larger_changes_of_times(table):
    later = values_of(table, "contact_s") + 1e4
    more = values_of(table, "propellant_kg") + 1.0
    found = compare_figures((table, changed(table, contact_s=later, propellant_kg=more)))
    assert [each["column"] for each in found["figures"][:2]] == ["propellant_kg", "contact_s"]


def test_the_campaigns_swapped_mirror_every_change(table):
    other = rows(RUNS, seed=4, hardship=0.0)
    there, back = compare_figures((table, other)), compare_figures((other, table))
    for row in there["figures"]:
        mirrored = row_of(back, row["column"])["level"]
        assert row["level"]["p_adjusted"] == mirrored["p_adjusted"]
        if row["level"]["interval"]:
            assert row["level"]["interval"] == [-end for end in reversed(mirrored["interval"])]


def test_all_of_it_is_json(table):
    found = plain(compare_figures((table, rows(RUNS, seed=4))))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_two_campaigns_that_differ_by_chance_alone_are_told_apart_as_rarely_as_promised():
    """Each figure of a pair falls to either campaign like a fair coin, figures hanging together.

    400 pairs of campaigns at 95 %: of a true rate of 5 % more than 44 alarms come up once in
    1e6 (binomial), so that this fails by accident with less than 1e-6.
    """
    rng, alarms, tries = np.random.default_rng(7), 0, 400
    names = [f"figure{index}_m" for index in range(12)]
    mixed = rng.standard_normal((12, 12))
    for _ in range(tries):
        pair = rng.standard_normal((2, 24, 12)) ** 3 @ mixed
        pair[:, :, :3] = np.round(pair[:, :, :3])  # with ties
        tables = [pa.table(dict(zip(names, one.T, strict=True))) for one in pair]
        alarms += compare_figures(tables)["together"]["moved"] > 0
    assert alarms <= int(stats.binom.isf(1e-6, tries, 0.05))


def test_all_intervals_hold_together_at_least_as_often_as_promised():
    """Skewed changes of known median; of 400 tries at 95 % more than 44 may miss once in 1e6."""
    rng, missed, tries = np.random.default_rng(8), 0, 400
    names = [f"figure{index}_m" for index in range(12)]
    for _ in range(tries):
        before = rng.standard_normal((40, 12))
        after = before + rng.exponential(size=(40, 12))
        tables = [pa.table(dict(zip(names, one.T, strict=True))) for one in (before, after)]
        ends = [row["level"]["interval"] for row in compare_figures(tables)["figures"]]
        missed += any(not low <= np.log(2.0) <= high for low, high in ends)
    assert missed <= int(stats.binom.isf(1e-6, tries, 0.05))


def test_the_sign_test_is_scipy_s_and_leaves_out_what_did_not_change():
    changes = np.array([1.0, 2.0, 0.0, -1.0, 3.0, 5.0, 0.0, 4.0])
    assert sign_test(changes) == (5, 1, pytest.approx(stats.binomtest(5, 6).pvalue))


def test_the_interval_of_a_median_is_that_of_scipy_s_quantile_test():
    values = np.random.default_rng(2).exponential(size=37)
    found = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    assert median_interval(values, 0.95) == pytest.approx([found.low, found.high])
    assert median_interval(values[:5], 0.95) is None
    assert median_interval(values[:6], 0.95) is not None


def test_the_fewest_pairs_that_can_show_anything_is_where_the_p_value_first_reaches_it():
    for error in (0.05, 0.05 / 106, 0.01):
        least = least_pairs(error)
        assert 2.0 * 0.5**least <= error < 2.0 * 0.5 ** (least - 1)
