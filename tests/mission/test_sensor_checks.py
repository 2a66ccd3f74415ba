"""Units by name: errors and faults of one that the lander lacks are refused."""

import re

import pytest

from perilune import load_mission
from perilune.errors import InputError

DRAWN = re.compile(r".*errors\.altimeter\..*\n")
FAULT = 'schema = 1\nname = "one-lost"\ntitle = "One"\nsummary = "One is lost."\n\n'


@pytest.fixture
def two(own_mission, catalog, tmp_path):
    """A function: Athena's file with an altimeter on either side, and more text after it."""
    text = DRAWN.sub("", (catalog / "landers" / "nova-c.toml").read_text(encoding="utf-8"))
    (sheet,) = re.findall(r"^\[altimeter\]\n.*?(?=^\[)", text, re.DOTALL | re.MULTILINE)
    sides = [sheet.replace("[altimeter]", f"[altimeter.{side}]") for side in ("left", "right")]
    (tmp_path / "two.toml").write_text(text.replace(sheet, "\n".join(sides)), encoding="utf-8")
    return lambda after="": own_mission(('lander = "nova-c"', 'lander = "./two.toml"'), after=after)


def test_errors_of_a_unit_that_is_there_are_taken(two):
    mission = load_mission(two('\n[errors.altimeter.left]\nbias = "1 m"\n'))
    assert mission.errors.altimeter["left"].bias_m == 1.0
    assert mission.errors.altimeter["right"].bias_m == 0.0


def test_errors_of_a_unit_that_the_lander_lacks_are_refused_with_those_that_it_has(two):
    with pytest.raises(InputError) as caught:
        load_mission(two('\n[errors.altimeter.lefd]\nbias = "1 m"\n'))
    assert str(caught.value) == (
        "mine.toml: `errors.altimeter.lefd` must be of a unit that the lander has, which is "
        "`altimeter.left` or `altimeter.right`."
    )


def test_a_fault_of_a_unit_that_the_lander_lacks_is_refused_beside_one_that_strikes(two, tmp_path):
    struck = '[altimeter.{}]\nlost_after = "1 s"\n\n'
    (tmp_path / "one-lost.toml").write_text(FAULT + struck.format("left"), encoding="utf-8")
    load_mission(two(), faults=["./one-lost.toml"])
    both = FAULT + struck.format("left") + struck.format("middle")
    (tmp_path / "one-lost.toml").write_text(both, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_mission(two(), faults=["./one-lost.toml"])
    assert "`faults.one-lost.altimeter.middle` must be of a unit that the lander has" in str(
        caught.value
    )
