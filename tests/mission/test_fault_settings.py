"""A fault gives the mission numbers: errors of its map, and beliefs that are wrong."""

import pytest

from perilune import load_mission
from perilune.errors import InputError

HEAD = 'schema = 1\nname = "wrong"\ntitle = "Wrong"\nsummary = "It is wrong."\n'


@pytest.fixture
def wrong(here):
    """A function: a mission of the catalog with a fault of this text."""

    def load(text, *settings, mission="athena"):
        (here / "wrong.toml").write_text(HEAD + text, encoding="utf-8")
        return load_mission(mission, list(settings), ["./wrong.toml"])

    return load


def test_a_value_is_set_and_can_be_set_again(wrong):
    text = '[sets.errors.map]\nheight = "50 m"  # [assumed: so]\n'
    mission = wrong(text)
    assert mission.errors.map.height_m == 50.0
    assert mission.sources["errors.map.height"] == "assumed: so"
    assert wrong(text, "errors.map.height=20 m").errors.map.height_m == 20.0


def test_a_factor_of_a_belief_leaves_truth_as_it_was(wrong):
    mission = wrong("[scales.belief.masses]\nseparation = 0.95\n")
    assert mission.masses.separation_kg == mission.in_truth.masses.separation_kg == 2120.0
    assert mission.as_believed.masses.separation_kg == pytest.approx(2014.0)


def test_a_factor_of_what_the_mission_believes_already_is_of_that(wrong):
    text = (
        '[sets.belief.masses]\nseparation = "2100 kg"\n[scales.belief.masses]\nseparation = 0.95\n'
    )
    assert wrong(text).as_believed.masses.separation_kg == pytest.approx(1995.0)


def test_a_number_of_a_part_is_that_of_each_of_its_units(wrong):
    text = "[scales.belief.lander.engine]\nmax_thrust = 1.1\nmin_thrust = 1.1\n"
    mission = wrong(text, mission="blue-ghost")
    for name, engine in mission.lander.engine.items():
        believed = mission.as_believed.lander.engine[name]
        assert believed.max_thrust_n == pytest.approx(1.1 * engine.max_thrust_n)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[sets.errors.map]\nheigt = "50 m"\n', "wrong.toml: there is no `errors.map.heigt`"),
        ('[sets.belief.masses]\nmass = "5 kg"\n', "`belief.masses.mass`"),
        ("[scales.errors.map]\nheigt = 2.0\n", "must be of a number of the mission"),
        ('[scales.errors.map]\nheight = "50 m"\n', "must be a factor"),
        ("sets = 5\n", "`sets` must be a table"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_file_and_the_key(wrong, text, says):
    with pytest.raises(InputError) as refused:
        wrong(text)
    assert says in str(refused.value)
    assert "wrong.toml" in str(refused.value)
