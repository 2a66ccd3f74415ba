"""Units that a fault of the command names are the lander's, and can show what it does to them."""

import pytest

from perilune import load_mission
from perilune.errors import InputError
from perilune.mission.command_units import command_units, units_struck
from validation import landers

FAULT = 'schema = 1\nname = "bad"\ntitle = "Bad"\nsummary = "It is bad."\n\n[command{}]\n{}\n'


@pytest.fixture
def struck(tmp_path, monkeypatch):
    """A function: a mission with a fault of the command, of Athena or with parts of its lander."""
    monkeypatch.chdir(tmp_path)

    def mission(text, below="", **parts):
        (tmp_path / "bad.toml").write_text(FAULT.format(below, text), encoding="utf-8")
        name = landers.write_mission(tmp_path, **parts) if parts else "athena"
        return load_mission(name, faults=["./bad.toml"])

    return mission


def test_only_engines_can_make_less_thrust(struck):
    with pytest.raises(InputError, match="an engine for `thrust_factor` to change something"):
        struck('units = ["thrusters.nozzles.3"]\nthrust_factor = 0.5')


def test_a_name_stands_for_itself_and_for_all_below_it(tmp_path):
    nozzles = landers.nova_c()["thrusters"]
    lander = landers.mission_with(
        tmp_path,
        engine=landers.four_throttled(),
        thrusters={"a": nozzles, "ab": landers.eight_pulsed()},
    ).lander
    units = command_units(lander)
    assert units[:5] == ["engine.a", "engine.b", "engine.c", "engine.d", "thrusters.a.nozzles.0"]
    assert len(units) == 4 + len(nozzles["nozzles"]) + 8

    def named(*names):
        return [unit for unit, yes in zip(units, units_struck(lander, names), strict=True) if yes]

    assert named() == units
    assert named("engine.c") == ["engine.c"]
    assert named("engine") == units[:4]
    assert named("thrusters.a", "engine.d") == units[3:-8]
    assert named("thrusters.ab.nozzles.7") == units[-1:]
    assert named("thrusters.a.nozzles.1") == ["thrusters.a.nozzles.1"]


def test_an_engine_that_the_lander_lacks_is_refused_with_those_that_it_has(struck):
    text = 'units = ["engine.e"]\nlost_after = "1 s"'
    with pytest.raises(InputError) as refused:
        struck(text, engine=landers.four_throttled())
    assert str(refused.value) == (
        "bad.toml: `faults.bad.command.units` must name engines or nozzles of the lander "
        "(`engine.a`, `engine.b`, `engine.c`, `engine.d`, `thrusters.nozzles.0` to "
        "`thrusters.nozzles.15`), but has `engine.e`."
    )


@pytest.mark.parametrize("name", ["thrusters.nozzles.16", "engine.a", "eng", "altimeter", ""])
def test_a_unit_that_the_lander_lacks_is_refused(struck, name):
    with pytest.raises(InputError, match=f"but has `{name}`"):
        struck(f'units = ["engine", "{name}"]\nlost_after = "1 s"')


def test_an_effect_that_no_unit_named_could_show_is_refused(struck):
    with pytest.raises(InputError) as refused:
        struck('units = ["thrusters.nozzles.3"]\ngimbal_bias = "1 deg"\nstuck_on = true')
    assert str(refused.value) == (
        "bad.toml: `faults.bad.command.units` must name an engine for `gimbal_bias` to change "
        "something, but has `thrusters.nozzles.3`."
    )
    with pytest.raises(InputError, match="must name a nozzle for `pulse_noise` to change"):
        struck('units = ["engine"]\npulse_noise = "1 ms"')
    struck('units = ["engine", "thrusters.nozzles.3"]\npulse_noise = "1 ms"')
    struck('pulse_noise = "1 ms"\ngimbal_bias = "1 deg"')


def test_the_command_has_no_table_for_each_unit(struck):
    with pytest.raises(InputError, match=r"command: there is no `engine` here; .*`units`"):
        struck("stuck_on = true", below=".engine")
