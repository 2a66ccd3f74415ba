"""The braking course that a flight is first laid out for, and what its braking begins with."""

import numpy as np

from perilune.design.braking_search import first_guess
from perilune.design.braking_start import braking_start, start_after_burn
from perilune.design.course import Course, Start, find_course, is_closed_form
from perilune.design.settled_ignition import course_or_mistimed
from perilune.design.state_path import StatePath
from perilune.design.state_transfer import Found, Sought, find_from_state
from perilune.design.survey import Survey, ground_along_track
from perilune.mission.mission import Descent, Mission
from perilune.mission.propulsion import in_braking

ROUND_COUNT = 3
"""From a guess: ten kilometres of range change the altitude of ignition by some hundred metres."""


def first_course(mission: Mission, start_kg: float, surveyed: Survey) -> tuple[Start, Course]:
    """(start, course) over the ground of the approach; a guess where flights must find it."""
    if surveyed.path is not None:
        return _on_path(mission, start_kg, surveyed, surveyed.path)
    start = braking_start(mission, start_kg, surveyed)
    return start, _course_from(mission, start, surveyed)


def after_gate_s(descent: Descent) -> float:
    """Planned time from the gate to the ground."""
    drop_m = descent.gate_height_m - descent.low_gate_height_m
    approach_s = 2.0 * drop_m / (descent.gate_descent_rate_m_s + descent.descent_rate_m_s)
    slow_m = descent.low_gate_height_m - descent.final_height_m
    final_s = descent.final_height_m / descent.final_descent_rate_m_s
    return approach_s + slow_m / descent.descent_rate_m_s + final_s


def _course_from(mission: Mission, start: Start, surveyed: Survey) -> Course:
    if not is_closed_form(mission):
        return first_guess(mission, start)
    uprange_m = np.arange(-10_000.0, 700_000.0, 500.0)
    heights_m = ground_along_track(surveyed, uprange_m)
    engines, descent = in_braking(mission), mission.descent

    def find(begun: Start) -> Course:
        return find_course(begun, engines, descent, lambda m: np.interp(m, uprange_m, heights_m))

    return course_or_mistimed(mission, start, find)


def _on_path(
    mission: Mission, start_kg: float, surveyed: Survey, path: StatePath
) -> tuple[Start, Course]:
    """By rounds: where braking begins says how high and fast it is there, and that how far off."""
    fast_m_s = path.over.turning_rad_s * float(np.linalg.norm(path.over.position_m))
    stop_s = fast_m_s * start_kg / mission.descent.peak_thrust_fraction
    stop_s /= in_braking(mission).max_thrust_n
    range_m, braking_s = 0.5 * fast_m_s * stop_s, stop_s
    for _ in range(ROUND_COUNT):
        descent_s = after_gate_s(mission.descent)
        sought = Sought(
            mission=mission, range_m=range_m, after_s=braking_s + descent_s, descent_s=descent_s
        )
        found = find_from_state(path, path.near_fields, sought)
        start = _start_of(mission, start_kg, surveyed, found)
        course = _course_from(mission, start, surveyed)
        range_m, braking_s = course.ignition_range_m, course.braking_time_s
    return start, course


def _start_of(mission: Mission, start_kg: float, surveyed: Survey, found: Found) -> Start:
    """What the transfer arrives with; after a burn by vis-viva, as from an orbit."""
    if (burn := found.burn) is not None:
        high_m = float(np.linalg.norm(burn.position_m))
        level_m_s = burn.turning_rad_s * high_m
        return start_after_burn(mission, start_kg, surveyed, high_m, level_m_s)
    is_fixed = mission.state is not None and mission.state.at == "ignition"
    return Start(
        mass_kg=start_kg,
        speed_m_s=found.level_m_s,
        altitude_m=found.altitude_m,
        gm_m3_s2=surveyed.gm_m3_s2,
        site_height_m=float(ground_along_track(surveyed, np.zeros(1))[0]),
        climb_m_s=found.climb_m_s,
        range_m=found.range_m if is_fixed else None,
    )
