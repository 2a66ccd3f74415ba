"""How far a mission's draws go, and which of them would make a lander that cannot be."""

from collections.abc import Iterator
from itertools import islice
from math import exp, isfinite

from perilune.errors import InputError
from perilune.interfaces.quantities import in_words
from perilune.mission.dispersions import rows_of
from perilune.mission.distributions import Kind, Row
from perilune.mission.mission import Mission
from perilune.mission.number_at import with_number
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
    return list(islice((sentence for row in bodies for sentence in _of(mission, row)), 1))


def _of(mission: Mission, row: Row) -> Iterator[str]:
    for end in ends(row):
        broken = impossibilities(with_number(mission, row.leaf, end))
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
