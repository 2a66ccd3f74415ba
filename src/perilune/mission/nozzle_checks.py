"""Whether the nozzles together can turn the lander both ways about each axis."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from perilune.mission.command_units import nozzles_named
from perilune.mission.lander import Lander, Nozzle
from perilune.mission.mission import Mission
from perilune.mission.propulsion import nozzles_of

LEAST_VOLUME_M3, NEARLY_NONE, MOST_SHARE = 1e-9, 1e-9, 1e3
"""Of nozzles' torques per newton: below 1 mm of arm a torque counts as none."""

Triple = tuple[float, float, float]


def turning_troubles(mission: Mission) -> Iterator[str]:
    """A sentence for each turn that no nozzles make, all of them or those of a phase."""
    yield from _turns_not_made(mission.lander, (), "")
    for phase in mission.descent.phases:
        if any(nozzles_named(mission.lander, phase.nozzles)) and phase.nozzles:
            yield from _turns_not_made(mission.lander, phase.nozzles, f" in phase `{phase.name}`")


def _turns_not_made(lander: Lander, names: Sequence[str], where: str) -> Iterator[str]:
    center_m = lander.mass.dry_center_of_mass_m
    every = zip(nozzles_of(lander), nozzles_named(lander, names), strict=True)
    torques = [_torque_n_m(nozzle, center_m) for (_, _, nozzle), used in every if used]
    threes = [three for three in combinations(torques, 3) if abs(_volume(*three)) > LEAST_VOLUME_M3]
    for axis, name in enumerate("xyz"):
        for sense in (1.0, -1.0):
            wanted = (sense * (axis == 0), sense * (axis == 1), sense * (axis == 2))
            if not any(_inside(wanted, three) for three in threes):
                yield (
                    f"lander: thrusters: `nozzles` must turn the lander both ways about each axis"
                    f"{where}, but cannot about {'+' if sense > 0.0 else '-'}{name} alone; add a "
                    "nozzle or turn one round."
                )


def _inside(wanted: Triple, three: Sequence[Triple]) -> bool:
    """Whether some nozzles of three, none of them pulling, make a torque and nothing beside it.

    What nozzles can make together, three of them can (Caratheodory).
    """
    first, second, third = three
    volume = _volume(*three)
    shares = (
        _volume(wanted, second, third) / volume,
        _volume(first, wanted, third) / volume,
        _volume(first, second, wanted) / volume,
    )
    return min(shares) > -NEARLY_NONE and max(shares) < MOST_SHARE


def _volume(first: Triple, second: Triple, third: Triple) -> float:
    """The determinant of three vectors."""
    (a, b, c), (d, e, f), (g, h, i) = first, second, third
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _torque_n_m(nozzle: Nozzle, center_m: Triple) -> Triple:
    """Torque of one newton of a nozzle about a point of the body."""
    x, y, z = (at - center for at, center in zip(nozzle.position_m, center_m, strict=True))
    u, v, w = nozzle.direction
    return y * w - z * v, z * u - x * w, x * v - y * u
