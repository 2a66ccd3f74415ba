"""How far a mission's draws go, and which of them would make a lander that cannot be."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import exp, isfinite
from typing import Any

from perilune.errors import InputError
from perilune.interfaces.quantities import in_words
from perilune.mission.dispersions import rows_of
from perilune.mission.distributions import Kind, Row
from perilune.mission.mission import Mission
from perilune.mission.physics import impossibilities
from perilune.mission.validation_messages import origin_of

FAR_SIGMAS = 4.0
"""A normal draw goes further once in 16,000 flights."""
OF_THE_BODY = ("lander.", "masses.", "errors.engine.")


def drawn_too_far(mission: Mission) -> list[str]:
    """A sentence for the first drawn number that, alone at an end of its draw, breaks a law."""
    try:
        rows = rows_of(mission)
    except InputError:
        return []  # `dispersions.mistakes` reports what is wrong with the list
    bodies = (row for row in rows if row.path.startswith(OF_THE_BODY))
    return list(islice((said for row in bodies for said in _of(mission, row)), 1))


def _of(mission: Mission, row: Row) -> Iterator[str]:
    for end in ends(row):
        broken = impossibilities(with_value(mission, row, end))
        if broken:
            file = origin_of(["dispersions"], mission.origins)
            law = broken[0][broken[0].index("`") :]
            yield (
                f"{file}: dispersions: `{row.path}` can be drawn as far as "
                f"{in_words(end, row.leaf.unit)}, where {law}"
            )
            return


def ends(row: Row) -> list[float]:
    """How far a row's draw goes either way; four sigma where it has no bounds. SI."""
    if row.kind == Kind.CHOICE:
        return [value for value in row.values if isfinite(value)]
    if row.kind == Kind.UNIFORM:
        return [row.low, row.high]
    if row.kind == Kind.LOG_NORMAL:
        factor = exp(FAR_SIGMAS * row.scale)
        free = [row.leaf.value / factor, row.leaf.value * factor]
    else:
        far = FAR_SIGMAS * row.scale
        free = [row.leaf.value - far, row.leaf.value + far]
    return [min(max(end, row.low), row.high) for end in free]


def with_value(mission: Mission, row: Row, value: float) -> Mission:
    """A copy of the mission with another number at the row's path; nothing is checked."""
    return _put(mission, list(_steps(row)), value)


def _steps(row: Row) -> Iterator[str]:
    """The path with the names that a Mission has, the unit on the number's own."""
    *above, last = row.path.split(".")
    if last.isdigit():
        *above, _ = above
        yield from (*above, row.leaf.name, last)
    else:
        yield from (*above, row.leaf.name)


def _put(holder: Any, steps: Sequence[str], value: float) -> Any:
    first, *rest = steps
    if isinstance(holder, tuple):
        index = int(first)
        inner = _put(holder[index], rest, value) if rest else value
        return (*holder[:index], inner, *holder[index + 1 :])
    if isinstance(holder, dict):
        return {**holder, first: _put(holder[first], rest, value)}
    inner = _put(getattr(holder, first), rest, value) if rest else value
    return holder.model_copy(update={first: inner})
