"""How a sentence names a value of a mission: with its unit, or bare where it has none."""

import pytest

from perilune.mission.value_location import shown


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("lander.legs.count", "6"),
        ("lander.engine.max_thrust_n", "4000 N"),
        ("lander.mass.dry_kg", "625 kg"),
    ],
)
def test_a_value_is_shown_with_its_unit_and_a_count_without_one(athena, path, words):
    assert shown(athena, path) == words
