"""How long a flight may take: by the plan's own times, with room, and never more than is kept."""

import jax
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.design.caps import (
    CONTACT_TICK_ROOM,
    FRAME_ROOM,
    PIECE,
    PlannedTimes,
    caps_of,
    planned_frames,
)
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_GM_M3_S2

TIMES = PlannedTimes(44.0, 76.0, 3_472.0, 4_180.0)


@pytest.fixture(scope="module")
def early_design():
    """Athena, 9,000 s before the burn instead of 60 s: more than two hours in orbit."""
    return design(load_mission("athena", ["descent.lead_time=9000 s"]))


def test_the_planned_frames_are_the_times_over_the_lengths_of_frames():
    """76 s of start, 30 s of alignment and 708 s of landing by 0.6 s; the coast by 15 s."""
    coast_s = 3_472.0 - 30.0 - 76.0
    expected = (4_180.0 - coast_s) / 0.6 + coast_s / 15.0
    assert planned_frames(TIMES, 30.0) == pytest.approx(expected)


def test_the_nominal_flight_takes_the_frames_that_were_planned(
    athena_design, athena_nominal_flight
):
    _, _, samples = athena_nominal_flight
    flown = np.count_nonzero(np.asarray(samples.free.cycle_mask).any(axis=1))
    cap = int(athena_design.plan.caps.frame_count)
    assert flown * 1.4 < cap < FRAME_ROOM
    assert cap % PIECE == int(athena_design.plan.caps.contact_tick_count) % PIECE == 0


def test_a_wait_in_orbit_costs_few_frames(athena_design, early_design):
    """Until a minute before the burn, at 8,984 s, 15 s a frame; 16 s more of short ones follow."""
    more = early_design.plan.caps.frame_count - athena_design.plan.caps.frame_count
    assert int(more) == pytest.approx(1.5 * (8_924.0 / 15.0 + 16.0 / 0.6), abs=PIECE)


def test_a_longer_flight_compiles_nothing_anew(athena_design, early_design):
    plans = (athena_design.plan, early_design.plan)
    shapes = [[(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(plan)] for plan in plans]
    assert jax.tree.structure(plans[0]) == jax.tree.structure(plans[1])
    assert shapes[0] == shapes[1]


def test_contact_may_last_as_long_as_a_rebound_at_the_speed_of_a_crash(athena):
    caps = caps_of(athena, TIMES, MOON_GM_M3_S2)
    gravity_m_s2 = MOON_GM_M3_S2 / 1_737_400.0**2
    assert caps.contact_tick_count == pytest.approx(100.0 + 200.0 / gravity_m_s2, abs=PIECE)


def test_the_hardest_contact_that_a_file_may_allow_has_room(athena):
    limits = athena.lander.limits.model_copy(update={"crash_speed_m_s": 20.0})
    lander = athena.lander.model_copy(update={"limits": limits})
    hard = athena.model_copy(update={"lander": lander})
    assert caps_of(hard, TIMES, MOON_GM_M3_S2).contact_tick_count <= CONTACT_TICK_ROOM


@pytest.mark.parametrize("lead_time", ["9200 s", "1e9 s", "1e300 s"])
def test_a_flight_beyond_the_tables_is_refused_with_the_longest_lead_time(lead_time):
    with pytest.raises(InputError, match=r"`descent\.lead_time` must be at most 90\d\d s"):
        design(load_mission("athena", [f"descent.lead_time={lead_time}"]))


def test_a_descent_with_more_frames_than_are_kept_is_refused(athena):
    with pytest.raises(InputError, match=r"at most 3066 frames .* but takes 3"):
        caps_of(athena, PlannedTimes(44.0, 76.0, 3_472.0, 5_500.0), MOON_GM_M3_S2)
