import dataclasses
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.maps import map_files
from perilune.errors import InputError
from perilune.mechanics import coarse_map, projection
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
    return terrain.build_terrain(site, HEADING_RAD, ())


@pytest.fixture(scope="module")
def sources(data_folder):
    return map_files.open_sources(MAPS, data_folder / "terrain")


@pytest.fixture(scope="module")
def measured(site, sources):
    return terrain.build_terrain(site, HEADING_RAD, sources)


def at(site, plane_m, height_m=0.0):
    to_site = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    direction = projection.direction_from_plane(np.asarray(plane_m, float), RADIUS_M)
    return jnp.asarray((RADIUS_M + height_m) * direction @ to_site)


def ask(what, ground, position_fixed_m):
    return what(ground[0], position_fixed_m, KEY, FOOTPRINT_M)


def test_with_no_map_the_site_stands_at_its_published_height(site, made_up):
    assert ask(terrain.height_m, made_up, at(site, [0.0, 0.0])) == pytest.approx(5_305.0, abs=1e-6)


def test_with_no_map_the_ground_falls_by_the_published_slope_towards_its_aspect(site, made_up):
    aspect = np.array([np.sin(site.slope_aspect_rad), np.cos(site.slope_aspect_rad)])
    for metres in (-2_000.0, 500.0, 2_000.0):
        height_m = ask(terrain.height_m, made_up, at(site, metres * aspect))
        ground_m = metres * (1.0 + 5_305.0 / RADIUS_M)
        assert height_m == pytest.approx(5_305.0 - ground_m * np.tan(site.slope_rad), abs=0.01)
    normal_site = made_up[0].map.site_from_fixed @ ask(
        terrain.normal_fixed, made_up, at(site, [0.0, 0.0], 5_305.0)
    )
    assert normal_site[2] == pytest.approx(np.cos(site.slope_rad), abs=1e-6)
    np.testing.assert_allclose(normal_site[:2], np.sin(site.slope_rad) * aspect, atol=1e-4)


def test_with_no_map_the_ground_far_off_is_level_at_the_published_height(site, made_up):
    for plane_m in ([20_000.0, 0.0], [0.0, 300_000.0], [0.0, 1_200_000.0]):
        height_m = ask(terrain.height_m, made_up, at(site, plane_m))
        # The spline's trace of the bend at 5 to 15 km.
        assert height_m == pytest.approx(5_305.0, abs=1e-3)


def test_with_no_map_every_metre_is_said_to_be_made_up(made_up):
    report = made_up[1]
    assert not report.measured
    assert "made up" in report.statement
    assert [tile.made_up_fraction for tile in report.tiles] == [1.0, 1.0, 1.0]


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


def test_the_measured_ground_is_the_finest_map_at_the_site(site, sources, measured):
    direction = np.array(at(site, np.random.default_rng(1).uniform(-5e3, 5e3, (200, 2))))
    found_m = jax.vmap(lambda p: ask(terrain.height_m, measured, p))(direction)
    source_m = sources[0].sample(*projection.angles_from_direction(direction))
    # The two splines differ between nodes; GLD100 itself is good to about 10 m.
    assert np.std(found_m - source_m) < 1.5
    assert measured[1].site_height_m == pytest.approx(5_305.0, abs=5.0)


def test_a_measured_and_a_made_up_ground_are_one_structure(made_up, measured):
    assert jax.tree.structure(made_up[0]) == jax.tree.structure(measured[0])
    shapes = [[leaf.shape for leaf in jax.tree.leaves(each[0])] for each in (made_up, measured)]
    kinds = [[leaf.dtype for leaf in jax.tree.leaves(each[0])] for each in (made_up, measured)]
    assert shapes[0] == shapes[1]
    assert kinds[0] == kinds[1]


def test_the_report_accounts_for_every_node(measured):
    report = measured[1]
    assert report.measured
    assert report.resolution_m == pytest.approx(473.8, abs=0.1)
    for tile in report.tiles:
        shares = sum(share for _, share in tile.source_fractions) + tile.made_up_fraction
        assert shares == pytest.approx(1.0)
    assert report.tiles[0].source_fractions == ((MAPS[0], 1.0),)
    assert report.tiles[1].uprange_m == pytest.approx(795_000.0)


def test_where_every_map_ends_the_made_up_share_is_said(site, data_folder):
    one = map_files.open_sources(MAPS[:1], data_folder / "terrain")
    _, report = terrain.build_terrain(site, HEADING_RAD, one)
    assert report.tiles[0].made_up_fraction == 0.0
    assert report.tiles[1].made_up_fraction > 0.9


def test_a_first_map_that_does_not_hold_the_site_is_refused(site, data_folder):
    wrong = map_files.open_sources(["LDEM_4.IMG"], data_folder / "terrain")
    assert terrain.build_terrain(site, HEADING_RAD, wrong)[1].measured
    wrong = map_files.open_sources(["apollo15_hadley_256ppd.npz"], data_folder / "terrain")
    with pytest.raises(InputError, match=r"apollo15_hadley_256ppd.npz.*-84.7906 N 29.1957 E"):
        terrain.build_terrain(site, HEADING_RAD, wrong)


def test_a_coarser_map_on_board_departs_further_from_the_ground(site, sources, measured):
    rms_m = []
    for posting_m in (500.0, 1_000.0, 3_000.0):
        onboard = coarse_map.build_onboard_map(site, HEADING_RAD, sources, posting_m)
        rms_m.append(coarse_map.map_mismatch(measured[0].map, onboard, HEADING_RAD).track_rms_m)
    assert rms_m == sorted(rms_m)
    assert rms_m[0] > 0.0


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


def test_a_map_that_differs_from_the_stated_height_is_noted_in_the_statement(site, sources):
    _, report = terrain.build_terrain(site, HEADING_RAD, sources[:1])
    assert report.notes == ()
    moved = SimpleNamespace(**vars(site) | {"height_m": 1_000.0})
    _, report = terrain.build_terrain(moved, HEADING_RAD, sources[:1])
    assert "stated height is 1000 m" in report.notes[0]
    assert report.statement.endswith(report.notes[0])
