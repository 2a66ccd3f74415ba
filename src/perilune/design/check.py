"""Whether a mission can be flown: everything that reading it and designing it would refuse."""

from collections.abc import Sequence
from dataclasses import dataclass

from perilune.design.binding_limits import Limit, limits_of
from perilune.design.control_authority import Authority, authorities
from perilune.design.control_report import ControlReport, below_the_floor, control_report
from perilune.design.limit_cycle import coast_s, limit_cycles
from perilune.design.limit_cycle import lines_of as swing_lines
from perilune.design.nozzles_in_use import weakest_turned
from perilune.design.phase_budget import (
    PhaseNeed,
    Propellant,
    burn_need,
    phase_needs,
    propellant_of,
    rehearsed_steps,
)
from perilune.design.plan import Design, design
from perilune.design.sensor_coverage import Coverage, coverage_of
from perilune.design.site_height import height_words
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission import Mission, check, read_and_check
from perilune.mission.value_location import place

OFF_TIME_FACTOR = 0.02
"""Of the time of braking asked for: the phase ends some seconds before its course does."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a reviewer asks of a plan, in numbers; `limits` are the tightest first."""

    site: str
    burn: PhaseNeed | None
    phases: tuple[PhaseNeed, ...]
    propellant: Propellant
    authority: tuple[Authority, Authority]
    control: ControlReport
    swing: tuple[str, ...]
    """In a coast, line by line."""
    coverage: tuple[Coverage, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Examined:
    """What is missing or wrong, a sentence each; if nothing is, the mission and its figures."""

    problems: list[str]
    mission: Mission | None = None
    notes: tuple[str, ...] = ()
    figures: Figures | None = None


def examine_named(
    name_or_path: str, settings: Sequence[str], faults: Sequence[str], folders: Folders
) -> Examined:
    """As `examine`, of a mission by its name in the catalog or the path of its file."""
    mission, problems = read_and_check(name_or_path, settings, faults, folders)
    if mission is None or problems:
        return Examined(problems)
    return _designed(mission)


def examine(mission: Mission) -> Examined:
    """What is missing or wrong with a mission, and the notes on its data.

    A mission that reads well is designed, which takes 2 to 6 s: what a flight would refuse is
    refused here in the same words.
    """
    problems = check(mission)
    return Examined(problems) if problems else _designed(mission)


def _designed(mission: Mission) -> Examined:
    try:
        designed = design(mission)
    except InputError as error:
        return Examined([str(error)], notes=tuple(getattr(error, "__notes__", ())))
    believed, upload = mission.as_believed, designed.plan.upload
    report = control_report(believed, weakest_turned(upload.vehicle, upload.phases))
    told = *_braking_time(believed, designed), *below_the_floor(believed, report)
    notes = (*designed.notes, *told)
    return Examined([], mission, notes, _figures(believed, designed, report))


def _braking_time(mission: Mission, designed: Design) -> tuple[str, ...]:
    """A note where braking is asked to last a time that it is not rehearsed to last."""
    asked_s, flown = mission.descent.braking_time_s, designed.rehearsal
    found_s = flown.gate_s - flown.ignition_s
    if not asked_s or abs(found_s - asked_s) <= OFF_TIME_FACTOR * asked_s:
        return ()
    return (
        f"{place(mission, 'descent.braking_time_s')} asks for {asked_s:g} s, but as rehearsed "
        f"braking lasts {found_s:.0f} s: its engines cannot hold what the course of that time asks "
        "of them. Ask for a time nearer to the one that is found without it.",
    )


def _figures(believed: Mission, designed: Design, report: ControlReport) -> Figures:
    """By the descent as it is rehearsed, which is flown once more with every step kept."""
    steps = rehearsed_steps(believed, designed)
    needs, authority = phase_needs(steps), authorities(designed, steps)
    propellant = propellant_of(believed, designed)
    return Figures(
        site=height_words(believed, designed.terrain),
        burn=burn_need(believed, designed),
        phases=needs,
        propellant=propellant,
        authority=authority,
        control=report,
        swing=tuple(swing_lines(limit_cycles(believed, designed), coast_s(designed))),
        coverage=coverage_of(steps, designed.plan.world.sky),
        limits=limits_of(believed, designed, needs, propellant, (authority, report)),
    )
