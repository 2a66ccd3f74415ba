"""Where the limits of a design lie on the axis of a factor, to see an envelope beside them."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from perilune.design.control_authority import authorities
from perilune.design.phase_budget import rehearsed_steps
from perilune.design.plan import Design
from perilune.mission import Mission
from perilune.mission.consistency_checks import SURFACE_GRAVITY_M_S2
from perilune.mission.propulsion import engines_of, propulsion_of


@dataclass(frozen=True)
class DesignLimit:
    """A limit: what it is, and where on the factor's axis, in the factor's unit."""

    value: float
    words: str


Limits = Iterator[DesignLimit]


def design_limits(mission: Mission, designed: Design, factor: str) -> list[DesignLimit]:
    """Those of a factor by its name, as the mission is believed; none of most factors."""
    found = _OF_FACTOR.get(factor)
    return [] if found is None else list(found(mission.as_believed, designed))


def _thrust(_: Mission, designed: Design) -> Limits:
    """Full thrust that is no more than the peak of the course."""
    share = designed.course.peak_thrust_fraction
    if 0.0 < share < 1.0:
        yield DesignLimit(100.0 * (share - 1.0), "peak of the course")


def _center_of_mass(mission: Mission, designed: Design) -> Limits:
    """The whole vehicle's centre of mass at the gimbals' limit, at touchdown.

    Dry mass and payload move it by their share of the mass.
    """
    touchdown = authorities(designed, rehearsed_steps(mission, designed))[1]
    mass = mission.lander.mass
    room_m = touchdown.trimmed_m[0] - abs(touchdown.off_line_m[0])
    if room_m > 0.0:
        moved_fraction = (mass.dry_kg + mass.payload_kg) / touchdown.mass_kg
        yield DesignLimit(100.0 * float(room_m) / moved_fraction, "gimbal at its limit")


def _lean(mission: Mission, _: Design) -> Limits:
    limits = [each.gimbal_limit_rad for each in engines_of(mission.lander).values()]
    if min(limits) > 0.0:
        yield DesignLimit(math.degrees(min(limits)), "gimbal at its limit")


def _floor(mission: Mission, designed: Design) -> Limits:
    """The floor of the last phase's engines as much as the weight at touchdown."""
    engines = propulsion_of(mission.lander, mission.descent.last_engines)
    weight_n = designed.rehearsal.end_mass_kg * SURFACE_GRAVITY_M_S2
    yield DesignLimit(100.0 * (weight_n / engines.min_thrust_n - 1.0), "weight at touchdown")


_OF_FACTOR: Mapping[str, Callable[[Mission, Design], Limits]] = {
    "thrust": _thrust,
    "center-of-mass": _center_of_mass,
    "thrust-lean": _lean,
    "engine-floor": _floor,
    "engine-floor-told": _floor,
}
