"""What the catalog has, a line each: missions, landers, sites and faults."""

from dataclasses import dataclass
from pathlib import Path

from perilune.errors import InputError
from perilune.mission.mission_files import KINDS, catalog_names, find, nearest, read


@dataclass(frozen=True)
class Entry:
    """A file of the catalog: its name, and a line about it."""

    name: str
    line: str


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
    return [Entry(name, _line(read(find(kind, name, Path.cwd(), own)).values)) for name in names]


def _line(values: dict) -> str:
    """Title and summary; of a site where it is."""
    title = str(values.get("title", "")).rstrip(".")
    if "latitude" in values:
        where = (values.get(key, "?") for key in ("latitude", "longitude", "height"))
        return f"{title} ({', '.join(map(str, where))})."
    return f"{title}. {values.get('summary', '')}".strip()
