import json

import numpy as np
import pytest

from perilune.campaign.analysis.tornado import fifths, tornado
from tests.campaign.planted import campaign


def test_a_straight_line_moves_by_four_fifths_of_its_rise():
    drawn = np.random.default_rng(1).random((4000, 4))
    speed = 1.0 - 3.0 * drawn[:, 1] + 1.0 * drawn[:, 2]
    (row,) = tornado(*campaign(drawn, miss_m=speed), figures=("miss_m",))
    first, second = row["bars"][:2]
    assert (first["path"], second["path"]) == ("x1", "x2")
    # means of the lowest and the highest fifth of a uniform draw are 0.8 apart
    assert first["span"] == pytest.approx(-2.4, abs=4.0 * first["span_error"])
    assert second["span"] == pytest.approx(0.8, abs=4.0 * second["span_error"])
    for bar in row["bars"][2:]:
        assert abs(bar["span"]) < 4.0 * bar["span_error"]


def test_the_share_of_clean_flights_is_a_figure_with_an_honest_error():
    drawn = np.arange(1000.0)[:, None]
    (row,) = tornado(*campaign(drawn, drawn[:, 0] < 900.0), figures=("clean",))
    (bar,) = row["bars"]
    assert (bar["low_mean"], bar["high_mean"]) == (1.0, 0.5)
    # 200 of 200: the posterior from a flat prior is Beta(201, 1)
    assert bar["low_error"] == pytest.approx(np.sqrt(201.0 / 202.0**2 / 203.0))


def test_a_choice_gives_its_lowest_and_highest_value_and_a_rare_one_all_others():
    low, high = fifths(np.array([0.0, 1.0, 2.0] * 10))
    assert (low.sum(), high.sum()) == (10, 10)
    low, high = fifths(np.array([0.0] * 95 + [1.0] * 5))
    assert (low.sum(), high.sum()) == (95, 5)
    low, high = fifths(np.array([0.0] * 5 + [1.0] * 95))
    assert (low.sum(), high.sum()) == (5, 95)


def test_flights_that_never_came_to_a_figure_and_inputs_that_never_varied_are_left_out():
    drawn = np.stack([np.arange(100.0), np.ones(100)], axis=1)
    miss_m = np.where(np.arange(100) < 50, 7.0, np.nan)
    rows = tornado(*campaign(drawn, miss_m=miss_m), figures=("clean", "miss_m"))
    assert [row["count"] for row in rows] == [100, 50]
    assert [bar["path"] for bar in rows[1]["bars"]] == ["x0"]
    assert rows[1]["bars"][0]["span"] == 0.0
    json.dumps(rows, allow_nan=False)


@pytest.mark.parametrize(
    ("failures", "words"),
    [
        (4, "too few unclean flights: 4, at least 5 are needed"),
        (5, None),
        (95, None),
        (96, "too few clean flights: 4, at least 5 are needed"),
    ],
)
def test_a_share_takes_five_flights_of_either_sort(failures, words):
    drawn = np.arange(100.0)[:, None]
    (row,) = tornado(*campaign(drawn, drawn[:, 0] >= failures), figures=("clean",))
    assert row["words"] == words
    assert len(row["bars"]) == (words is None)


def test_a_draw_that_is_not_known_gives_no_part_of_a_bar():
    drawn = np.arange(100.0)[:, None]
    drawn[:40] = np.nan
    (row,) = tornado(*campaign(drawn, miss_m=np.arange(100.0)), figures=("miss_m",))
    (bar,) = row["bars"]
    assert (bar["low_count"], bar["high_count"]) == (12, 12)
    assert (bar["low_mean"], bar["high_mean"]) == (45.5, 93.5)
    spread = np.std(np.arange(12.0), ddof=1) / np.sqrt(12.0)
    assert bar["low_error"] == pytest.approx(spread)
    assert bar["span_error"] == pytest.approx(np.hypot(spread, spread))
