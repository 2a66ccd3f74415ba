import math

import pytest

from perilune import load_mission
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission import list_missions


def test_athena_is_loaded_in_si_with_lander_and_site_filled_in():
    athena = load_mission("athena")
    assert athena.lander.engine.max_thrust_n == 4000.0
    assert athena.site.latitude_rad == pytest.approx(math.radians(-84.7906))
    assert athena.masses.separation_kg == 2120.0
    assert len(athena.lander.thrusters.nozzles) == 16


def test_odysseus_flies_the_same_lander_to_another_site():
    athena, odysseus = load_mission("athena"), load_mission("odysseus")
    assert odysseus.lander == athena.lander
    assert odysseus.site != athena.site


def test_the_missions_of_the_catalog_are_listed_with_their_titles():
    assert {"apollo-11", "athena", "odysseus"} <= {name for name, _, _ in list_missions(None)}
    assert all(title and summary for _, title, summary in list_missions(None))


def test_a_setting_replaces_one_value_and_no_other():
    plain = load_mission("athena")
    changed = load_mission("athena", ['lander.engine.max_thrust="3.6 kN"', "site.latitude=-84 deg"])
    assert changed.lander.engine.max_thrust_n == 3600.0
    assert changed.site.latitude_rad == pytest.approx(math.radians(-84.0))
    assert changed.lander.mass == plain.lander.mass
    assert changed.sources["lander.engine.max_thrust"] == "--set"


def test_a_setting_reaches_into_lists():
    changed = load_mission("athena", ["lander.tanks.1.density=420 kg/m**3"])
    assert [tank.density_kg_m3 for tank in changed.lander.tanks] == [1141.0, 420.0]


def test_the_last_of_two_settings_of_one_path_holds():
    changed = load_mission("athena", ["world.gravity_degree=4", "world.gravity_degree=6"])
    assert changed.world.gravity_degree == 6


def test_a_setting_may_name_another_site():
    assert load_mission("athena", ["site=malapert-a"]).site == load_mission("odysseus").site


def test_an_override_in_the_mission_file_beats_the_landers_own(own_mission):
    mine = own_mission(
        after='\n[overrides.lander.engine]\nmax_thrust = "3.7 kN"  # [assumed: worn]\n'
    )
    loaded = load_mission(mine)
    assert loaded.lander.engine.max_thrust_n == 3700.0
    assert loaded.lander.engine.min_thrust_n == 1000.0
    assert loaded.sources["lander.engine.max_thrust"] == "assumed: worn"


def test_a_setting_beats_an_override(own_mission):
    mine = own_mission(after='\n[overrides.site]\nheight = "5000 m"\n')
    assert load_mission(mine).site.height_m == 5000.0
    assert load_mission(mine, ["site.height=4900 m"]).site.height_m == 4900.0


def test_an_override_of_nothing_is_named_with_the_nearest_path(own_mission):
    mine = own_mission(after='\n[overrides.lander.engine]\nmax_thrst = "3.7 kN"\n')
    with pytest.raises(InputError) as caught:
        load_mission(mine)
    assert str(caught.value) == (
        "mine.toml: overrides: there is no `lander.engine.max_thrst` here; "
        "did you mean `lander.engine.max_thrust`?"
    )


def test_a_lander_may_be_a_path_relative_to_the_mission_file(own_mission, catalog, tmp_path):
    (tmp_path / "own").mkdir()
    text = (catalog / "landers" / "nova-c.toml").read_text(encoding="utf-8")
    text = text.replace('stroke = "0.30 m"', 'stroke = "0.25 m"')
    (tmp_path / "own" / "lander.toml").write_text(text, encoding="utf-8")
    mine = own_mission(('lander = "nova-c"', 'lander = "own/lander.toml"'))
    assert load_mission(mine).lander.legs.stroke_m == 0.25


def test_a_users_own_catalog_goes_before_the_packages(own_catalog):
    path = own_catalog / "missions" / "athena.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"2120 kg"', '"2100 kg"'), encoding="utf-8"
    )
    (own_catalog / "sites" / "mons-mouton.toml").unlink()
    athena = load_mission("athena")
    assert athena.masses.separation_kg == 2100.0
    assert athena.site.name == "mons-mouton"


def test_faults_come_from_the_file_and_from_the_caller(own_mission):
    mine = own_mission(
        ('site = "mons-mouton"', 'site = "mons-mouton"\nfaults = ["altimeter-dead"]')
    )
    loaded = load_mission(mine, faults=["altimeter-noisy"])
    assert list(loaded.faults) == ["altimeter-dead", "altimeter-noisy"]


def test_a_setting_reaches_into_a_fault():
    path = "faults.altimeter-dead.with_velocimeter"
    loaded = load_mission("athena", [f"{path}=true"], faults=["altimeter-dead"])
    assert loaded.faults["altimeter-dead"].with_velocimeter


def test_a_setting_reaches_what_a_fault_file_leaves_unsaid():
    settings = ["faults.altimeter-noisy.altimeter.lost_after=300 s"]
    altimeter = (
        load_mission("athena", settings, ["altimeter-noisy"]).faults["altimeter-noisy"].altimeter
    )
    assert altimeter.lost_after_s == 300.0
    assert altimeter.noise_factor == 100.0


def test_a_sensor_may_be_said_never_to_be_lost():
    settings = ["faults.altimeter-dead.altimeter.lost_after=never"]
    loaded = load_mission("athena", settings, ["altimeter-dead"])
    assert loaded.faults["altimeter-dead"].altimeter.lost_after_s is None


def test_the_same_arguments_give_the_same_mission():
    assert load_mission("athena", faults=["altimeter-dead"]) == load_mission(
        "athena", faults=["altimeter-dead"]
    )


def test_a_mission_keeps_the_folders_it_was_loaded_with(monkeypatch, tmp_path):
    """Whatever the variable becomes afterwards: plan, notes and hashes are of the same files."""
    monkeypatch.setenv("PERILUNE_DATA", str(tmp_path))
    mission = load_mission("athena")
    monkeypatch.delenv("PERILUNE_DATA")
    assert mission.folders.data == tmp_path
    assert mission.model_copy(update={"title": "another"}).folders == mission.folders
    assert load_mission("athena").folders.data is None


def test_folders_given_as_an_argument_go_before_the_variables(monkeypatch, own_catalog, tmp_path):
    (own_catalog / "missions" / "athena.toml").rename(own_catalog / "missions" / "mine.toml")
    monkeypatch.delenv("PERILUNE_CATALOG")
    monkeypatch.setenv("PERILUNE_DATA", str(own_catalog))
    with pytest.raises(InputError, match="no mission `mine` in the catalog"):
        load_mission("mine")
    mission = load_mission("mine", folders=Folders(data=tmp_path, catalog=own_catalog))
    assert (mission.name, mission.folders.data) == ("athena", tmp_path)
