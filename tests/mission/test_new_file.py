"""perilune new: a file that is valid as it stands, explained, and honest about its sources."""

import json
from itertools import pairwise

import jsonschema
import pytest
import tomlkit

from perilune import load_mission
from perilune.app import options
from perilune.mission.mission_files import KINDS, catalog_names, read
from perilune.mission.preflight_checks import check
from perilune.mission.show import kind_of_tag
from tests.typed import refused


@pytest.fixture
def begun(here, told):
    """Begin a file: its text."""

    def begin(*arguments):
        code, out, err = told("new", *arguments)
        assert (code, err) == (options.DONE, "")
        return (here / out.splitlines()[0]).read_text(encoding="utf-8")

    return begin


@pytest.mark.parametrize("like", catalog_names("mission", None))
def test_a_new_mission_is_the_one_that_it_is_begun_from(begun, like):
    begun("mission", "mine", "--like", like)
    mine, theirs = load_mission("./mine.toml"), load_mission(like)
    assert (mine.name, mine.title) == ("mine", "mine")
    for part in ("lander", "site", "orbit", "masses", "descent", "navigation", "world"):
        assert getattr(mine, part) == getattr(theirs, part), part
    assert mine.dispersions == theirs.dispersions
    assert check(mine) == check(theirs)


def test_a_new_mission_flies_a_new_lander_to_a_new_site(begun):
    begun("lander", "hopper")
    begun("site", "plain", "--like", "malapert-a")
    begun("mission", "first", "--lander", "./hopper.toml", "--site", "./plain.toml")
    mission = load_mission("./first.toml")
    assert (mission.lander.name, mission.site.name) == ("hopper", "plain")
    assert mission.lander.mass == load_mission("athena").lander.mass
    assert mission.site.latitude_rad == load_mission("odysseus").site.latitude_rad


@pytest.mark.parametrize("kind", ["lander", "site", "mission"])
def test_every_key_of_a_table_is_explained_and_no_source_is_claimed(begun, here, kind):
    lines = begun(kind, "mine").splitlines()
    for before, line in pairwise(lines):
        if "=" in line and line[0].isalpha() and not line.startswith("dispersions"):
            assert before.startswith("# "), line
    tags = read(here / "mine.toml").tags
    assert tags
    assert {kind_of_tag(tag) for tag in tags.values()} == {"assumed"}


@pytest.mark.parametrize("kind", ["lander", "site", "mission"])
def test_a_new_file_satisfies_the_schema_that_its_first_line_names(begun, here, kind):
    first = begun(kind, "mine").splitlines()[0]
    schema = json.loads((here / first.removeprefix("#:schema ./")).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    values = tomlkit.parse((here / "mine.toml").read_text(encoding="utf-8")).unwrap()
    jsonschema.validate(values, schema)
    with pytest.raises(jsonschema.ValidationError, match="'nmae' was unexpected"):
        jsonschema.validate(values | {"nmae": "x"}, schema)
    with pytest.raises(jsonschema.ValidationError, match="is not of type 'string'"):
        jsonschema.validate(values | {"title": 3}, schema)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rover", "mine"), "There is no kind `rover` to begin; there are"),
        (("lander", "My Lander"), "NAME must be of small letters, digits and hyphens"),
        (("lander", "nova-c"), "The catalog has a lander `nova-c` already"),
        (("lander", "mine", "--like", "nova-d"), "--like: there is no lander `nova-d` in the cat"),
        (("lander", "mine", "--site", "here"), "--site is of a new mission, but a lander is asked"),
        (("site", "there"), "there.toml is there already; choose another name"),
    ],
)
def test_what_cannot_be_begun_is_refused_and_nothing_is_written(here, told, arguments, said):
    (here / "there.toml").write_text("mine")
    assert said in refused(told, "new", *arguments)
    assert [path.name for path in here.iterdir()] == ["there.toml"]
    assert (here / "there.toml").read_text() == "mine"


def test_schema_writes_that_of_every_kind_or_prints_one(here, told):
    code, out, err = told("schema")
    assert (code, err) == (options.DONE, "")
    assert all((here / f"{kind}.schema.json").is_file() for kind in KINDS)
    assert [line.split()[0] for line in out.splitlines()] == [
        f"{kind}.schema.json" for kind in KINDS
    ]
    printed = told("schema", "site")[1]
    assert json.loads(printed) == json.loads((here / "site.schema.json").read_text("utf-8"))
    assert "There is no schema of a `rover`; there are" in refused(told, "schema", "rover")
