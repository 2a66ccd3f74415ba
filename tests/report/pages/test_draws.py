"""What a flight drew, as its page has it."""

import math

import numpy as np
import pytest

from perilune.design.dispersion_table import rows_and_addresses
from perilune.mission.distributions import Kind
from perilune.report.pages.flight_extras import draws_of


@pytest.fixture(scope="module")
def drawn(athena, athena_design):
    """(rows, values, what the page has) where every row lies half a sigma above its nominal."""
    rows, _ = rows_and_addresses(athena, athena_design.plan)
    values = np.zeros(128)
    for at, row in enumerate(rows):
        far = 3.0 if row.path == "masses.separation" else 0.5
        log_normal = row.kind == Kind.LOG_NORMAL
        value = row.leaf.value
        values[at] = value * math.exp(far * row.scale) if log_normal else value + far * row.scale
    return rows, values, draws_of(athena, athena_design.plan, values)


def test_every_drawn_number_is_there_the_furthest_first(drawn):
    rows, _, found = drawn
    assert {each["path"] for each in found} == {row.path for row in rows}
    assert found[0]["path"] == "masses.separation"
    assert found[0]["sigma"] == pytest.approx(3.0)


def test_the_distance_is_in_sigmas_of_its_own_distribution(drawn):
    rows, _, found = drawn
    by_path = {each["path"]: each["sigma"] for each in found}
    for row in rows:
        if row.path != "masses.separation":
            assert by_path[row.path] == pytest.approx(0.5), row.path


def test_values_have_their_units_and_angles_are_in_degrees(drawn):
    rows, values, found = drawn
    by_path = {each["path"]: each for each in found}
    assert by_path["lander.engine.max_thrust"]["nominal"] == "4000 N"
    place = [row.path for row in rows].index("start.attitude.0")
    degrees = float(by_path["start.attitude.0"]["value"].removesuffix(" deg"))
    assert degrees == pytest.approx(math.degrees(values[place]))
