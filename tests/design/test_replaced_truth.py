"""A plan with another truth is the plan that design makes of that truth, to the bit."""

import pytest

from perilune import load_mission
from perilune.design.prepared import prepare
from perilune.design.replaced_truth import with_truth
from perilune.folders import Folders

APART = (
    ("truth.lander.engine.max_thrust=3.7 kN", "truth.lander.engine.specific_impulse=310 s"),
    ("truth.lander.mass.dry=650 kg", "truth.masses.separation=2145 kg"),
    ("start.radial=-2 km", "errors.engine.pointing.0=2 deg", "truth.lander.engine.lag=0.5 s"),
)


@pytest.fixture(scope="module")
def as_it_is():
    return prepare(load_mission("athena", folders=Folders()))


@pytest.mark.parametrize("settings", APART)
def test_it_is_what_design_makes(as_it_is, settings):
    mission = load_mission("athena", settings, folders=Folders())
    designed, replaced = prepare(mission), with_truth(as_it_is, mission)
    assert replaced.plan_sha256 == designed.plan_sha256 != as_it_is.plan_sha256
    assert replaced.files == designed.files
    assert replaced.mission is mission


def test_a_fault_is_put_into_the_plan(as_it_is):
    mission = load_mission("athena", (), ["commands-late"], folders=Folders())
    replaced = with_truth(as_it_is, mission)
    assert replaced.plan_sha256 == prepare(mission).plan_sha256
    assert "commands-late.toml" in str(replaced.files)
