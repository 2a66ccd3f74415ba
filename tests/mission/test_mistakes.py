import copy
import os
import re
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import perilune
from perilune import load_mission
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission import Mission
from perilune.mission.draft import draft_of
from perilune.mission.mission_files import catalog_names
from perilune.mission.settings import leaves
from perilune.mission.validation_messages import sentences
from tests.mission.checked import check
from validation import landers

DRAFT = draft_of("athena", (), ("altimeter-noisy",), Folders())
LEAVES = [path for path, _ in leaves(DRAFT.values)]
ELSEWHERE = ("lander", "site", "faults", "start", "errors")  # other files, or defaults
DEFAULTED = ("world.gravity_degree",)
OF_ATHENA = [
    path for path in LEAVES if path.split(".")[0] not in ELSEWHERE and path not in DEFAULTED
]


def refused(*arguments, **named):
    with pytest.raises(InputError) as caught:
        load_mission(*arguments, **named)
    return str(caught.value)


@given(st.sampled_from(LEAVES), st.data())
def test_a_misspelt_setting_is_answered_with_the_path_that_was_meant(path, data):
    head, _, key = path.rpartition(".")
    dropped = data.draw(st.integers(0, len(key) - 1))
    wrong = (
        f"{head}.{key[:dropped] + key[dropped + 1 :]}".strip(".") if len(key) > 3 else path + "x"
    )
    if wrong in LEAVES:
        return
    said = refused("athena", [f"{wrong}=1"], faults=["altimeter-noisy"])
    assert said.startswith(f"--set: there is no `{wrong}` here; did you mean `")
    assert said.removesuffix("`?").rpartition("`")[2].rpartition(".")[0] == head or len(key) <= 4


@pytest.mark.parametrize("path", [path for path in LEAVES if len(path.split(".")[-1]) > 3])
def test_every_misspelt_key_of_a_file_is_named_with_its_place_and_its_cure(path):
    """Each key of the resolved mission in turn loses its second letter."""
    values = copy.deepcopy(DRAFT.values)
    *above, key = path.split(".")
    holder = values
    for step in above:
        holder = holder[int(step) if isinstance(holder, list) else step]
    wrong = key[0] + key[2:]
    holder[wrong] = holder.pop(key)
    with pytest.raises(ValidationError) as caught:
        Mission.model_validate(values)
    said = sentences(caught.value, Mission, DRAFT.origins, values)
    cure = f": there is no `{wrong}` here; did you mean `{key}`?"
    assert ".toml" in said[0]
    if above[:1] == ["dispersions"]:
        above = ["dispersions", _entry_in_words(holder, int(above[1]))]
    assert said[0].endswith(": ".join(["", *above]) + cure)


def _entry_in_words(entry, index):
    """An entry of the list by what it draws, or by its number from 1 where that is misspelt."""
    drawn = entry.get("paths") or [entry.get("path")]
    return " and ".join(f"`{path}`" for path in drawn[:2] if path) or f"entry {index + 1}"


def has_no_default(path):
    """Whether Athena's file must have a key; of a phase some may be left out."""
    optional = ("altimeter_beam", "pace", "ends")
    in_phase = path.startswith("descent.phases.")
    return not path.startswith("dispersions") and not (in_phase and path.split(".")[3] in optional)


@pytest.mark.parametrize(
    "path", [path for path in OF_ATHENA if has_no_default(path) and path != "schema"]
)
def test_every_missing_key_is_named(own_mission, path):
    document = tomlkit.parse(own_mission().read_text(encoding="utf-8"))
    *above, key = path.split(".")
    holder = document
    for step in above:
        holder = holder[int(step) if isinstance(holder, list) else step]
    del holder[key]
    mine = own_mission()
    mine.write_text(tomlkit.dumps(document), encoding="utf-8")
    place = ": ".join(["mine.toml", *above])
    assert refused(mine).startswith(f"{place}: `{key}` is missing; add it")


