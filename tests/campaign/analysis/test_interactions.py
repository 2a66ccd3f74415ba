import json

import numpy as np
import pytest

from perilune.campaign.analysis.interactions import pairs
from tests.campaign.planted import campaign, most

CAMPAIGNS = 100
COUNT, INPUTS = 400, 10


def told(drawn, clean=None, **figures):
    figure = next(iter(figures), "clean")
    (row,) = pairs(*campaign(drawn, clean, **figures), figures=(figure,))
    return row


def named(row):
    return {(one["path_a"], one["path_b"]) for one in row["pairs"] if one["significant"]}


def additive(draws, drawn):
    return drawn @ np.linspace(0.0, 1.0, INPUTS) + draws.normal(size=COUNT)


def bent_and_heavy(draws, drawn):
    return drawn[:, 0] ** 3 + np.exp(drawn[:, 1]) + draws.standard_t(2.5, COUNT)


def drawn_together(draws, drawn):
    drawn[:, 1] = 0.8 * drawn[:, 0] + 0.6 * drawn[:, 1]
    return np.abs(drawn[:, 0]) ** 1.5 + 0.3 * draws.normal(size=COUNT)


def risks_that_add(draws, drawn):
    risk = 0.03 + 0.15 * (drawn[:, 0] > 1.0) + 0.15 * (drawn[:, 1] > 1.0)
    return (draws.random(COUNT) > risk).astype(float)


def a_sharp_cause(draws, drawn):
    return 1.0 * (drawn[:, 0] < 1.3) * (draws.random(COUNT) > 0.03)


@pytest.mark.parametrize(
    "figure", [additive, bent_and_heavy, drawn_together, risks_that_add, a_sharp_cause]
)
def test_no_pair_is_claimed_in_more_campaigns_than_promised(figure):
    draws = np.random.default_rng(1)
    claims = 0
    for _ in range(CAMPAIGNS):
        drawn = draws.normal(size=(COUNT, INPUTS))
        claims += bool(told(drawn, miss_m=figure(draws, drawn))["found"])
    assert claims <= most(CAMPAIGNS, 0.05)


def test_a_sharp_effect_of_one_input_is_not_laid_to_another_drawn_with_it():
    draws = np.random.default_rng(6)
    claims = 0
    for _ in range(30):
        # so many inputs that the main effects are only fitted as parabolas
        drawn = draws.normal(size=(900, 60))
        drawn[:, 1] = 0.8 * drawn[:, 0] + 0.6 * drawn[:, 1]
        sharp = 1.0 * (drawn[:, 0] > 1.5) + 0.05 * draws.normal(size=900)
        claims += bool(told(drawn, miss_m=sharp)["found"])
    assert claims <= most(30, 0.05)


def test_a_planted_pair_is_found_among_many_inputs_with_its_parts_and_its_excess():
    draws = np.random.default_rng(2)
    drawn = draws.normal(size=(2000, 40))
    effect = drawn[:, 4] + drawn[:, 9] + 0.4 * drawn[:, 4] * drawn[:, 9]
    row = told(drawn, miss_m=effect + draws.normal(size=2000))
    assert named(row) == {("x4", "x9")}
    assert row["looked_at"] == 40 * 39 // 2
    first = row["pairs"][0]
    assert (first["part_a"], first["part_b"]) == ("value", "value")
    # of two halves of a Gaussian each: 0.4 times (2 √(2/π))², the mean of either half being √(2/π)
    assert first["excess"] == pytest.approx(0.4 * 8.0 / np.pi, abs=0.3)


def test_a_pair_whose_sizes_matter_is_found():
    draws = np.random.default_rng(3)
    drawn = draws.normal(size=(2000, 12))
    effect = drawn[:, 2] * drawn[:, 5] ** 2
    row = told(drawn, miss_m=effect + draws.normal(size=2000))
    assert named(row) == {("x2", "x5")}
    assert row["pairs"][0]["part_b"] == "distance from the middle"


def test_failures_that_need_both_are_a_pair():
    draws = np.random.default_rng(4)
    drawn = draws.normal(size=(3000, 20))
    both = (drawn[:, 0] > 0.8) & (drawn[:, 1] < -0.8)
    clean = draws.random(3000) > 0.01 + 0.4 * both
    row = told(drawn, clean)
    assert named(row) == {("x0", "x1")}
    corners = row["pairs"][0]["corners"]
    assert min(corners, key=corners.get) == "a_high"


def test_what_cannot_be_told_is_called_so_and_all_is_json():
    draws = np.random.default_rng(5)
    drawn = draws.normal(size=(300, 4))
    clean = np.arange(300) > 10
    few = told(drawn, clean)
    assert few["words"] == "too few failures to decide: at least 20 are needed"
    assert told(drawn[:50], clean[:50])["words"].startswith("too few flights")
    assert told(drawn[:, :1], clean)["words"] == "fewer than two inputs varied"
    crowded = told(draws.normal(size=(300, 60)), miss_m=draws.normal(size=300))
    assert crowded["words"] == "too few flights for 60 inputs: at least 605 are needed"
    assert told(drawn, miss_m=np.full(300, np.nan))["count"] == 0
    drawn[:, 3] = draws.integers(0, 2, 300)
    whole = told(drawn, miss_m=draws.normal(size=300))
    assert len(whole["pairs"]) == 6
    json.dumps([few, crowded, whole], allow_nan=False)
