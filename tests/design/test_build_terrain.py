from types import SimpleNamespace

import jax
import numpy as np
import pytest

from perilune.data.maps import map_files
from perilune.design.build_terrain import build_terrain
from perilune.design.map_belief import on_plane_m
from perilune.errors import InputError
from perilune.mechanics import coarse_map, projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.truth.environment import terrain
from tests.ground_queries import POLAR_MAPS, SOUTHWARDS_RAD, ask, at


def test_with_no_map_the_site_stands_at_its_published_height(polar_site, made_up_ground):
    assert ask(terrain.height_m, made_up_ground, at(polar_site, [0.0, 0.0])) == pytest.approx(
        5_305.0, abs=1e-6
    )


def test_with_no_map_the_ground_falls_by_the_published_slope_towards_its_aspect(
    polar_site, made_up_ground
):
    aspect = np.array([np.sin(polar_site.slope_aspect_rad), np.cos(polar_site.slope_aspect_rad)])
    for metres in (-2_000.0, 500.0, 2_000.0):
        height_m = ask(terrain.height_m, made_up_ground, at(polar_site, metres * aspect))
        ground_m = metres * (1.0 + 5_305.0 / RADIUS_M)
        assert height_m == pytest.approx(
            5_305.0 - ground_m * np.tan(polar_site.slope_rad), abs=0.01
        )
    normal_site = made_up_ground[0].map.site_from_fixed @ ask(
        terrain.normal_fixed, made_up_ground, at(polar_site, [0.0, 0.0], 5_305.0)
    )
    assert normal_site[2] == pytest.approx(np.cos(polar_site.slope_rad), abs=1e-6)
    np.testing.assert_allclose(normal_site[:2], np.sin(polar_site.slope_rad) * aspect, atol=1e-4)


def test_with_no_map_the_ground_far_off_is_level_at_the_published_height(
    polar_site, made_up_ground
):
    for plane_m in ([20_000.0, 0.0], [0.0, 300_000.0], [0.0, 1_200_000.0]):
        height_m = ask(terrain.height_m, made_up_ground, at(polar_site, plane_m))
        # The spline's trace of the bend at 5 to 15 km.
        assert height_m == pytest.approx(5_305.0, abs=1e-3)


def test_with_no_map_every_metre_is_said_to_be_made_up(made_up_ground):
    report = made_up_ground[1]
    assert not report.measured
    assert "made up" in report.statement
    assert [tile.made_up_fraction for tile in report.tiles] == [1.0, 1.0, 1.0]


def test_the_measured_ground_is_the_finest_map_at_the_site(polar_site, polar_maps, measured_ground):
    direction = np.array(at(polar_site, np.random.default_rng(1).uniform(-5e3, 5e3, (200, 2))))
    found_m = jax.vmap(lambda p: ask(terrain.height_m, measured_ground, p))(direction)
    source_m = polar_maps[0].sample(*projection.angles_from_direction(direction))
    # The two splines differ between nodes; GLD100 itself is good to about 10 m.
    assert np.std(found_m - source_m) < 1.5
    assert measured_ground[1].site_height_m == pytest.approx(5_305.0, abs=5.0)


def test_a_measured_and_a_made_up_ground_are_one_structure(made_up_ground, measured_ground):
    assert jax.tree.structure(made_up_ground[0]) == jax.tree.structure(measured_ground[0])
    shapes = [
        [leaf.shape for leaf in jax.tree.leaves(each[0])]
        for each in (made_up_ground, measured_ground)
    ]
    kinds = [
        [leaf.dtype for leaf in jax.tree.leaves(each[0])]
        for each in (made_up_ground, measured_ground)
    ]
    assert shapes[0] == shapes[1]
    assert kinds[0] == kinds[1]


def test_the_report_accounts_for_every_node(measured_ground):
    report = measured_ground[1]
    assert report.measured
    assert report.resolution_m == pytest.approx(473.8, abs=0.1)
    for tile in report.tiles:
        shares = sum(share for _, share in tile.source_fractions) + tile.made_up_fraction
        assert shares == pytest.approx(1.0)
    assert report.tiles[0].source_fractions == ((POLAR_MAPS[0], 1.0),)
    assert report.tiles[1].uprange_m == pytest.approx(795_000.0)


def test_where_every_map_ends_the_made_up_share_is_said(polar_site, data_folder):
    one = [map_files.open_source(data_folder / "terrain" / name) for name in POLAR_MAPS[:1]]
    _, report = build_terrain(polar_site, SOUTHWARDS_RAD, one)
    assert report.tiles[0].made_up_fraction == 0.0
    assert report.tiles[1].made_up_fraction > 0.9


def test_a_first_map_that_does_not_hold_the_site_is_refused(polar_site, data_folder):
    wrong = [map_files.open_source(data_folder / "terrain" / "LDEM_4.IMG")]
    assert build_terrain(polar_site, SOUTHWARDS_RAD, wrong)[1].measured
    wrong = [
        map_files.open_source(data_folder / "terrain" / name)
        for name in ["apollo15_hadley_256ppd.npz"]
    ]
    with pytest.raises(InputError, match=r"apollo15_hadley_256ppd.npz.*-84.7906 N 29.1957 E"):
        build_terrain(polar_site, SOUTHWARDS_RAD, wrong)


def test_a_coarser_map_on_board_departs_further_from_the_ground(
    polar_site, polar_maps, measured_ground
):
    rms_m = []
    for posting_m in (500.0, 1_000.0, 3_000.0):
        onboard = coarse_map.build_onboard_map(polar_site, SOUTHWARDS_RAD, polar_maps, posting_m)
        places_m = on_plane_m(SOUTHWARDS_RAD, np.arange(-600_000.0, 0.0, 250.0), np.array(0.0))
        true_m, carried_m = (
            heights_on_plane(each, places_m) for each in (measured_ground[0].map, onboard)
        )
        rms_m.append(np.std(true_m - carried_m))
    assert rms_m == sorted(rms_m)
    assert rms_m[0] > 0.0


def test_a_map_that_differs_from_the_stated_height_is_noted_in_the_statement(
    polar_site, polar_maps
):
    _, report = build_terrain(polar_site, SOUTHWARDS_RAD, polar_maps[:1])
    assert report.notes == ()
    moved = SimpleNamespace(**vars(polar_site) | {"height_m": 1_000.0})
    _, report = build_terrain(moved, SOUTHWARDS_RAD, polar_maps[:1])
    assert "stated height is 1000 m" in report.notes[0]
    assert report.statement.endswith(report.notes[0])
