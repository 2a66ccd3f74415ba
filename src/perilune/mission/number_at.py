"""A mission with another number at one of its paths; nothing is checked."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from perilune.interfaces.table import Table
from perilune.mission.parameters import Leaf

Holder = TypeVar("Holder", bound=Table)


def with_number(mission: Holder, leaf: Leaf, value: float) -> Holder:
    """A copy of the mission with `value`, SI, where `leaf` is."""
    return _put(mission, list(_steps(leaf)), value)


def _steps(leaf: Leaf) -> Iterator[str]:
    """The path with the names that a Mission has, the unit on the number's own."""
    *above, last = leaf.path.split(".")
    if last.isdigit():
        *above, _ = above
        yield from (*above, leaf.name, last)
    else:
        yield from (*above, leaf.name)


def _put(holder: Any, steps: Sequence[str], value: Any) -> Any:
    first, *rest = steps
    if isinstance(holder, tuple):
        index = int(first)
        inner = _put(holder[index], rest, value) if rest else value
        return (*holder[:index], inner, *holder[index + 1 :])
    if isinstance(holder, dict):
        return {**holder, first: _put(holder[first], rest, value)}
    inner = _put(getattr(holder, first), rest, value) if rest else value
    return holder.model_copy(update={first: inner})
