"""A flight laid out in time: from its orbit or its state vector to ignition and to the site."""

import functools
from typing import NamedTuple

from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.design.caps import SPARE_S
from perilune.design.course import Course
from perilune.design.orbit import Approach, Fields, approach_directions, find_transfer
from perilune.design.state_path import StatePath
from perilune.design.state_transfer import Sought, check_found, find_from_state
from perilune.design.survey import Survey
from perilune.design.transfer import LaidOut, Tracked, tracked_transfer
from perilune.mechanics.time import after
from perilune.mission.mission import Mission, Orbit
from perilune.mission.phase_events import burn_of
from perilune.mission.utc_instant import zulu


class Times(NamedTuple):
    """Planned, s from the flight's start."""

    ignition_s: float
    landing_s: float


def lay_out(
    mission: Mission, surveyed: Survey, course: Course, times: Times, fields: Fields | None
) -> Tracked:
    """The flight that ignites and lands at these times; on a path, as long after as they say.

    `fields` are those of the round before, None in the first.
    """
    if surveyed.path is not None:
        lay = functools.partial(_on_path, mission, surveyed.path, course, times)
    elif mission.orbit is not None:
        lay = functools.partial(_on_orbit, mission, mission.orbit, surveyed, course, times)
    else:  # the mission's checks have refused it
        raise AssertionError(mission.name)
    return tracked_transfer(surveyed, course, lay, fields)


def _on_orbit(
    mission: Mission,
    orbit: Orbit,
    surveyed: Survey,
    course: Course,
    times: Times,
    fields: Fields,
) -> LaidOut:
    """Back from the landing at its time."""
    ignition_s, landing_s = times
    epoch = after(epoch_from_utc(zulu(mission.landing_utc)), -landing_s)
    sky = tabulate(epoch, landing_s + SPARE_S)
    heading = orbit.heading(mission.site.latitude_rad)
    up, motion = approach_directions(sky, landing_s, surveyed.aim_fixed, heading)
    approach = Approach(
        up_direction=up,
        motion_direction=motion,
        ignition_time_s=ignition_s,
        ignition_range_m=course.ignition_range_m,
        ignition_altitude_m=mission.descent.ignition_altitude_m,
        perilune_m=orbit.perilune_m,
        apolune_m=orbit.apolune_m,
        burns=burn_of(mission.descent.phases) is not None,
        lead_time_s=mission.descent.lead_time_s or 0.0,
        descent_s=landing_s - ignition_s - course.braking_time_s,
    )
    return LaidOut(epoch, sky, approach, find_transfer(fields, sky, approach))


def _on_path(
    mission: Mission, path: StatePath, course: Course, times: Times, fields: Fields
) -> LaidOut:
    """On from the state vector, whenever that lands."""
    after_s = times.landing_s - times.ignition_s
    sought = Sought(
        mission=mission,
        range_m=course.ignition_range_m,
        after_s=after_s,
        descent_s=after_s - course.braking_time_s,
    )
    found = find_from_state(path, fields, sought)
    check_found(path, mission, found)
    epoch = after(path.epoch, found.start_s)
    sky = tabulate(epoch, found.transfer.ignition_time_s + after_s + SPARE_S)
    return LaidOut(epoch, sky, found.approach, found.transfer)
