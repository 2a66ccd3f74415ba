"""What the catalog has, a line each: missions, landers, sites and faults."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perilune.errors import InputError
from perilune.mission.mission_files import KINDS, catalog_names, find, nearest, read
from perilune.mission.settings import leaves

TEXTS = ("schema", "name", "title", "summary", "dispersions")
"""Keys of a fault's file that are no parameters."""


@dataclass(frozen=True)
class Parameter:
    """A key of a fault: where it stands in the fault's file, its value without unit, its unit."""

    path: str
    value: str
    unit: str


@dataclass(frozen=True)
class Entry:
    """A file of the catalog: its name, a line about it, and what of a fault can be set."""

    name: str
    line: str
    parameters: tuple[Parameter, ...] = ()


def kinds_asked(kind: str | None) -> list[str]:
    """The folders of the catalog to list: one, or all; InputError where there is no such kind."""
    every = list(KINDS.values())
    if kind is None:
        return every
    for one, folder in KINDS.items():
        if kind in (one, folder):
            return [folder]
    raise InputError(f"The catalog has no `{kind}`; {nearest(kind, every)}")


def entries_of(folder: str, own: Path | None) -> list[Entry]:
    """The entries of a folder of the catalog, by name, a user's own in place of the package's.

    `own` is the user's own catalog, or None.
    """
    kind = next(one for one, each in KINDS.items() if each == folder)
    names = catalog_names(kind, own)
    files = {name: read(find(kind, name, Path.cwd(), own)).values for name in names}
    return [
        Entry(name, _line(values), parameters_of(values) if kind == "fault" else ())
        for name, values in files.items()
    ]


def parameters_of(values: dict) -> tuple[Parameter, ...]:
    """The keys that a fault's file gives, a row each, tables by their paths; none of its texts."""
    given = {key: each for key, each in values.items() if key not in TEXTS}
    return tuple(_parameter(path, each) for path, each in leaves(given))


def _parameter(path: str, value: Any) -> Parameter:
    """`"5 km"` apart as 5 and km; any other text is a value without unit."""
    if not isinstance(value, str):
        return Parameter(path, json.dumps(value), "")
    number, _, unit = value.partition(" ")
    return Parameter(path, number, unit) if unit else Parameter(path, value, "")


def _line(values: dict) -> str:
    """Title and summary; of a site where it is."""
    title = str(values.get("title", "")).rstrip(".")
    if "latitude" in values:
        where = (values.get(key, "?") for key in ("latitude", "longitude", "height"))
        return f"{title} ({', '.join(map(str, where))})."
    return f"{title}. {values.get('summary', '')}".strip()
