"""Maps of a site show the same ground, or the one that is turned is named."""

import dataclasses
import functools
import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest

from perilune.data.maps.map_files import open_source
from perilune.data.maps.pixel_grid import sample_grid
from perilune.data.maps.site_agreement import site_findings

META = {
    "datum": "height above a 1737.4 km sphere, metres",
    "frame": "Moon mean-Earth/polar-axis, east-positive planetocentric",
    "source": "made for a test",
}
COARSE_DEG, FINE_DEG = np.linspace(-3.0, 5.0, 129), np.linspace(-1.5, 1.5, 192)
LATITUDE_DEG, LONGITUDE_DEG = -84.79, 29.2
MOUTON = ("im2_mons_mouton_64ppd.npz", "im2_approach_swath_64ppd.npz", "moon_global_16ppd.npz")
TURNS = {
    "its rows run the other way": lambda height_m: height_m[::-1],
    "its columns run the other way": lambda height_m: height_m[:, ::-1],
    "it is turned by half a turn": lambda height_m: height_m[::-1, ::-1],
    "its rows and columns are exchanged": lambda height_m: height_m.T,
    "its heights are depths": lambda height_m: -height_m,
}


def site_at(latitude_deg, longitude_deg, height_m):
    return SimpleNamespace(
        latitude_rad=np.radians(latitude_deg),
        longitude_rad=np.radians(longitude_deg),
        height_m=height_m,
    )


def ground_m(lat_deg, lon_deg):
    """Hills 60 km and more across that look alike under no turn, and are level at 0 N 20 E."""
    north, east = np.radians(lat_deg)[:, None], np.radians(lon_deg - 20.0)[None, :]
    slanted, crossed = np.sin(90.0 * north + 40.0 * east + 0.7), np.cos(70.0 * east - 50.0 * north)
    return 900.0 * (slanted - np.sin(0.7)) + 700.0 * (crossed - 1.0) * (1.0 + 8.0 * north)


def write(path, step_deg, turned=lambda height_m: height_m, moved_deg=0.0):
    lat_deg, lon_deg = step_deg[::-1], 20.0 + step_deg
    held = {"lat_deg": lat_deg, "lon_deg": lon_deg, "meta": json.dumps(META)}
    height_m = turned(ground_m(lat_deg, lon_deg + moved_deg))
    np.savez(path, height_m=height_m, **held)
    return path


def found(tmp_path, fine=None, coarse=None, moved_deg=0.0):
    same = np.asarray
    paths = [
        write(tmp_path / "fine.npz", FINE_DEG, fine or same, moved_deg),
        write(tmp_path / "coarse.npz", COARSE_DEG, coarse or same),
    ]
    site = site_at(0.0, 20.0, 0.0)
    return site_findings(site, [open_source(path) for path in paths])


def test_two_maps_of_one_ground_pass_without_a_word(tmp_path):
    told = found(tmp_path)
    assert (told.problems, told.notes) == ((), ())


@pytest.mark.parametrize("cause", TURNS)
@pytest.mark.parametrize("which", ["fine", "coarse"])
def test_the_map_that_is_turned_is_refused_and_its_turn_named(tmp_path, which, cause):
    told = found(tmp_path, **{which: TURNS[cause]})
    (problem,) = (each for each in told.problems if "correlate" in each)
    assert cause in problem
    if "depths" not in cause:  # of which two maps say the same, one against the other
        assert problem.startswith(f"{tmp_path / which}.npz: ")


def test_a_map_that_lies_elsewhere_is_noted(tmp_path):
    told = found(tmp_path, moved_deg=0.8)
    assert any("show different ground" in note for note in told.notes)
    assert not any("correlate" in problem for problem in told.problems)


def opened(data_folder, *names):
    return [open_once(data_folder / "terrain" / name) for name in names]


@functools.cache
def open_once(path):
    return open_source(path)


def turned(source, rows, columns):
    """A real map whose pixels are stored the other way, its axes left as they were."""

    def place(latitude_rad, longitude_rad):
        row, column = source.grid.pixel_from_angles(latitude_rad, longitude_rad)
        height, width = source.grid.shape
        return height - 1 - row if rows else row, width - 1 - column if columns else column

    grid = dataclasses.replace(source.grid, pixel_from_angles=place)
    return dataclasses.replace(source, grid=grid, sample=functools.partial(sample_grid, grid))


@pytest.mark.parametrize("way", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("which", [0, 1])
def test_a_real_map_stored_the_other_way_is_refused(data_folder, which, way):
    site = site_at(LATITUDE_DEG, LONGITUDE_DEG, 6_000.0)
    sources = opened(data_folder, *MOUTON)
    sources[which] = turned(sources[which], *way)
    problems = site_findings(site, sources).problems
    assert any(sources[which].path in each and "most likely" in each for each in problems)


@pytest.mark.parametrize(
    ("fine", "latitude_deg", "longitude_deg"),
    [
        ("im2_mons_mouton_64ppd.npz", LATITUDE_DEG, LONGITUDE_DEG),
        ("im1_malapert_a_64ppd.npz", -80.13, 1.44),
        ("cy3_shiv_shakti_64ppd.npz", -69.37, 32.32),
        ("apollo11_tranquillitatis_256ppd.npz", 0.67, 23.47),
        ("apollo15_hadley_256ppd.npz", 26.13, 3.63),
        ("blue_ghost_mare_crisium_256ppd.npz", 18.56, 61.81),
        ("kepler_crater_lola_118m.tif", 8.12, -38.01),
        ("nobile_rim1_1km_lola_1m_grid.tif", -85.4, 31.7),
        ("south_pole_80S_500m_stereo.npz", -89.9, 12.0),
        ("im2_approach_swath_64ppd.npz", LATITUDE_DEG, LONGITUDE_DEG),
    ],
)
def test_real_maps_of_one_ground_are_never_said_to_differ(
    data_folder, fine, latitude_deg, longitude_deg
):
    names = "south_pole_80S_500m_stereo.npz", "moon_global_16ppd.npz", "LDEM_4.LBL"
    first, *others = opened(data_folder, fine, *(name for name in names if name != fine))
    for east_deg, other in itertools.product((0.0, 0.3), others):
        site = site_at(latitude_deg, longitude_deg + east_deg, 0.0)
        told = site_findings(site, [first, other])
        said = " ".join((*told.problems, *told.notes))
        assert "correlate" not in said
