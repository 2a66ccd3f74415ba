from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics import map_mosaic, map_tiles, projection
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.map_tiles import TilePlan
from perilune.mechanics.terrain_map import map_height_and_gradient, map_height_m

SITE = SimpleNamespace(latitude_rad=np.radians(-84.7906), longitude_rad=np.radians(29.1957))
HEADING_RAD = np.radians(170.0)
PLANS = (
    TilePlan(name="site", row_count=40, column_count=40, step_m=100.0, uprange_m=1_950.0),
    TilePlan(name="track", row_count=200, column_count=40, step_m=400.0, uprange_m=60_000.0),
    TilePlan(name="wide", row_count=100, column_count=40, step_m=2_000.0, uprange_m=150_000.0),
)
TO_SITE = projection.site_from_fixed_matrix(SITE.latitude_rad, SITE.longitude_rad)


def hills_m(plane_m, long_m=7_000.0):
    """Smooth ground with a known height everywhere on the site's plane."""
    return 300.0 * np.sin(plane_m[..., 0] / long_m) * np.cos(plane_m[..., 1] / long_m) + 1_000.0


def sample_hills(latitude_rad, longitude_rad):
    direction = projection.direction_from_angles(latitude_rad, longitude_rad) @ TO_SITE.T
    plane_m = projection.plane_from_direction(jnp.asarray(direction), MOON_RADIUS_M)
    return hills_m(np.asarray(plane_m)), np.zeros(np.shape(latitude_rad), int)


def at(plane_m, height_m=0.0):
    direction = projection.direction_from_plane(np.asarray(plane_m, float), MOON_RADIUS_M)
    return jnp.asarray((MOON_RADIUS_M + height_m) * direction @ TO_SITE)


def along(along_m, right_m):
    """The plane point so far along the motion and to its right."""
    sine, cosine = np.sin(HEADING_RAD), np.cos(HEADING_RAD)
    return np.stack([sine * along_m + cosine * right_m, cosine * along_m - sine * right_m], axis=-1)


@pytest.fixture(scope="module")
def built():
    return map_tiles.build_map(SITE, HEADING_RAD, PLANS, sample_hills)


@pytest.fixture(scope="module")
def heights_m(built):
    return jax.jit(jax.vmap(lambda position: map_height_m(built[0], position)))


def test_the_map_gives_back_the_ground_it_was_made_from(heights_m):
    plane_m = along(*np.random.default_rng(1).uniform(-600.0, 600.0, (2, 100)))
    # Cubic error term of a quadratic spline: 0.016 h^3 |f'''|, here 0.016 (100/7000)^3 300 m.
    np.testing.assert_allclose(heights_m(at(plane_m)), hills_m(plane_m), atol=2e-5)
    track_m = along(np.linspace(-50_000.0, -4_000.0, 100), np.linspace(-2_000.0, 2_000.0, 100))
    np.testing.assert_allclose(heights_m(at(track_m)), hills_m(track_m), atol=2e-3)


def test_height_depends_on_direction_only(heights_m):
    plane_m = along(np.array([-900.0, -20_000.0]), np.array([300.0, 2_000.0]))
    np.testing.assert_allclose(
        heights_m(at(plane_m)), heights_m(at(plane_m, height_m=90_000.0)), atol=1e-8
    )


def test_rows_run_along_the_motion_and_columns_to_its_right(built):
    track = built[1][1]
    middle = 0.5 * (track.plan.column_count - 1)
    row = track.plan.uprange_m / track.plan.step_m
    ahead_m = map_tiles.plane_from_grid(track.grid_from_plane, row + 2.5, middle)
    np.testing.assert_allclose(ahead_m, along(1_000.0, 0.0), atol=1e-8)
    right_m = map_tiles.plane_from_grid(track.grid_from_plane, row, middle + 2.5)
    np.testing.assert_allclose(right_m, along(0.0, 1_000.0), atol=1e-8)


@pytest.mark.parametrize(("edge_m", "along_m"), [(1_550.0, 300.0), (6_200.0, -20_000.0)])
def test_the_ground_has_no_step_where_tiles_meet(heights_m, edge_m, along_m):
    step_m = heights_m(at(along(np.full(2, along_m), edge_m + np.array([-1e-3, 1e-3]))))
    assert abs(step_m[1] - step_m[0]) < 2e-3


def test_beyond_the_last_tile_its_edge_is_held(heights_m):
    far_m = heights_m(at(along(np.full(2, -80_000.0), np.array([45_000.0, 60_000.0]))))
    assert far_m[0] == pytest.approx(float(far_m[1]), abs=1e-9)


def test_the_gradient_is_the_derivative_and_lies_across_the_radius(built):
    for plane_m in ((210.0, -540.0), (2_000.0, 21_000.0), (9_000.0, 90_000.0)):
        position = at(np.array(plane_m), height_m=3_000.0)
        height_m, gradient = map_height_and_gradient(built[0], position)
        assert height_m == pytest.approx(float(map_height_m(built[0], position)), abs=1e-12)
        np.testing.assert_allclose(
            gradient, jax.grad(map_height_m, 1)(built[0], position), atol=1e-12
        )
        assert abs(gradient @ position) < 1e-7


def test_the_host_and_the_compiled_lookup_agree(built, heights_m):
    plane_m = along(
        np.random.default_rng(2).uniform(-200_000.0, 60_000.0, 400),
        np.random.default_rng(3).uniform(-60_000.0, 60_000.0, 400),
    )
    on_host_m = map_tiles.heights_on_host(built[0], at(plane_m))
    np.testing.assert_allclose(heights_m(at(plane_m)), on_host_m, atol=1e-8)


def test_a_map_with_fewer_tiles_is_padded_to_the_same_structure(built):
    single, _ = map_tiles.build_map(SITE, HEADING_RAD, PLANS[1:2], sample_hills)
    assert jax.tree.structure(single) == jax.tree.structure(built[0])
    assert list(np.asarray(single.present)) == [True, False, False]
    plane_m = along(-20_000.0, 1_000.0)
    assert map_height_m(single, at(plane_m)) == pytest.approx(float(hills_m(plane_m)), abs=2e-3)


class Patch:
    """A source that holds one height inside a band of latitude."""

    def __init__(self, height_m, south_deg, north_deg):
        self.height_m, self.band_rad = height_m, np.radians([south_deg, north_deg])

    def sample(self, latitude_rad, longitude_rad):
        del longitude_rad
        held = (latitude_rad >= self.band_rad[0]) & (latitude_rad <= self.band_rad[1])
        return np.where(held, self.height_m, np.nan)


def test_a_finer_source_passes_smoothly_into_a_coarser_one_and_the_last_is_held_beyond():
    latitude_rad = np.radians(np.linspace(0.0, 10.0, 101))[:, None] * np.ones((1, 5))
    sources = Patch(100.0, 0.0, 4.0), Patch(0.0, 0.0, 8.0)
    height_m, owner = map_mosaic.sample_sources(sources, latitude_rad, np.zeros((101, 5)))
    assert height_m[0, 0] == 100.0
    assert height_m[60, 0] == 0.0
    assert np.abs(np.diff(height_m[:, 0])).max() < 20.0
    assert set(owner[:41, 0]) == {0}
    assert set(owner[41:80, 0]) == {1}
    assert set(owner[82:, 0]) == {-1}
    assert (height_m[82:] == 0.0).all()
