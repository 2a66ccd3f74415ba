"""The descent-orbit burn by its own engine, and a time of braking that is asked for."""

import pytest

from perilune import load_mission
from perilune.design.check import examine
from perilune.design.phase_budget import burn_need
from perilune.design.plan import design


def test_the_burn_is_planned_by_the_impulse_of_the_engines_that_make_it():
    """Luna-25 burns its main engine alone: 100 km by 18 km is 18.75 m/s by vis-viva, 84 s flown."""
    mission = load_mission("luna-25")
    burn = burn_need(mission, design(mission))
    assert burn.gained_m_s == pytest.approx(18.75, abs=0.05)
    assert burn.lasts_s == pytest.approx(84.2, abs=2.0)


@pytest.mark.parametrize(("time", "is_noted"), [("700 s", False), ("900 s", True)])
def test_a_time_of_braking_that_the_descent_does_not_keep_is_noted(time, is_noted):
    """Blue Ghost's main engine is at its floor in a course of 900 s."""
    found = examine(load_mission("blue-ghost", [f"descent.braking_time={time}"]))
    noted = [note for note in found.notes if "asks for 900 s, but as rehearsed" in note]
    assert bool(noted) == is_noted
    words = {limit.meaning for limit in found.figures.limits}
    assert any("that last `descent.braking_time`" in each for each in words)
