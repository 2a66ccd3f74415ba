"""Maps are held against their site and the Moon, described, and refused in a sentence."""

import json
import os
from types import SimpleNamespace

import numpy as np
import pytest

from perilune.data.maps import site_agreement
from perilune.data.maps.map_description import describe_map, height_m
from perilune.data.maps.map_files import open_source
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M

META = {
    "datum": "height above a 1737.4 km sphere, metres",
    "frame": "Moon mean-Earth/polar-axis, east-positive planetocentric",
    "source": "made for a test",
}
LAT_DEG, LON_DEG = 9.95 - 0.1 * np.arange(200), 20.05 + 0.1 * np.arange(200)
PLACES = np.radians([[3.3, -4.2], [25.7, 33.3]])
SITE = SimpleNamespace(
    latitude_rad=np.radians(3.3), longitude_rad=np.radians(25.7), height_m=1_085.8
)


def ground_m(latitude_rad, longitude_rad):
    """Smooth ground of a kilometre, the same at every turn of longitude."""
    return 1_000.0 + 800.0 * np.sin(3.0 * latitude_rad) * np.cos(2.0 * longitude_rad)


def square_m(lat_deg=LAT_DEG, lon_deg=LON_DEG):
    return ground_m(np.radians(lat_deg)[:, None], np.radians(lon_deg)[None, :])


def write(path, meta=META, **arrays):
    held = {"height_m": square_m(), "lat_deg": LAT_DEG, "lon_deg": LON_DEG} | arrays
    held = {name: values for name, values in held.items() if values is not None}
    if meta is not None:
        held["meta"] = json.dumps(meta)
    np.savez(path, **held)
    return path


def refusal(path):
    with pytest.raises(InputError) as caught:
        open_source(path).sample(*PLACES)
    said = str(caught.value)
    assert "\n" not in said
    assert str(path) in said
    return said


def assert_ground(path, atol=0.02):
    np.testing.assert_allclose(open_source(path).sample(*PLACES), ground_m(*PLACES), atol=atol)


@pytest.mark.parametrize("north_first", [True, False])
@pytest.mark.parametrize("east_last", [True, False])
@pytest.mark.parametrize("turn_deg", [0.0, -360.0])
def test_rows_and_columns_go_the_way_their_axes_go(tmp_path, north_first, east_last, turn_deg):
    lat_deg = LAT_DEG if north_first else LAT_DEG[::-1]
    lon_deg = (LON_DEG if east_last else LON_DEG[::-1]) + turn_deg
    path = write(
        tmp_path / "m.npz", lat_deg=lat_deg, lon_deg=lon_deg, height_m=square_m(lat_deg, lon_deg)
    )
    assert_ground(path)


def test_pixels_need_not_be_square(tmp_path):
    lon_deg = 20.1 + 0.2 * np.arange(100)
    path = write(tmp_path / "m.npz", lon_deg=lon_deg, height_m=square_m(LAT_DEG, lon_deg))
    assert_ground(path)
    assert open_source(path).resolution_m == pytest.approx(np.radians(0.2) * RADIUS_M)


def test_an_axis_may_jump_at_the_seam(tmp_path):
    lon_deg = (170.05 + 0.1 * np.arange(200) + 180.0) % 360.0 - 180.0
    path = write(tmp_path / "m.npz", lon_deg=lon_deg, height_m=square_m(LAT_DEG, lon_deg))
    places = np.radians([[3.3, 3.3], [179.97, -179.97]])
    np.testing.assert_allclose(open_source(path).sample(*places), ground_m(*places), atol=0.02)


@pytest.mark.parametrize("pole", [-1, 1])
@pytest.mark.parametrize("turned", [1, -1])
def test_a_polar_map_may_have_either_order_and_either_pole(tmp_path, pole, turned):
    x_m, y_m = np.arange(-150.0, 150.0) * 1_000.0, -turned * np.arange(-100.0, 100.0) * 1_000.0
    distance_m = np.hypot(x_m[None, :], y_m[:, None])
    latitude_rad = pole * (0.5 * np.pi - 2.0 * np.arctan(0.5 * distance_m / RADIUS_M))
    heights_m = ground_m(latitude_rad, np.arctan2(x_m[None, :], -pole * y_m[:, None]))
    projection = f"{'north' if pole > 0 else 'south'} polar stereographic, R=1737400 m"
    path = write(
        tmp_path / "p.npz",
        META | {"projection": projection},
        height_m=heights_m,
        lat_deg=None,
        lon_deg=None,
        x_m=x_m,
        y_m=y_m,
    )
    places = np.radians([[87.3, 88.0], [118.0, 20.0]]) * [[pole], [1.0]]
    np.testing.assert_allclose(open_source(path).sample(*places), ground_m(*places), atol=0.02)


