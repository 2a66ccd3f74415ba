import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from perilune.campaign.analysis import kernel_density
from perilune.campaign.analysis.landing_footprint import (
    FIXED,
    LEAST_COUNT,
    PLACED,
    STOPPED,
    ellipses,
    held,
    region,
    scatter,
)
from perilune.campaign.statistics.scope import OF_WHAT
from tests.campaign.planted import most

TURNED = np.array([[900.0, 300.0], [300.0, 400.0]])


def gaussian(count, seed=1):
    return np.random.default_rng(seed).multivariate_normal([20.0, -5.0], TURNED, count).T


def banana(count, seed=1):
    draws = np.random.default_rng(seed)
    east = 30.0 * draws.normal(size=count)
    return east, east**2 / 30.0 + 3.0 * draws.normal(size=count)


def is_inside(polygons, east, north):
    """By the even-odd rule: how many edges a ray to the east crosses."""
    crossed = np.zeros(len(east), int)
    for polygon in polygons:
        for (x0, y0), (x1, y1) in pairwise(polygon):
            between = (y0 > north) != (y1 > north)
            crossed += between & (east < x0 + (north - y0) * (x1 - x0) / (y1 - y0 + 1e-300))
    return crossed % 2 == 1


def test_the_ellipses_are_those_of_the_covariance():
    east, north = gaussian(20_000)
    found = ellipses(east, north)
    np.testing.assert_allclose(found["mean_m"], [20.0, -5.0], atol=1.0)
    np.testing.assert_allclose(found["covariance_m2"], TURNED, rtol=0.06)
    sizes = np.sqrt(np.linalg.eigvalsh(TURNED))
    for one, radius in zip(found["ellipses"], (1.0, 2.0, 3.0, 3.6454), strict=True):
        assert one["radius_sigma"] == pytest.approx(radius, rel=1e-4)
        assert one["semi_major_m"] == pytest.approx(radius * sizes[1], rel=0.03)
        assert one["semi_minor_m"] == pytest.approx(radius * sizes[0], rel=0.03)
    # the longer axis of [[900, 300], [300, 400]] lies atan2(600, 500)/2 north of east
    expected_deg = 90.0 - np.degrees(np.arctan2(600.0, 500.0)) / 2.0
    assert found["ellipses"][0]["azimuth_deg"] == pytest.approx(expected_deg, abs=2.0)


def test_each_ellipse_holds_what_it_says_of_a_gaussian():
    east, north = gaussian(20_000)
    expected = [0.3935, 0.8647, 0.9889, 0.9987]
    for one, probability in zip(ellipses(east, north)["ellipses"], expected, strict=True):
        assert one["probability"] == pytest.approx(probability, abs=1e-4)
        error = np.sqrt(probability * (1.0 - probability) / 20_000)
        assert one["inside"] == pytest.approx(probability, abs=4.0 * error)
        drawn = np.mean(is_inside([one["polygon"]], east, north))
        assert drawn == pytest.approx(one["inside"], abs=0.003)


