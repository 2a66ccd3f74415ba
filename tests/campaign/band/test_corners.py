"""The band: bounds at the two corners, which cover what they promise."""

import numpy as np
import pytest

from perilune.campaign.band.corners import band_of
from perilune.campaign.band.held_values import QUANTILES, all_at_median, held, one_at_an_end
from perilune.campaign.band.screening import Screened, best_level, worst_level
from perilune.campaign.statistics.binomial_interval import clopper_pearson

EFFECTS = np.array([0.10, -0.05, 0.02, 0.0, 0.0])
"""What the high value of each of five assumptions adds to P(clean); the low value takes it off."""
MIDDLE, RUNS = 0.75, 128
STEPS = {"low": -1.0, "median": 0.0, "high": 1.0}
PATHS = [f"x{index}" for index in range(len(EFFECTS))]


def chance(levels):
    """P(clean) where the assumptions are at these levels."""
    return MIDDLE + sum(
        effect * STEPS[levels[path]] for path, effect in zip(PATHS, EFFECTS, strict=True)
    )


def flown(levels, draws):
    """Which runs are clean: the same draws at all points, as the runs of a band are paired."""
    return draws < chance(levels)


def band(rng, confidence=0.9):
    """(a band, the levels of its two corners), screened and bounded on draws of their own."""
    draws, other = rng.random(RUNS), rng.random(RUNS)
    middle = all_at_median(PATHS)
    every = [
        Screened(
            path,
            {
                "low": flown(one_at_an_end(PATHS, path, "low"), draws),
                "median": flown(middle, draws),
                "high": flown(one_at_an_end(PATHS, path, "high"), draws),
            },
        )
        for path in PATHS
    ]
    levels = {
        "worst": {each.path: worst_level(each) for each in every},
        "best": {each.path: best_level(each) for each in every},
    }
    clean = {name: flown(at, other) for name, at in levels.items()}
    return band_of(every, levels, clean, confidence), levels


def test_a_band_covers_both_corners_as_often_as_it_promises():
    rng, tries, covered = np.random.default_rng(3), 600, 0
    for _ in range(tries):
        found, levels = band(rng)
        lo, hi = found["interval"]
        covered += lo <= chance(levels["worst"]) and chance(levels["best"]) <= hi
    assert covered >= 0.9 * tries - 3.0 * np.sqrt(0.9 * 0.1 * tries)


def test_the_corners_of_effects_that_are_plain_are_those_of_the_box():
    _, levels = band(np.random.default_rng(1))
    assert [levels["worst"][path] for path in PATHS[:2]] == ["low", "high"]
    assert [levels["best"][path] for path in PATHS[:2]] == ["high", "low"]


def test_each_end_is_the_bound_of_its_corner_and_of_half_the_error():
    found, _ = band(np.random.default_rng(2))
    worst, best = found["corners"]
    assert (worst["name"], best["name"]) == ("worst", "best")
    assert found["interval"] == [
        clopper_pearson(worst["clean"], RUNS, 0.9)[0],
        clopper_pearson(best["clean"], RUNS, 0.9)[1],
    ]
    assert worst["probability"] == worst["clean"] / worst["runs"]


def test_a_worst_corner_that_chance_put_above_the_best_still_gives_a_band_around_both():
    each = Screened("x", {name: np.ones(10, bool) for name in STEPS})
    levels = {"worst": {"x": "median"}, "best": {"x": "median"}}
    clean = {"worst": np.arange(100) < 90, "best": np.arange(100) < 50}
    lo, hi = band_of([each], levels, clean, 0.95)["interval"]
    assert lo == clopper_pearson(50, 100, 0.95)[0]
    assert hi == clopper_pearson(90, 100, 0.95)[1]


def test_a_point_holds_every_assumption_at_a_quantile():
    assert held(one_at_an_end(["a", "b"], "b", "high")) == (("a", 0.5), ("b", 0.95))
    assert held(all_at_median(["a"])) == (("a", 0.5),)
    assert QUANTILES["low"] + QUANTILES["high"] == pytest.approx(1.0)
