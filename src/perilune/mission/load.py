"""From a mission's name or file to a validated `Mission`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission.cause_of_refusal import blamed
from perilune.mission.draft import Draft, draft_of
from perilune.mission.mission import Mission
from perilune.mission.mission_files import Document, catalog_names, document_of, find, read
from perilune.mission.parameters import Leaf, leaves_of
from perilune.mission.problems import problems
from perilune.mission.sides import SIDES, at_or_in, why_not
from perilune.mission.validation_messages import sentences


def load_mission(
    name_or_path: str | Path,
    settings: Sequence[str] = (),
    faults: Sequence[str] = (),
    *,
    folders: Folders,
) -> Mission:
    """A mission by its name in the catalog or the path of its file, with everything filled in.

    `settings` are "PATH=VALUE" strings with paths of the resolved mission; `faults` are names in
    the catalog or paths; `folders` are where a catalog and measured data are looked for, which the
    mission keeps. All values of the result are SI. Raises InputError, one sentence that
    says where the first mistake is and how to correct it.
    """
    mission, mistakes = try_to_load(str(name_or_path), settings, faults, folders)
    if mission is None or mistakes:
        more = f" (And {len(mistakes) - 1} more; see `perilune check`.)" if mistakes[1:] else ""
        raise InputError(mistakes[0] + more)
    return mission


def load_mission_text(text: str, label: str) -> Mission:
    """A mission from the whole text that `resolved_text` gives of it; sentences call it `label`.

    It has no folders: no map is looked for. Raises InputError for a value that cannot be read; what
    a design would refuse of the mission is not asked again.
    """
    mission, mistakes = try_to_load(document_of(text, label, Path.cwd()), (), (), Folders())
    if mission is None:
        raise InputError(mistakes[0])
    return mission


def try_to_load(
    name_or_path: str | Document, settings: Sequence[str], faults: Sequence[str], folders: Folders
) -> tuple[Mission | None, list[str]]:
    """The mission, or None where it cannot be read, and a sentence for each wrong value.

    Raises InputError where a file cannot be found or read at all.
    """
    mission, found = _read(name_or_path, settings, faults, folders)
    if mission is None or not found or not settings:
        return mission, found

    def read_with(other: Sequence[str]) -> tuple[Mission | None, list[str]]:
        return _read(name_or_path, other, faults, folders)

    return mission, blamed(mission, found, settings, read_with, problems)


def _read(
    name_or_path: str | Document, settings: Sequence[str], faults: Sequence[str], folders: Folders
) -> tuple[Mission | None, list[str]]:
    draft = draft_of(name_or_path, settings, faults, folders, Mission)
    try:
        mission = Mission.model_validate(draft.shared)
    except ValidationError as error:
        return None, sentences(error, Mission, draft.origins, draft.shared)
    apart = {}
    for side in SIDES:
        apart[side], found = _own_numbers(draft, side, mission)
        if found:
            return None, found
    mission.note(draft, apart)
    return mission, problems(mission)


def _of_one_side(draft: Draft, side: str, mission: Mission) -> Iterator[str]:
    """A sentence for each path that a side cannot have for itself."""
    known = leaves_of(mission)
    for path in draft.apart(side):
        why = why_not(side, path, known, mission.dispersions)
        if why:
            origin = draft.origins[f"{side}.{path}"]
            yield f"{origin}: `{side}.{path}` cannot be set apart, because {why}."


def _own_numbers(draft: Draft, side: str, mission: Mission) -> tuple[tuple[Leaf, ...], list[str]]:
    """(the numbers that a side has for itself, a sentence for each mistake in them)."""
    paths = draft.apart(side)
    if not paths:
        return (), []
    if refused := list(_of_one_side(draft, side, mission)):
        return (), refused
    values = draft.values_of(side)
    try:
        seen = leaves_of(Mission.model_validate(values))
    except ValidationError as error:
        origins = {path: f"{draft.origins[f'{side}.{path}']}: {side}" for path in paths}
        return (), sentences(error, Mission, draft.origins | origins, values)
    return tuple(leaf for path in paths for leaf in at_or_in(path, seen)), []


def list_missions(own: Path | None) -> list[tuple[str, str, str]]:
    """The missions of the catalog, a user's own folder first: (name, title, summary) of each.

    `own` is the user's own catalog, or None.
    """
    names = catalog_names("mission", own)
    documents = {name: read(find("mission", name, Path.cwd(), own)) for name in names}
    return [
        (name, str(each.values.get("title", "")), str(each.values.get("summary", "")))
        for name, each in documents.items()
    ]
