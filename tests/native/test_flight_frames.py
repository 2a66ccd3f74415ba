"""What the native compiler makes of each step of a flight is what XLA makes of it."""

import pytest

from perilune import load_mission
from perilune.design import design
from tests.native.flight_frames import Engines, too_far_apart


@pytest.fixture(scope="module")
def steps(data_folder):
    """Of a flight with a noisy altimeter, which few others are as sensitive as."""
    assert data_folder
    plan = design(load_mission("athena", faults=("altimeter-noisy",))).plan
    return Engines(plan).both(plan, 0)


def test_every_step_from_the_same_mark_ends_at_the_same_place(steps):
    """All that a flight carries, truth, sensors and filter: whole numbers and flags are equal."""
    assert len(steps.after) > 1_000
    found = too_far_apart(steps)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        (".state.velocity_inertial_m_s", 5e-6),
        (".memory.estimate.position_inertial_m", 1e-4),
        (".state.tank_kg", 5e-6),
        (".clock", 1.0),
    ],
)
def test_a_difference_in_one_step_is_named(steps, name, by):
    """Of three parts in a billion of what it is at most, or of four times what is allowed."""
    (field,) = [each for each in steps.fields if each.name == name]
    after = steps.after.copy()
    after[700, field.columns] += by
    (line,) = too_far_apart(steps._replace(after=after))
    assert line.startswith(f"{name}: 1 steps, most in 700")
