"""What every list of phases must have, so that an orbit and a course can be found for it."""

from collections.abc import Iterator, Sequence

from perilune.interfaces.descent_phase import LAWS, NEEDED, ROLES, STEERING_ROLES, Ends, Phase, Role
from perilune.interfaces.units import kind_of
from perilune.mechanics.si_units import bare_name
from perilune.mission.mission import Descent, Mission
from perilune.mission.phase_events import burn_of, ignition_of
from perilune.mission.propulsion import engines_of, name_of
from perilune.mission.validation_messages import origin_of


def faults_of_phases(mission: Mission) -> Iterator[str]:
    """A sentence for each thing that the list of phases lacks."""
    phases = mission.descent.phases
    where = f"{origin_of(['descent', 'phases'], mission.origins)}: `descent.phases`"
    yield from _names_and_ends(phases, where)
    yield from _engines_and_sensors(mission, where)
    yield from _burn(phases, where)
    yield from _braking(phases, where)
    yield from _targets(phases, where)
    yield from _needed(phases, where)
    yield from _hovers(mission.descent, where)
    yield from _last(phases, where)
    yield from _leans(phases, where)


def _last(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """The engines burn to the ground, or to a height from which it falls."""
    before, last = phases[-2:]
    if not last.engine and (before.role != "vertical_descent" or before.ends.height_m is None):
        yield (
            f"{where} must end with the engine on, or fall from the height at which vertical "
            f"descent ends, but in `{last.name}` it is off and `{before.name}` does not end so; "
            f"give that one the law {_laws_of('vertical_descent')} and a `height` in its `ends`."
        )


def _leans(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """Only a phase that stands upright can lean from that."""
    for phase in phases:
        if phase.lean_rad and phase.attitude != "upright":
            yield (
                f"{where} must have `lean` only where the attitude is `upright`, but `{phase.name}`"
                f" has one with `{phase.attitude}`; leave it out there."
            )


def _burn(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """At most one descent-orbit burn, with the engine on; without one nothing waits for it."""
    laws = _laws_of("orbit_burn")
    for phase in phases:
        if phase.role == "orbit_burn" and not phase.engine:
            yield (
                f"{where} must have the engine on where the law is {laws}, but in "
                f"`{phase.name}` it is off."
            )
    burn_count = [phase.role for phase in phases].count("orbit_burn")
    if burn_count > 1:
        yield (
            f"{where} must have at most one phase of law {laws}, the descent-orbit burn, but have "
            f"{burn_count}."
        )
    if burn_count == 0:
        yield from _vain(phases, where, laws)


def _vain(phases: Sequence[Phase], where: str, laws: str) -> Iterator[str]:
    """What cannot be where there is no descent-orbit burn."""
    for phase in phases:
        if phase.attitude == "burn" or phase.ends.at in ("burn", "burn_complete"):
            yield (
                f"{where} must have a phase of law {laws} where one is turned to that burn or ends "
                f"by it, but there is none, and `{phase.name}` does; add the burn, or give that "
                "phase another `attitude` and other `ends`."
            )
            return


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


def _targets(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """Only laws after the gate can steer to another place: the gate itself is the course's."""
    for phase in phases:
        aims_elsewhere = bool(phase.target_east_m or phase.target_north_m)
        if aims_elsewhere and phase.role not in STEERING_ROLES:
            yield (
                f"{where} must have a target of their own only where the law is "
                f"{_laws_of('approach')} or {_laws_of('vertical_descent')}, but `{phase.name}` has "
                f"one with law `{phase.law}`; leave `target_east` and `target_north` out there."
            )


def _needed(phases: Sequence[Phase], where: str) -> Iterator[str]:
    """A law that is given its own targets must have them in each of its phases."""
    for phase in phases:
        missing = [name for name in NEEDED.get(phase.law, ()) if getattr(phase, name) is None]
        if missing:
            keys = ", ".join(f"`{bare_name(name)}`" for name in missing)
            yield (
                f"{where} must have {keys} where the law is `{phase.law}`, but `{phase.name}` does "
                "not; give it the place, velocity, acceleration and jerk at which its profile ends."
            )
        elif phase.target_acceleration_m_s2 and phase.target_acceleration_m_s2[0] >= 0.0:
            yield (
                f"{where} must slow down to their targets, but the downrange part of "
                f"`target_acceleration` of `{phase.name}` is not below 0 m/s**2; change its sign."
            )


def _hovers(descent: Descent, where: str) -> Iterator[str]:
    """A phase that comes to a stop above the ground must end by its duration."""
    for phase in descent.phases:
        if phase.role != "vertical_descent" or not _stops(phase, descent):
            continue
        if phase is descent.phases[-1]:
            yield (
                f"{where} must end on the ground, but in the last, `{phase.name}`, the rate of "
                "descent comes to 0 m/s above it; add a phase after it, or give it a "
                "`descent_rate` and a `final_descent_rate` above 0 m/s."
            )
        elif phase.ends.duration_s is None:
            yield (
                f"{where} must each come to their end, but in `{phase.name}` the rate of descent "
                "comes to 0 m/s before; give it a `duration` in its `ends`."
            )


def _stops(phase: Phase, descent: Descent) -> bool:
    """Whether vertical descent comes to a stop before the height at which the phase ends."""
    rate_m_s = _first_given(phase.descent_rate_m_s, descent.descent_rate_m_s)
    final_m_s = _first_given(phase.final_descent_rate_m_s, descent.final_descent_rate_m_s)
    slowed_m = _first_given(phase.final_height_m, descent.final_height_m)
    ends_above = phase.ends.height_m is not None and phase.ends.height_m > slowed_m
    return rate_m_s == 0.0 or (final_m_s == 0.0 and not ends_above)


def _first_given(own: float | None, otherwise: float) -> float:
    return otherwise if own is None else own


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
