"""Truth and belief set apart in files and settings: which numbers can be, and what is refused."""

import pytest

from perilune import load_mission
from perilune.errors import InputError
from perilune.mission.parameters import leaves_of
from perilune.mission.preflight_checks import notes
from perilune.mission.show import resolved_text
from perilune.mission.sides import BELIEF, TRUTH, why_not

THRUST = "lander.engine.max_thrust"
FILE = '\n[truth.lander.engine]\nmax_thrust = "3.9 kN"  # [assumed: worn]\n'


def sides(mission):
    """Thrust as both have it, in truth, as believed."""
    every = (mission, mission.in_truth, mission.as_believed)
    return tuple(each.lander.engine.max_thrust_n for each in every)


def refused(*settings, mission="athena"):
    with pytest.raises(InputError) as caught:
        load_mission(mission, settings)
    return str(caught.value)


def test_a_mission_with_nothing_set_apart_is_its_own_truth_and_belief(athena):
    assert athena.in_truth is athena
    assert athena.as_believed is athena


def test_a_setting_of_one_side_leaves_the_other():
    assert sides(load_mission("athena", [f"truth.{THRUST}=3.9 kN"])) == (4000.0, 3900.0, 4000.0)
    assert sides(load_mission("athena", [f"belief.{THRUST}=3.9 kN"])) == (4000.0, 4000.0, 3900.0)


@pytest.mark.parametrize("first", [0, 1])
def test_a_setting_of_both_sides_comes_first_wherever_it_stands(first):
    settings = [f"{THRUST}=3.8 kN", f"truth.{THRUST}=3.9 kN"]
    mission = load_mission("athena", [settings[first], settings[1 - first]])
    assert sides(mission) == (3800.0, 3900.0, 3800.0)


def test_a_mission_file_may_set_them_apart_with_sources(own_mission):
    mission = load_mission(own_mission(after=FILE))
    assert sides(mission) == (4000.0, 3900.0, 4000.0)
    assert mission.sources[f"truth.{THRUST}"] == "assumed: worn"
    assert mission.in_truth.sources[THRUST] == "assumed: worn"
    assert mission.in_truth.origins[THRUST] == "mine.toml"


def test_a_setting_of_both_sides_ends_what_a_file_has_apart(own_mission):
    mine = own_mission(after=FILE)
    assert sides(load_mission(mine, [f"{THRUST}=3.7 kN"])) == (3700.0, 3700.0, 3700.0)
    other = load_mission(mine, [f"{THRUST}=3.7 kN", f"truth.{THRUST}=3.6 kN"])
    assert sides(other) == (3700.0, 3600.0, 3700.0)
    assert sides(load_mission(mine, ["lander.engine.lag=0.2 s"])) == (4000.0, 3900.0, 4000.0)


def test_one_component_of_a_list_can_be_set_apart(own_mission):
    after = '\n[belief.lander.mass]\ndry_center_of_mass = ["0 m", "0.01 m", "1.7 m"]\n'
    mission = load_mission(
        own_mission(after=after), ["belief.lander.mass.dry_center_of_mass.0=2 cm"]
    )
    assert mission.as_believed.lander.mass.dry_center_of_mass_m == (0.02, 0.01, 1.7)
    both = load_mission(own_mission(after=after), ["lander.mass.dry_center_of_mass.2=1.6 m"])
    assert both.as_believed.lander.mass.dry_center_of_mass_m == (0.0, 0.01, 1.6)
    assert both.in_truth.lander.mass.dry_center_of_mass_m[2] == 1.6


def test_a_number_in_a_list_of_tables_can_be_set_apart():
    mission = load_mission("athena", ["truth.lander.tanks.1.density=410 kg/m**3"])
    assert [tank.density_kg_m3 for tank in mission.in_truth.lander.tanks] == [1141.0, 410.0]
    assert mission.as_believed.lander == mission.lander


def test_a_resolved_mission_shows_both_and_gives_the_mission_again(tmp_path):
    settings = [f"truth.{THRUST}=3.9 kN", "belief.lander.tanks.1.density=410 kg/m**3"]
    mission = load_mission("athena", settings)
    text = resolved_text(mission)
    assert '[truth.lander.engine]\nmax_thrust = "3.9 kN"' in text
    (tmp_path / "again.toml").write_text(text, encoding="utf-8")
    again = load_mission(tmp_path / "again.toml")
    assert again.in_truth.model_dump() == mission.in_truth.model_dump()
    assert again.as_believed.model_dump() == mission.as_believed.model_dump()
    assert resolved_text(again) == text


