"""Settings of phases: by place or by name, of every key that a phase may have."""

import pytest

from perilune import load_mission
from perilune.errors import InputError


def refused(*settings):
    with pytest.raises(InputError) as caught:
        load_mission("athena", settings)
    return str(caught.value)


@pytest.mark.parametrize("which", ["5", "approach"])
def test_a_key_that_the_file_leaves_out_can_be_set_by_place_and_by_name(which):
    above = f"descent.phases.{which}"
    mission = load_mission(
        "athena",
        [
            f'{above}.engines=["engine"]',
            f"{above}.low_gate_height=40 m",
            f"{above}.ends.speed=0 m/s",
        ],
    )
    phase = mission.descent.phases[5]
    assert (phase.engines, phase.low_gate_height_m) == (("engine",), 40.0)
    assert (phase.ends.speed_m_s, phase.ends.time_to_go_s) == (0.0, 8.0)
    assert mission.origins["descent.phases.5.low_gate_height"] == "--set"
    assert mission.sources["descent.phases.5.low_gate_height"] == "--set"


def test_a_table_that_the_file_leaves_out_can_be_set():
    mission = load_mission("athena", ["descent.phases.descent.ends.height=0 m"])
    assert mission.descent.phases[6].ends.height_m == 0.0


def test_a_phase_has_its_new_name_in_the_settings_after_the_one_that_renames_it():
    mission = load_mission(
        "athena", ["descent.phases.braking.name=warp", "descent.phases.warp.ends.time_to_go=6 s"]
    )
    assert mission.descent.phases[4].name == "warp"
    assert mission.descent.phases[4].ends.time_to_go_s == 6.0


def test_phases_of_a_mission_that_lists_none_can_be_set(own_mission, athena):
    text = own_mission().read_text(encoding="utf-8")
    first, last = text.index("[[descent.phases]]"), text.index("[navigation]")
    path = own_mission((text[first:last], ""))
    assert load_mission(path).descent.phases == athena.descent.phases
    later = load_mission(path, ["descent.phases.coast.ends.to_ignition=40 s"])
    assert later.descent.phases[2].ends.to_ignition_s == 40.0
    assert load_mission(path).descent.phases == athena.descent.phases


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("descent.phases.braking.lav", "did you mean `descent.phases.braking.law`?"),
        ("descent.phases.brakin.law", "`brakin` is no name in this list; did you mean `braking`?"),
        ("descent.phases.approach.engin", "did you mean `descent.phases.approach.engine`?"),
        (
            "lander.altimeter.left.noise",
            "`lander.altimeter` is one unit without a name; did you mean `lander.altimeter.noise`?",
        ),
        (
            "belief.lander.altimeter.left.noise",
            "`belief.lander.altimeter` is one unit without a name; did you mean "
            "`belief.lander.altimeter.noise`?",
        ),
    ],
)
def test_a_path_that_is_not_there_is_refused_with_its_cure(path, cure):
    assert refused(f"{path}=1") == f"--set: there is no `{path}` here; {cure}"


@pytest.mark.parametrize("name", ["my-approach", "2nd"])
def test_a_name_of_a_phase_is_refused_with_the_rule_for_names_of_phases(name):
    assert refused(f"descent.phases.5.name={name}") == (
        "--set: descent: phases: 5: `name` must be lower-case letters, digits and underscores, "
        f'beginning with a letter, but is "{name}".'
    )


def test_names_of_files_have_their_own_rule():
    assert "digits and hyphens, beginning with a letter or digit, but" in refused("name=A B")


def test_a_time_to_go_that_guidance_never_has_less_of_is_refused():
    told = refused("descent.phases.braking.ends.time_to_go=0.5 s")
    assert "`time_to_go` must be at least 1 s" in told
    assert "would not end" in told
