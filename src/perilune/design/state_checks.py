"""What keeps the path of a state vector from leading to the site: how far off, and the cure."""

from typing import NamedTuple

import numpy as np

from perilune.design.state_path import Moving, Vector
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mission.mission import Mission
from perilune.mission.value_location import place, shown

STRAY = 0.05
"""Of the ground range of ignition, how far beside the site a path may lead: 3 deg of heading."""
MOST_REVOLUTIONS = 0.75
"""Before ignition, from which a flight without a burn may start: ignition is known by its range."""
SLACK_M = 1_000.0
"""By which a stated altitude of ignition may differ from the path's."""


class Begins(NamedTuple):
    """When a flight on the path starts, burns, if it does, and ignites; how long a turn takes."""

    start_s: float
    burn_s: float | None
    ignition_s: float
    turn_s: float


def check_stray(mission: Mission, up: Vector, ignition: Moving, range_m: float) -> None:
    """InputError where the plane of the path passes the site at a distance."""
    aside_m = MOON_RADIUS_M * float(np.arcsin(up @ ignition.normal))
    most_m = STRAY * abs(range_m)
    if range_m <= 0.0:
        raise InputError(
            f"{place(mission, 'state.position_m')} must lie before the site, but at its epoch the "
            f"site is {-range_m / 1e3:.0f} km behind; correct `state.epoch_utc` or the state."
        )
    if abs(aside_m) > most_m:
        raise InputError(
            f"{place(mission, 'state.position_m')} must lead over the site to "
            f"{most_m / 1e3:.1f} km, a twentieth of the range of ignition, but its path passes the "
            f"site {abs(aside_m) / 1e3:.1f} km to the {'right' if aside_m > 0.0 else 'left'} of "
            "it; turn the state's plane, move its epoch (or `landing_utc`, by revolutions) or the "
            "site."
        )


def check_altitude(mission: Mission, is_m: float) -> None:
    """InputError where the mission expects ignition at another altitude than the path has."""
    if abs(is_m - mission.descent.ignition_altitude_m) > SLACK_M:
        raise InputError(
            f"{place(mission, 'descent.ignition_altitude_m')} must be {is_m / 1e3:.1f} km to a "
            "kilometre, the altitude of the path of `[state]` where braking begins, but is "
            f"{shown(mission, 'descent.ignition_altitude_m')}; write that, or correct the state."
        )


def check_start(mission: Mission, begins: Begins) -> None:
    """InputError where the flight would start after ignition or revolutions before it."""
    before_s = begins.ignition_s - begins.start_s
    first_s = begins.ignition_s if begins.burn_s is None else begins.burn_s
    where = place(mission, "state.epoch_utc")
    if begins.start_s > first_s:
        what = "ignition" if begins.burn_s is None else "the descent-orbit burn"
        raise InputError(
            f"{where} must be before {what}, but is {begins.start_s - first_s:.1f} s after it; "
            "give an earlier state, or `descent.lead_time`, by which the flight starts on its path."
        )
    if begins.burn_s is None and before_s > MOST_REVOLUTIONS * begins.turn_s:
        raise InputError(
            f"{where} must be less than {MOST_REVOLUTIONS:g} of a revolution before ignition where "
            f"the flight starts there, but is {before_s / begins.turn_s:.2f} before it; give "
            "`descent.lead_time`, by which the flight starts on its path."
        )