def test_a_note_names_what_is_apart_with_both_values():
    mission = load_mission(
        "athena", [f"truth.{THRUST}=3.9 kN", "belief.lander.mass.dry_center_of_mass.2=1.7 m"]
    )
    assert notes(mission)[-2:] == [
        "`lander.engine.max_thrust` is 3.9 kN in truth and 4.0 kN in the flight software.",
        "`lander.mass.dry_center_of_mass.2` is 1.75 m in truth and 1.7 m in the flight software.",
    ]


def test_a_misspelt_path_is_answered_with_the_same_side():
    assert refused("truth.lander.engine.max_thrst=1 kN") == (
        "--set: there is no `truth.lander.engine.max_thrst` here; did you mean "
        "`truth.lander.engine.max_thrust`?"
    )


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("truth.lander.legs.stroke=0.2 m", "only truth has it; set `lander.legs.stroke`"),
        ("belief.start.radial=9 m", "only truth has it; set `start.radial`"),
        (
            "belief.lander.altimeter.quantum=1 m",
            "only truth has it; set `lander.altimeter.quantum`",
        ),
        ("truth.lander.control.damping_factor=1.0", "only the flight software has it"),
        ("belief.world.gravity_degree=20", "only truth has it"),
        ("truth.lander.camera=none", "it is no number, and structure is the same on both sides"),
        ("truth.lander.limits.tilt=3 deg", "it is a limit by which a flight is judged"),
        ("truth.orbit.apolune=110 km", "orbit, burn and course are found for it"),
        ("belief.site.height=5000 m", "maps and course are laid out for it"),
    ],
)
def test_what_has_one_side_is_refused_with_the_side_that_it_has(setting, why):
    path = setting.partition("=")[0]
    said = refused(setting)
    assert said.startswith(f"--set: `{path}` cannot be set apart, because {why}")


def test_a_sigma_has_a_side_in_truth_where_errors_are_drawn_with_it(own_mission):
    mission = load_mission("athena", ["truth.lander.imu.gyro_bias=5 deg/hr"])
    assert mission.in_truth.lander.imu.gyro_bias_rad_s == 5 * mission.lander.imu.gyro_bias_rad_s
    quiet = "errors.imu.gyro_bias"
    mine = own_mission(
        (
            "dispersions = [",
            f'dispersions = [\n{{ path = "{quiet}", distribution = "normal", sigma = "1 deg/h" }},',
        )
    )
    said = refused("truth.lander.imu.gyro_bias=5 deg/h", mission=mine)
    assert "because nothing is drawn with it; set `lander.imu.gyro_bias`." in said


def test_a_wrong_value_is_refused_with_its_side():
    assert refused(f"truth.{THRUST}=4").startswith(
        "--set: truth: lander: engine: `max_thrust` must be a force"
    )
    assert "`truth.lander.engine.max_thrust`" in refused(f"truth.{THRUST}=0.9 kN")
    assert "`belief.lander.engine.max_thrust`" in refused(f"belief.{THRUST}=0.9 kN")


def test_a_table_that_is_none_is_refused(own_mission):
    mine = own_mission(("schema = 1\n", "schema = 1\ntruth = 3\n"))
    assert refused(mission=mine).startswith("mine.toml: `truth` must be a table such as [truth")


@pytest.mark.parametrize("side", ["truth", "belief"])
def test_a_draw_of_one_side_is_refused_with_the_path_to_write(own_mission, side):
    drawn = f'{{ path = "{side}.{THRUST}", distribution = "normal", sigma = "9 N" }}'
    mine = own_mission(("dispersions = [", f"dispersions = [\n{drawn},"))
    assert f"a draw moves truth alone; write `{THRUST}`" in refused(mission=mine)


def test_every_number_of_the_lander_is_of_one_side_or_can_be_set_apart(athena):
    known = leaves_of(athena)
    apart = [
        path
        for path in known
        if path.startswith("lander.")
        and not why_not(TRUTH, path, known, athena.dispersions)
        and not why_not(BELIEF, path, known, athena.dispersions)
    ]
    assert len(apart) > 140
    assert {path.split(".")[1] for path in apart} >= {
        "mass",
        "tanks",
        "engine",
        "thrusters",
        "imu",
        "altimeter",
        "velocimeter",
        "camera",
    }
