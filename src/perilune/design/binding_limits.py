"""Which of a plan's limits binds: each with its value and its margin, the tightest first."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from perilune.design.control_authority import Authority
from perilune.design.control_report import ControlReport
from perilune.design.course import is_closed_form
from perilune.design.descent_loops import GAIN_FLOOR_DB, PHASE_FLOOR_DEG
from perilune.design.phase_budget import TRANSIENT_S, PhaseNeed, Propellant
from perilune.design.plan import Design
from perilune.mission.consistency_checks import SURFACE_GRAVITY_M_S2
from perilune.mission.mission import Mission
from perilune.mission.propulsion import propulsion_of

LITTLE_LEFT = (
    "dispersions, faults and a divert take propellant too.",
    "Raise `masses.separation`, lighten `lander.mass.dry` or `lander.mass.payload`, or shorten "
    "the descent.",
)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit; `unit` is that of value and limit, "" for a pure number."""

    what: str
    value: float
    limit: float
    unit: str
    is_most: bool  # the limit is the most that the value may be, else the least
    meaning: str = ""
    """What it says where it binds: a sentence."""
    cure: str = ""
    """What to change: another."""

    @property
    def margin_fraction(self) -> float:
        """How far the value is inside, over the limit; below zero outside."""
        room = self.limit - self.value if self.is_most else self.value - self.limit
        return room / abs(self.limit)


def limits_of(
    mission: Mission,
    designed: Design,
    needs: Sequence[PhaseNeed],
    propellant: Propellant,
    held: tuple[Sequence[Authority], ControlReport],
) -> tuple[Limit, ...]:
    """All of them, the tightest first."""
    every = (
        *_thrust(mission, designed, needs),
        _most(
            "propellant of the descent",
            propellant.start_kg - propellant.left_kg,
            propellant.start_kg,
            "kg",
            LITTLE_LEFT,
        ),
        *_descent(mission, designed),
        *_trim(held[0]),
        *_loops(held[1]),
    )
    return tuple(sorted(every, key=lambda each: each.margin_fraction))


def _most(
    what: str, value: float, bound: float, unit: str, words: tuple[str, str] = ("", "")
) -> Limit:
    return Limit(
        what=what,
        value=float(value),
        limit=float(bound),
        unit=unit,
        is_most=True,
        meaning=words[0],
        cure=words[1],
    )


def _least(
    what: str, value: float, bound: float, unit: str, words: tuple[str, str] = ("", "")
) -> Limit:
    return dataclasses.replace(_most(what, value, bound, unit, words), is_most=False)


def _thrust(mission: Mission, designed: Design, needs: Sequence[PhaseNeed]) -> Iterator[Limit]:
    for need in needs:
        what, most = f"throttle in {need.name}", 100.0 * need.held_throttle_fraction
        yield _most(what, most, 100.0, "%", _of_all_thrust(mission, need))
    last = propulsion_of(mission.lander, mission.descent.last_engines)
    weight_n = designed.rehearsal.end_mass_kg * SURFACE_GRAVITY_M_S2
    yield _most("least thrust, to sink at touchdown", last.min_thrust_n, weight_n, "N")
    yield _least("full thrust, to hover at touchdown", last.max_thrust_n, weight_n, "N")


def _of_all_thrust(mission: Mission, need: PhaseNeed) -> tuple[str, str]:
    """What it means that a phase asks for all of the thrust."""
    if need.full_s <= TRANSIENT_S:
        return "", ""
    role = next(each.role for each in mission.descent.phases if each.name == need.name)
    asked = f"all of the thrust is asked for during {need.full_s:.1f} s of {need.lasts_s:.0f} s"
    if role == "braking":
        return f"{asked}, as this law brakes; `descent.peak_thrust_fraction` keeps its reserve.", ""
    return f"{asked}, and errors are not corrected meanwhile.", TOO_FAST


TOO_FAST = (
    "Such a phase begins too fast or too low for what it aims at: end the one before it higher or "
    "slower (`ends`, `descent_rate`, the gate), or raise `lander.engine.max_thrust`."
)
CHOSEN = (
    "it is chosen so: of all courses within `descent.peak_thrust_fraction` the one of least "
    "propellant.",
    "What the engine still has is the margin of the throttle in braking.",
)
CHOSEN_FOR_TIME = (
    "it is chosen so: of all courses within `descent.peak_thrust_fraction` that last "
    "`descent.braking_time` the one of least propellant.",
    CHOSEN[1],
)
NEAR = (
    "it is chosen so: a course of less propellant would pass nearer to the ground than "
    "`descent.clearance`.",
    "",
)


def _descent(mission: Mission, designed: Design) -> Iterator[Limit]:
    descent, limits, ends = mission.descent, mission.lander.limits, designed.rehearsal
    course = designed.course
    asked, peak = descent.peak_thrust_fraction, course.peak_thrust_fraction
    if is_closed_form(mission):  # else the margin of thrust is tried by descents with less of it
        chosen = CHOSEN_FOR_TIME if descent.braking_time_s else CHOSEN
        yield _most("peak thrust of the course", 100.0 * peak, 100.0 * asked, "%", chosen)
    yield _least(
        "clearance of the course", course.least_clearance_m, descent.clearance_m, "m", NEAR
    )
    yield _most("touchdown, down", ends.vertical_speed_m_s, limits.vertical_speed_m_s, "m/s")
    across_m_s = limits.horizontal_speed_m_s
    yield _most("touchdown, across", ends.horizontal_speed_m_s, across_m_s, "m/s")


def _trim(authority: Sequence[Authority]) -> Iterator[Limit]:
    """The centre of mass against what the engines can trim; nothing where nozzles have to."""
    for each in authority:
        for axis, off_m, trimmed_m in zip("xy", each.off_line_m, each.trimmed_m, strict=True):
            if trimmed_m > 0.0:
                what = f"centre of mass off the thrust in {axis}, at {each.case}"
                yield _most(what, 1e3 * abs(off_m), 1e3 * trimmed_m, "mm")


def _loops(report: ControlReport) -> Iterator[Limit]:
    for row in report.rows:
        name = f"{row.loop} {row.case}".strip()
        gain_db = min(row.margins.gain_margin_db, row.margins.gain_reduction_db)
        if np.isfinite(gain_db):
            yield _least(f"gain margin, {name}", gain_db, GAIN_FLOOR_DB, "dB")
        yield _least(f"phase margin, {name}", row.margins.phase_margin_deg, PHASE_FLOOR_DEG, "deg")
