"""How hard the planned braking pushes in the mean, which errors that grow with thrust go by."""

import math

from perilune.design.course import Course
from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.onboard.upload import VehicleBelief


def mean_braking_m_s2(vehicle: VehicleBelief, course: Course, spent_before_m_s: float) -> float:
    """Speed that the engines make from ignition to the gate, over the time between.

    By the rocket equation from the mass at the start, less what was spent before ignition.
    """
    exhaust_m_s = exhaust_speed_m_s(float(vehicle.specific_impulse_s))
    whole_m_s = exhaust_m_s * math.log(float(vehicle.start_mass_kg) / course.end_mass_kg)
    return max(whole_m_s - spent_before_m_s, 0.0) / course.braking_time_s
