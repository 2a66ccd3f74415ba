"""Whether a mission can be flown: everything that reading it and designing it would refuse."""

from collections.abc import Sequence

from perilune.design.plan import design
from perilune.errors import InputError
from perilune.mission import Mission, check, load_mission


def check_mission(
    mission_or_name: Mission | str, settings: Sequence[str] = (), faults: Sequence[str] = ()
) -> list[str]:
    """What is missing or wrong, a sentence each with its place and its cure; [] when all is well.

    Takes a Mission, or what `load_mission` takes. A mission that reads well is designed, which
    takes 2 to 6 s: what a flight would refuse is refused here in the same words.

    >>> check_mission("athena")  # doctest: +SKIP
    []
    """
    problems = check(mission_or_name, settings, faults)
    if problems:
        return problems
    mission = mission_or_name
    try:
        if not isinstance(mission, Mission):
            mission = load_mission(str(mission), settings, faults)
        design(mission)
    except InputError as error:
        return [str(error)]
    return []
