"""The one list of dispersions of a mission, from those of its lander, site, own file and faults."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perilune.errors import InputError
from perilune.mission.settings import is_in


@dataclass(frozen=True)
class Listed:
    """A file's list as written, with the file's name and the tags of its comments."""

    label: str
    entries: object
    tags: dict


def take_list(label: str, values: dict, tags: dict[str, str]) -> Listed:
    """The file's list, taken out of its values; its tags stay behind in `tags` no longer."""
    entries = values.pop("dispersions", [])
    own = {path: tags.pop(path) for path in list(tags) if path.split(".")[0] == "dispersions"}
    return Listed(label, entries, own)


def joined(lists: Sequence[Listed]) -> tuple[list[dict], dict[str, str], dict[str, str]]:
    """(entries, tags, origins) of all lists, one after the other.

    An entry of a later list takes the place of those of earlier ones that draw any of its paths.
    """
    kept: list[tuple[dict, str, dict[str, str]]] = []
    for listed in lists:
        new = list(_entries(listed))
        named = [path for entry, *_ in new for path in _paths(entry)]
        kept = [one for one in kept if not _any_same(_paths(one[0]), named)] + new
    tags: dict[str, str] = {}
    origins: dict[str, str] = {}
    for place, (entry, label, own) in enumerate(kept):
        here = f"dispersions.{place}"
        tags.update({here + rest: tag for rest, tag in own.items()})
        origins.update({f"{here}.{key}": label for key in entry} or {here: label})
    return [entry for entry, *_ in kept], tags, origins


def _entries(listed: Listed) -> Iterator[tuple[dict[str, Any], str, dict[str, str]]]:
    if not isinstance(listed.entries, list) or not all(isinstance(e, dict) for e in listed.entries):
        raise InputError(
            f"{listed.label}: `dispersions` must be a list of tables such as "
            '{ path = "lander.engine.max_thrust", distribution = "normal", sigma = "40 N" }.'
        )
    for index, entry in enumerate(listed.entries):
        here = f"dispersions.{index}"
        inside = {
            p[len(here) :]: t for p, t in listed.tags.items() if f"{p}.".startswith(here + ".")
        }
        yield entry, listed.label, inside


def _paths(entry: Mapping[str, Any]) -> list[str]:
    """What an entry draws, as far as it is written rightly."""
    many = entry.get("paths")
    named = many if isinstance(many, list) else [entry.get("path")]
    return [path for path in named if isinstance(path, str)]


def _any_same(ours: Iterable[str], theirs: Sequence[str]) -> bool:
    """Whether two entries share a number: the same path, or one inside the other."""
    return any(is_in(a, b) or is_in(b, a) for a in ours for b in theirs)
