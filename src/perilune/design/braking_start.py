"""What braking begins with: how long the way there takes, how fast and how heavy it arrives."""

import math

import numpy as np

from perilune.design.course import Start
from perilune.design.survey import Survey, ground_along_track
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.ellipse import (
    apolune_speed_m_s,
    half_revolution_s,
    perilune_speed_m_s,
)
from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg
from perilune.mission.mission import Mission
from perilune.mission.orbit_checks import radii_m
from perilune.mission.phase_events import burn_of
from perilune.mission.propulsion import in_orbit_burn


def coast_s(mission: Mission, gm_m3_s2: float) -> float:
    """From the descent-orbit burn to ignition; zero where the flight has no such burn."""
    if burn_of(mission.descent.phases) is None:
        return 0.0
    return half_revolution_s(gm_m3_s2, *_radii_m(mission))


def braking_start(mission: Mission, start_kg: float, surveyed: Survey) -> Start:
    """The mass that the descent-orbit burn leaves, the speed it gives, by vis-viva."""
    perilune_m, high_m = radii_m(mission)
    orbital_m_s = apolune_speed_m_s(surveyed.gm_m3_s2, perilune_m, high_m)
    return start_after_burn(mission, start_kg, surveyed, high_m, orbital_m_s)


def start_after_burn(
    mission: Mission, start_kg: float, surveyed: Survey, high_m: float, orbital_m_s: float
) -> Start:
    """The same where the burn is made at a radius, from a speed along the ground."""
    low_m = MOON_RADIUS_M + mission.descent.ignition_altitude_m
    speed_m_s = perilune_speed_m_s(surveyed.gm_m3_s2, low_m, high_m)
    burn_m_s = orbital_m_s - speed_m_s * low_m / high_m
    exhaust_m_s = exhaust_speed_m_s(in_orbit_burn(mission).specific_impulse_s)
    return Start(
        mass_kg=mass_after_kg(start_kg, burn_m_s, exhaust_m_s, xp=math),
        speed_m_s=speed_m_s,
        altitude_m=mission.descent.ignition_altitude_m,
        gm_m3_s2=surveyed.gm_m3_s2,
        site_height_m=float(ground_along_track(surveyed, np.zeros(1))[0]),
    )


def _radii_m(mission: Mission) -> tuple[float, float]:
    """Perilune and apolune of the ellipse that leads to ignition."""
    return (
        MOON_RADIUS_M + mission.descent.ignition_altitude_m,
        radii_m(mission)[1],
    )
