"""Whether a mission can be flown: everything that reading it and designing it would refuse."""

from collections.abc import Sequence
from dataclasses import dataclass

from perilune.design.control_report import below_the_floor, control_report, lines_of
from perilune.design.plan import design
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission import Mission, check, read_and_check


@dataclass(frozen=True)
class Examined:
    """What is missing or wrong, a sentence each; the mission if nothing is; notes on its data.

    `control` has, line by line, the gains of its loops and their margins.
    """

    problems: list[str]
    mission: Mission | None = None
    notes: tuple[str, ...] = ()
    control: tuple[str, ...] = ()


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
    believed = mission.as_believed
    report = control_report(believed, designed.plan.upload.vehicle)
    notes = (*designed.notes, *below_the_floor(believed, report))
    return Examined([], mission, notes, lines_of(report))
