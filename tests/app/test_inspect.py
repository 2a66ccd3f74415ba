"""perilune inspect: how a file is read, for people and for scripts."""

import json
import math
import os

import numpy as np
import pytest

from perilune.app import options
from tests.app.conftest import refused

FIELD = """  4.9028001218468E+12  1.738E+06  2  2
   2 0 -9.0878251047406E-05 0.0
   2 1 -6.8601760678635E-09 -2.5997279225249E-10
   2 2 3.4676663185080E-05 6.2785944035014E-11
"""
SIZE_DEG = 4.0
PER_DEGREE = 20


def ground_m(latitude_deg, longitude_deg):
    return 1000.0 + 100.0 * latitude_deg - 50.0 * longitude_deg


@pytest.fixture
def field(tmp_path):
    (tmp_path / "field.sha").write_text(FIELD)
    return tmp_path / "field.sha"


@pytest.fixture
def tilted_map(tmp_path):
    """A map of a tilted plane, 80 S to 84 S, 28 E to 32 E."""
    latitude = -80.0 - (np.arange(SIZE_DEG * PER_DEGREE) + 0.5) / PER_DEGREE
    longitude = 28.0 + (np.arange(SIZE_DEG * PER_DEGREE) + 0.5) / PER_DEGREE
    meta = {
        "datum": "height above the 1737.4 km sphere",
        "frame": "mean-Earth",
        "source": "a tilted plane",
    }
    path = tmp_path / "plane.npz"
    np.savez(
        path,
        height_m=ground_m(latitude[:, None], longitude[None, :]),
        lat_deg=latitude,
        lon_deg=longitude,
        meta=json.dumps(meta),
    )
    return path


def test_a_field_is_described_with_its_constants(told, field):
    code, out, err = told("inspect", field)
    assert (code, err) == (0, "")
    assert str(field) in out
    for figure in ("gravity field, GSFC columns", "4.90280012185e+12 m3/s2", "1738000 m"):
        assert figure in out
    assert "not declared" in out


def test_a_script_gets_the_same_as_json(told, field):
    code, out, _ = told("inspect", field, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["is"] == "gravity field"
    assert document["gm_m3_s2"] == 4.9028001218468e12
    assert document["degree"] == 2
    assert document["c20"] == -9.0878251047406e-05
    assert document["tide"] is None
    assert "height_m" not in document


def test_a_map_gives_its_height_at_a_place_south_and_west_too(told, tilted_map):
    code, out, _ = told("inspect", tilted_map, "-82.3", "30.1", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["is"] == "map"
    assert document["height_m"] == pytest.approx(ground_m(-82.3, 30.1), abs=0.5)
    assert document["resolution_m"] == pytest.approx(1_737_400.0 * math.radians(1 / 20), rel=1e-3)
    assert document["empty_fraction"] == 0.0
    assert (
        json.loads(told("inspect", tilted_map, "-82.3", "-30.1", "--json")[1])["height_m"] is None
    )
    assert "outside the map" in told("inspect", tilted_map, "10", "30")[1]


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("+proj=longlat +R=1737400 +no_defs", "latitude and longitude"),
        ("+proj=eqc +R=1737400 +units=km", "equidistant cylindrical"),
        ("+proj=stere +lat_0=-90 +R=1737400", "polar stereographic"),
        ("+proj=ortho +lat_0=8 +lon_0=-38 +R=1737400", "orthographic"),
        ("+proj=tmerc +R=1737400", "transverse Mercator"),
        ("+proj=laea +R=1737400", "Lambert azimuthal equal area"),
    ],
)
def test_the_projection_of_a_geotiff_is_its_method_not_the_name_of_its_crs(
    told, tmp_path, crs, said
):
    import rasterio
    from rasterio.transform import Affine

    path = tmp_path / "map.tif"
    step = 0.05 if "longlat" in crs else 1.0 if "=km" in crs else 1_000.0
    north, east = np.mgrid[0.0:20.0, 0.0:20.0]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=20,
        height=20,
        count=1,
        dtype="float64",
        crs=rasterio.crs.CRS.from_proj4(crs),
        transform=Affine(step, 0.0, 3.0 * step, 0.0, -step, 25.0 * step),
    ) as file:
        file.write(300.0 * np.sin(north) + 40.0 * east, 1)
    code, out, _ = told("inspect", path)
    assert code == 0
    lines = dict(line.strip().split("  ", 1) for line in out.splitlines()[1:])
    assert lines["projection"].strip() == said
    assert json.loads(told("inspect", path, "--json")[1])["projection"] == said
    assert "unknown" not in out


def test_a_field_has_no_height_anywhere(told, field):
    document = json.loads(told("inspect", field, "-80", "-170", "--json")[1])
    assert document["height_m"] is None


MISTAKES = [
    (("-84",), "A place must be two numbers"),
    (("-84", "29", "3"), "A place must be two numbers"),
    (("-91", "29"), "latitude must be a number of degrees from -90 to 90"),
    (("-84", "361"), "longitude must be a number of degrees from -180 to 360"),
    (("south", "29"), "latitude must be a number"),
    (("nan", "29"), "latitude must be a number"),
    (("--jsno",), "No such option: --jsno"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTAKES)
def test_a_mistaken_place_is_refused(told, field, words, sentence):
    assert sentence in refused(told, "inspect", field, *words)


def test_a_misspelt_option_before_the_file_is_refused(told, field):
    assert "No such option: --jsno" in refused(told, "inspect", "--jsno", field)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("ending", ["gfc", "sha", "tif", "npz", "lbl"])
def test_what_cannot_be_read_is_one_sentence_and_a_pipe_hangs_nothing(told, tmp_path, ending):
    path = tmp_path / f"file.{ending}"
    refused(told, "inspect", path)
    path.write_bytes(b"")
    refused(told, "inspect", path)
    path.write_bytes(b"<!DOCTYPE html><title>404</title>")
    refused(told, "inspect", path)
    path.unlink()
    os.mkfifo(path)
    refused(told, "inspect", path)
    path.unlink()
    path.mkdir()
    refused(told, "inspect", path)


def test_the_label_of_a_field_names_its_table(told, tmp_path):
    path = tmp_path / "gggrx_sha.lbl"
    path.write_text('PDS_VERSION_ID = "PDS3"\n^SHADR_HEADER_TABLE = ("GGGRX_SHA.TAB",1)\n')
    assert "inspect gggrx_sha.tab instead" in refused(told, "inspect", path)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["earth", "pipe", "folder", "page", "absent"])
def test_check_names_a_field_that_a_flight_could_not_read(told, tmp_path, kind):
    path = tmp_path / "field.gfc"
    if kind == "earth":
        path.write_text(FIELD.replace("4.9028001218468E+12  1.738E+06", "3.986E+14 6.378E+06"))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "page":
        path.write_text("<html>404</html>")
    code, out, err = told("check", "athena", "--set", f"world.gravity_file={path}")
    assert code == options.BAD_INPUT
    assert out == ""
    assert len(err.splitlines()) == 1
    assert str(path) in err or str(path.parent) in err


def test_what_is_no_file_is_called_so_whatever_it_might_have_held(told, tmp_path):
    for given, sentence in (
        ("", "FILE must be the path"),
        (tmp_path / "absent.tif", "cannot be opened"),
        (tmp_path, "but is a folder"),
        ("/dev/null", "a pipe or a device"),
    ):
        assert sentence in refused(told, "inspect", given)
