"""The phases of a descent whose file lists none, and what every list must have."""

from collections.abc import Iterator
from itertools import pairwise

from perilune.interfaces.phases import Ends, Phase

_STANDARD: tuple[dict, ...] = (
    {
        "name": "orbit",
        "law": "no_thrust",
        "engine": False,
        "attitude": "burn",
        "pace": "wait",
        "ends": {"at": "burn"},
    },
    {
        "name": "deorbit",
        "law": "orbit_burn",
        "engine": True,
        "attitude": "burn",
        "ends": {"at": "burn_complete"},
    },
    {
        "name": "coast",
        "law": "no_thrust",
        "engine": False,
        "attitude": "retrograde",
        "pace": "long",
        "ends": {"to_ignition": "30 s"},
    },
    {
        "name": "align",
        "law": "braking",
        "engine": False,
        "attitude": "thrust_in_orbit",
        "ends": {"to_ignition": "0 s"},
    },
    {
        "name": "braking",
        "law": "braking",
        "engine": True,
        "attitude": "thrust",
        "ends": {"time_to_go": "5 s"},
    },
    {
        "name": "approach",
        "law": "approach",
        "engine": True,
        "attitude": "thrust",
        "altimeter_beam": "axial",
        "ends": {"time_to_go": "8 s", "at": "final_height"},
    },
    {
        "name": "descent",
        "law": "vertical_descent",
        "engine": True,
        "attitude": "thrust",
        "altimeter_beam": "axial",
    },
)
STANDARD_PHASES = tuple(map(Phase.model_validate, _STANDARD))


def faults_of(phases: tuple[Phase, ...]) -> Iterator[str]:
    """What is wrong with a list of phases, a sentence each."""
    yield from _names_and_ends(phases)
    for phase in phases:
        if phase.law == "orbit_burn" and not phase.engine:
            yield f"must burn where the law is `orbit_burn`, but `{phase.name}` has no engine on."
    burn = [phase.law for phase in phases].count("orbit_burn")
    if burn != 1:
        yield f"must have one phase of law `orbit_burn`, the descent-orbit burn, but have {burn}."
    if ignition_of(phases) is None:
        yield (
            "must have a phase that ends at `to_ignition` and after it one of law `braking` with "
            "the engine on, but have none; the course is found from there."
        )
    if not phases[-1].engine:
        yield f"must end with the engine on, but `{phases[-1].name}` has it off."


def _names_and_ends(phases):
    names = [phase.name for phase in phases]
    twice = sorted({name for name in names if names.count(name) > 1} | {"landed"} & set(names))
    if twice:
        yield (
            "must have a name each, and none `landed`, which is what follows the last, but "
            f"`{twice[0]}` is there already; rename it."
        )
    for phase in phases[:-1]:
        if phase.ends == Ends():
            yield f"must each end but for the last, but `{phase.name}` has no `ends`; give it one."


def ignition_of(phases: tuple[Phase, ...]) -> int | None:
    """The place of the phase that begins at the range of ignition; None where there is none."""
    for place, (before, phase) in enumerate(pairwise(phases), 1):
        ends_there = before.ends.to_ignition_s is not None
        if ends_there and phase.engine and phase.law == "braking":
            return place
    return None
