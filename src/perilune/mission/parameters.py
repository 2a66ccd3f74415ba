"""Every number of a mission by its path, and which of them a flight can still replace."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple, get_args

from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.table import Table, holds_table, unit_of_field
from perilune.interfaces.units import kind_of
from perilune.mechanics.si_units import bare_name

_ORBIT = "orbit, burn and course are found for it before the flight"
_SIGMA = "it is the sigma of an error that is drawn"
_LIMIT = "it is a limit by which a flight is judged, no number of the flight"

# What is settled before a flight begins, by the beginning of its path: why, and what to take.
DESIGN_TIME = {
    "schema": ("it is the version of the format", None),
    "landing_utc": (_ORBIT, "start.along_track"),
    "orbit": (_ORBIT, "start.radial"),
    "state": (_ORBIT, "start.radial"),
    "descent": (_ORBIT, "onboard.plan"),
    "site": ("maps and course are laid out for it before the flight", "errors.map.east"),
    "world": ("the field is read before the flight", "errors.gravity.left_out"),
    "masses.corrections": ("it is flown before the flight begins", "masses.separation"),
    "masses.insertion": ("it is flown before the flight begins", "masses.separation"),
    "criteria": (_LIMIT, None),
    "lander.limits": (_LIMIT, None),
    "lander.legs.count": ("a lander has the legs it has", None),
    "navigation.along_track": (_SIGMA, "start.along_track"),
    "navigation.cross_track": (_SIGMA, "start.cross_track"),
    "navigation.radial": (_SIGMA, "start.radial"),
    "navigation.along_track_speed": (_SIGMA, "start.along_track_speed"),
    "navigation.cross_track_speed": (_SIGMA, "start.cross_track_speed"),
    "navigation.radial_speed": (_SIGMA, "start.radial_speed"),
    "navigation.attitude": (_SIGMA, "start.attitude"),
    "onboard.chart": ("the map and the field on board are made before the flight", "onboard.plan"),
    "onboard.filter.start_covariance": ("it follows from what is drawn of `start`", None),
}
FLIGHT_TIME = ("site.soil.", "site.stops.", "site.surface.")
"""Of those, what flights may differ in all the same."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One number: its path, its name with the unit, its value and bounds in SI."""

    path: str
    name: str
    value: float  # infinite for a moment that never comes
    low: float = -inf
    high: float = inf
    may_never: bool = False

    @property
    def unit(self) -> str:
        """As `mechanics.si_units` spells it."""
        return unit_of_field(self.name) or ""


def design_time(path: str) -> tuple[str, str | None] | None:
    """Why a path is settled before a flight, and what to disperse instead; None where it is not."""
    if path.startswith(FLIGHT_TIME):
        return None
    for prefix, settled in DESIGN_TIME.items():
        if path == prefix or path.startswith(prefix + "."):
            return settled
    return _sigma_of_an_error(path)


def _sigma_of_an_error(path: str) -> tuple[str, str | None] | None:
    """A key of a sensor's data sheet that is called as one of its errors is that error's sigma."""
    head, _, rest = path.partition(".")
    sensor = KINDS.get(kind_of(rest))
    if head != "lander" or sensor is None:
        return None
    keys = {bare_name(name) for name in sensor.errors.model_fields} & set(rest.split("."))
    named = any(bare_name(name) in keys for name in sensor.spec.model_fields)
    return (_SIGMA, f"errors.{rest}") if named else None


def leaves_of(mission: Table) -> dict[str, Leaf]:
    """Path → `Leaf` of every number of a mission; lists give one a component, `path.0` and on."""
    return {leaf.path: leaf for leaf in _in_table(mission, ())}


def _in_table(table: Table, above: tuple[str, ...]) -> Iterator[Leaf]:
    for name, field in type(table).model_fields.items():
        value, path = getattr(table, name), (*above, field.alias or name)
        if name == "dispersions":
            continue
        if isinstance(value, Table):
            yield from _in_table(value, path)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from _in_table(inner, (*path, key))
        elif isinstance(value, tuple) and value and isinstance(value[0], Table):
            for index, inner in enumerate(value):
                yield from _in_table(inner, (*path, str(index)))
        else:
            yield from _numbers(type(table), name, value, path)


class _Allowed(NamedTuple):
    """What a field may hold."""

    low: float
    high: float
    never: bool  # also a moment that does not come
    table: bool  # or a table


@functools.cache
def _allowed(kind: type[Table], name: str) -> _Allowed:
    field = kind.model_fields[name]
    bounds = _bounds([*field.metadata, field.annotation])
    return _Allowed(
        *bounds, type(None) in get_args(field.annotation), holds_table(field.annotation)
    )


def _numbers(kind: type[Table], name: str, value: Any, path: tuple[str, ...]) -> Iterator[Leaf]:
    low, high, never, table = _allowed(kind, name)
    if isinstance(value, tuple):
        for index, each in enumerate(value):
            if isinstance(each, float):
                yield Leaf(
                    path=".".join((*path, str(index))), name=name, value=each, low=low, high=high
                )
    elif value is None and never and not table:
        yield Leaf(path=".".join(path), name=name, value=inf, low=low, high=inf, may_never=never)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield Leaf(
            path=".".join(path), name=name, value=float(value), low=low, high=high, may_never=never
        )


def _bounds(constraints: Iterable[Any]) -> tuple[float, float]:
    """The least and the greatest value that annotations allow, those of a list's entries too."""
    low, high = -inf, inf
    for each in constraints:
        inner = [*getattr(each, "metadata", ()), *getattr(each, "__metadata__", ())]
        inner += [one for one in get_args(each) if one is not type(None)]
        below = _bounds(inner) if inner else (-inf, inf)
        low = max(low, below[0], *(_or(getattr(each, kind, None), low) for kind in ("gt", "ge")))
        high = min(high, below[1], *(_or(getattr(each, kind, None), high) for kind in ("lt", "le")))
    return low, high


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
