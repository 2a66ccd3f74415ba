"""Orbits that exist, lead over the site, and are high enough for what is flown from them."""

import math
from collections.abc import Iterator

from perilune.interfaces.quantities import at_least, at_most
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.ellipse import perilune_speed_m_s
from perilune.mission.mission import Mission
from perilune.mission.phase_events import burn_of
from perilune.mission.value_location import place, shown

SAME_ALTITUDE_M = 1.0


def fastest_m_s(mission: Mission) -> float:
    """The greatest speed on the orbit (vis-viva), in a central field."""
    return perilune_speed_m_s(MOON_GM_M3_S2, *_radii_m(mission))


def turning_rad_s(mission: Mission) -> float:
    """The greatest rate at which what faces along the orbit turns, at perilune."""
    return fastest_m_s(mission) / _radii_m(mission)[0]


def _radii_m(mission: Mission) -> tuple[float, float]:
    return (
        MOON_RADIUS_M + mission.orbit.perilune_m,
        MOON_RADIUS_M + mission.orbit.apolune_m,
    )


def orbits_that_lead_nowhere(mission: Mission) -> Iterator[str]:
    """A sentence for each thing that keeps the orbit from leading to ignition and site."""
    orbit = mission.orbit
    if orbit.perilune_m > orbit.apolune_m:
        yield (
            f"{place(mission, 'orbit.perilune_m')} must be at most `orbit.apolune`, which is "
            f"{shown(mission, 'orbit.apolune_m')}, but is {shown(mission, 'orbit.perilune_m')}."
        )
    yield from _plane(mission)
    yield from _ignition(mission)


def _plane(mission: Mission) -> Iterator[str]:
    """An orbit comes as far from the equator as its inclination, and no further."""
    north_deg = abs(math.degrees(mission.site.latitude_rad))
    inclination_deg = math.degrees(mission.orbit.inclination_rad)
    if min(inclination_deg, 180.0 - inclination_deg) < north_deg:
        yield (
            f"{place(mission, 'orbit.inclination_rad')} must be between {at_least(north_deg)} and "
            f"{at_most(180.0 - north_deg)} deg, or the orbit does not come to the latitude of the "
            f"site, {shown(mission, 'site.latitude_rad')}, but is "
            f"{shown(mission, 'orbit.inclination_rad')}."
        )


def _ignition(mission: Mission) -> Iterator[str]:
    """Below the orbit after a descent-orbit burn; at its lowest point where there is none."""
    ignition_m, perilune_m = mission.descent.ignition_altitude_m, mission.orbit.perilune_m
    where = place(mission, "descent.ignition_altitude_m")
    if burn_of(mission.descent.phases) is not None:
        if ignition_m >= perilune_m:
            yield (
                f"{where} must be below `orbit.perilune`, which is "
                f"{shown(mission, 'orbit.perilune_m')}, but is "
                f"{shown(mission, 'descent.ignition_altitude_m')}."
            )
    elif abs(ignition_m - perilune_m) > SAME_ALTITUDE_M:
        yield (
            f"{where} must be `orbit.perilune`, which is {shown(mission, 'orbit.perilune_m')}, "
            "where no phase is a descent-orbit burn, but is "
            f"{shown(mission, 'descent.ignition_altitude_m')}; or add a phase of law `orbit_burn`."
        )
