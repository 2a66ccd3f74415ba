"""Truth and belief set apart: numbers with one value in truth and another in the flight software.

`lander.engine.max_thrust` is both; `truth.lander.engine.max_thrust` is truth's alone, and
`belief.lander.engine.max_thrust` what design and flight software take for it. Only numbers can be
set apart, so that nothing is compiled again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from perilune.interfaces.contact_switches import BELIEF_ALONE as SWITCHES_OF_BELIEF
from perilune.interfaces.contact_switches import TRUTH_ALONE as SWITCHES_OF_TRUTH
from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.units import kind_of
from perilune.mechanics.si_units import bare_name
from perilune.mission.dispersion_entry import Dispersion
from perilune.mission.parameters import Leaf, design_time
from perilune.mission.settings import is_in

TRUTH, BELIEF = "truth", "belief"
SIDES = (TRUTH, BELIEF)

_ALONE = {TRUTH: "only truth has it", BELIEF: "only the flight software has it"}
ONE_SIDED = {
    "start": TRUTH,
    "errors": TRUTH,
    "faults": TRUTH,
    "world.gravity_degree": TRUTH,
    "world.onboard_gravity_degree": BELIEF,
    "lander.legs": TRUTH,
    "lander.hull": TRUTH,
    "site.soil": TRUTH,
    "site.stops": TRUTH,
    "lander.control": BELIEF,
    **{f"lander.contact_switches.{bare_name(each)}": TRUTH for each in SWITCHES_OF_TRUTH},
    **{f"lander.contact_switches.{bare_name(each)}": BELIEF for each in SWITCHES_OF_BELIEF},
}
"""Side of what only one of them has, by the beginning of its path."""
OF_TRUTH = {
    "engine": ("bell_exit_height", "bell_radius"),
    "thrusters": ("specific_impulse",),
    **{kind: tuple(map(bare_name, sensor.truth_alone)) for kind, sensor in KINDS.items()},
}
"""Of a part of the lander, what only truth has."""
NAMED_PATH = re.compile(r"`([\w.-]+)`")
"""A path as sentences quote it."""
BOTH_SIDED = ("lander", "masses.separation", "navigation")


def side_of(path: str) -> tuple[str | None, str]:
    """The side that a path begins with, or None, and the rest of the path."""
    head, _, rest = path.partition(".")
    return (head, rest) if head in SIDES and rest else (None, path)


def at_or_in(path: str, known: Mapping[str, Leaf]) -> list[Leaf]:
    """The number at a path, or those of the list there."""
    inside = re.compile(rf"{re.escape(path)}(\.\d+)?")
    return [leaf for each, leaf in known.items() if inside.fullmatch(each)]


def why_not(
    side: str, path: str, known: Mapping[str, Leaf], entries: Iterable[Dispersion]
) -> str | None:
    """Why a path cannot be set apart on a side, with what to set instead; None where it can."""
    alone = next((ONE_SIDED[each] for each in ONE_SIDED if is_in(path, each)), None)
    kind, key = kind_of(path.removeprefix("lander.")), _key(path)
    if path.startswith("lander.") and key in OF_TRUTH.get(kind, ()):
        alone = TRUTH
    if alone:
        return f"{_ALONE[alone]}; set `{path}`"
    if not at_or_in(path, known):
        return f"it is no number, and structure is the same on both sides; set `{path}`"
    if ".impulse_curve." in path:
        engine = path.partition(".impulse_curve.")[0]
        return f"the points of a curve belong together; set `{side}.{engine}.specific_impulse`"
    settled = design_time(path)
    if settled and _is_sigma(path):
        drawn = side == BELIEF or path in _sigmas(entries)
        return None if drawn else f"nothing is drawn with it; set `{path}`"
    if settled or not any(is_in(path, each) for each in BOTH_SIDED):
        why, instead = settled or ("both sides have the same", None)
        return f"{why}; set `{instead or path}`"
    return None


def _key(path: str) -> str:
    """The last step that is no place in a list."""
    return next(step for step in reversed(path.split(".")) if not step.isdigit())


def _is_sigma(path: str) -> bool:
    return is_in(path, "navigation") or (path.startswith("lander.") and kind_of(path[7:]) in KINDS)


def _sigmas(entries: Iterable[Any]) -> Iterator[str | None]:
    """The paths of numbers that entries take for a sigma."""
    for entry in entries:
        named = getattr(entry, "sigma", None)
        yield from named if isinstance(named, tuple) else (named,)
