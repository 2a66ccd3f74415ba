"""Variables, folders and files of the surroundings that are wrong: each named in one sentence."""

from pathlib import Path

import pytest

from perilune import environment_variables, load_mission
from perilune.app import cli
from perilune.mission import resolved_text
from tests.typed import refused


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ("lander.engine.max_thrst=3 kN,4 kN", "at lander.engine.max_thrst = 3 kN: there is no"),
        ("lander.engine.max_thrust=3 kN,4 m", "at lander.engine.max_thrust = 4 m: "),
        ("lander=nova-c,novac", "did you mean `nova-c`?"),
        ("descent.peak_thrust_fraction=0.9,5", "must be at most 1, but is 5"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_mistake_in_vary_is_blamed_on_vary(told, vary, expected):
    sentence = refused(told, "sweep", "athena", "--vary", vary, "--runs", "8")
    assert sentence.startswith("perilune: --vary, at ")
    assert expected in sentence
    assert "--set" not in sentence


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (lambda text: b"\xef\xbb\xbf" + text.encode(), None),
        (lambda text: text.replace("\n", "\r\n").encode(), None),
        (lambda text: text.encode("utf-16"), "must be text in UTF-8, but looks like UTF-16"),
        (lambda text: text.encode("utf-16-be"), "must be text in UTF-8, but holds zero bytes"),
        (lambda text: b"# \xe9\n" + text.encode(), "the byte 0xe9 on line 1 is not valid UTF-8"),
    ],
)
def test_a_mission_file_of_another_editor_is_read_or_refused(here, told, written, expected):
    source = Path(environment_variables.__file__).parent / "catalog" / "missions" / "athena.toml"
    (here / "mine.toml").write_bytes(written(source.read_text()))
    if expected is None:
        assert load_mission("mine.toml").written == load_mission("athena").written
    else:
        assert expected in refused(told, "show", "mine.toml")


@pytest.mark.parametrize("name", ["athena", "odysseus"])
@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ((), ()),
        (("lander.engine.max_thrust=3.9 kN", "criteria.miss=150 m"), ("altimeter-dead",)),
        ((), ("altimeter-noisy", "altimeter-cuts-out")),
    ],
)
def test_what_show_prints_is_that_very_mission(here, name, settings, faults):
    before = load_mission(name, settings, faults)
    (here / "x.toml").write_text(resolved_text(before))
    after = load_mission("x.toml")
    assert after.written == before.written
    assert after.model_dump() == before.model_dump()
    assert resolved_text(after) == resolved_text(before)


def test_what_show_prints_is_found_to_be_well(here, told):
    (here / "x.toml").write_text(resolved_text(load_mission("odysseus")))
    code, out, _ = told("check", "x.toml")
    assert code == cli.FLEW
    assert "nothing is missing or wrong" in out


def test_a_mission_that_show_printed_takes_settings_and_faults(here):
    (here / "x.toml").write_text(resolved_text(load_mission("athena")))
    how = (("lander.tanks.1.radius=0.6 m",), ("altimeter-dead",))
    assert load_mission("x.toml", *how).written == load_mission("athena", *how).written
