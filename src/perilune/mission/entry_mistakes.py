"""What is wrong with an entry of a list of dispersions, as half a sentence behind its place."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from perilune.mission.dispersion_entry import DISTRIBUTIONS

NAMES = " or ".join(f'"{name}"' for name in DISTRIBUTIONS)
COMMON = {"path", "paths", "distribution", "kind"}


def names_of(entry: Mapping, number: int) -> str:
    """An entry by the paths that it draws, as far as it is written rightly, or by its number."""
    many = entry.get("paths")
    named = [entry.get("path"), *(many if isinstance(many, list) else [])]
    known = [f"`{path}`" for path in named if isinstance(path, str)]
    return " and ".join(known[:2]) or f"entry {number + 1}"


def mistake_of(kind: str, message: str, steps: Sequence[str], entry: Mapping) -> str | None:
    """The half sentence for pydantic's word for a mistake; None where it is none of an entry's own.

    `steps` lead from the entry to the mistake: its distribution, then a key.
    """
    if kind == "entry":
        return message
    if not steps:
        return _of_the_distribution(entry)
    if len(steps) == 1:
        return None
    distribution, key = steps[:2]
    if kind == "missing":
        return f"a {distribution} draw needs `{key}`; add it."
    if kind == "extra_forbidden" and _is_anothers(key):
        takes = sorted(set(DISTRIBUTIONS[distribution].model_fields) - COMMON)
        listed = " and ".join(f"`{name}`" for name in takes)
        return f"a {distribution} draw has no `{key}`; it takes {listed}."
    return None


def _of_the_distribution(entry: Mapping[str, Any]) -> str:
    came = entry.get("distribution")
    if came is None and (near := get_close_matches("distribution", entry, n=1)):
        return f"there is no `{near[0]}` here; did you mean `distribution`?"
    if came is None:
        return f"`distribution` is missing; add {NAMES}."
    return f"`distribution` must be {NAMES}, but is {came!r}."


def _is_anothers(key: str) -> bool:
    return any(key in table.model_fields for table in DISTRIBUTIONS.values())
