"""The ZIP archive that a plan file is: header, mission and arrays, read with suspicion."""

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from perilune.design.plan_tree import Leaf, arrays_of
from perilune.design.prepared import Files
from perilune.design.provenance import version
from perilune.design.terrain_report import TerrainReport
from perilune.errors import InputError
from perilune.folders import unlike_file
from perilune.mechanics.portable_bytes import portable_bytes
from perilune.mechanics.time import Epoch

FORMAT: Literal[1] = 1
HEADER, MISSION, ARRAY = "plan.json", "mission.toml", ".npy"
MOST_BYTES = 1_000_000_000
"""Of all that a file holds: a plan has some millions."""
AGAIN = "make it again with `perilune plan`"


class PlanHeader(BaseModel):
    """What `plan.json` holds; `structure` is what `plan_tree.described` gives."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")

    format: Literal[1]
    perilune: str
    code: str
    made: str
    host: dict[str, str | int | None]
    plan_sha256: str
    mission_sha256: str
    epoch: Epoch
    gravity_name: str
    terrain: TerrainReport
    notes: tuple[str, ...]
    files: Files
    data_folder: Literal["given", "none"]
    structure: Any


def names_in(path: Path) -> list[str]:
    """Names of what a ZIP archive holds; none of anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return []


def array_bytes(leaf: Leaf) -> bytes:
    """An array in NumPy's format, the same bytes on every machine."""
    file = io.BytesIO()
    portable = np.frombuffer(portable_bytes(leaf), leaf.dtype.newbyteorder("<"))
    np.lib.format.write_array(file, portable.reshape(leaf.shape), (1, 0), allow_pickle=False)
    return file.getvalue()


_UNREADABLE = (
    zlib.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,  # a password, a compression that is not known, JSON without an end of depth
    ValueError,
)


def contents(path: str | Path) -> tuple[PlanHeader, str, dict[str, Leaf]]:
    """(header, text of the mission, arrays by path) of a file."""
    if not Path(path).exists():
        raise InputError(f"There is no plan file {path}; check the path.")
    if unlike := unlike_file(Path(path)):
        raise InputError(f"The plan file {path} must be a file, but {unlike}; check the path.")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(each.file_size for each in archive.infolist()) > MOST_BYTES:
                raise InputError(f"{path} is far too large for a plan; {AGAIN}.")
            header = _header(path, archive)
            leaves = {name: _array(archive.read(name + ARRAY)) for name in _paths(header)}
            return header, archive.read(MISSION).decode(), leaves
    except zipfile.BadZipFile:
        damaged(path, "it is cut short, changed, or another file")
    except _UNREADABLE as error:
        damaged(path, str(error).strip("\"'").rstrip(".") or "it is cut short")


def _header(path: str | Path, archive: zipfile.ZipFile) -> PlanHeader:
    """`plan.json`, of this format and this version."""
    if HEADER not in archive.namelist():
        raise InputError(
            f"{path} is no plan: it has no {HEADER} in it; name what `perilune plan` wrote."
        )
    document = json.loads(archive.read(HEADER))
    if not isinstance(document, dict):
        damaged(path, f"its {HEADER} is no table")
    written = document.get("format"), document.get("perilune")
    if written != (FORMAT, version()):
        raise InputError(
            f"{path} is a plan of format {written[0]} by Perilune {written[1]}, but this is format "
            f"{FORMAT} by Perilune {version()}; {AGAIN}, or install that version."
        )
    try:
        return PlanHeader.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        damaged(path, f"`{place}` of its {HEADER}: {first['msg'].lower()}")


def _paths(header: PlanHeader) -> list[str]:
    return [path for path, _, _ in arrays_of(header.structure)]


def _array(content: bytes) -> Leaf:
    """An array in NumPy's format; ValueError for anything else, or of another size than it says."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array has another version of NumPy's format than 1.0")
    shape, in_columns, kind = np.lib.format.read_array_header_1_0(file)
    if in_columns or kind.hasobject:
        raise ValueError("an array is stored by columns, or holds objects")
    return np.frombuffer(content, kind, offset=file.tell()).reshape(shape)


def damaged(path: str | Path, what: str) -> NoReturn:
    """Raise InputError for a file that is no whole plan, with the cure."""
    raise InputError(
        f"{path} cannot be read as a plan: {what}; copy it again from where it was made, or "
        f"{AGAIN}."
    )
