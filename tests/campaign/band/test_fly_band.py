"""A band flown by the real program: paired runs, numbers held at quantiles, nothing flown twice."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from perilune import load_mission
from perilune.campaign.band.campaign_and_band import run_campaign_and_band
from perilune.campaign.band.held_values import QUANTILES
from perilune.campaign.run import row_store
from perilune.campaign.run.batch_replay import order_of, points_again
from perilune.errors import InputError
from tests.campaign.conftest import SMALL, Heard, files_of, same_rows

RUNS = 64
UNKNOWN = {"errors.map.height": 2.0, "lander.legs.friction_factor": None}
"""Left epistemic of the catalog's, with one sigma where the draw is normal."""


def settings():
    """All other epistemic dispersions of the mission made chance, so that few points are flown."""
    entries = load_mission(SMALL.mission, faults=SMALL.faults).dispersions
    return tuple(
        f"dispersions.{index}.kind=aleatory"
        for index, entry in enumerate(entries)
        if entry.is_epistemic and entry.path not in UNKNOWN
    )


def order_in(folder, **changes):
    """An order of a band in a folder."""
    order = dataclasses.replace(SMALL, runs=RUNS, band_runs=RUNS, settings=settings())
    return dataclasses.replace(order, out=str(folder), **changes)


@pytest.fixture(scope="module")
def banded(data_folder, tmp_path_factory):
    """(document, folder) of a campaign with its band, flown in one go."""
    assert data_folder
    place = tmp_path_factory.mktemp("band") / "whole"
    document, folder = run_campaign_and_band(order_in(place), Heard())
    return document, Path(folder)


def rows(banded, name):
    """The rows of a point of the band."""
    return row_store.read_rows(banded[1] / row_store.BAND_FOLDER / name)


def inputs(table):
    """The inputs of a table that are not held, as an array."""
    held = tuple(f"input_{path.replace('.', '_')}" for path in UNKNOWN)
    names = [n for n in table.column_names if n.startswith("input_") and not n.startswith(held)]
    return np.array([table[name].to_numpy() for name in names])


def test_a_number_at_an_end_has_its_quantile_in_every_flight(banded):
    for end in ("low", "high"):
        height_m = rows(banded, f"errors.map.height-{end}")["input_errors_map_height_m"].to_numpy()
        expected = UNKNOWN["errors.map.height"] * norm.ppf(QUANTILES[end])
        np.testing.assert_allclose(height_m, expected, rtol=1e-12)
        friction = rows(banded, f"errors.map.height-{end}")["input_lander_legs_friction_factor"]
        middle = rows(banded, "median")["input_lander_legs_friction_factor"]
        assert len(set(friction.to_pylist())) == 1
        assert friction == middle


def test_all_that_is_chance_is_as_in_the_campaign(banded):
    campaign = inputs(row_store.read_rows(banded[1]))
    for name in ("median", "errors.map.height-low", "lander.legs.friction_factor-high"):
        np.testing.assert_array_equal(inputs(rows(banded, name)), campaign)


def test_corners_are_flown_on_runs_that_did_not_choose_them(banded):
    worst, best = (rows(banded, name) for name in ("worst", "best"))
    np.testing.assert_array_equal(inputs(worst), inputs(best))
    assert not np.any(inputs(worst) == inputs(rows(banded, "median")))
    assert banded[0]["band"]["seeds"] == [SMALL.seed, SMALL.seed + 1]


def test_the_band_counts_what_its_points_hold(banded):
    band = banded[0]["band"]
    assert {each["path"] for each in band["assumptions"]} == set(UNKNOWN)
    for each in band["assumptions"]:
        for level in ("low", "high"):
            flown = rows(banded, f"{each['path']}-{level}")
            assert each["clean"][level] == sum(flown["clean"].to_pylist())
        assert each["clean"]["median"] == sum(rows(banded, "median")["clean"].to_pylist())
        assert each["values"]["low"] < each["values"]["high"]
    kept = json.loads((banded[1] / row_store.BAND_FOLDER / "band.json").read_text())
    assert kept["band"] == band


class Impatient(Heard):
    """Breaks off at the fourth point."""

    def say(self, words):
        """Hear a stage."""
        super().say(words)
        if words.startswith("band, point 4"):
            raise KeyboardInterrupt


def test_a_band_broken_off_is_completed_and_no_point_flown_again(banded, tmp_path):
    place = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        run_campaign_and_band(order_in(place), Impatient())
    finished = place / row_store.BAND_FOLDER / "median"
    before = files_of(finished)
    document, _ = run_campaign_and_band(order_in(place, resume=True), Heard())
    assert files_of(finished) == before
    assert document["band"] == banded[0]["band"]
    same_rows(place / row_store.BAND_FOLDER / "worst", banded[1] / row_store.BAND_FOLDER / "worst")
    again, _ = run_campaign_and_band(order_in(place, resume=True, band_runs=None), Heard())
    assert again["band"] == document["band"], "a band that was flown stays"
    with pytest.raises(InputError, match=r"holds a band of 64 runs .* --band"):
        run_campaign_and_band(order_in(place, resume=True, band_runs=63), Heard())


def test_a_point_is_replayed_with_its_numbers_held(banded):
    folder = banded[1] / row_store.BAND_FOLDER / "errors.map.height-low"
    order, record = order_of(folder)
    assert dict(order.held)["errors.map.height"] == QUANTILES["low"]
    points = points_again(record, 0, ("a", "errors.map.height", "lander.legs.friction_factor"))
    assert np.all(points[:, 1] == QUANTILES["low"])
    assert np.all(points[:, 2] == QUANTILES["median"])
    assert np.all(np.isnan(points[:, [0, *range(3, points.shape[1])]]))
    plan = folder / row_store.PLAN_FILE
    assert plan.read_bytes() == (banded[1] / row_store.PLAN_FILE).read_bytes()


def test_without_an_epistemic_number_there_is_the_same_campaign_and_no_band(banded, tmp_path):
    heard = Heard()
    none = (*settings(), *_aleatory(UNKNOWN))
    document, _ = run_campaign_and_band(order_in(tmp_path / "none", settings=none), heard)
    assert document["band"] is None
    assert any("declares no dispersion" in words for words in heard.words)
    first, second = (row_store.read_rows(place) for place in (tmp_path / "none", banded[1]))
    assert first.equals(second), "neither the kind nor the band changes a flight"
    assert document["interval"] == banded[0]["interval"]


def _aleatory(paths):
    entries = load_mission(SMALL.mission, faults=SMALL.faults).dispersions
    return [f"dispersions.{i}.kind=aleatory" for i, e in enumerate(entries) if e.path in paths]


def test_a_number_that_is_not_drawn_cannot_be_held(tmp_path):
    order = order_in(tmp_path / "no", band_runs=None, held=(("lander.mass.wings", 0.5),))
    with pytest.raises(InputError, match=r"lander\.mass\.wings is not"):
        run_campaign_and_band(order, Heard())
