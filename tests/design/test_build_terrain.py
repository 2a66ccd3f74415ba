from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.maps import map_files
from perilune.design.build_terrain import build_terrain
from perilune.errors import InputError
from perilune.mechanics import coarse_map, projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
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
    one = [map_files.open_source(data_folder / "terrain" / name) for name in MAPS[:1]]
    _, report = build_terrain(site, HEADING_RAD, one)
    assert report.tiles[0].made_up_fraction == 0.0
    assert report.tiles[1].made_up_fraction > 0.9


def test_a_first_map_that_does_not_hold_the_site_is_refused(site, data_folder):
    wrong = [map_files.open_source(data_folder / "terrain" / "LDEM_4.IMG")]
    assert build_terrain(site, HEADING_RAD, wrong)[1].measured
    wrong = [
        map_files.open_source(data_folder / "terrain" / name)
        for name in ["apollo15_hadley_256ppd.npz"]
    ]
    with pytest.raises(InputError, match=r"apollo15_hadley_256ppd.npz.*-84.7906 N 29.1957 E"):
        build_terrain(site, HEADING_RAD, wrong)


def test_a_coarser_map_on_board_departs_further_from_the_ground(site, sources, measured):
    rms_m = []
    for posting_m in (500.0, 1_000.0, 3_000.0):
        onboard = coarse_map.build_onboard_map(site, HEADING_RAD, sources, posting_m)
        rms_m.append(coarse_map.map_mismatch(measured[0].map, onboard, HEADING_RAD).track_rms_m)
    assert rms_m == sorted(rms_m)
    assert rms_m[0] > 0.0


def test_a_map_that_differs_from_the_stated_height_is_noted_in_the_statement(site, sources):
    _, report = build_terrain(site, HEADING_RAD, sources[:1])
    assert report.notes == ()
    moved = SimpleNamespace(**vars(site) | {"height_m": 1_000.0})
    _, report = build_terrain(moved, HEADING_RAD, sources[:1])
    assert "stated height is 1000 m" in report.notes[0]
    assert report.statement.endswith(report.notes[0])
