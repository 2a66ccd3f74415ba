"""What the engines of a lander do together, for the design and for checks on the host."""

from dataclasses import dataclass

from perilune.mission.lander import Engine, Lander, Thrusters


@dataclass(frozen=True, kw_only=True)
class Propulsion:
    """All engines that burn in powered flight, as if they were one on the body axis."""

    max_thrust_n: float  # along body z
    min_thrust_n: float
    specific_impulse_s: float  # of the mixed flow at full thrust
    lag_s: float  # the slowest of them


def engines_of(lander: Lander) -> dict[str, Engine]:
    """The engines by name; one alone is named as its kind."""
    return {"engine": lander.engine}


def thrusters_of(lander: Lander) -> dict[str, Thrusters]:
    """The groups of like nozzles by name; one alone is named as its kind."""
    return {"thrusters": lander.thrusters}


def propulsion_of(lander: Lander) -> Propulsion:
    """Total thrust and mean specific impulse of a lander's engines."""
    engines = tuple(engines_of(lander).values())
    return Propulsion(
        max_thrust_n=sum(engine.max_thrust_n * engine.direction[2] for engine in engines),
        min_thrust_n=sum(engine.min_thrust_n * engine.direction[2] for engine in engines),
        specific_impulse_s=_mean_impulse_s(engines),
        lag_s=max(engine.lag_s for engine in engines),
    )


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
