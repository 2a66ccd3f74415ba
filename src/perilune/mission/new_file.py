"""A file to start from: one of the catalog's under another name, each of its keys explained."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from perilune.errors import InputError
from perilune.interfaces.table import NAME_PATTERN, Table, tables_in
from perilune.mission.lander import Lander
from perilune.mission.mission import Mission
from perilune.mission.mission_files import TAG, catalog_names, find, nearest, read
from perilune.mission.schema import schema_line
from perilune.mission.site import Site

MODELS: dict[str, type[Table]] = {"lander": Lander, "site": Site, "mission": Mission}
"""What can be begun, by its kind in the catalog."""
FIRST = {"lander": "nova-c", "site": "mons-mouton", "mission": "athena"}
"""What each is begun from where nothing else is named."""
FRAMES = {
    "lander": "Body frame: origin at the centre of the plane of the undeployed footpads, +z up "
    "along the thrust, +x towards the side on which the canted altimeter beam points.",
    "site": "Places are planetocentric in MOON_ME, heights over the sphere of 1,737.4 km.",
}
_HEADER = re.compile(r"^\[+([\w.-]+)\]+")
_KEY = re.compile(r"^([\w-]+) *=")
_WIDTH = 110


def new_file(
    kind: str, name: str, like: str | None, changes: Mapping[str, str], own: Path | None
) -> tuple[Path, str]:
    """(path, text) of a new mission, lander or site: `<name>.toml` here, not yet written.

    It is that of `like`, a name of the catalog or a path, with every key explained in a comment
    before it, and with every source replaced by the one that is true of it now: taken from there.
    `changes` are keys at the file's top, such as a mission's lander. `own` is the user's own
    catalog, or None. Raises InputError where the name is none, or the file is there already.
    """
    if kind not in MODELS:
        raise InputError(f"There is no kind `{kind}` to begin; {nearest(kind, list(MODELS))}")
    if not re.fullmatch(NAME_PATTERN, name):
        raise InputError(
            f"NAME must be of small letters, digits and hyphens, such as `my-{kind}`, but is "
            f"`{name}`."
        )
    place = Path(f"{name}.toml")
    if place.exists():
        raise InputError(f"{place} is there already; choose another name, or move it away.")
    origin = _origin(kind, like or FIRST[kind], own)
    read(origin)  # which refuses what is no such file
    told = origin.read_text(encoding="utf-8-sig")
    if f"{name}.toml" == origin.name or name in catalog_names(kind, own):
        raise InputError(f"The catalog has a {kind} `{name}` already; choose another name.")
    values = {"name": name, "title": name, "summary": f"The mission {name}.", **changes}
    text = _with_changes(_without_sources(_body(told), origin.stem), values)
    return place, "".join(_explained(text, kind, origin.stem))


def _origin(kind: str, like: str, own: Path | None) -> Path:
    try:
        return find(kind, like, Path.cwd(), own)
    except InputError as error:
        raise InputError(f"--like: {error}") from error


def _body(text: str) -> str:
    """A file from its first key on: what stands before it is about the one it was written for."""
    return text[text.index("schema =") :]


def _without_sources(text: str, origin: str) -> str:
    return TAG.sub(f"[assumed: as {origin} has it]", text)


def _with_changes(text: str, values: Mapping[str, str]) -> str:
    """The text with keys of its top set, each without what stood behind it."""
    for key, value in values.items():
        shown = tomlkit.item(value).as_string()
        line = f"{key} = {shown}".replace("\\", r"\\")
        text = re.sub(rf"(?m)^{key} *=.*$", line, text, count=1)
    return text


def _explained(text: str, kind: str, origin: str) -> Iterator[str]:
    """The lines of a file, before each table and key what it means."""
    yield schema_line(kind)
    yield from _comment(
        f"A {kind} begun from {origin}. Change what is not yours, and say behind each value where "
        "it comes from: [sourced: …], [computed: …], [recalled: …] or [assumed: …]."
    )
    yield from _comment(FRAMES.get(kind, ""))
    table: type[Table] = MODELS[kind]
    for line in text.splitlines(keepends=True):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _table_at(MODELS[kind], header[1])
            yield from _comment(table.__doc__ or "")
        elif key:
            yield from _comment(_meaning(table, key[1]))
        yield line


def _table_at(model: type[Table], path: str) -> type[Table]:
    """The table at a header of a file; a step that is no key of one is the name of a unit."""
    for step in path.split("."):
        field = _field(model, step)
        model = next(tables_in(field.annotation), model) if field else model
    return model


def _field(model: type[Table], key: str) -> Any:
    named = [each for name, each in model.model_fields.items() if key in (each.alias, name)]
    return named[0] if named else None


def _meaning(table: type[Table], key: str) -> str:
    """What a key is: its own words, or those of the table that it holds."""
    field = _field(table, key)
    if field is None:
        return ""
    inner = next(tables_in(field.annotation), None)
    return field.description or (inner.__doc__ if inner else None) or ""


def _comment(words: str) -> Iterator[str]:
    first = " ".join(words.split())
    for line in textwrap.wrap(first, _WIDTH):
        yield f"# {line}\n"


def write_new(place: Path, text: str) -> None:
    """Write a new file, and nothing over one that has come there meanwhile."""
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{place} cannot be written ({error.strerror}); name another.") from error
