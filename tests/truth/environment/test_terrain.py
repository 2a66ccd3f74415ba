import dataclasses
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.maps import map_files
from perilune.design.build_terrain import build_terrain
from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from perilune.mechanics.rotation import from_rotation_vector, rotate
from perilune.truth.environment import terrain

HEADING_RAD = np.pi
KEY, FOOTPRINT_M = jax.random.key(0), 1.0
MAPS = ("im2_mons_mouton_64ppd.npz", "im2_approach_swath_64ppd.npz", "LDEM_4.IMG")


@pytest.fixture(scope="module")
def site():
    return SimpleNamespace(
        latitude_rad=np.radians(-84.7906),
        longitude_rad=np.radians(29.1957),
        height_m=5_305.0,
        slope_rad=np.radians(2.7),
        slope_aspect_rad=np.radians(30.0),
    )


@pytest.fixture(scope="module")
def made_up(site):
    return build_terrain(site, HEADING_RAD, ())


@pytest.fixture(scope="module")
def sources(data_folder):
    return [map_files.open_source(data_folder / "terrain" / name) for name in MAPS]


@pytest.fixture(scope="module")
def measured(site, sources):
    return build_terrain(site, HEADING_RAD, sources)


def at(site, plane_m, height_m=0.0):
    to_site = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    direction = projection.direction_from_plane(np.asarray(plane_m, float), RADIUS_M)
    return jnp.asarray((RADIUS_M + height_m) * direction @ to_site)


def ask(what, ground, position_fixed_m):
    return what(ground[0], position_fixed_m, KEY, FOOTPRINT_M)


def test_clearance_is_zero_on_the_ground_and_grows_along_the_radius(site, made_up):
    plane_m = [700.0, 1_300.0]
    height_m = float(ask(terrain.height_m, made_up, at(site, plane_m)))
    on_ground = ask(terrain.clearance_m, made_up, at(site, plane_m, height_m))
    above_m = ask(terrain.clearance_m, made_up, at(site, plane_m, height_m + 12.5))
    assert on_ground == pytest.approx(0.0, abs=1e-8)
    assert above_m == pytest.approx(12.5, abs=1e-8)


def test_the_normal_is_that_of_the_plane_through_three_near_points_of_the_ground(site, measured):
    """The normal against a cross product of the surface itself, far up as well as on it."""
    for plane_m in ([150.0, -400.0], [1_000.0, 30_000.0]):
        corners = [np.array(plane_m) + d for d in ([0.0, 0.0], [0.5, 0.0], [0.0, 0.5])]
        points = [at(site, c, float(ask(terrain.height_m, measured, at(site, c)))) for c in corners]
        normal = np.cross(points[1] - points[0], points[2] - points[0])
        normal = normal / np.linalg.norm(normal)
        for height_m in (0.0, 40_000.0):
            found = ask(terrain.normal_fixed, measured, at(site, plane_m, height_m))
            np.testing.assert_allclose(found, normal, atol=2e-3)


def moved(ground, turn_fixed_rad, rise_m):
    shifted = dataclasses.replace(
        ground[0], turn_fixed_rad=jnp.asarray(turn_fixed_rad), rise_m=jnp.asarray(rise_m)
    )
    return shifted, ground[1]


def test_ground_moved_north_and_up_is_the_ground_met_as_far_south_and_lower(site, made_up):
    """30 m north of a site whose plane falls north: the heights of 30 m south of each place."""
    _, north, up = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    turn = np.cross(up, 30.0 * north) / (RADIUS_M + 5_305.0)
    true = moved(made_up, turn, 4.0)
    for plane_m in ([0.0, 0.0], [300.0, -800.0]):
        here = at(site, plane_m, 6_000.0)
        there = rotate(from_rotation_vector(-jnp.asarray(turn)), here)
        found_m = float(ask(terrain.clearance_m, true, here))
        drawn_m = float(ask(terrain.clearance_m, made_up, there))
        assert found_m == pytest.approx(drawn_m - 4.0, abs=1e-3)
        height_m = float(ask(terrain.height_m, true, here))
        assert height_m == pytest.approx(6_000.0 - found_m, abs=1e-6)
        np.testing.assert_allclose(
            ask(terrain.normal_fixed, true, here),
            ask(terrain.normal_fixed, made_up, there),
            atol=1e-6,
        )


def test_ground_turned_about_the_moons_centre_stays_as_high_everywhere(site, made_up):
    """A quarter of the Moon away the same error moves the ground sideways and not up."""
    north = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)[1]
    up = projection.direction_from_angles(site.latitude_rad, site.longitude_rad)
    true = moved(made_up, np.cross(up, 30.0 * north) / RADIUS_M, 0.0)
    far = at(site, [0.0, 1_200_000.0], 6_000.0)
    there_m = float(ask(terrain.height_m, made_up, far))
    assert float(ask(terrain.height_m, true, far)) == pytest.approx(there_m, abs=1e-3)


def test_a_place_on_true_ground_is_on_the_maps_ground_where_the_map_draws_it(site, made_up):
    true = moved(made_up, [1e-5, -2e-5, 5e-6], 3.0)
    here = at(site, [200.0, 100.0], 5_400.0)
    drawn = terrain.place_on_map_m(true[0], here)
    true_m = float(ask(terrain.clearance_m, true, here))
    assert true_m == pytest.approx(float(ask(terrain.clearance_m, made_up, drawn)), abs=1e-6)


def test_tilted_ground_rises_by_its_slope_times_the_way_and_leans_back():
    """Level ground 2 m below, tilted by 1 in 10 towards the east."""
    arms = jnp.array([[3.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    level = jnp.array([[0.0, 0.0, 1.0]] * 2)
    slope = jnp.array([0.1, 0.0, 0.0])
    clear_m, normal = terrain.tilted(jnp.array([2.0, 2.0]), level, arms, slope)
    np.testing.assert_allclose(clear_m, [1.7, 2.0])
    np.testing.assert_allclose(np.degrees(np.arccos(normal[:, 2])), np.degrees(np.arctan(0.1)))
    assert np.all(np.asarray(normal[:, 0]) < 0.0)
