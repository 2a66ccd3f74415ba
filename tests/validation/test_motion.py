"""Motion, guidance and touchdown beside closed forms and MuJoCo: each comparison holds."""

import pytest

from validation import guidance, motion, touchdown
from validation.comparison import AuthorityAbsentError


@pytest.mark.parametrize(
    "compare",
    [motion.rocket, motion.axisymmetric_spin, motion.triaxial_spin, motion.free_fall],
    ids=lambda compare: compare.__name__,
)
def test_motion_off_the_ground_is_its_closed_form(compare):
    one = compare()
    assert one.holds, one


def test_e_guidance_costs_what_was_worked_independently_to_a_thousandth():
    found = guidance.compare()
    assert len(found) == 14
    assert not [one for one in found if not one.holds]


@pytest.mark.parametrize("held_by", [touchdown.FRICTION, touchdown.WALL])
@pytest.mark.parametrize("slope_deg", [0.0, 12.0])
def test_a_lander_whose_leading_pads_stop_dead_tips_at_the_closed_form_s_speed(slope_deg, held_by):
    one = touchdown.tip_over(slope_deg * 3.141592653589793 / 180.0, held_by)
    assert one.holds, one


def test_a_lander_slides_down_a_slope_that_friction_cannot_hold_as_coulomb_says():
    assert touchdown.sliding().holds


def test_a_drop_on_a_slope_ends_as_mujoco_has_it():
    try:
        found = touchdown.beside_mujoco()
    except AuthorityAbsentError as absent:
        pytest.skip(str(absent))
    assert not [one for one in found if not one.holds]