CROSS = np.array([[4.0, 0.0], [-4.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
"""Covariance by hand: 32/(n - 1) a round of four to the east, 2/(n - 1) to the north."""


def test_the_ellipses_of_a_cross_are_those_worked_out_by_hand():
    east, north = (np.tile(CROSS, (6, 1)) + np.array([3.0, -2.0])).T
    found = ellipses(east, north, fraction=0.5)
    np.testing.assert_allclose(found["mean_m"], [3.0, -2.0], atol=1e-12)
    np.testing.assert_allclose(
        found["covariance_m2"], np.diag([6 * 32.0, 6 * 2.0]) / 23.0, atol=1e-12
    )
    one, _, _, half = found["ellipses"]
    assert [each["name"] for each in found["ellipses"]] == ["1 sigma", "2 sigma", "3 sigma", "50 %"]
    assert (one["semi_major_m"], one["semi_minor_m"]) == (
        pytest.approx(np.sqrt(192.0 / 23.0)),
        pytest.approx(np.sqrt(12.0 / 23.0)),
    )
    assert one["azimuth_deg"] == pytest.approx(90.0)
    # each landing lies sqrt(23/12) = 1.384 sigma off; half of a Gaussian within sqrt(2 ln 2)
    assert [each["inside"] for each in found["ellipses"]] == [0.0, 1.0, 1.0, 0.0]
    assert half["radius_sigma"] == pytest.approx(np.sqrt(2.0 * np.log(2.0)))
    polygon = np.array(one["polygon"])
    assert polygon.shape == (73, 2)
    np.testing.assert_allclose(polygon[0], polygon[-1], atol=1e-12)
    away = (polygon - [3.0, -2.0]) / np.sqrt([192.0 / 23.0, 12.0 / 23.0])
    np.testing.assert_allclose(np.linalg.norm(away, axis=1), 1.0)
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(away, axis=0), axis=1), 2.0 * np.sin(np.pi / 72.0)
    )


@pytest.mark.parametrize(("east_per_north", "azimuth_deg"), [(1.0, 45.0), (-1.0, 135.0), (0.0, 0)])
def test_the_azimuth_of_the_longer_axis_is_counted_from_north_clockwise(
    east_per_north, azimuth_deg
):
    north = np.linspace(-100.0, 100.0, 40)
    east = east_per_north * north + np.tile([1.0, -1.0], 20)
    found_deg = ellipses(east, north)["ellipses"][0]["azimuth_deg"]
    assert (found_deg - azimuth_deg + 90.0) % 180.0 == pytest.approx(90.0, abs=0.2)
    assert 0.0 <= found_deg < 180.0


def test_of_landings_on_a_line_the_ellipse_is_that_line():
    north = np.linspace(-10.0, 10.0, 41)
    for one in ellipses(2.0 * north, north)["ellipses"]:
        assert one["semi_minor_m"] == pytest.approx(0.0, abs=1e-6)
        assert one["semi_major_m"] > 0.0
        reach_m = one["radius_sigma"] * np.std(north, ddof=1)
        assert one["inside"] == np.mean(np.abs(north) <= reach_m)


def test_on_a_line_whose_spread_across_rounds_to_less_than_nothing_there_is_an_ellipse():
    """The smaller eigenvalue, zero by hand, is -4e-15 m² here: its root is no number."""
    along = np.linspace(-1.0, 1.0, 41)
    east, north = 7.0 * along, 5.0 * along
    assert np.linalg.eigvalsh(np.cov(np.stack([east, north])))[0] < 0.0
    for one in ellipses(east, north)["ellipses"]:
        assert one["semi_minor_m"] == 0.0
        assert np.all(np.isfinite(one["polygon"]))


def test_fewer_landings_than_a_spread_takes_give_neither_ellipse_nor_region():
    east, north = gaussian(LEAST_COUNT)
    assert ellipses(east, north) is not None
    assert region(east, north)["polygons"]
    assert ellipses(east[1:], north[1:]) is None
    few = region(east[1:], north[1:])
    assert (few["count"], few["polygons"], few["area_m2"]) == (LEAST_COUNT - 1, [], None)
    assert "landings for a region" in few["words"]


@pytest.mark.parametrize("axis", [0, 1])
def test_landings_on_a_line_to_the_east_or_north_have_no_region(axis):
    places = list(gaussian(60))
    places[axis] = np.full(60, 7.0)
    assert region(*places)["words"] == "no region: the landings do not scatter"


def test_even_landings_draw_the_region_and_odd_ones_cut_it():
    """So that the share of all that is inside is the odd ones' at least."""
    east, north = gaussian(400)
    found = region(east, north, fraction=0.9)
    places = np.stack([east, north], axis=1)
    hills = kernel_density.relief(places[0::2], places)
    heights = kernel_density.height(hills, places)
    cut = np.sort(heights[1::2])[found["left_out"]]
    assert found["left_out"] == held(200, 0.9, 0.95)[0]
    assert np.sum(heights[1::2] < cut) == found["left_out"]
    assert found["inside"] == np.mean(heights >= cut)
    assert (found["fraction"], found["confidence"], found["count"]) == (0.9, 0.95, 400)


def test_a_region_says_what_it_holds_and_how_surely():
    east, north = gaussian(400)
    assert region(east, north, fraction=0.9)["words"] == (
        f"holds 90.00% of landings {OF_WHAT} with 95% confidence"
    )
    assert region(east, north, fraction=0.999, confidence=0.9)["words"] == (
        f"too few landings for 99.90%: this one holds {0.1 ** (1.0 / 200.0):.2%} of landings "
        f"{OF_WHAT} with 90% confidence"
    )


def test_of_a_gaussian_the_region_is_close_to_its_ellipse():
    found = region(*gaussian(8000), fraction=0.9)
    ellipse_m2 = np.pi * np.sqrt(np.linalg.det(TURNED)) * stats.chi2.ppf(0.9, 2)
    assert found["area_m2"] == pytest.approx(ellipse_m2, rel=0.12)


@pytest.mark.parametrize("landings", [gaussian, banana])
def test_the_region_holds_its_fraction_as_surely_as_it_says(landings):
    fresh = np.stack(landings(40_000, seed=10_000), axis=1)
    short = 0
    for seed in range(100):
        places = np.stack(landings(600, seed=seed), axis=1)
        relief = kernel_density.relief(places[0::2], np.concatenate([places, fresh]))
        left_out, reached = held(300, 0.9, 0.95)
        level = np.sort(kernel_density.height(relief, places[1::2]))[left_out]
        short += np.mean(kernel_density.height(relief, fresh) >= level) < reached
    assert short <= most(100, 0.05)


def test_of_a_banana_the_region_is_much_smaller_than_the_ellipse_and_holds_as_much():
    east, north = banana(4000)
    found = region(east, north, fraction=0.95)
    ellipse = ellipses(east, north, fraction=0.95)["ellipses"][-1]
    assert found["area_m2"] < 0.6 * np.pi * ellipse["semi_major_m"] * ellipse["semi_minor_m"]
    fresh = banana(20_000, seed=2)
    inside = is_inside(found["polygons"], *fresh)
    assert np.mean(inside) > 0.94
    assert np.mean(is_inside(found["polygons"], east, north)) == pytest.approx(
        found["inside"], abs=0.005
    )


def test_a_landing_far_off_does_not_blow_up_the_region():
    east, north = gaussian(2000)
    near = region(east, north, fraction=0.9)["area_m2"]
    east[100], north[101] = 50_000.0, -80_000.0
    assert region(east, north, fraction=0.9)["area_m2"] == pytest.approx(near, rel=0.25)


def test_how_many_may_lie_outside_is_the_order_statistic_of_wilks():
    # (1 - fraction) raised: 59 landings with none outside hold 95 % with 95 % confidence
    assert held(59, 0.95, 0.95) == (0, pytest.approx(0.05 ** (1.0 / 59.0)))
    assert held(93, 0.95, 0.95)[0] == 1
    assert held(92, 0.95, 0.95)[0] == 0
    # of 93 one outside: 95 % is held with 1 - 0.95^93 - 93 * 0.05 * 0.95^92
    _, reached = held(93, 0.95, 0.95)
    short = reached**93 + 93.0 * (1.0 - reached) * reached**92
    assert short == pytest.approx(0.05)


def test_too_few_for_the_fraction_says_what_is_held_instead():
    found = region(*gaussian(400), fraction=0.9987)
    assert found["left_out"] == 0
    assert found["reached"] == pytest.approx(0.05 ** (1.0 / 200.0))
    assert found["words"].startswith("too few landings for 99.87%")


@pytest.mark.parametrize(("seed", "off_m"), [(1, (0.0, 0.0)), (2, (900.0, 0.0)), (3, (0.0, 9e3))])
def test_the_outline_closes_by_itself_and_is_not_cut_by_the_lattices_edge(seed, off_m):
    east, north = gaussian(300, seed)
    east[101], north[101] = east[101] + off_m[0], north[101] + off_m[1]
    places = np.stack([east, north], axis=1)
    narrow = kernel_density.relief(places[0::2], places)
    level = np.sort(kernel_density.height(narrow, places[1::2]))[0]
    hills = kernel_density.widened(narrow, level)
    np.testing.assert_allclose(
        kernel_density.height(hills, places), kernel_density.height(narrow, places), rtol=1e-12
    )
    # Every corner of a true contour lies at its level; one that an edge has cut lies above it.
    on_it = np.concatenate(kernel_density.outlines(hills, level))
    assert np.max(kernel_density.height(hills, on_it) - level) < 1e-6
    drawn = region(east, north)["polygons"]
    np.testing.assert_array_equal(np.concatenate([np.array(one) for one in drawn]), on_it)


def test_of_points_that_were_placed_no_region_is_drawn():
    withheld = scatter(*gaussian(400), assumes=PLACED)["region"]
    assert withheld["polygons"] == []
    assert withheld["reached"] is None
    assert withheld["words"].startswith("withheld")
    assert withheld["assumes"] == PLACED
    assert scatter(*gaussian(400), assumes=STOPPED)["region"]["polygons"]
    whole = scatter(*gaussian(400), fraction=0.9, confidence=0.8)
    assert whole["region"]["assumes"] == FIXED
    assert whole["count"] == 400
    assert whole["ellipses"] == ellipses(*gaussian(400), fraction=0.9)
    assert whole["region"] == region(*gaussian(400), 0.9, 0.8) | {"assumes": FIXED}


def test_flights_that_never_came_to_rest_are_left_out_and_all_is_json():
    east, north = gaussian(500)
    whole = scatter(east, north)
    gaps = np.full(100, np.nan)
    assert scatter(np.append(east, gaps), np.append(north, gaps)) == whole
    assert scatter(gaps, gaps)["ellipses"] is None
    still = scatter(np.ones(50), np.ones(50))
    assert still["region"]["polygons"] == []
    json.dumps([whole, still, scatter(gaps, gaps)], allow_nan=False)
