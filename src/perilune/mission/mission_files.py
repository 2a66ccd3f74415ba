"""Where mission, lander, site and fault files are found, and how they are read."""

import copy
import difflib
import functools
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import InvalidControlChar, KeyAlreadyPresent, ParseError, TOMLKitError
from tomlkit.items import AoT, Array, InlineTable, Null, Table

from perilune.errors import InputError
from perilune.folders import expanded, unlike_file

KINDS = {"mission": "missions", "lander": "landers", "site": "sites", "fault": "faults"}

_MARKS = {"lander": "mass", "site": "latitude"}
"""A key that every file of a kind has, and no mission's."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LINE_ENDS = re.compile(r"u000[ad]")
"""The ends of a line as `InvalidControlChar` names them, where a text runs over its line."""
TAG = re.compile(
    r"\[((?:sourced|recalled|assumed|inferred|computed|default|overridden|--set)\b[^\]]*)\]"
)


@dataclass(frozen=True)
class Document:
    """A file as read: its values, the tags in its comments by path, and what to call it."""

    label: str
    folder: Path
    values: dict
    tags: dict[str, str]


def catalog_folders(own: Path | None) -> list[Path]:
    """The user's own folder first, then the catalog of the package."""
    package = Path(__file__).resolve().parent.parent / "catalog"
    if own and not any((own / each).is_dir() for each in KINDS.values()):
        raise InputError(
            f"PERILUNE_CATALOG must name a folder with {', '.join(KINDS.values())} in it, one of "
            f"them at least, but {own} has none; name another, or unset it."
        )
    return ([own] if own else []) + [package]


def catalog_names(kind: str, own: Path | None) -> list[str]:
    """The names a kind ("mission", "lander", "site", "fault") has in the catalog, sorted.

    `own` is the user's own catalog, or None.
    """
    found = (folder / KINDS[kind] for folder in catalog_folders(own))
    return sorted({path.stem for folder in found for path in folder.glob("*.toml")})