def test_radii_and_units_of_the_projects_own_files(tmp_path):
    assert_ground(write(tmp_path / "f.npz", META | {"unit": "ft"}, height_m=square_m() / 0.3048))
    assert_ground(write(tmp_path / "k.npz", META | {"unit": "km"}, height_m=square_m() / 1e3))
    path = write(tmp_path / "r.npz", height_m=square_m() + RADIUS_M)
    assert_ground(path)
    assert "from the Moon's centre" in open_source(path).notes[0]


def test_gaps_are_declared_in_meta_or_impossible(tmp_path):
    heights_m = square_m().round().astype("int16")
    heights_m[60:75, 165:176] = -3_000
    heights_m[100:110, 100:110] = -32768
    source = open_source(write(tmp_path / "m.npz", META | {"nodata": -3_000}, height_m=heights_m))
    assert np.isnan(source.sample(*np.radians([[3.3, -0.4], [37.0, 30.5]]))).all()
    np.testing.assert_allclose(source.sample(*PLACES), ground_m(*PLACES), atol=0.7)


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"height_m": square_m() / 1e3}, "in kilometres"),
        ({"height_m": (square_m() + RADIUS_M) / 1e3}, "radii in kilometres"),
        ({"height_m": 30.0 * square_m()}, "-9200 to 10800 m"),
        ({"lat_deg": LAT_DEG[:-1]}, "lat_deg"),
        ({"lon_deg": LON_DEG[:150]}, "lon_deg"),
        ({"lat_deg": LAT_DEG**3}, "evenly"),
        ({"lat_deg": LAT_DEG * 20.0}, "90 S and 90 N"),
        ({"lon_deg": LON_DEG * 30.0}, "once round"),
        ({"lat_deg": np.full(200, np.nan)}, "evenly"),
        ({"lat_deg": np.array(["x"] * 200)}, "lat_deg"),
        ({"lat_deg": None}, "place its pixels"),
        ({"height_m": None}, "height_m"),
        ({"height_m": square_m().astype(str)}, "real numbers"),
        ({"height_m": square_m() + 1j}, "real numbers"),
        ({"height_m": square_m() > 0}, "real numbers"),
        ({"height_m": square_m().astype(object)}, "plain arrays"),
        ({"height_m": square_m()[0]}, "real numbers"),
        ({"height_m": (square_m() / 10.0).astype("uint8")}, "16 bits or more"),
        ({"height_m": np.full((200, 200), np.nan)}, "empty"),
    ],
)
def test_a_file_of_the_projects_own_kind_that_is_wrong_is_refused(tmp_path, arrays, named):
    assert named in refusal(write(tmp_path / "m.npz", **arrays))


@pytest.mark.parametrize(
    ("meta", "named"),
    [
        (None, "meta"),
        ([1, 2], "JSON"),
        (META | {"unit": "cubits"}, "cubits"),
        (META | {"nodata": "none"}, "nodata"),
        (META | {"pixels_per_degree": 64}, "pixels_per_degree"),
        (META | {"lat0": 5.0}, "lat0"),
        (META | {"lon0": float("nan")}, "lon0"),
        (META | {"datum": "WGS84"}, "WGS84"),
    ],
)
def test_what_meta_says_must_go_with_the_map(tmp_path, meta, named):
    assert named in refusal(write(tmp_path / "m.npz", meta))


