import json
import math

import numpy as np
import pytest
from scipy import stats

from perilune.campaign.analysis.sensitivity_ks import drivers
from tests.campaign.planted import campaign, most

CAMPAIGNS = 300


def by_path(rows):
    return {row["path"]: row for row in rows}


def test_a_planted_driver_is_found_with_its_direction_and_absent_ones_are_not():
    draws = np.random.default_rng(1)
    drawn = draws.normal(size=(1000, 30))
    risk = stats.norm.cdf(-2.0 - drawn[:, 3] + 0.8 * drawn[:, 7])
    rows = drivers(*campaign(drawn, draws.random(1000) > risk))
    assert {row["path"] for row in rows if row["significant"]} == {"x3", "x7"}
    found = by_path(rows)
    assert found["x3"]["direction"] == "lower"
    assert found["x3"]["unclean_median"] < found["x3"]["clean_median"]
    assert found["x7"]["direction"] == "higher"
    assert [row["path"] for row in rows[:2]] == ["x3", "x7"]


def test_an_input_that_fails_flights_at_both_ends_is_found():
    draws = np.random.default_rng(2)
    drawn = draws.normal(size=(1000, 10))
    clean = (np.abs(drawn[:, 5]) < 2.2) & (draws.random(1000) > 0.01)
    found = by_path(drivers(*campaign(drawn, clean)))["x5"]
    assert found["significant"]
    assert found["direction"] == "farther from the middle"


@pytest.mark.parametrize("risk", [0.01, 0.2])
def test_no_driver_is_claimed_in_more_campaigns_than_promised(risk):
    draws = np.random.default_rng(3)
    claims = 0
    for _ in range(CAMPAIGNS):
        drawn = draws.normal(size=(500, 12))
        drawn[:, 0] = draws.integers(0, 2, 500)
        drawn[:, 1] = draws.integers(0, 5, 500)
        rows = drivers(*campaign(drawn, draws.random(500) > risk))
        claims += any(row["significant"] for row in rows)
    assert claims <= most(CAMPAIGNS, 0.05)


def test_failures_all_at_the_very_top_have_the_p_of_their_one_ordering():
    drawn = np.arange(40.0)[:, None]
    (row,) = drivers(*campaign(drawn, drawn[:, 0] < 35.0))
    assert row["statistic"] == 1.0
    assert row["effect"] == 1.0
    assert row["p"] == pytest.approx(2.0 / math.comb(40, 5))


def test_of_a_choice_of_two_the_p_is_the_hypergeometric_one():
    chosen = np.repeat([0.0, 1.0], 20)
    clean = np.ones(40, bool)
    clean[20:26] = False
    (row,) = drivers(*campaign(chosen[:, None], clean))
    # all six failures with the one value, or all six with the other
    assert row["test"] == "Fisher"
    assert row["p"] == pytest.approx(2.0 * math.comb(20, 6) / math.comb(40, 6))
    assert row["statistic"] == pytest.approx(1.0 - 14.0 / 34.0)


def test_a_choice_of_many_pays_for_each_value_looked_at():
    chosen = np.tile([0.0, 1.0, 2.0], 40)
    clean = np.ones(120, bool)
    clean[np.flatnonzero(chosen == 1.0)[:8]] = False
    (row,) = drivers(*campaign(chosen[:, None], clean))
    table = [[8, 0], [32, 80]]
    assert row["p"] == pytest.approx(3.0 * stats.fisher_exact(table).pvalue)


def test_too_few_failures_are_called_so():
    drawn = np.arange(100.0)[:, None]
    (row,) = drivers(*campaign(drawn, drawn[:, 0] > 3.5))
    assert row["p"] is None
    assert row["effect"] is None
    assert not row["significant"]
    assert row["words"] == "too few failures: 4, at least 5 are needed"


def test_what_never_varied_or_always_failed_is_called_so():
    drawn = np.stack([np.ones(50), np.arange(50.0)], axis=1)
    found = by_path(drivers(*campaign(drawn, drawn[:, 1] > 9.5)))
    assert found["x0"]["words"] == "it did not vary"
    assert found["x1"]["significant"]
    (row,) = drivers(*campaign(drawn[:, 1:], np.zeros(50, bool)))
    assert row["words"].startswith("too few clean flights")


def test_a_flight_without_an_input_is_left_out_and_all_is_json():
    drawn = np.arange(60.0)[:, None]
    drawn[::3] = np.nan
    rows = drivers(*campaign(drawn, np.arange(60) < 40))
    assert rows[0]["statistic"] == 1.0
    json.dumps(rows, allow_nan=False)
    assert json.loads(json.dumps(drivers(*campaign(np.empty((0, 1))))))[0]["p"] is None
