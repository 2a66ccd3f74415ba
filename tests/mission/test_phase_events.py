"""Events of the log follow from law, role and attitude of the phases, whatever their names."""

import pytest

from perilune.interfaces.descent_phase import LAWS, ROLES
from perilune.interfaces.events import PHASE_EVENTS, Event
from perilune.mission.phase_events import events_missing, events_of
from perilune.mission.standard_phases import STANDARD_PHASES

WHERE = dict(zip(PHASE_EVENTS, (1, 2, 3, 4, 5, 6), strict=True))
"""Orbit, burn, coast, align, braking, approach, descent: each but the first begins an event."""


def changed(place, **changes):
    """The standard phases with one of them changed."""
    new = STANDARD_PHASES[place].model_copy(update=changes)
    return (*STANDARD_PHASES[:place], new, *STANDARD_PHASES[place + 1 :])


def without(name):
    return tuple(phase for phase in STANDARD_PHASES if phase.name != name)


def test_every_law_has_a_role():
    assert tuple(ROLES) == LAWS
    assert set(ROLES.values()) == {"coast", "orbit_burn", "braking", "approach", "vertical_descent"}


@pytest.mark.parametrize("place", range(len(STANDARD_PHASES)))
def test_events_stand_where_they_stood_when_a_phase_is_renamed(place):
    assert events_of(changed(place, name="warp")) == events_of(STANDARD_PHASES) == WHERE


def test_without_an_approach_vertical_descent_begins_at_the_gate():
    events = events_of(without("approach"))
    assert events[Event.GATE] == events[Event.VERTICAL_DESCENT] == 5


def test_a_second_braking_phase_does_not_begin_at_the_gate():
    again = STANDARD_PHASES[4].model_copy(update={"name": "braking_two"})
    events = events_of((*STANDARD_PHASES[:5], again, *STANDARD_PHASES[5:]))
    assert (events[Event.IGNITION], events[Event.GATE]) == (4, 6)


def test_a_coast_between_two_braking_phases_does_not_begin_at_the_gate():
    coast = STANDARD_PHASES[2].model_copy(update={"name": "look"})
    again = STANDARD_PHASES[4].model_copy(update={"name": "braking_two"})
    events = events_of((*STANDARD_PHASES[:5], coast, again, *STANDARD_PHASES[5:]))
    assert (events[Event.IGNITION], events[Event.GATE]) == (4, 7)


def test_alignment_is_the_first_phase_of_the_coast_whose_attitude_is_along_the_thrust():
    assert events_of(changed(2, attitude="thrust"))[Event.ALIGNMENT] == 2
    assert Event.ALIGNMENT not in events_of(changed(3, attitude="retrograde"))


def test_an_event_that_no_phase_begins_is_noted_with_what_would_begin_it():
    assert events_missing(STANDARD_PHASES) == ()
    (note,) = events_missing(changed(6, law="approach"))
    assert "`vertical-descent`" in note
    assert "a law of the role `vertical_descent`" in note