def nearest(name: str, known: Sequence[str]) -> str:
    """ "; did you mean `x`?" for the closest of the known names, or all of them in a row."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.55)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"there are {', '.join(f'`{each}`' for each in known)}." if known else "it has none."


def find(kind: str, name: str, beside: Path, own: Path | None) -> Path:
    """The file that a name in the catalog, or a path relative to `beside`, stands for.

    `own` is the user's own catalog, or None.
    """
    if name.endswith(".toml") or "/" in name:
        path = beside / expanded(name, f"the {kind}")
        if path.is_file():
            return path
        raise InputError(_no_file(kind, name, path))
    for folder in catalog_folders(own):
        path = folder / KINDS[kind] / f"{name}.toml"
        if path.is_file():
            return path
    if name and os.path.lexists(beside / name):
        raise InputError(_stands_there(kind, name, beside / name))
    if (beside / f"{name}.toml").is_file():
        cure = f"did you mean ./{name}.toml?"
    else:
        cure = _of_another_kind(kind, name, own) or nearest(name, catalog_names(kind, own))
    raise InputError(f"there is no {kind} `{name}` in the catalog; {cure}")


def _of_another_kind(kind: str, name: str, own: Path | None) -> str:
    """What the catalog has under a name that is none of this kind, and its cure; or nothing."""
    for other in _MARKS:
        if other != kind and name in catalog_names(other, own):
            return _cure(other, name)
    return ""


def _cure(kind: str, name: str) -> str:
    return (
        f"`{name}` is a {kind}; begin a mission with `perilune new mission NAME --{kind} {name}`."
    )


def check_is_mission(document: Document, named: str) -> None:
    """Raise InputError where a file, by the path `named`, is of a lander or a site."""
    for kind, key in _MARKS.items():
        if key in document.values and not set(document.values) & set(_MARKS):
            raise InputError(f"{document.label}: this is no mission's file: {_cure(kind, named)}")


def _no_file(kind: str, name: str, path: Path) -> str:
    """Why a path is no file that can be read, and its cure."""
    place = "" if Path(name).is_absolute() else f" in {path.parent.absolute()}"
    if not os.path.lexists(path):
        return f"there is no {kind} file `{name}`{place}; check the path."
    return f"the {kind} `{name}` must be a file, but {unlike_file(path)}; check the path."


def _stands_there(kind: str, name: str, path: Path) -> str:
    """What a name that is not in the catalog is in the folder."""
    if path.is_file():
        return (
            f"there is no {kind} `{name}` in the catalog; for the file of that name here write "
            f"`./{name}`."
        )
    return _no_file(kind, name, path)


def read(path: Path) -> Document:
    """Read a TOML file with the source tags of its comments.

    Raises InputError with the line and column of a syntax error.
    """
    label = _label(path)
    try:
        text = _text_of(path.read_bytes(), label)
    except OSError as error:
        raise InputError(f"{label}: this must be a readable text file, but {error}.") from error
    return document_of(text, label, path.resolve().parent)


def document_of(text: str, label: str, folder: Path) -> Document:
    """A text as `read` reads it from a file in `folder`; sentences call it `label`."""
    try:
        values, tags = _parsed(text)
    except ParseError as error:
        if isinstance(error, InvalidControlChar) and _LINE_ENDS.search(str(error)):
            raise InputError(
                f"{label}: this must be TOML, but a text on line {error.line} is not closed; add "
                "the quotation mark."
            ) from error
        raise InputError(f"{label}: this must be TOML, but {error}; correct that line.") from error
    except KeyAlreadyPresent as error:
        raise InputError(f"{label}: {str(error).rstrip('.')}; keep one of the two.") from error
    except (TOMLKitError, RecursionError, ValueError) as error:
        raise InputError(f"{label}: this must be TOML, but {error}; correct it.") from error
    check_whole_numbers(values, label)
    return Document(label, folder, copy.deepcopy(values), dict(tags))


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[dict, dict[str, str]]:
    """The values and tags of a text, not to be changed: many missions name the same few files."""
    document = tomlkit.parse(text)
    tags: dict[str, str] = {}
    _collect(document, (), tags)
    return document.unwrap(), tags


def check_whole_numbers(value: object, where: str) -> None:
    """Raise InputError where a whole number does not fit into 64 bits, as TOML demands."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            check_whole_numbers(each, where)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise InputError(
            f"{where}: a whole number must fit into 64 bits, but one has "
            f"{math.log10(abs(value)) + 1:.0f} digits; correct it."
        )


def _text_of(content: bytes, label: str) -> str:
    """A file's text, a mark of byte order before it read over."""
    if b"\0" in content:
        likely = ", but looks like UTF-16" if content[:2] in _UTF_16 else ", but holds zero bytes"
    else:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            likely = f", but the byte {content[error.start]:#04x} on line {line} is not valid UTF-8"
    raise InputError(f"{label}: this must be text in UTF-8{likely}; save it as UTF-8.")


def tag_of(sources: Mapping[str, str], path: str) -> str | None:
    """The source tag of a path: its own, or that of the list or table it stands in; or None."""
    steps = path.split(".")
    above = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    return next((sources[each] for each in above if each in sources), None)


def _label(path: Path) -> str:
    """A path as the user would type it here."""
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown


def _collect(item: Any, path: tuple[str, ...], tags: dict[str, str]) -> None:
    """Walk a document and note the tag standing behind each value, table or array."""
    comment = getattr(getattr(item, "trivia", None), "comment", "")
    found = TAG.findall(comment)
    if found and path:
        tags[".".join(path)] = "; ".join(found)
    children: Iterable[tuple[object, object]]
    if isinstance(item, dict | Table | InlineTable):
        children = item.items()
    elif isinstance(item, AoT | Array):
        children = enumerate(item)
    else:
        return
    if isinstance(item, Array):
        _collect_entries(item, path, tags)
    for key, child in children:
        _collect(child, (*path, str(key)), tags)


def _collect_entries(array: Array, path: tuple[str, ...], tags: dict[str, str]) -> None:
    """Note the tag standing on the line of each entry of an array, behind its comma."""
    index = -1
    for group in array._value:
        if group.value is None or isinstance(group.value, Null):
            continue
        index += 1
        found = TAG.findall(group.comment.trivia.comment) if group.comment else []
        if found:
            tags[".".join((*path, str(index)))] = "; ".join(found)
