"""Sizes beyond any lander and any descent, refused before other laws compute with them.

The least sigmas are those whose squares the filter can still resolve beside the others.
"""

import math
import re
from typing import NamedTuple

from perilune.interfaces.quantities import in_words
from perilune.mission.mission import Mission
from perilune.mission.parameters import Leaf, leaves_of
from perilune.mission.value_location import place


class Bound(NamedTuple):
    """Of all numbers in a unit whose path matches: the least and the greatest, without the sign.

    `why` is half a sentence.
    """

    path: str
    unit: str
    least: float
    most: float
    why: str


_BODY = r"lander\.(mass|tanks|engine|thrusters|legs|hull|.*\bmount)\b"
_FINE = "no instrument is finer"
_KNOWN = "no orbit is known better"
BOUNDS = (
    Bound(r"lander\.star_tracker\b.*\.(cross_axis|roll)$", "rad", 1e-9, 1.0, _FINE),
    Bound(r"lander\..*\bnoise$", "m", 1e-6, 1e6, _FINE),
    Bound(r"lander\..*\bnoise$", "m/s", 1e-6, 1e3, _FINE),
    Bound(r"navigation\b", "m", 1e-3, 1e6, _KNOWN),
    Bound(r"navigation\b", "m/s", 1e-6, 1e3, _KNOWN),
    Bound(r"navigation\b", "rad", 1e-9, 1.0, _KNOWN),
    Bound(r"(lander\.mass|masses)\b", "kg", 0.0, 1e6, "no lander weighs more"),
    Bound(r"lander\b", "N", 0.0, 1e8, "no lander is pushed harder"),
    Bound(rf"{_BODY}.*radius", "m", 1e-3, 50.0, "no part of a lander is of other size"),
    Bound(_BODY, "m", 0.0, 50.0, "no lander is larger"),
    Bound(r"lander\.mass\b", "kg*m**2", 0.0, 1e10, "no lander is larger"),
    Bound(r"masses\b", "m/s", 0.0, 1e4, "no stage of a lander gives more"),
    Bound(r"descent\b", "m/s", 0.0, 3e3, "it is faster than any orbit of the Moon"),
    Bound(r"descent\b", "m", 0.0, 1e6, "no descent is larger"),
)


def out_of_size(mission: Mission) -> list[str]:
    """A sentence for each number of a mission that is beyond its bound."""
    found = (_beyond(mission, leaf) for leaf in leaves_of(mission).values())
    return list(dict.fromkeys(each for each in found if each))


def _beyond(mission: Mission, leaf: Leaf) -> str | None:
    if leaf.may_never and math.isinf(leaf.value):
        return None  # left out
    fitting = (each for each in BOUNDS if each.unit == leaf.unit and re.match(each.path, leaf.path))
    bound = next(fitting, None)
    if bound is None or bound.least <= abs(leaf.value) <= bound.most:
        return None
    is_large = abs(leaf.value) > bound.most
    words, limit = ("at most", bound.most) if is_large else ("at least", bound.least)
    return (
        f"{place(mission, _with_unit(leaf))} must be {words} {in_words(limit, leaf.unit)}, but is "
        f"{in_words(abs(leaf.value), leaf.unit)}: {bound.why}."
    )


def _with_unit(leaf: Leaf) -> str:
    """The path of a component is that of its list: what is written is the whole list."""
    *above, last = leaf.path.split(".")
    return ".".join([*(above[:-1] if last.isdigit() else above), leaf.name])
