"""What every list of phases must have, so that an orbit and a course can be found for it."""

from collections.abc import Iterator, Sequence

from perilune.interfaces.phases import LAWS, ROLES, Ends, Phase, Role
from perilune.interfaces.units import kind_of
from perilune.mission.mission import Mission
from perilune.mission.phase_events import burn_of, ignition_of
from perilune.mission.propulsion import engines_of, name_of
from perilune.mission.value_location import place


def faults_of_phases(mission: Mission) -> Iterator[str]:
    """A sentence for each thing that the list of phases lacks."""
    phases, where = mission.descent.phases, place(mission, "descent.phases")
    yield from _names_and_ends(phases, where)
    yield from _engines_and_sensors(mission, where)
    yield from _burn(phases, where)
    yield from _braking(phases, where)
    if not phases[-1].engine:
        yield f"{where} must end with the engine on, but in `{phases[-1].name}` it is off."


def _burn(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """There is one descent-orbit burn, and the engine is on in it."""
    laws = _laws_of("orbit_burn")
    for phase in phases:
        if phase.role == "orbit_burn" and not phase.engine:
            yield (
                f"{where} must have the engine on where the law is {laws}, but in "
                f"`{phase.name}` it is off."
            )
    burn_count = [phase.role for phase in phases].count("orbit_burn")
    if burn_count != 1:
        yield (
            f"{where} must have one phase of law {laws}, the descent-orbit burn, but have "
            f"{burn_count}."
        )


def _braking(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """Braking begins after the burn at the range of ignition, and another phase at its gate."""
    burn, ignition, laws = burn_of(phases), ignition_of(phases), _laws_of("braking")
    if ignition is None:
        yield (
            f"{where} must have a phase that ends at `to_ignition` and after it one of law "
            f"{laws} with the engine on, but have none; the course is found from there."
        )
    elif all(phase.role == "braking" for phase in phases[ignition:]):
        yield (
            f"{where} must have a phase after those of law {laws}, which end at the gate, but "
            f"`{phases[-1].name}` is the last; add one of law {_laws_of('vertical_descent')}."
        )
    elif burn is not None and burn > ignition:
        yield (
            f"{where} must have the descent-orbit burn before braking, but `{phases[burn].name}` "
            f"comes after `{phases[ignition].name}`; change the order."
        )


def _laws_of(role: Role) -> str:
    return " or ".join(f"`{law}`" for law in LAWS if ROLES[law] == role)


def _names_and_ends(phases: Sequence[Phase], where: str) -> Iterator[str]:
    names = [phase.name for phase in phases]
    twice = sorted({name for name in names if names.count(name) > 1} | {"landed"} & set(names))
    if twice:
        yield (
            f"{where} must have a name each, and none `landed`, which is what follows the last, "
            f"but `{twice[0]}` is there already; rename it."
        )
    for phase in phases[:-1]:
        if phase.ends == Ends():
            yield (
                f"{where} must each end but for the last, but `{phase.name}` has no `ends`; give "
                "it one."
            )


def _engines_and_sensors(mission: Mission, where: str) -> Iterator[str]:
    """What phases name must be fitted, and engines that are named must burn."""
    lander = mission.lander
    engines = [name_of(label) for label in engines_of(lander)]
    sensors = list(dict.fromkeys([*map(kind_of, lander.sensors), *lander.sensors]))
    for phase in mission.descent.phases:
        for what, named, fitted in (
            ("engines", phase.engines, engines),
            ("sensors", phase.sensors, sensors),
        ):
            strange = [name for name in named if name not in fitted]
            if strange:
                yield (
                    f"{where} must name `{what}` of the lander ({', '.join(fitted)}), but "
                    f"`{phase.name}` has `{strange[0]}`."
                )
        if phase.engines and not phase.engine:
            yield (
                f"{where} must have the engine on where `engines` are named, but in "
                f"`{phase.name}` it is off."
            )
