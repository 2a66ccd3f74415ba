"""Random touchdowns beside MuJoCo: its model carries what ours does, and most end alike."""

import numpy as np
import pytest

from perilune.mechanics.mass_properties import mass_properties
from validation import mjcf, mujoco_touchdowns
from validation.comparison import AuthorityAbsentError
from validation.random_touchdowns import GEAR_ON_ROCK, ROCK, case

COUNT = 20


@pytest.fixture(scope="module", autouse=True)
def mujoco():
    try:
        return mjcf.library()
    except AuthorityAbsentError as absent:
        pytest.skip(str(absent))


@pytest.mark.parametrize("name", [ROCK, GEAR_ON_ROCK])
def test_its_model_has_the_mass_the_centre_and_the_inertia_of_the_lander(name, mujoco):
    here = case(name)
    mass = mass_properties(here.vehicle.mass, here.tank_kg)
    model = mjcf.model_of(here.vehicle, mass, 0.1, 1.62)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    full = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, full)
    center_m, kg = np.asarray(mass.center_body_m), float(mass.mass_kg)
    apart = kg * (center_m @ center_m * np.eye(3) - np.outer(center_m, center_m))
    whole = np.asarray(mass.inertia_kg_m2) + apart
    assert full[3:6, 3:6] == pytest.approx(whole, abs=1e-3)  # its pads turn by 1e-4 kg m2 each
    assert model.body_subtreemass[1] == pytest.approx(float(mass.mass_kg), rel=1e-12)
    assert data.subtree_com[1] == pytest.approx(np.asarray(mass.center_body_m), abs=1e-9)


@pytest.mark.parametrize("name", [ROCK, GEAR_ON_ROCK])
def test_at_most_one_in_twenty_random_touchdowns_ends_otherwise_in_mujoco(name):
    """The first of the two hundred of `python -m validation mujoco_touchdowns`."""
    one = mujoco_touchdowns.counted(name, COUNT)
    assert one.holds, one
    assert len({each.ours.ending for each in mujoco_touchdowns.pairs(name, COUNT)}) > 1


def test_where_both_end_alike_they_slide_and_crush_alike():
    """Of the first on rock that stay upright, the median apart: under 5 cm of way and of stroke."""
    found = mujoco_touchdowns.pairs(ROCK, COUNT)
    whole = [each for each in found if each.ours.ending == each.theirs.ending < 2]
    assert len(whole) > COUNT // 2
    for field in ("slid_m", "stroke_m"):
        apart = [abs(getattr(each.ours, field) - getattr(each.theirs, field)) for each in whole]
        assert np.median(apart) < 0.05
