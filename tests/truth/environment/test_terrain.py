import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from perilune.mechanics.rotation import from_rotation_vector, rotate
from perilune.truth.environment import terrain
from tests.ground_queries import ask, at


def test_clearance_is_zero_on_the_ground_and_grows_along_the_radius(polar_site, made_up_ground):
    plane_m = [700.0, 1_300.0]
    height_m = float(ask(terrain.height_m, made_up_ground, at(polar_site, plane_m)))
    on_ground = ask(terrain.clearance_m, made_up_ground, at(polar_site, plane_m, height_m))
    above_m = ask(terrain.clearance_m, made_up_ground, at(polar_site, plane_m, height_m + 12.5))
    assert on_ground == pytest.approx(0.0, abs=1e-8)
    assert above_m == pytest.approx(12.5, abs=1e-8)


def test_the_normal_is_that_of_the_plane_through_three_near_points_of_the_ground(
    polar_site, measured_ground
):
    """The normal against a cross product of the surface itself, far up as well as on it."""
    for plane_m in ([150.0, -400.0], [1_000.0, 30_000.0]):
        corners = [np.array(plane_m) + d for d in ([0.0, 0.0], [0.5, 0.0], [0.0, 0.5])]
        points = [
            at(polar_site, c, float(ask(terrain.height_m, measured_ground, at(polar_site, c))))
            for c in corners
        ]
        normal = np.cross(points[1] - points[0], points[2] - points[0])
        normal = normal / np.linalg.norm(normal)
        for height_m in (0.0, 40_000.0):
            found = ask(terrain.normal_fixed, measured_ground, at(polar_site, plane_m, height_m))
            np.testing.assert_allclose(found, normal, atol=2e-3)


def moved(ground, turn_fixed_rad, rise_m, heights_turn_fixed_rad=None):
    """The ground turned, its heights as what is drawn unless they have a turn of their own."""
    turn = jnp.asarray(turn_fixed_rad)
    own = turn if heights_turn_fixed_rad is None else jnp.asarray(heights_turn_fixed_rad)
    shifted = dataclasses.replace(
        ground[0], turn_fixed_rad=turn, heights_turn_fixed_rad=own, rise_m=jnp.asarray(rise_m)
    )
    return shifted, ground[1]


def test_heights_of_another_place_leave_what_is_drawn_where_it_is(polar_site, made_up_ground):
    """Heights of ground 900 m further south, under images that lie right."""
    north = projection.site_from_fixed_matrix(polar_site.latitude_rad, polar_site.longitude_rad)[1]
    up = projection.direction_from_angles(polar_site.latitude_rad, polar_site.longitude_rad)
    turn = np.cross(up, 900.0 * north) / RADIUS_M
    true = moved(made_up_ground, np.zeros(3), 0.0, turn)
    here = at(polar_site, [0.0, 400.0], 6_000.0)
    there = rotate(from_rotation_vector(-jnp.asarray(turn)), here)
    found_m = float(ask(terrain.height_m, true, here))
    assert found_m == pytest.approx(float(ask(terrain.height_m, made_up_ground, there)), abs=0.3)
    assert abs(found_m - float(ask(terrain.height_m, made_up_ground, here))) > 20.0
    np.testing.assert_array_equal(terrain.place_on_map_m(true[0], here), here)


def test_ground_moved_north_and_up_is_the_ground_met_as_far_south_and_lower(
    polar_site, made_up_ground
):
    """30 m north of a site whose plane falls north: the heights of 30 m south of each place."""
    _, north, up = projection.site_from_fixed_matrix(
        polar_site.latitude_rad, polar_site.longitude_rad
    )
    turn = np.cross(up, 30.0 * north) / (RADIUS_M + 5_305.0)
    true = moved(made_up_ground, turn, 4.0)
    for plane_m in ([0.0, 0.0], [300.0, -800.0]):
        here = at(polar_site, plane_m, 6_000.0)
        there = rotate(from_rotation_vector(-jnp.asarray(turn)), here)
        found_m = float(ask(terrain.clearance_m, true, here))
        drawn_m = float(ask(terrain.clearance_m, made_up_ground, there))
        assert found_m == pytest.approx(drawn_m - 4.0, abs=1e-3)
        height_m = float(ask(terrain.height_m, true, here))
        assert height_m == pytest.approx(6_000.0 - found_m, abs=1e-6)
        np.testing.assert_allclose(
            ask(terrain.normal_fixed, true, here),
            ask(terrain.normal_fixed, made_up_ground, there),
            atol=1e-6,
        )


def test_ground_turned_about_the_moons_centre_stays_as_high_everywhere(polar_site, made_up_ground):
    """A quarter of the Moon away the same error moves the ground sideways and not up."""
    north = projection.site_from_fixed_matrix(polar_site.latitude_rad, polar_site.longitude_rad)[1]
    up = projection.direction_from_angles(polar_site.latitude_rad, polar_site.longitude_rad)
    true = moved(made_up_ground, np.cross(up, 30.0 * north) / RADIUS_M, 0.0)
    far = at(polar_site, [0.0, 1_200_000.0], 6_000.0)
    there_m = float(ask(terrain.height_m, made_up_ground, far))
    assert float(ask(terrain.height_m, true, far)) == pytest.approx(there_m, abs=1e-3)


def test_a_place_on_true_ground_is_on_the_maps_ground_where_the_map_draws_it(
    polar_site, made_up_ground
):
    true = moved(made_up_ground, [1e-5, -2e-5, 5e-6], 3.0)
    here = at(polar_site, [200.0, 100.0], 5_400.0)
    drawn = terrain.place_on_map_m(true[0], here)
    true_m = float(ask(terrain.clearance_m, true, here))
    assert true_m == pytest.approx(float(ask(terrain.clearance_m, made_up_ground, drawn)), abs=1e-6)


def test_tilted_ground_rises_by_its_slope_times_the_way_and_leans_back():
    """Level ground 2 m below, tilted by 1 in 10 towards the east."""
    arms = jnp.array([[3.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    level = jnp.array([[0.0, 0.0, 1.0]] * 2)
    slope = jnp.array([0.1, 0.0, 0.0])
    clear_m, normal = terrain.tilted(jnp.array([2.0, 2.0]), level, arms, slope)
    np.testing.assert_allclose(clear_m, [1.7, 2.0])
    np.testing.assert_allclose(np.degrees(np.arccos(normal[:, 2])), np.degrees(np.arctan(0.1)))
    assert np.all(np.asarray(normal[:, 0]) < 0.0)
