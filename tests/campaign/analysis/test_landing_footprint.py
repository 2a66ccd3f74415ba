import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from perilune.campaign.analysis import kernel_density
from perilune.campaign.analysis.landing_footprint import (
    FIXED,
    PLACED,
    ellipses,
    held,
    region,
    scatter,
)
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
    assert scatter(*gaussian(400))["region"]["assumes"] == FIXED


def test_flights_that_never_came_to_rest_are_left_out_and_all_is_json():
    east, north = gaussian(500)
    whole = scatter(east, north)
    gaps = np.full(100, np.nan)
    assert scatter(np.append(east, gaps), np.append(north, gaps)) == whole
    assert scatter(gaps, gaps)["ellipses"] is None
    still = scatter(np.ones(50), np.ones(50))
    assert still["region"]["polygons"] == []
    json.dumps([whole, still, scatter(gaps, gaps)], allow_nan=False)