def unreadable(folder):
    """Paths that are no maps, by what the refusal must name."""
    whole = write(folder / "whole.npz").read_bytes()
    contents = {
        "lfs.npz": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
        "page.tif": (b"<!DOCTYPE html><html>404</html>", "web page"),
        "page.npz": (b"\n <html><body>Not found", "web page"),
        "error.xml": (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "error"),
        "empty.tif": (b"", "empty"),
        "empty.npz": (b"", "empty"),
        "cut.npz": (whole[: len(whole) // 2], "fetch it again"),
        "cut2.npz": (whole[:1_000] + bytes(900) + whole[1_900:], "fetch it again"),
        "noise.npz": (bytes(range(256)) * 9, "fetch it again"),
        "noise.tif": (bytes(range(256)) * 9, "fetch it again"),
        "zip.tif": (whole, "ending"),
        "tiff.npz": (b"II*\0" + bytes(99), "ending"),
        "packed.img": (b"\x1f\x8b" + bytes(99), "gunzip"),
        "alone.img": (bytes(99), "label"),
        "noise.lbl": (bytes(range(256)) * 9, "must declare"),
        "map.xyz": (b"1 2 3", "GeoTIFF"),
    }
    for name, (content, _) in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.tif").mkdir()
    os.mkfifo(folder / "pipe.npz")
    (folder / "loop.tif").symlink_to(folder / "loop.tif")
    more = {"folder.tif": "folder", "pipe.npz": "pipe", "loop.tif": "map", "none.npz": "not there"}
    return {name: named for name, (_, named) in contents.items()} | more


@pytest.mark.timeout(60)
def test_every_file_that_is_no_map_is_refused_in_one_sentence(tmp_path):
    for name, named in unreadable(tmp_path).items():
        assert named in refusal(tmp_path / name), name
        with pytest.raises(InputError):
            describe_map(tmp_path / name)


def test_a_description_says_how_a_map_is_read(tmp_path):
    heights_m = square_m().astype("float32")
    heights_m[:, :50] = -32768.0
    path = write(tmp_path / "m.npz", height_m=heights_m)
    said = describe_map(path)
    assert (said.kind, said.unit, said.row_count, said.column_count) == ("npz", "m", 200, 200)
    assert said.resolution_m == pytest.approx(np.radians(0.1) * RADIUS_M)
    assert said.lowest_m == pytest.approx(square_m()[:, 50:].min(), abs=1e-3)
    assert said.highest_m == pytest.approx(square_m()[:, 50:].max(), abs=1e-3)
    assert said.empty_fraction == 0.25
    assert said.examined_fraction == 1.0
    assert "-32768" in said.notes[0]
    assert height_m(path, *PLACES[:, 1]) == pytest.approx(ground_m(*PLACES[:, 1]), abs=0.02)
    assert height_m(path, *np.radians([0.0, 22.0])) is None
    assert height_m(path, *np.radians([50.0, 22.0])) is None


def findings(tmp_path, *factors, site=SITE):
    paths = [
        write(tmp_path / f"{i}.npz", META | {"unit": "m"}, height_m=factor * square_m())
        for i, factor in enumerate(factors)
    ]
    return site_agreement.site_findings(site, [open_source(path) for path in paths])


def test_a_map_that_has_the_sites_height_passes_without_a_word(tmp_path):
    assert findings(tmp_path, 1.0, 1.02) == site_agreement.SiteFindings((), ())


@pytest.mark.parametrize(
    ("factor", "cause"), [(1.0 / 0.3048, "feet"), (2.0, "half metres"), (-1.0, "depths")]
)
def test_a_map_that_differs_is_noted_and_refused_where_another_map_agrees(tmp_path, factor, cause):
    alone = findings(tmp_path, factor)
    assert not alone.problems
    assert cause in alone.notes[0]
    both = findings(tmp_path, factor, 1.0)
    assert cause in both.problems[0]
    assert "`1.npz` agrees" in both.problems[0]
    assert not both.notes


def test_kilometres_are_refused_by_the_site_where_the_file_says_metres(tmp_path):
    assert "kilometres" in findings(tmp_path, 1e-3).problems[0]


def test_a_site_that_was_moved_without_its_height_is_a_note(tmp_path):
    moved = SimpleNamespace(**vars(SITE) | {"height_m": -2_300.0})
    found = findings(tmp_path, 1.0, 1.0, site=moved)
    assert not found.problems
    assert "-2300 m" in found.notes[0]
    assert "site.height" in found.notes[0]


def test_a_stated_height_from_which_a_fine_map_differs_is_no_mistake_of_the_map(tmp_path):
    """A coarse map, allowed to differ by more, has the height that is stated; the maps agree."""
    fine, coarse = tmp_path / "fine.npz", tmp_path / "coarse.npz"
    step_deg = 0.002 * np.arange(-50, 50)
    heights_m = square_m(3.3 + step_deg, 25.7 + step_deg)
    heights_m[:10] += 30.0  # a step far from the site, so that it is not too flat for the Moon
    write(fine, height_m=heights_m, lat_deg=3.3 + step_deg, lon_deg=25.7 + step_deg)
    write(coarse)
    site = SimpleNamespace(**vars(SITE) | {"height_m": SITE.height_m - 120.0})
    found = site_agreement.site_findings(site, [open_source(fine), open_source(coarse)])
    assert found.problems == ()
    (note,) = found.notes
    assert "fine.npz" in note


def test_the_first_map_must_hold_the_site(tmp_path):
    away = SimpleNamespace(**vars(SITE) | {"latitude_rad": 1.0})
    assert "must hold the site" in findings(tmp_path, 1.0, site=away).problems[0]


GLOBAL = "moon_global_16ppd.npz"
"""Its first row of pixels, at 89.97 N, lies 2.2 km above the next one."""


def test_the_maps_of_the_data_folder_are_lunar_and_have_no_note_but_of_a_spoilt_pole(data_folder):
    names = sorted(path.name for path in (data_folder / "terrain").iterdir())
    for name in names:
        if name.endswith((".npz", ".tif", ".LBL")):
            said = describe_map(data_folder / "terrain" / name)
            assert ["pole" in note for note in said.notes] == [True] * (name == GLOBAL), name
            assert -9_200.0 < said.lowest_m < said.highest_m < 10_800.0


def test_half_metres_are_found_by_the_site_and_the_global_map(data_folder):
    names = "kepler_crater_lola_118m.tif", "moon_global_16ppd.npz"
    kepler, world = (open_source(data_folder / "terrain" / name) for name in names)
    site = SimpleNamespace(
        latitude_rad=np.radians(8.12), longitude_rad=np.radians(-38.01), height_m=-2_850.0
    )
    found = site_agreement.site_findings(site, [kepler, world])
    assert "half metres" in found.problems[0]
    assert "half metres" in site_agreement.site_findings(site, [kepler]).notes[0]
