"""How long a flight may take: the plan's own times with room, and what the arrays can hold."""

import math
from typing import NamedTuple

from perilune.design.build_phases import align_lead_s
from perilune.design.build_sky import SEGMENT_S
from perilune.design.flight_plan import Caps
from perilune.design.typed_arrays import of_numbers
from perilune.errors import InputError
from perilune.interfaces.clock import CLOCK_S, COAST_FRAME_S, FRAME_S
from perilune.interfaces.quantities import at_most
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mission.mission import Mission
from perilune.mission.value_location import place
from perilune.onboard.phases.progress import BURN_LEAD_S

PIECE = 10
"""Steps of a phase between two looks at whether anything still moves."""
FRAME_ROOM, CONTACT_TICK_ROOM = 4_800, 400
"""Rows that samples and marks have; they are part of what is compiled."""
ROOM_FACTOR, SPARE_FRAMES = 1.5, 200
SETTLING_S = 10.0
REHEARSED_ROOM_S = 60.0
"""How much later than first laid out a rehearsed descent may touch down."""
SPARE_S = 1_200.0
"""How much longer than planned the tables of the sky reach."""


class PlannedTimes(NamedTuple):
    """When the planned flight turns, s from its start."""

    burn_s: float  # the descent-orbit burn begins
    cutoff_s: float  # and ends
    ignition_s: float
    touchdown_s: float


def caps_of(mission: Mission, times: PlannedTimes, gm_m3_s2: float) -> Caps:
    """The `Caps` of a plan. InputError where its times do not fit what is tabulated and kept.

    Frames: half as many again as planned, and 200. Contact: the flight of a rebound at the speed of
    a crash, 2 v/g, and ten seconds to settle.
    """
    lead_s = mission.descent.lead_time_s or 0.0
    check_length(mission, lead_s, times.touchdown_s - lead_s)
    planned = planned_frames(times, align_lead_s(mission.descent.phases))
    frames = ROOM_FACTOR * planned + SPARE_FRAMES
    if frames > FRAME_ROOM:
        powered_s = times.touchdown_s - times.ignition_s
        most = math.floor((FRAME_ROOM - SPARE_FRAMES) / ROOM_FACTOR)
        raise InputError(
            f"A descent may be planned for at most {most} frames of "
            f"{FRAME_S:.1f} s under power and {COAST_FRAME_S:.0f} s coasting, for which a record "
            f"has room, but takes {planned:.0f}: {powered_s:.0f} s from ignition to "
            "touchdown; make the approach and the vertical descent faster or shorter."
        )
    gravity_m_s2 = gm_m3_s2 / MOON_RADIUS_M**2
    settling_s = SETTLING_S + 2.0 * mission.lander.limits.crash_speed_m_s / gravity_m_s2
    return of_numbers(
        Caps,
        frame_count=_whole_pieces(frames),
        contact_tick_count=_whole_pieces(settling_s / CLOCK_S),
    )


def check_length(mission: Mission, lead_s: float, rest_s: float) -> None:
    """InputError where a flight is longer than the sky is tabulated for.

    `lead_s` is its planned time to the descent-orbit burn or, with none, to ignition; `rest_s` is
    what is left then to touchdown.
    """
    most_s = SEGMENT_S - SPARE_S
    landing_s = lead_s + rest_s
    if landing_s > most_s:
        if rest_s < most_s:
            raise InputError(
                f"{place(mission, 'descent.lead_time_s')} must be at most "
                f"{at_most(most_s - rest_s, 3)} s, so that the flight touches down within "
                f"{most_s:.0f} s, as far as the tables of the sky reach, but is {lead_s:g} s."
            )
        raise InputError(
            f"A flight may be planned for at most {most_s:.0f} s, as far as the tables of the sky "
            f"reach, but touches down after {landing_s:.6g} s; make `descent.descent_rate` or "
            "`descent.final_descent_rate` faster, or their heights less."
        )


class Stretch(NamedTuple):
    """A part of the planned flight whose frames are of one length."""

    name: str
    planned_s: float
    frame_s: float


def stretches(times: PlannedTimes, lead_s: float) -> tuple[Stretch, ...]:
    """The planned flight by the length of its frames; `lead_s` before ignition they are short."""
    burn_s, cutoff_s, ignition_s, touchdown_s = times
    waiting_s = max(burn_s - BURN_LEAD_S, 0.0)
    coasting_s = max(ignition_s - lead_s - cutoff_s, 0.0)
    return (
        Stretch("wait", waiting_s, COAST_FRAME_S),
        Stretch("descent-orbit burn", cutoff_s - waiting_s, FRAME_S),
        Stretch("coast", coasting_s, COAST_FRAME_S),
        Stretch("powered descent", touchdown_s - cutoff_s - coasting_s, FRAME_S),
    )


def planned_frames(times: PlannedTimes, lead_s: float) -> float:
    """How many frames of the loop the planned flight takes."""
    return sum(each.planned_s / each.frame_s for each in stretches(times, lead_s))


def _whole_pieces(steps: float) -> int:
    return PIECE * math.ceil(steps / PIECE)
