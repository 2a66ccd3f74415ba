"""Orbits that exist, lead over the site, and are high enough for what is flown from them."""

import math
from collections.abc import Iterator

import numpy as np

from perilune.interfaces.quantities import at_least, at_most
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.ellipse import speed_m_s
from perilune.mission.mission import Mission, Orbit
from perilune.mission.phase_events import burn_of
from perilune.mission.state_vector import State
from perilune.mission.value_location import origin, place, shown

SAME_ALTITUDE_M = 1.0
LEAST_ALTITUDE_M = 5_000.0
"""Lower is ground."""


def fastest_m_s(mission: Mission) -> float:
    """The greatest speed on the orbit (vis-viva), in a central field, above the ground."""
    return speed_m_s(MOON_GM_M3_S2, _lowest_m(mission), *radii_m(mission))


def turning_rad_s(mission: Mission) -> float:
    """The greatest rate at which what faces along the orbit turns, at perilune."""
    return fastest_m_s(mission) / _lowest_m(mission)


def _lowest_m(mission: Mission) -> float:
    return max(radii_m(mission)[0], MOON_RADIUS_M)


def radii_m(mission: Mission) -> tuple[float, float]:
    """Perilune and apolune of the orbit, or of the ellipse that touches the path of the state."""
    orbit = mission.orbit
    if orbit is None:
        assert mission.state is not None  # the first of the mission's checks
        return mission.state.radii_m
    return MOON_RADIUS_M + orbit.perilune_m, MOON_RADIUS_M + orbit.apolune_m


def no_single_start(mission: Mission) -> Iterator[str]:
    """A sentence for what keeps a mission from having one path to the site."""
    orbit, state = mission.orbit, mission.state
    if (orbit is None) == (state is None):
        has = "neither" if orbit is None else "both"
        cure = "add one of them" if orbit is None else "leave one of them out"
        yield (
            f"{origin(mission, 'orbit')}: a mission must have `[orbit]` or `[state]`, but has "
            f"{has}; {cure}."
        )
    elif state is None and mission.descent.lead_time_s is None:
        yield (
            f"{origin(mission, 'descent')}: descent: `lead_time` is missing; add it. A flight from "
            "`[state]` alone does without."
        )
    elif state is not None:
        yield from _path(mission, state)


def _path(mission: Mission, state: State) -> Iterator[str]:
    """A path that is closed, from above the ground, with no burn after its ignition."""
    where, height_m = place(mission, "state.position_m"), np.linalg.norm(state.position_m)
    if height_m < MOON_RADIUS_M + LEAST_ALTITUDE_M:
        yield (
            f"{where} must be at least {LEAST_ALTITUDE_M / 1e3:g} km above the sphere of 1737.4 "
            f"km, but is {1e-3 * (height_m - MOON_RADIUS_M):.1f} km above it; correct position or "
            "unit."
        )
    elif not math.isfinite(state.radii_m[1]):
        yield (
            f"{place(mission, 'state.velocity_m_s')} must be of a closed orbit about the Moon, but "
            f"its {np.linalg.norm(state.velocity_m_s):.0f} m/s leave it; correct velocity, frame "
            "or unit."
        )
    if state.at == "ignition" and burn_of(mission.descent.phases) is not None:
        yield (
            f"{place(mission, 'state.at')} must be `orbit` where a phase is a descent-orbit burn, "
            "which is before ignition, but is `ignition`; take the phases up to the burn out of "
            "`descent.phases`."
        )


def orbits_that_lead_nowhere(mission: Mission) -> Iterator[str]:
    """A sentence for each thing that keeps the orbit from leading to ignition and site."""
    orbit = mission.orbit
    if orbit is None:
        return
    if orbit.perilune_m > orbit.apolune_m:
        yield (
            f"{place(mission, 'orbit.perilune_m')} must be at most `orbit.apolune`, which is "
            f"{shown(mission, 'orbit.apolune_m')}, but is {shown(mission, 'orbit.perilune_m')}."
        )
    yield from _plane(mission, orbit)
    yield from _ignition(mission, orbit)


def _plane(mission: Mission, orbit: Orbit) -> Iterator[str]:
    """An orbit comes as far from the equator as its inclination, and no further."""
    north_deg = abs(math.degrees(mission.site.latitude_rad))
    inclination_deg = math.degrees(orbit.inclination_rad)
    if min(inclination_deg, 180.0 - inclination_deg) < north_deg:
        yield (
            f"{place(mission, 'orbit.inclination_rad')} must be between {at_least(north_deg)} and "
            f"{at_most(180.0 - north_deg)} deg, or the orbit does not come to the latitude of the "
            f"site, {shown(mission, 'site.latitude_rad')}, but is "
            f"{shown(mission, 'orbit.inclination_rad')}."
        )


def _ignition(mission: Mission, orbit: Orbit) -> Iterator[str]:
    """Below the orbit after a descent-orbit burn; at its lowest point where there is none."""
    ignition_m, perilune_m = mission.descent.ignition_altitude_m, orbit.perilune_m
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
