"""The relief of places is a density per square metre, and its contours are where they should be."""

import numpy as np
import pytest
from scipy import stats

from perilune.campaign.analysis.kernel_density import (
    KNEE,
    MOST_CENTERS,
    area_m2,
    height,
    outlines,
    relief,
    widened,
)

SIGMA_M = np.array([30.0, 8.0])
MIDDLE_M = np.array([200.0, -50.0])
FLAT = 400
CORNERS_M = np.array([[50.0, -90.0], [350.0, -10.0]])


def places(count=FLAT, seed=1):
    return MIDDLE_M + SIGMA_M * np.random.default_rng(seed).standard_normal((count, 2))


def nodes_m(hills):
    return [
        hills.middle_m[axis] + hills.scale_m[axis] * np.sinh(nodes)
        for axis, nodes in enumerate(hills.nodes)
    ]


def exact_log_density(hills, places_m):
    """Of the kernels in compressed coordinates, by the rule of changed variables."""
    apart = (places_m - hills.middle_m) / hills.scale_m
    slope = 1.0 / (hills.scale_m * np.sqrt(1.0 + apart**2))  # d arcsinh(x / s) / dx
    return hills.kernels.logpdf(np.arcsinh(apart).T) + np.sum(np.log(slope), axis=1)


def test_it_sums_to_one_over_the_plane():
    hills = relief(places(), MIDDLE_M + 8.0 * np.array([-SIGMA_M, SIGMA_M]))
    east, north = nodes_m(hills)
    whole = np.trapezoid(np.trapezoid(np.exp(hills.log_density), north, axis=1), east)
    assert whole == pytest.approx(1.0, abs=0.01)


def test_of_a_gaussian_it_is_the_density_of_that_gaussian():
    centers = places(20_000)
    hills = relief(centers, centers)
    at = MIDDLE_M + SIGMA_M * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
    exact = stats.multivariate_normal(MIDDLE_M, np.diag(SIGMA_M**2)).logpdf(at)
    np.testing.assert_allclose(height(hills, at), exact, atol=0.2)


def test_its_heights_at_the_nodes_are_exact_and_between_them_bilinear():
    hills = relief(places(), CORNERS_M)
    east, north = nodes_m(hills)
    lattice = np.stack(np.meshgrid(east, north, indexing="ij"), axis=-1).reshape(-1, 2)
    exact = exact_log_density(hills, lattice).reshape(hills.log_density.shape)
    np.testing.assert_allclose(hills.log_density, exact, rtol=1e-9)
    inner = np.array([[east[40], north[50]], [east[60], north[30]]])
    np.testing.assert_allclose(height(hills, inner), [exact[40, 50], exact[60, 30]], rtol=1e-9)


def test_its_lattice_is_wider_than_the_span_by_a_margin_of_15_percent():
    hills = relief(places(), CORNERS_M)
    ends = np.arcsinh((CORNERS_M - hills.middle_m) / hills.scale_m)
    wide = ends[1] - ends[0]
    for axis in (0, 1):
        nodes = hills.nodes[axis]
        assert nodes[0] == pytest.approx(ends[0][axis] - 0.15 * wide[axis])
        assert nodes[-1] == pytest.approx(ends[1][axis] + 0.15 * wide[axis])


def test_its_coordinates_are_centred_on_the_median_and_straight_to_two_sigmas():
    centers = places(20_000)
    hills = relief(centers, centers)
    np.testing.assert_allclose(hills.middle_m, np.median(centers, axis=0))
    np.testing.assert_allclose(hills.scale_m, KNEE * SIGMA_M, rtol=0.03)


def test_far_landings_do_not_stretch_its_coordinates():
    centers = places()
    before = relief(centers, centers).scale_m
    centers[:4] += 1e6
    np.testing.assert_allclose(relief(centers, centers).scale_m, before, rtol=0.05)


def test_where_most_landings_share_a_coordinate_its_scale_is_the_standard_deviation():
    centers = places()
    centers[:350, 1] = 0.0
    hills = relief(centers, centers)
    assert hills.scale_m[1] == pytest.approx(KNEE * np.std(centers[:, 1]))


