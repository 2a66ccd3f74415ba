"""Whether a mission can be flown: everything that reading it and designing it would refuse."""

from collections.abc import Sequence
from dataclasses import dataclass

from perilune.design.plan import design
from perilune.errors import InputError
from perilune.mission import Mission, check, load_mission


@dataclass(frozen=True)
class Examined:
    """What is missing or wrong, a sentence each; the mission if nothing is; notes on its data."""

    problems: list[str]
    mission: Mission | None = None
    notes: tuple[str, ...] = ()


def check_mission(
    mission_or_name: Mission | str, settings: Sequence[str] = (), faults: Sequence[str] = ()
) -> list[str]:
    """What is missing or wrong, a sentence each with its place and its cure; [] when all is well.

    Takes a Mission, or what `load_mission` takes. A mission that reads well is designed, which
    takes 2 to 6 s: what a flight would refuse is refused here in the same words. Raises nothing.

    >>> import perilune
    >>> perilune.check_mission("athena")
    []
    """
    return examine(mission_or_name, settings, faults).problems


def examine(
    mission_or_name: Mission | str, settings: Sequence[str] = (), faults: Sequence[str] = ()
) -> Examined:
    """As `check_mission`, with what a user ought to know of the maps and the gravity field."""
    problems = check(mission_or_name, settings, faults)
    if problems:
        return Examined(problems)
    mission = mission_or_name
    try:
        if not isinstance(mission, Mission):
            mission = load_mission(str(mission), settings, faults)
        return Examined([], mission, design(mission).notes)
    except InputError as error:
        return Examined([str(error)], notes=tuple(getattr(error, "__notes__", ())))
