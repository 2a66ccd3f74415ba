import json
from types import SimpleNamespace

import numpy as np
import pytest

from perilune.campaign.analysis.sobol_indices import first_order, share, together
from tests.campaign.planted import campaign, most

CAMPAIGNS = 200


def told(drawn, values):
    (row,) = first_order(*campaign(drawn, miss_m=values), figures=("miss_m",))
    return row


def error_of(one):
    return (one["hi"] - one["lo"]) / 2.0 / 1.96


def ishigami(count, draws):
    """Ishigami and Homma's function, a = 7, b = 0.1, and its closed-form first-order indices."""
    x = draws.uniform(-np.pi, np.pi, (count, 3))
    values = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    parts = 0.5 * (1.0 + 0.1 * np.pi**4 / 5.0) ** 2, 7.0**2 / 8.0, 0.0
    together = 0.1**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    return x, values, np.array(parts) / (sum(parts) + together)


def test_ishigamis_indices_are_met():
    x, values, truth = ishigami(8000, np.random.default_rng(1))
    row = told(x, values)
    found = {one["path"]: one for one in row["shares"]}
    # cells of a 64th keep all but (2π/64)²/12 of the mean slope² of what an input does: under 0.6 %
    for path, index in zip(("x0", "x1", "x2"), truth, strict=True):
        clipped = max(index, 0.0)
        assert abs(found[path]["share"] - clipped) < 4.0 * error_of(found[path]) + 0.006
    assert not found["x2"]["significant"]
    assert row["rest_lo"] - 0.01 < 1.0 - sum(truth) < row["rest_hi"] + 0.01


def test_a_linear_models_indices_are_its_squared_coefficients_and_noise_is_the_rest():
    draws = np.random.default_rng(2)
    coefficients = np.array([3.0, 2.0, 1.0, 0.0, 0.0, 0.0])
    drawn = draws.normal(size=(5000, 6))
    values = drawn @ coefficients + 2.0 * draws.normal(size=5000)
    row = told(drawn, values)
    found = {one["path"]: one for one in row["shares"]}
    for i, one in enumerate(coefficients):
        named = found[f"x{i}"]
        assert abs(named["share"] - one**2 / 18.0) < 4.0 * error_of(named) + 0.005
        assert named["significant"] == (one > 0.0)
    assert row["rest_lo"] < 4.0 / 18.0 < row["rest_hi"]


@pytest.mark.parametrize("coefficient", [0.0, 0.3, 1.0])
def test_the_interval_covers_the_truth_as_often_as_it_says(coefficient):
    draws = np.random.default_rng(3)
    truth = coefficient**2 / (1.0 + coefficient**2)
    missed = 0
    for _ in range(CAMPAIGNS):
        x = draws.uniform(-np.sqrt(3.0), np.sqrt(3.0), 1000)
        index, error, *_ = share(x, coefficient * x + draws.standard_exponential(1000))
        missed += abs(index - truth) > 1.96 * error
    assert missed <= most(CAMPAIGNS, 0.05)


def test_no_input_is_claimed_in_more_campaigns_than_promised_even_with_heavy_tails():
    draws = np.random.default_rng(4)
    claims = 0
    for _ in range(CAMPAIGNS):
        row = told(draws.normal(size=(400, 8)), np.exp(1.5 * draws.normal(size=400)))
        claims += any(one["significant"] for one in row["shares"])
    assert claims <= most(CAMPAIGNS, 0.05)


def test_inputs_drawn_together_are_counted_once_in_the_rest():
    draws = np.random.default_rng(5)
    shared = draws.normal(size=(4000, 1))
    drawn = np.concatenate([shared + 0.5 * draws.normal(size=(4000, 3)), shared], axis=1)
    effect = drawn[:, 0] + drawn[:, 1]
    noise = np.std(effect) * draws.normal(size=4000)
    row = told(drawn, effect + noise)
    assert sum(one["share"] for one in row["shares"]) > 1.0
    assert row["rest_lo"] - 0.01 < 0.5 < row["rest_hi"] + 0.01
    assert all(one["together"] for one in row["shares"])


def test_inputs_drawn_together_are_known_by_their_draws_and_by_what_is_said_of_them():
    draws = np.random.default_rng(7)
    drawn = draws.normal(size=(400, 4))
    drawn[:, 3] = drawn[:, 0] + draws.normal(size=400)
    columns = list(drawn.T)
    inputs = [SimpleNamespace(column=f"x{i}") for i in range(4)]
    assert together(inputs, columns) == {"x0", "x3"}
    inputs[1].distribution = "normal, sigma 1 m, correlated with 1 more"
    assert together(inputs, columns) == {"x0", "x1", "x3"}
    assert together(inputs, [one[:10] for one in columns]) == {"x1"}
    assert together(inputs[:1], [np.ones(9)]) == set()


def test_a_choice_is_an_input_like_another():
    draws = np.random.default_rng(6)
    chosen = draws.integers(0, 2, 2000).astype(float)
    row = told(chosen[:, None], chosen + 0.5 * draws.normal(size=2000))
    (one,) = row["shares"]
    assert abs(one["share"] - 0.5) < 4.0 * error_of(one)


def test_few_flights_and_still_figures_are_called_so_and_all_is_json():
    drawn = np.arange(200.0)[:, None]
    few = told(drawn[:50], np.arange(50.0))
    assert few["shares"] == []
    assert few["rest"] is None
    assert few["words"].startswith("too few flights")
    assert told(drawn, np.ones(200))["words"] == "nothing varied"
    whole = told(drawn, np.where(np.arange(200) < 150, np.arange(200.0), np.nan))
    assert whole["count"] == 150
    json.dumps([few, whole], allow_nan=False)
