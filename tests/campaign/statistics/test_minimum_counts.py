"""Statistics of too few flights are not given, and how many they take is."""

import numpy as np
import pytest

from perilune.campaign.analysis.landing_footprint import scatter
from perilune.campaign.analysis.sensitivity_ks import drivers
from perilune.campaign.analysis.sobol_indices import WIDEST_REST, first_order
from perilune.campaign.analysis.tornado import tornado
from perilune.campaign.probability_estimate import estimate
from perilune.campaign.request import Order
from perilune.campaign.statistics.minimum_counts import least_for, percentile
from perilune.campaign.statistics.scope import OF_WHAT
from tests.campaign.planted import campaign


@pytest.mark.parametrize(("share", "least"), [(0.99, 100), (0.01, 100), (0.95, 20), (0.5, 2)])
def test_a_percentile_takes_as_many_values_as_leave_one_beyond_it(share, least):
    values = np.arange(float(least))
    assert least_for(share) == least
    assert percentile(values[1:], share) is None
    assert percentile(np.append(values, np.nan), share) == pytest.approx(share * (least - 1))


def test_five_landings_have_neither_ellipse_nor_region():
    found = scatter(np.arange(5.0), np.arange(5.0) ** 2)
    assert found["ellipses"] is None
    assert found["region"]["words"] == "too few landings for a region: 5, at least 20 are needed"


def test_a_tornado_takes_fifty_flights_and_of_clean_flights_five_of_either_sort():
    drawn = np.random.default_rng(1).normal(size=(60, 3))
    few, clean = tornado(*campaign(drawn[:49], miss_m=drawn[:49, 0]), figures=("miss_m", "clean"))
    assert few["bars"] == clean["bars"] == []
    assert few["words"] == "too few flights: 49, at least 50 are needed"
    one_failure = np.arange(60) > 0
    clean, miss = tornado(
        *campaign(drawn, one_failure, miss_m=drawn[:, 0]), figures=("clean", "miss_m")
    )
    assert clean["words"] == "too few unclean flights: 1, at least 5 are needed"
    assert miss["words"] is None
    assert len(miss["bars"]) == 3


def test_what_no_input_explains_is_not_given_where_it_could_be_anything():
    """As in a campaign of 128 flights with 66 inputs, which had "33 %, 0 % to 100 %"."""
    drawn = np.random.default_rng(2).normal(size=(128, 66))
    (row,) = first_order(*campaign(drawn, miss_m=drawn[:, 0]), figures=("miss_m",))
    assert row["rest"] is row["rest_lo"] is row["rest_hi"] is None
    assert row["words"].startswith("too few flights for the rest: 128, about 1,")
    assert row["shares"][0]["significant"]
    drawn = np.random.default_rng(2).normal(size=(128, 3))
    (row,) = first_order(*campaign(drawn, miss_m=drawn[:, 0]), figures=("miss_m",))
    assert row["rest_hi"] - row["rest_lo"] <= 2.0 * WIDEST_REST


def test_the_count_that_is_said_to_suffice_for_the_rest_does():
    draws = np.random.default_rng(3)
    drawn = draws.normal(size=(2000, 40))
    values = drawn[:, 0] + draws.normal(size=2000)
    (few,) = first_order(*campaign(drawn[:150], miss_m=values[:150]), figures=("miss_m",))
    least = int(few["words"].split("about ")[1].split(" ")[0].replace(",", ""))
    assert 150 < least <= 2000
    (enough,) = first_order(
        *campaign(drawn[: least + 100], miss_m=values[: least + 100]), figures=("miss_m",)
    )
    assert enough["rest"] is not None


def test_two_failures_name_no_driver_and_say_how_many_it_takes():
    drawn = np.random.default_rng(4).normal(size=(60, 2))
    rows = drivers(*campaign(drawn, np.arange(60) > 1))
    assert {each["words"] for each in rows} == {"too few failures: 2, at least 5 are needed"}


@pytest.mark.parametrize("require", [None, 0.5, 0.9, 0.999])
def test_the_sentence_of_an_estimate_says_what_its_probability_is_of(require):
    clean = np.arange(300) % 6 > 0
    told = estimate(Order("athena", runs=300, require=require), clean, [300])
    assert OF_WHAT in told["decision"]["sentence"]