@pytest.mark.parametrize(
    ("count", "used"),
    [(MOST_CENTERS, MOST_CENTERS), (MOST_CENTERS + 1, 751), (3 * MOST_CENTERS, MOST_CENTERS)],
)
def test_no_more_kernels_than_its_most_are_used_evenly_picked(count, used):
    centers = places(count)
    hills = relief(centers, CORNERS_M)
    assert hills.kernels.n == used
    every = -(-count // MOST_CENTERS)
    expected = np.arcsinh((centers[::every] - hills.middle_m) / hills.scale_m)
    np.testing.assert_allclose(hills.kernels.dataset.T, expected, rtol=1e-12, atol=1e-12)


def test_a_widened_relief_goes_on_evenly_on_all_four_sides_with_exact_heights():
    narrow = relief(places(40), MIDDLE_M + 0.5 * np.array([-SIGMA_M, SIGMA_M]))
    level = float(np.max(narrow.log_density)) - 5.0
    hills = widened(narrow, level)
    for axis in (0, 1):
        steps = np.diff(hills.nodes[axis])
        np.testing.assert_allclose(steps, steps[0], rtol=1e-9)
        assert hills.nodes[axis][0] < narrow.nodes[axis][0]
        assert hills.nodes[axis][-1] > narrow.nodes[axis][-1]
        assert np.isin(narrow.nodes[axis], hills.nodes[axis]).all()
    lattice = np.stack(np.meshgrid(*nodes_m(hills), indexing="ij"), axis=-1).reshape(-1, 2)
    exact = exact_log_density(hills, lattice).reshape(hills.log_density.shape)
    np.testing.assert_allclose(hills.log_density, exact, rtol=1e-9)
    rims = hills.log_density[:2], hills.log_density[-2:]
    rims += hills.log_density[:, :2], hills.log_density[:, -2:]
    assert max(np.max(rim) for rim in rims) < level


def test_a_relief_that_is_wide_enough_is_left_as_it_is():
    hills = relief(places(), MIDDLE_M + 6.0 * np.array([-SIGMA_M, SIGMA_M]))
    assert widened(hills, float(np.max(hills.log_density)) - 1.0) is hills


def test_its_outline_encloses_what_lies_above_the_level():
    centers = places()
    hills = relief(centers, centers)
    level = float(np.max(hills.log_density)) - 2.0
    closed = outlines(widened(hills, level), level)
    for line in closed:
        np.testing.assert_array_equal(line[0], line[-1])
    # one square metre of a lattice for each that is inside
    low, high = np.min(centers, axis=0) - 60.0, np.max(centers, axis=0) + 60.0
    east, north = (np.arange(a, b) for a, b in zip(low, high, strict=True))
    lattice = np.stack(np.meshgrid(east, north, indexing="ij"), axis=-1).reshape(-1, 2)
    inside = np.sum(exact_log_density(hills, lattice) >= level)
    assert area_m2(closed) == pytest.approx(inside, rel=0.02)


def test_the_outline_of_a_relief_that_is_too_narrow_closes_at_its_edge():
    hills = relief(places(), MIDDLE_M + 0.5 * np.array([-SIGMA_M, SIGMA_M]))
    (line,) = outlines(hills, float(np.min(hills.log_density)) - 1.0)
    np.testing.assert_array_equal(line[0], line[-1])
    ends = [(axis[0], axis[-1]) for axis in nodes_m(hills)]
    for axis, (low, high) in enumerate(ends):
        assert low < np.min(line[:, axis]) < np.max(line[:, axis]) < high


def square(side_m, *, turned):
    corners = side_m * np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) + [7.0, -3.0]
    return corners[::-1] if turned else corners


@pytest.mark.parametrize("turned", [False, True])
def test_the_area_within_a_square_leaves_out_a_hole_that_runs_the_other_way(turned):
    outer, hole = square(10.0, turned=turned), square(3.0, turned=not turned)
    assert area_m2([outer]) == pytest.approx(100.0)
    assert area_m2([outer, hole]) == pytest.approx(91.0)
    assert area_m2([]) == 0.0
