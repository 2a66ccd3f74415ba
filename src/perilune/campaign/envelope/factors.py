"""The factors of an envelope: which number is moved, on which side, how, and how far."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from perilune.mission.sides import TRUTH

Change = Literal["times", "plus", "set"]
Needs = Literal["a gimbal", "a throttle"]


@dataclass(frozen=True)
class Factor:
    """A number, or several that move together, from what a mission has to the furthest value.

    A path may have `{engine}`, which stands for each engine of the lander. `change` is how it is
    moved: `times`, by a share of its own value; `plus`, by an amount, which in % is a share of the
    first path's; `set`, to a value. It is told to the flight software unless its path begins with
    `truth.` or only truth has it.
    """

    name: str
    title: str
    paths: tuple[str, ...]
    _: KW_ONLY
    change: Change
    unit: str
    furthest: float  # in `unit`, less where the number's own bounds end before
    told: bool = False
    fault: str | None = None
    """A fault of the catalog that has the number; without it the mission is as it was."""
    needs: Needs | None = None
    """What the engines that it moves must have: the others are left out."""


_LAG, _GIMBAL_LAG = "lander.{engine}.lag", "lander.{engine}.gimbal_lag"
_FLOOR = "lander.{engine}.min_thrust"


def _of_truth(*paths: str) -> tuple[str, ...]:
    return tuple(f"{TRUTH}.{path}" for path in paths)


FACTORS = (
    Factor(
        "thrust",
        "Full thrust below belief",
        _of_truth("lander.{engine}.max_thrust", _FLOOR),
        change="times",
        unit="%",
        furthest=-40.0,
    ),
    Factor(
        "impulse",
        "Specific impulse below belief",
        _of_truth("lander.{engine}.specific_impulse"),
        change="times",
        unit="%",
        furthest=-20.0,
    ),
    Factor(
        "mass",
        "Dry mass above belief, with the same propellant at separation",
        (*_of_truth("lander.mass.dry"), *_of_truth("masses.separation")),
        change="plus",
        unit="%",
        furthest=40.0,
    ),
    Factor(
        "center-of-mass",
        "Dry centre of mass off axis",
        _of_truth("lander.mass.dry_center_of_mass.0"),
        change="plus",
        unit="cm",
        furthest=20.0,
    ),
    Factor(
        "thrust-lean",
        "Lean of the thrust",
        ("errors.engine.pointing.0",),
        change="plus",
        unit="deg",
        furthest=5.7,
    ),
    Factor(
        "engine-lag",
        "Engine lag above belief",
        _of_truth(_LAG),
        change="set",
        unit="s",
        furthest=2.0,
    ),
    Factor(
        "engine-lag-told",
        "Engine lag",
        (_LAG,),
        change="set",
        unit="s",
        furthest=2.0,
        told=True,
    ),
    Factor(
        "engine-floor",
        "Engine floor above belief",
        _of_truth(_FLOOR),
        change="times",
        unit="%",
        furthest=150.0,
        needs="a throttle",
    ),
    Factor(
        "engine-floor-told",
        "Engine floor",
        (_FLOOR,),
        change="times",
        unit="%",
        furthest=150.0,
        told=True,
        needs="a throttle",
    ),
    Factor(
        "gimbal-lag",
        "Gimbal lag above belief",
        _of_truth(_GIMBAL_LAG),
        change="set",
        unit="s",
        furthest=2.0,
        needs="a gimbal",
    ),
    Factor(
        "gimbal-lag-told",
        "Gimbal lag",
        (_GIMBAL_LAG,),
        change="set",
        unit="s",
        furthest=2.0,
        told=True,
        needs="a gimbal",
    ),
    Factor(
        "gimbal-limit",
        "Gimbal limit below belief",
        _of_truth("lander.{engine}.gimbal_limit"),
        change="times",
        unit="%",
        furthest=-100.0,
        needs="a gimbal",
    ),
    Factor(
        "along-track",
        "Start further along the track than believed",
        ("start.along_track",),
        change="plus",
        unit="km",
        furthest=20.0,
    ),
    Factor(
        "cross-track",
        "Start off the track",
        ("start.cross_track",),
        change="plus",
        unit="km",
        furthest=10.0,
    ),
    Factor(
        "height",
        "Start lower than believed",
        ("start.radial",),
        change="plus",
        unit="km",
        furthest=-5.0,
    ),
    Factor(
        "ignition",
        "Late ignition",
        ("faults.ignition-late.command.duration",),
        change="set",
        unit="s",
        furthest=60.0,
        fault="ignition-late",
    ),
    Factor(
        "command-delay",
        "Command delay",
        ("faults.commands-late.command.delay",),
        change="set",
        unit="s",
        furthest=3.0,
        fault="commands-late",
    ),
)
"""In the order of the page; those with a fault, which is another program, come last."""