def test_a_bare_number_for_a_force_is_refused_as_the_style_guide_shows(own_mission):
    mine = own_mission(after="\n[overrides.lander.engine]\nmax_thrust = 4000\n")
    assert refused(mine) == (
        "mine.toml: overrides: lander: engine: `max_thrust` must be a force such as "
        '"4.0 kN", but is 4000.'
    )


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "lander.engine.max_thrust=4 kg",
            '--set: lander: engine: `max_thrust` must be a force such as "4.0 kN", but is "4 kg".',
        ),
        (
            "site.latitude=-97 deg",
            '--set: site: `latitude` must be at least -90 deg, but is "-97 deg".',
        ),
        (
            "lander.mass.dry=-1 kg",
            '--set: lander: mass: `dry` must be above 0 kg, but is "-1 kg".',
        ),
        ("lander.engine=3", "--set: lander: `engine` must be a table, but is 3."),
        ("lander.legs.count=9", "--set: lander: legs: `count` must be at most 8, but is 9."),
        (
            "lander.legs.count=4.5",
            "--set: lander: legs: `count` must be a whole number, but is 4.5.",
        ),
        (
            "lander.tanks.1.radius=3",
            '--set: lander: tanks: 1: `radius` must be a length such as "100 km", but is 3.',
        ),
        (
            "orbit.approach=sideways",
            "--set: orbit: `approach` must be 'southbound' or 'northbound', but is \"sideways\".",
        ),
        (
            "landing_utc=tomorrow",
            '--set: `landing_utc` must be a UTC instant such as "2025-03-06T17:32:00Z", but is '
            '"tomorrow".',
        ),
        (
            "landing_utc=2025-02-30T00:00:00Z",
            '--set: `landing_utc` must be a UTC instant such as "2025-03-06T17:32:00Z", but is '
            '"2025-02-30T00:00:00Z".',
        ),
        (
            "lander.star_tracker.boresight=[1, 1, 0]",
            "--set: lander: star_tracker: `boresight` must be a direction of length 1, but its "
            "length is 1.41421.",
        ),
        (
            "dispersions.0.path=lander.legs.count",
            "--set: dispersions: `lander.legs.count`: it cannot be drawn, because a lander has "
            "the legs it has; take the entry out.",
        ),
        (
            "lander.engine.min_thrust=4.5 kN",
            "--set: `lander.engine.min_thrust` must be at most `lander.engine.max_thrust`, which "
            "is 4000 N, but is 4500 N.",
        ),
        (
            "lander.engine.max_thrust",
            '--set: a setting must be PATH=VALUE such as lander.engine.max_thrust="3.6 kN", but is '
            '"lander.engine.max_thrust".',
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected_and_what_came(setting, said):
    assert refused("athena", [setting]) == said


def test_an_unknown_mission_is_answered_with_the_nearest():
    said = refused("atena")
    assert said == "there is no mission `atena` in the catalog; did you mean `athena`?"


def test_a_path_that_is_no_file_is_named_for_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.toml")
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    Path("plain").write_text("schema = 1\n")
    assert "must be a file, but is a pipe" in refused("pipe.toml")
    assert "must be a file, but is a folder" in refused("folder")
    assert "but cannot be opened (Too many levels of symbolic links)" in refused("loop")
    assert "write `./plain`" in refused("plain")
    absent = tmp_path / "absent.toml"
    assert refused(str(absent)) == f"there is no mission file `{absent}`; check the path."


def test_an_unknown_lander_is_answered_with_the_nearest_and_its_place(own_mission):
    mine = own_mission(('lander = "nova-c"', 'lander = "nova-d"'))
    assert refused(mine) == (
        "mine.toml: lander: there is no lander `nova-d` in the catalog; did you mean `nova-c`?"
    )


def test_an_unknown_fault_is_answered_with_those_there_are():
    said = refused("athena", faults=["quake"])
    there = ", ".join(f"`{name}`" for name in catalog_names("fault", None))
    assert "`altimeter-dead`" in there
    assert said == (f"--fault: fault: there is no fault `quake` in the catalog; there are {there}.")


def test_a_file_or_a_name_of_another_kind_is_answered_with_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    catalog = Path(perilune.__file__).parent / "catalog"
    for kind, name in (("lander", "nova-c"), ("site", "mons-mouton")):
        begin = f"begin a mission with `perilune new mission NAME --{kind}"
        said = (
            f"there is no mission `{name}` in the catalog; `{name}` is a {kind}; {begin} {name}`."
        )
        assert refused(name) == said
        (tmp_path / f"{name}.toml").write_text((catalog / f"{kind}s" / f"{name}.toml").read_text())
        path = f"./{name}.toml"
        assert refused(path) == (
            f"{name}.toml: this is no mission's file: `{path}` is a {kind}; {begin} {path}`."
        )


def test_a_name_without_its_ending_is_answered_with_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first.toml").write_text("schema = 1\n")
    assert refused("first") == (
        "there is no mission `first` in the catalog; did you mean ./first.toml?"
    )


def test_faults_that_are_no_list_are_refused(own_mission):
    mine = own_mission(('site = "mons-mouton"', 'site = "mons-mouton"\nfaults = "altimeter-dead"'))
    assert refused(mine).startswith("mine.toml: `faults` must be a list of names")


def test_never_is_no_length_of_time_for_what_must_happen():
    said = refused("athena", ["lander.engine.lag=never"])
    assert said.startswith(
        '--set: lander: engine: `lag` must be a duration such as "0.15 s", but is "never"'
    )


def test_a_mission_without_a_lander_is_told_which_there_are(own_mission):
    mine = own_mission(('lander = "nova-c"\n', ""))
    assert refused(mine).startswith("mine.toml: `lander` is missing; add the name of a lander")


def test_a_lander_spelled_out_in_the_mission_is_told_of_overrides(own_mission):
    mine = own_mission(('lander = "nova-c"\n', ""), after="\n[lander]\ntitle = 'x'\n")
    assert "values are overridden in `[overrides.lander]`" in refused(mine)


def test_broken_toml_is_named_with_its_line(own_mission):
    mine = own_mission(("[orbit]", "[orbit"))
    assert re.match(r"mine\.toml: this must be TOML, but .* line \d+ col \d+; ", refused(mine))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_text_without_its_closing_quotation_mark_is_named_with_its_line(own_mission, quote):
    mine = own_mission(('name = "athena"', f"name = {quote}athena"))
    assert refused(mine) == (
        "mine.toml: this must be TOML, but a text on line 3 is not closed; add the quotation mark."
    )


@pytest.mark.parametrize("side", ["truth", "belief"])
def test_a_side_that_is_set_without_a_path_is_answered_with_how_it_is_written(side):
    with pytest.raises(InputError, match=f"`{side}` must stand before a path, such as `{side}.l"):
        load_mission("athena", [f"{side}=3"])


def test_a_mistake_in_the_list_of_phases_is_named_with_its_file(own_mission):
    mine = own_mission(('name = "deorbit"', 'name = "orbit"'))
    assert refused(mine).startswith("mine.toml: `descent.phases` must have a name each")


@pytest.mark.parametrize("schema", ["schema = 2", 'schema = "1"', "schema = true", ""])
def test_another_version_of_the_format_is_refused(own_mission, schema):
    mine = own_mission(("schema = 1", schema))
    assert refused(mine).endswith("; write `schema = 1`.")


def test_a_date_without_quotes_is_refused_with_what_it_must_be(own_mission):
    mine = own_mission(('"2025-03-06T17:32:00Z"', "2025-03-06T17:32:00Z"))
    assert "`landing_utc` must be text in quotes" in refused(mine)


def test_several_mistakes_are_counted_and_all_told_by_check(own_mission):
    mine = own_mission(('"100 km"', "100"), ("= 0.9 ", "= 1.9 "))
    assert refused(mine).endswith("(And 1 more; see `perilune check`.)")
    assert len(check(mine)) == 2


@pytest.mark.parametrize(
    ("path", "given", "cure"),
    [
        ("longitude", "19.51 W", '"-19.51 deg"'),
        ("longitude", "19.51 deg W", '"-19.51 deg"'),
        ("longitude", "19.51°E", '"19.51 deg"'),
        ("latitude", "44.12 S", '"-44.12 deg"'),
    ],
)
def test_a_coordinate_with_a_letter_is_answered_with_its_sign(path, given, cure):
    said = refused("athena", [f"site.{path}={given}"])
    assert f"west and south are negative, without a letter: {cure}" in said


def test_a_wrong_coordinate_without_a_letter_has_no_word_about_letters():
    assert "without a letter" not in refused("athena", ["site.longitude=19.51 m"])


def test_a_tank_may_have_underscores_in_its_name(tmp_path):
    tanks = [tank | {"name": tank["name"] + "_a"} for tank in landers.nova_c()["tanks"]]
    mission = landers.mission_with(tmp_path, tanks=tanks)
    assert [tank.name for tank in mission.lander.tanks] == ["oxygen_a", "methane_a"]
    with pytest.raises(InputError, match="digits, hyphens and underscores"):
        landers.mission_with(tmp_path, tanks=[tanks[0] | {"name": "liquid oxygen"}, tanks[1]])
