"""What the engines of a lander do together, for the design and for checks on the host."""

from collections.abc import Sequence
from dataclasses import dataclass

from perilune.interfaces.clock import CLOCK_S, TICK_COUNT
from perilune.interfaces.quantities import in_words
from perilune.interfaces.table import unit_of_field
from perilune.interfaces.units import labelled
from perilune.mission.lander import Engine, Lander, Nozzle, Thrusters
from perilune.mission.mission import Mission
from perilune.mission.phase_events import burn_of, ignition_of
from perilune.mission.value_location import place, shown


@dataclass(frozen=True, kw_only=True)
class Propulsion:
    """Engines that burn together, as if they were one on the body axis."""

    max_thrust_n: float  # along body z
    min_thrust_n: float
    specific_impulse_s: float  # of the mixed flow at full thrust
    lag_s: float  # the slowest of them


def engines_of(lander: Lander) -> dict[str, Engine]:
    """The engines by label, `engine` or `engine.north` and so on, in the order of their names."""
    return dict(sorted(labelled("engine", lander.engine).items()))


def thrusters_of(lander: Lander) -> dict[str, Thrusters]:
    """The groups of equal nozzles by label, in the order of their names."""
    return dict(sorted(labelled("thrusters", lander.thrusters).items()))


def nozzles_of(lander: Lander) -> list[tuple[str, Thrusters, Nozzle]]:
    """Every nozzle, as truth and upload count them: its path, its group, itself."""
    return [
        (f"lander.{label}.nozzles.{index}", group, nozzle)
        for label, group in thrusters_of(lander).items()
        for index, nozzle in enumerate(group.nozzles)
    ]


def name_of(label: str) -> str:
    """The name of an engine: `north` of `engine.north`, or `engine` where there is but one."""
    return label.rpartition(".")[2]


def named_engines(lander: Lander, names: Sequence[str] = ()) -> dict[str, Engine]:
    """Those with these names, by label; all where none is named or fitted."""
    every = engines_of(lander)
    return {label: each for label, each in every.items() if name_of(label) in names} or every


def in_braking(mission: Mission) -> Propulsion:
    """Of the engines that the braking phase burns."""
    phases = mission.descent.phases
    return propulsion_of(mission.lander, phases[ignition_of(phases) or 0].engines)


def in_orbit_burn(mission: Mission) -> Propulsion:
    """Of those of the descent-orbit burn."""
    return propulsion_of(mission.lander, orbit_burn_engines(mission))


def orbit_burn_engines(mission: Mission) -> tuple[str, ...]:
    """Their names; none where all burn, or where there is no such burn."""
    phases = mission.descent.phases
    burn = burn_of(phases)
    return () if burn is None else phases[burn].engines


def total_words(mission: Mission, name: str, names: Sequence[str] = ()) -> tuple[str, str]:
    """Place and value, in words, of a number of the engine, or of its sum over several."""
    engines = named_engines(mission.lander, names)
    label = next(iter(engines))
    if len(engines) == 1:
        return place(mission, f"lander.{label}.{name}"), shown(mission, f"lander.{label}.{name}")
    total = getattr(propulsion_of(mission.lander, names), name)
    where = place(mission, f"lander.{label}.{name}")
    return f"{where} and that of the other engines", in_words(total, unit_of_field(name) or "")


def propulsion_of(lander: Lander, names: Sequence[str] = ()) -> Propulsion:
    """Total thrust and mean specific impulse of all engines, or of those with these names."""
    engines = tuple(named_engines(lander, names).values())
    return Propulsion(
        max_thrust_n=sum(engine.max_thrust_n * engine.direction[2] for engine in engines),
        min_thrust_n=sum(least_thrust_n(engine) * engine.direction[2] for engine in engines),
        specific_impulse_s=_mean_impulse_s(engines),
        lag_s=max(engine.lag_s for engine in engines),
    )


def least_thrust_n(engine: Engine) -> float:
    """The least that it holds: its floor, or the shortest pulse in each tick."""
    if engine.pulsing is None:
        return engine.min_thrust_n
    return engine.max_thrust_n * engine.pulsing.min_on_s / (CLOCK_S * TICK_COUNT)


def _mean_impulse_s(engines: tuple[Engine, ...]) -> float:
    """All thrust over all weight flow, at full thrust."""
    if len(engines) == 1:
        return full_impulse_s(engines[0])
    per_impulse = sum(engine.max_thrust_n / full_impulse_s(engine) for engine in engines)
    return sum(engine.max_thrust_n for engine in engines) / per_impulse


def full_impulse_s(engine: Engine) -> float:
    """Specific impulse at full thrust."""
    curve = engine.impulse_curve
    return engine.specific_impulse_s * (curve[-1].impulse_factor if curve else 1.0)
