"""Braking from an ignition that is settled, as by a state vector: flown from there, or mistimed."""

import dataclasses
from collections.abc import Callable

from perilune.design.course import Course, Start
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mission.mission import Mission
from perilune.mission.value_location import place

LEAST_OFF_S = 1.0
"""A state that is nearer to where braking would begin is not refused for its time."""


def course_or_mistimed(mission: Mission, start: Start, find: Callable[[Start], Course]) -> Course:
    """What `find` finds from a start; where its settled range is why it finds none, the sentence.

    InputError: of the range where a free one would do, else what keeps a course from any range.
    """
    try:
        return find(start)
    except InputError as refused:
        if start.range_m is None:
            raise
        free = find(dataclasses.replace(start, range_m=None))
        off_s = _off_s(start, start.range_m - free.ignition_range_m)
        if abs(off_s) < LEAST_OFF_S:
            raise
        raise InputError(_mistimed(mission, start.range_m, free, off_s)) from refused


def _off_s(start: Start, off_m: float) -> float:
    """How long before braking should begin, at the speed over the ground that the state has."""
    over_ground_m_s = start.speed_m_s * MOON_RADIUS_M / (MOON_RADIUS_M + start.altitude_m)
    return off_m / over_ground_m_s


def _mistimed(mission: Mission, is_m: float, free: Course, off_s: float) -> str:
    way, then = ("early", "later") if off_s > 0.0 else ("late", "earlier")
    asked_s = mission.descent.braking_time_s
    within = f" in the {asked_s:g} s of `descent.braking_time`" if asked_s > 0.0 else ""
    return (
        f"{place(mission, 'state.epoch_utc')} must be of an instant at which braking can begin"
        f"{within}, but is some {abs(off_s):.0f} s too {way}: the state is {is_m / 1e3:.0f} km "
        f"before the site, and as high and as fast as it is there braking begins about "
        f"{free.ignition_range_m / 1e3:.0f} km before it; give the state that much {then} on its "
        'path, or `at = "orbit"`, by which ignition is found.'
    )
