"""perilune list: the catalog, a line each."""

import json

import pytest

from tests.app.conftest import refused

EXPECTED = {
    "missions": {"apollo-11", "athena", "blue-ghost", "hakuto-r", "odysseus", "slim"},
    "landers": {"nova-c"},
    "sites": {"mons-mouton", "malapert-a"},
    "faults": {"altimeter-dead", "altimeter-noisy", "altimeter-cuts-out", "ignition-late"},
}


def _unindented(text):
    """Lines of entries, without those of their parameters."""
    return [line for line in text.splitlines() if not line.startswith(" ")]


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_kind_is_listed_with_a_line_each(told, kind):
    code, out, err = told("list", kind)
    assert (code, err) == (0, "")
    named = {line.split()[0]: line.split(None, 1)[1] for line in _unindented(out)}
    assert set(named) >= EXPECTED[kind]
    assert all(len(about) > 10 for about in named.values())


def test_a_fault_is_listed_with_each_parameter_its_value_and_its_unit(told):
    rows = told("list", "faults")[1].splitlines()
    first = next(n for n, row in enumerate(rows) if row.startswith("altimeter-late "))
    last = next(n for n, row in enumerate(rows) if n > first and not row.startswith(" "))
    shown = {row.split()[0]: row.split()[1:] for row in rows[first + 1 : last]}
    assert shown == {
        "altimeter.after_event": ["ignition"],
        "altimeter.after": ["60", "s"],
        "altimeter.delay": ["1", "s"],
    }
    assert len({row.index(row.split()[1]) for row in rows[first + 1 : last]}) == 1
    listed = json.loads(told("list", "faults", "--json")[1])["faults"]
    (late,) = [each for each in listed if each["name"] == "altimeter-late"]
    assert {each["path"]: [each["value"], each["unit"]] for each in late["parameters"]} == {
        path: [*words, ""][:2] for path, words in shown.items()
    }


def test_without_a_kind_all_are_listed_under_their_names(told):
    out = told("list")[1]
    assert [line for line in out.splitlines() if line.endswith(":")] == [f"{k}:" for k in EXPECTED]
    assert all(f"  {name} " in out for names in EXPECTED.values() for name in names)


def test_the_old_word_for_missions_still_lists_them(told):
    assert told("missions")[1] == told("list", "missions")[1]


def test_a_site_says_where_it_is(told):
    (line,) = [each for each in told("list", "sites")[1].splitlines() if "mons-mouton" in each]
    assert "-84.7906 deg" in line


def test_a_script_gets_names_and_lines_as_json(told):
    listed = json.loads(told("list", "faults", "--json")[1])
    assert {each["name"] for each in listed["faults"]} >= EXPECTED["faults"]


def test_a_kind_there_is_not_is_refused_with_those_there_are(told):
    assert "missions" in refused(told, "list", "rockets")
    assert "did you mean `landers`" in refused(told, "list", "ladners")


def test_an_own_catalog_is_listed_with_the_packages(told, tmp_path, monkeypatch):
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "home.toml").write_text('title = "Home"\n')
    monkeypatch.setenv("PERILUNE_CATALOG", str(tmp_path))
    assert "home" in told("list", "sites")[1]
