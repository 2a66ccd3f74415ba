"""What a fault sets of the mission itself: an error of the map, or a number wrongly believed.

In a fault's file `[sets]` has values and `[scales]` factors, by the paths of the resolved mission;
those below `belief` are what design and flight software take for true. They are put in before
`--set`, which can change them again.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from perilune.errors import InputError
from perilune.interfaces.units import labels_in
from perilune.mission import set_apart
from perilune.mission import settings as outside
from perilune.mission.sides import side_of

SETS, SCALES = "sets", "scales"
QUANTITY = re.compile(r"([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)\s*(\D.*)")
"""A number and its unit, as a file has them."""


class FaultSetting(NamedTuple):
    """One value that a fault sets."""

    label: str  # of the fault's file
    path: str
    value: Any
    scales: bool  # whether the value is a factor of what is there
    tag: str | None


def taken(values: dict[str, Any], label: str, tags: dict[str, str]) -> list[FaultSetting]:
    """What a fault's file sets, taken out of its values; `tags` are by paths of that file."""
    return [
        FaultSetting(label, path, value, kind == SCALES, tags.get(f"{kind}.{path}"))
        for kind in (SETS, SCALES)
        for path, value in outside.leaves(_table(values.pop(kind, {}), f"{label}: `{kind}`"))
    ]


def _table(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{name} must be a table such as [sets.errors.map], but is {value!r}.")
    return value


def put(draft: Any, settings: list[FaultSetting]) -> None:
    """Put them into a draft, one after the other."""
    for each in (one for every in settings for one in _of_units(draft, every)):
        side, path = side_of(each.path)
        value = _scaled(draft, each) if each.scales else each.value
        if side is None:
            try:
                outside.apply(draft.values, path, value, draft.model)
            except InputError as error:
                raise InputError(str(error).replace("--set", each.label)) from error
            place = outside.numbered(draft.values, path)
        else:
            place = set_apart.put(draft, side, path, value, each.label)
        draft.origins[place] = each.label
        draft.tags[place] = each.tag or f"set in {each.label}"


def _of_units(draft: Any, each: FaultSetting) -> Iterator[FaultSetting]:
    """A setting of a part of the lander, for each of its units where it has several."""
    side, path = side_of(each.path)
    head, _, rest = path.partition(".")
    kind, _, name = rest.partition(".")
    units = draft.shared["lander"].get(kind) if head == "lander" else None
    fitted = units if isinstance(units, dict) else {}
    labels = labels_in(kind, fitted) if fitted else []
    if not labels or labels == [kind] or name.partition(".")[0] in fitted:
        yield each
        return
    for label in labels:
        own = f"lander.{label}.{name}"
        yield each._replace(path=f"{side}.{own}" if side else own)


def _scaled(draft: Any, each: FaultSetting) -> Any:
    """The value that is there, as written, times a factor."""
    side, path = side_of(each.path)
    there = dict(outside.leaves(draft.values_of(side) if side else draft.shared))
    value, factor = there.get(outside.numbered(draft.shared, path)), each.value
    if isinstance(factor, bool) or not isinstance(factor, int | float):
        raise InputError(f"{each.label}: `scales.{each.path}` must be a factor, but is {factor!r}.")
    if isinstance(value, str) and (found := QUANTITY.fullmatch(value.strip())):
        number, unit = found.groups()
        return f"{float(number) * factor!r} {unit}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * factor
    raise InputError(
        f"{each.label}: `scales.{each.path}` must be of a number of the mission, but there is "
        f"{'none' if value is None else repr(value)}; name another path, or leave the fault out."
    )
