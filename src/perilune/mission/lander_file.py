"""A lander to look at: that of a mission, or one from a file or the catalog by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission.consistency_checks import propellant_kg
from perilune.mission.draft import check_schema
from perilune.mission.lander import Lander
from perilune.mission.load import try_to_load
from perilune.mission.merge import take_list
from perilune.mission.mission_files import Document, catalog_names, find, nearest, read
from perilune.mission.validation_messages import sentences


@dataclass(frozen=True)
class Found:
    """A lander; how much propellant a mission gives it, or None; what else is wrong with it."""

    lander: Lander
    propellant_kg: float | None
    mistakes: tuple[str, ...] = ()


def lander_of(name_or_path: str, settings: Sequence[str], folders: Folders) -> Found:
    """By the name or the path of a lander or of a mission; a mission's is that of truth.

    A mission that reads well and cannot be flown still has a lander to look at. Raises InputError
    where the file is no such file, or a value of it is wrong.
    """
    document = read(_path_of(name_or_path, folders))
    if "lander" in document.values:
        return _of_mission(document, settings, folders)
    if settings:
        raise InputError(
            f"--set changes a mission, but {document.label} is a lander; change its file, or name "
            "a mission with it."
        )
    return Found(read_lander(document), None)


def _path_of(name: str, folders: Folders) -> Path:
    """Of a name that is in the catalog the lander, if there is one, else the mission."""
    own = folders.catalog
    if name.endswith(".toml") or "/" in name:
        return find("lander", name, Path.cwd(), own)
    known = {kind: catalog_names(kind, own) for kind in ("lander", "mission")}
    for kind, names in known.items():
        if name in names:
            return find(kind, name, Path.cwd(), own)
    cure = nearest(name, [*known["lander"], *known["mission"]])
    raise InputError(f"There is no lander and no mission `{name}` in the catalog; {cure}")


def _of_mission(document: Document, settings: Sequence[str], folders: Folders) -> Found:
    mission, mistakes = try_to_load(document, settings, (), folders)
    if mission is None:
        raise InputError(mistakes[0])
    in_truth = mission.in_truth
    return Found(in_truth.lander, max(propellant_kg(in_truth), 0.0), tuple(mistakes))


def read_lander(document: Document) -> Lander:
    """A lander's file, each value checked by itself; InputError names the first that is wrong."""
    values = {key: value for key, value in document.values.items() if key != "schema"}
    check_schema(document.label, document.values)
    take_list(document.label, values, dict(document.tags))
    try:
        return Lander.model_validate(values)
    except ValidationError as error:
        found = sentences(error, Lander, dict.fromkeys(values, document.label), values)
        more = f" (And {len(found) - 1} more.)" if found[1:] else ""
        raise InputError(found[0] + more) from error
