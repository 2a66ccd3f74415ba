"""A mission before validation: files read, names filled in, overrides and settings applied."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from perilune.errors import InputError
from perilune.folders import Folders
from perilune.interfaces.table import Table
from perilune.interfaces.units import labels_in
from perilune.mission import fault_settings, set_apart
from perilune.mission import settings as outside
from perilune.mission.error_model import StartErrors, optional_of, written, written_errors
from perilune.mission.fault import defaults_of
from perilune.mission.lander import Control, Engine, Mass, Tank
from perilune.mission.map_names import beside_file
from perilune.mission.merge import joined, take_list
from perilune.mission.mission_files import (
    Document,
    catalog_names,
    check_is_mission,
    find,
    nearest,
    read,
    tag_of,
)
from perilune.mission.sides import SIDES, side_of
from perilune.mission.standard_phases import WRITTEN

SCHEMA = 1
_WRITTEN_OUT = ("lander", "site")
"""What a mission may hold whole instead of naming it, as `perilune show` prints it."""


@dataclass(kw_only=True)
class Draft:
    """A mission's values as written, with the tag and the file behind each path.

    `folders` are those its files are looked for in. Numbers that truth and belief have apart stand
    in `values` too, in the tables `truth` and `belief`.
    """

    values: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)
    origins: dict = field(default_factory=dict)
    lists: list = field(default_factory=list)  # of dispersions, file by file
    of_faults: list = field(default_factory=list)  # what faults set of the rest
    folders: Folders = field(default_factory=Folders)
    model: type[Table] | None = None  # which keys there may be beside those written

    @property
    def shared(self) -> dict:
        """The values that both sides have."""
        return {key: value for key, value in self.values.items() if key not in SIDES}

    def apart(self, side: str) -> dict[str, Any]:
        """Path → value of what one side has for itself."""
        return dict(outside.leaves(self.values.get(side, {})))

    def values_of(self, side: str) -> dict:
        """All values as one side has them."""
        values = copy.deepcopy(self.shared)
        for path, value in self.apart(side).items():
            outside.apply(values, path, value, self.model)
        return values

    def with_text(self, path: str, text: str, tag: str) -> "Draft":
        """The same with a value at a path, and its tag."""
        values = copy.deepcopy(self.values)
        outside.apply(values, path, text, self.model)
        return replace(self, values=values, tags=self.tags | {path: tag})

    def seen_from(self, side: str) -> "Draft":
        """The same with the tags and the origins that one side has."""
        named = {path: f"{side}.{path}" for path in self.apart(side)}
        tags, origins = (
            known | {path: known[own] for path, own in named.items() if own in known}
            for known in (self.tags, self.origins)
        )
        return replace(self, tags=tags, origins=origins)


def draft_of(
    mission: str | Document,
    settings: Sequence[str],
    faults: Sequence[str],
    folders: Folders,
    model: type[Table] | None = None,
) -> Draft:
    """Read the mission's file and all it names, apply overrides, then settings.

    `mission` is a name in the catalog, a path, or what was read.
    Settings may be of keys that no file writes where the `model` declares them.
    """
    _check_lists(settings=settings, faults=faults)
    if isinstance(mission, str):
        named = mission
        mission = read(find("mission", named, Path.cwd(), folders.catalog))
        check_is_mission(mission, named)
    document = mission
    check_schema(document.label, document.values)
    values = dict(document.values)
    overrides = values.pop("overrides", {})
    apart = {side: values.pop(side) for side in SIDES if side in values}
    draft = Draft(values=values, tags=dict(document.tags), folders=folders, model=model)
    own_list = take_list(document.label, values, draft.tags)
    _note(draft, (), values, document.label)
    pairs = [outside.parse(each) for each in settings]
    for kind in ("lander", "site"):
        own = Chosen(values.get(kind), document.folder, document.label)
        chosen = [Chosen(value, Path.cwd(), "--set") for path, value in pairs if path == kind]
        _fill_in(draft, kind, (kind,), [own, *chosen][-1])
    draft.lists.append(own_list)
    _fill_in_faults(draft, document, faults)
    if isinstance(descent := draft.values.get("descent"), dict):
        phases = {"phases": copy.deepcopy(WRITTEN)}
        _add_defaults(draft, descent, phases, ("descent",))
    _add_dispersions(draft)
    _override(draft, overrides, document)
    set_apart.put_tables(draft, apart, document)
    fault_settings.put(draft, draft.of_faults)
    _set(draft, pairs)
    return draft


def _set(draft: Draft, pairs: Iterable[tuple[str, Any]]) -> None:
    """Apply settings: first those of both sides, which end what a file has apart there."""
    for path, value in sorted(pairs, key=lambda pair: side_of(pair[0])[0] is not None):
        if path == "schema":
            check_schema("--set", {path: value})
        if path in ("lander", "site"):
            continue
        if path in SIDES:
            raise InputError(
                f"--set: `{path}` must stand before a path, such as "
                f"`{path}.lander.engine.max_thrust`, but stands alone; add the path."
            )
        side, rest = side_of(path)
        place = outside.numbered(draft.values, rest)
        if side is None:
            outside.apply(draft.values, path, value, draft.model)
            set_apart.join_again(draft, place, value)
        else:
            place = set_apart.put(draft, side, rest, value, "--set")
        draft.tags[place] = draft.origins[place] = "--set"


def _check_lists(**given: Sequence[str]) -> None:
    for name, texts in given.items():
        if isinstance(texts, str) or not all(isinstance(each, str) for each in texts):
            raise InputError(
                f"`{name}` must be a list of texts, but is {texts!r}; put each text into quotes, "
                "and all of them into square brackets."
            )


def check_schema(label: str, values: Mapping[str, Any]) -> None:
    """InputError where a file is not of this version of the format."""
    came = values.get("schema")
    if came != SCHEMA or isinstance(came, bool):
        says = "is missing" if came is None else f"must be {SCHEMA}, but is {came}"
        raise InputError(f"{label}: `schema` {says}; write `schema = {SCHEMA}`.")


class Chosen(NamedTuple):
    """A file that something names."""

    name: Any
    beside: Path  # the folder that the name is relative to
    label: str  # what names it


def _fill_in(draft: Draft, kind: str, path: tuple[str, ...], chosen: Chosen) -> None:
    """Put a file at a path of the draft."""
    name, beside, label = chosen
    if isinstance(name, dict) and "name" in name and path[-1] in _WRITTEN_OUT:
        return
    if name is None:
        names = catalog_names(kind, draft.folders.catalog)
        raise InputError(
            f"{label}: `{kind}` is missing; add the name of a {kind} in the catalog, "
            f"{', '.join(f'`{each}`' for each in names)}, or the path of a file."
        )
    if not isinstance(name, str):
        raise InputError(
            f"{label}: `{kind}` must be a name in the catalog or a path, but is a "
            f"{'table' if isinstance(name, dict) else type(name).__name__}; "
            f"values are overridden in `[overrides.{kind}]`."
        )
    try:
        document = read(find(kind, name, beside, draft.folders.catalog))
    except InputError as error:
        raise InputError(f"{label}: {kind}: {error}") from error
    check_schema(document.label, document.values)
    values = {key: value for key, value in document.values.items() if key != "schema"}
    if kind == "site" and "maps" in values:
        values["maps"] = beside_file(values["maps"], document.folder)
    tags = dict(document.tags)
    draft.lists.append(take_list(document.label, values, tags))
    if kind == "fault":
        draft.of_faults += fault_settings.taken(values, document.label, tags)
    _place(draft, path, values)
    _note(draft, path, values, document.label)
    prefix = ".".join(path)
    draft.tags.update({f"{prefix}.{key}": tag for key, tag in tags.items()})
    if kind == "lander":
        _add_layout_defaults(draft, values)


def _fill_in_faults(draft: Draft, document: Document, faults: Sequence[str]) -> None:
    named = draft.values.pop("faults", [])
    written_out, named = (named, []) if isinstance(named, dict) else ({}, named)
    if not isinstance(named, list):
        raise InputError(
            f'{document.label}: `faults` must be a list of names such as ["altimeter-dead"], '
            f"but is {named!r}."
        )
    draft.values["faults"] = written_out
    draft.origins.pop("faults", None)
    for name, values in written_out.items():
        if isinstance(values, dict):
            _add_defaults(draft, values, defaults_of(values), ("faults", name))
    every = [Chosen(name, document.folder, document.label) for name in named]
    every += [Chosen(name, Path.cwd(), "--fault") for name in faults]
    for chosen in every:
        path = ("faults", Path(str(chosen.name)).stem)
        _fill_in(draft, "fault", path, chosen)
        values = draft.values["faults"][path[1]]
        _add_defaults(draft, values, defaults_of(values), path)


def _add_defaults(
    draft: Draft, values: dict[str, Any], defaults: Mapping[str, Any], path: tuple[str, ...]
) -> None:
    """Write down what a file left unsaid, tagged as such."""
    for key, default in defaults.items():
        here = (*path, key)
        if isinstance(default, dict):
            inner = values.setdefault(key, {})
            if isinstance(inner, dict):
                _add_defaults(draft, inner, default, here)
        elif key not in values:
            values[key] = list(default) if isinstance(default, list | tuple) else default
            draft.tags[".".join(here)] = "default"


def _add_layout_defaults(draft: Draft, values: dict[str, Any]) -> None:
    """Write down what a lander's file left unsaid of its parts' places and figures."""
    tanks = values.get("tanks")
    labels = [f"tanks.{index}" for index in range(len(tanks) if isinstance(tanks, list) else 0)]
    parts: list[tuple[type[Table], str]] = [(Mass, "mass"), (Control, "control")]
    parts += [(Tank, label) for label in labels]
    parts += [(Engine, label) for label in labels_in("engine", values.get("engine"))]
    for kind, label in parts:
        part: Any = values
        for step in label.split("."):
            part = part[int(step)] if isinstance(part, list) else part.get(step)
        if isinstance(part, dict):
            _add_defaults(draft, part, optional_of(kind), ("lander", *label.split(".")))


def _add_dispersions(draft: Draft) -> None:
    """Join the files' lists, and write down every error that the mission leaves at zero."""
    draft.values["dispersions"], tags, origins = joined(draft.lists)
    draft.tags.update(tags)
    draft.origins.update(origins)
    lander = draft.values["lander"]
    errors = written_errors(lander if isinstance(lander, dict) else {})
    _add_defaults(draft, draft.values, {"start": written(StartErrors), "errors": errors}, ())


def _override(draft: Draft, overrides: Any, document: Document) -> None:
    """Apply `[overrides.lander.engine]` and similar tables: paths of the lander and the site."""
    for path, value in outside.leaves(overrides):
        if path.split(".")[0] not in ("lander", "site"):
            first = path.split(".")[0]
            cure = nearest(first, ["lander", "site"])
            raise InputError(f"{document.label}: overrides: there is no `{first}` here; {cure}")
        try:
            outside.apply(draft.values, path, value, draft.model)
        except InputError as error:
            raise InputError(str(error).replace("--set", f"{document.label}: overrides")) from error
        draft.origins[path] = f"{document.label}: overrides"
        tag = tag_of(draft.tags, f"overrides.{path}")
        draft.tags[path] = tag or f"overridden in {document.label}"


def _place(draft: Draft, path: tuple[str, ...], values: Any) -> None:
    holder = draft.values
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = values


def _note(draft: Draft, path: tuple[str, ...], values: Any, label: str) -> None:
    for leaf, _ in outside.leaves(values, path):
        draft.origins[leaf] = label
