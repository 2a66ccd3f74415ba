"""A factor on one mission: which paths it moves there, from where to where, and its settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perilune.campaign.envelope.crossings import Span
from perilune.campaign.envelope.factors import Factor, Needs
from perilune.interfaces.quantities import si_value
from perilune.mission import Mission
from perilune.mission.lander import Engine
from perilune.mission.parameters import Leaf, leaves_of
from perilune.mission.propulsion import engines_of
from perilune.mission.sides import side_of

_ENGINE = "{engine}"
PERCENT = "%"
_HAS: dict[Needs, Callable[[Engine], bool]] = {
    "a gimbal": lambda engine: engine.gimbal_limit_rad > 0.0,
    "a throttle": lambda engine: engine.min_thrust_n < engine.max_thrust_n,
}


@dataclass(frozen=True)
class Moved:
    """A number that a factor moves: its path as `--set` takes it, and what the mission has."""

    path: str
    leaf: Leaf


@dataclass(frozen=True)
class Placed:
    """A factor on a mission: what it moves there, and its span in the factor's unit."""

    factor: Factor
    moved: tuple[Moved, ...]
    span: Span

    def settings_at(self, value: float) -> tuple[str, ...]:
        """What `--set` takes to have the factor at a value; none where the mission has it."""
        if value == self.span.start:
            return ()
        return tuple(
            f"{each.path}={_moved_to(self, each.leaf, value):.12g} {each.leaf.unit}".rstrip()
            for each in self.moved
        )


def placed(factor: Factor, mission: Mission) -> Placed | str:
    """The factor on a mission with the factor's fault in it; or why it has no such factor."""
    known = leaves_of(mission.in_truth)
    moved = []
    for path in _paths(factor, mission):
        leaf = known.get(side_of(path)[1])
        if leaf is None:
            return f"the mission has no number `{side_of(path)[1]}`"
        moved.append(Moved(path, leaf))
    if not moved:
        return f"no engine of the lander has {factor.needs}"
    start = _start(factor, moved)
    furthest = _within(factor, moved, start)
    if furthest == start:
        return f"`{moved[0].path}` is at its bound"
    return Placed(factor, tuple(moved), Span(start, furthest))


def _paths(factor: Factor, mission: Mission) -> list[str]:
    """Each path of the factor, once an engine where it names the engine."""
    engines = [
        label
        for label, engine in engines_of(mission.lander).items()
        if factor.needs is None or _HAS[factor.needs](engine)
    ]
    return [
        path.replace(_ENGINE, label)
        for path in factor.paths
        for label in (engines if _ENGINE in path else [""])
    ]


def _start(factor: Factor, moved: Sequence[Moved]) -> float:
    """What the mission has: no change, or the largest of the values that are set alike."""
    if factor.change != "set" or factor.fault is not None:
        return 0.0
    return max(each.leaf.value for each in moved) / _unit_si(factor, moved[0].leaf)


def _within(factor: Factor, moved: Sequence[Moved], start: float) -> float:
    """The furthest value at which every number keeps its own bounds."""
    way = 1.0 if factor.furthest > start else -1.0
    rooms = [factor.furthest * way]
    for each in moved:
        bound = each.leaf.high if _rises(factor, each.leaf, way) else each.leaf.low
        step = _step(factor, moved, each.leaf)
        base = 0.0 if factor.change == "set" else each.leaf.value
        if step != 0.0:
            rooms.append(abs((bound - base) / step))
    return way * min(rooms)


def _rises(factor: Factor, leaf: Leaf, way: float) -> bool:
    return way > 0.0 if factor.change != "times" else way * leaf.value > 0.0


def _step(factor: Factor, moved: Sequence[Moved], leaf: Leaf) -> float:
    """How much one of the factor's unit moves a number, SI."""
    if factor.unit != PERCENT:
        return _unit_si(factor, leaf)
    return 0.01 * (leaf if factor.change == "times" else moved[0].leaf).value


def _unit_si(factor: Factor, leaf: Leaf) -> float:
    return si_value(f"1 {factor.unit}", leaf.unit)


def _moved_to(where: Placed, leaf: Leaf, value: float) -> float:
    """A number with the factor at a value, SI."""
    change = value * _step(where.factor, where.moved, leaf)
    return max(leaf.value, change) if where.factor.change == "set" else leaf.value + change
