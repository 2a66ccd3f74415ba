"""A refusal names the setting that it comes from, and how far that may go."""

import re

import pytest

from perilune.folders import Folders
from perilune.mission.load import try_to_load
from tests.mission.checked import check

FOLLOWING = (
    ("lander.imu.gyro_limit=1 deg/s", "at least 5.001 deg/s"),
    ("lander.hull.bottom_height=1.2 m", "at most 0.9499 m"),
    ("lander.engine.max_thrust=0.9 kN", "at least 1340 N"),
)
"""A setting that breaks a rule of another value, and the bound that the files' values give it."""


@pytest.mark.parametrize(("setting", "bound"), FOLLOWING)
def test_a_setting_that_breaks_a_rule_of_another_value_is_named_with_its_bound(setting, bound):
    path, _, value = setting.partition("=")
    told = check("athena", [setting])
    assert f"This comes from `{path}` being set to {value}, which may be {bound}." in told[0]


@pytest.mark.parametrize("setting", [setting for setting, _ in FOLLOWING])
def test_the_bound_that_is_told_can_be_set_and_a_little_beyond_it_cannot(setting):
    path, _, _ = setting.partition("=")
    side, number, unit = re.search(
        r"may be (at least|at most) (\S+) (.+)\.$", check("athena", [setting])[0]
    ).groups()
    beyond = 0.997 if side == "at least" else 1.003
    for factor, is_fine in ((1.0, True), (beyond, False)):
        assert (not check("athena", [f"{path}={factor * float(number)} {unit}"])) is is_fine


def test_of_several_settings_those_are_named_without_which_all_would_be_well():
    settings = ["criteria.miss=50 m", "lander.imu.gyro_limit=1 deg/s"]
    told = check("athena", settings)[0]
    assert "`lander.imu.gyro_limit` being set to 1 deg/s" in told
    assert "criteria.miss" not in told


def test_a_refusal_about_what_was_set_says_nothing_more():
    told = check("athena", ["lander.control.rate_limit=1001 deg/s"])
    about = next(each for each in told if "saturates" in each)
    assert about.startswith("--set: `lander.control.rate_limit`")
    assert "comes from" not in about


def test_a_list_that_was_set_is_named_without_a_bound():
    told = check("athena", ['lander.mass.dry_center_of_mass=["0 m","0 m","0.9 m"]'])[0]
    assert "`lander.engine.pivot_height` must be at least 0.05 m below" in told
    assert told.endswith('`lander.mass.dry_center_of_mass` being set to ["0 m","0 m","0.9 m"].')


@pytest.mark.parametrize(
    ("setting", "bound"),
    [
        ('lander.mass.dry_center_of_mass=["1e300 m", "0 m", "1 m"]', "at most 50 m"),
        ('lander.altimeter.mount=["0 m", "0 m", "-1e300 m"]', "at most 50 m"),
        ("lander.engine.bell_exit_height=1e300 m", "at most 50 m"),
        ("lander.tanks.1.radius=1e-300 m", "at least 0.001 m"),
        ("masses.separation=1e300 kg", "at most 1000000 kg"),
        ("masses.insertion=1e300 m/s", "at most 10000 m/s"),
        ("descent.gate_range=1e300 m", "at most 1000000 m"),
        ("descent.descent_rate=1e300 m/s", "at most 3000 m/s"),
        ("lander.altimeter.noise=1e-300 m", "at least 1e-06 m"),
        ("navigation.along_track=1e-300 m", "at least 0.001 m"),
    ],
)
def test_a_size_beyond_any_lander_is_refused_before_other_laws_compute_with_it(setting, bound):
    path = setting.partition("=")[0]
    mission, told = try_to_load("athena", [setting], (), Folders())
    assert mission is not None
    assert len(told) == 1
    assert told[0].startswith(f"--set: `{path}` must be {bound}, but is 1e")


def test_a_planned_thrust_that_carries_nothing_is_refused():
    """The empty lander of 742 kg weighs 1,205 N on the Moon, 0.301 of 4 kN."""
    told = check("athena", ["descent.peak_thrust_fraction=0.2"])
    assert told[0].startswith("--set: `descent.peak_thrust_fraction` must be above 0.3013,")


def test_what_a_version_of_the_format_must_be_holds_for_settings_too():
    assert check("athena", ["schema=true"]) == [
        "--set: `schema` must be 1, but is True; write `schema = 1`."
    ]
