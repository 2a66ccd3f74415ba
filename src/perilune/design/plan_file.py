"""A plan in a file: everything that flights of a mission need, with nothing left to be designed.

A ZIP archive without compression, which any program can read and which runs nothing:
`plan.json` (see `PlanHeader`), `mission.toml`, the whole mission as `perilune show` prints it, and
`<path>.npy` for each array of the plan, in NumPy's format, without pickles.
"""

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from perilune.atomic_files import replace_file
from perilune.design.build_sensors import KINDS, onboard_model
from perilune.design.flight_plan import FlightPlan
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.plan_hash import sha256_of_described
from perilune.design.plan_tree import Described, Leaf, arrays_of, described, rebuilt
from perilune.design.prepared import Files, Prepared, prepare
from perilune.design.provenance import host, now, version
from perilune.design.terrain_report import TerrainReport
from perilune.errors import InputError
from perilune.folders import unlike_file
from perilune.mechanics.portable_bytes import portable_bytes
from perilune.mechanics.time import Epoch
from perilune.mission import Mission, resolved_text
from perilune.mission.load import load_mission_text

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


def save_plan(mission: Mission, path: str | Path) -> str:
    """Design a mission and keep its plan in a file: the plan's hash, in hexadecimal.

    Raises InputError where nothing can be flown, or the file cannot be written.

    >>> import perilune, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "athena.plan")
    >>> sha256 = perilune.save_plan(perilune.load_mission("athena"), path)
    >>> len(sha256)
    64
    """
    check_plan_file(path)
    prepared = prepare(mission)
    write_plan(prepared, path)
    return prepared.plan_sha256


def check_plan_file(path: str | Path) -> None:
    """Raise InputError where a plan cannot be written: something that is no plan is there."""
    place = Path(path)
    if not place.parent.is_dir():
        raise InputError(f"{path} must be in a folder that is there; make {place.parent} first.")
    if place.exists() and (unlike_file(place) or HEADER not in _names_in(place)):
        raise InputError(f"{path} is there already and is no plan; name another file with --out.")


def _names_in(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return []


def write_plan(prepared: Prepared, path: str | Path) -> None:
    """Keep a plan in a file: whole, or not at all."""
    plan, text = described(prepared.plan), resolved_text(prepared.mission)
    header = PlanHeader(
        format=FORMAT,
        perilune=version(),
        made=now(),
        host=host(),
        plan_sha256=prepared.plan_sha256,
        mission_sha256=_sha256(text),
        epoch=prepared.epoch,
        gravity_name=prepared.gravity_name,
        terrain=prepared.terrain,
        notes=prepared.notes,
        files=prepared.files,
        data_folder=prepared.data_folder,
        structure=plan.structure,
    )

    def write(place: Path) -> None:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(HEADER, header.model_dump_json(indent=1))
            archive.writestr(MISSION, text)
            for name, leaf in plan.leaves.items():
                archive.writestr(name + ARRAY, _npy(leaf))

    try:
        replace_file(Path(path), write)
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{path} cannot be written ({why}); name another with --out.") from error


def _npy(leaf: Leaf) -> bytes:
    file = io.BytesIO()
    portable = np.frombuffer(portable_bytes(leaf), leaf.dtype.newbyteorder("<"))
    np.lib.format.write_array(file, portable.reshape(leaf.shape), (1, 0), allow_pickle=False)
    return file.getvalue()


def read_plan(path: str | Path) -> Prepared:
    """What a plan file holds, checked: whole, of this version, every array by its hash.

    Nothing is designed, and nothing in the file is executed. Raises InputError for a file that is
    damaged, of something else or of another version, with its cure.

    >>> import perilune, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "athena.plan")
    >>> sha256 = perilune.save_plan(perilune.load_mission("athena"), path)
    >>> perilune.read_plan(path).mission.name
    'athena'
    """
    header, text, leaves = _contents(path)
    if _sha256(text) != header.mission_sha256:
        _damaged(path, f"the hash of its {MISSION} is wrong")
    plan = Described(header.structure, leaves)
    for kind in KINDS:
        onboard_model(kind)  # loaded when a plan is built, with the records of its belief
    try:
        tree = rebuilt(plan.structure, plan.leaves)
        if not isinstance(tree, FlightPlan):
            raise ValueError("it is no flight plan")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        _damaged(path, f"its plan cannot be put together: {error}")
    if sha256_of_described(plan) != header.plan_sha256:
        _damaged(path, "the hash of its plan is wrong")
    mission = load_mission_text(text, f"{path}: {MISSION}")
    if not _is_of(plan, mission):
        _damaged(path, f"its plan is not of its {MISSION}")
    return Prepared(
        mission=mission,
        plan=tree,
        plan_sha256=header.plan_sha256,
        epoch=header.epoch,
        terrain=header.terrain,
        gravity_name=header.gravity_name,
        notes=header.notes,
        files=header.files,
        data_folder=header.data_folder,
        plan_file=str(path),
    )


_UNREADABLE = (
    zlib.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,  # a password, a compression that is not known, JSON without an end of depth
    ValueError,
)


def _contents(path: str | Path) -> tuple[PlanHeader, str, dict[str, Leaf]]:
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
        _damaged(path, "it is cut short, changed, or another file")
    except _UNREADABLE as error:
        _damaged(path, str(error).strip("\"'").rstrip(".") or "it is cut short")


def _header(path: str | Path, archive: zipfile.ZipFile) -> PlanHeader:
    """`plan.json`, of this format and this version."""
    if HEADER not in archive.namelist():
        raise InputError(
            f"{path} is no plan: it has no {HEADER} in it; name what `perilune plan` wrote."
        )
    document = json.loads(archive.read(HEADER))
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
        _damaged(path, f"`{place}` of its {HEADER}: {first['msg'].lower()}")


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


def _is_of(plan: Described, mission: Mission) -> bool:
    """Whether the numbers that truth is built from are those of the mission."""
    numbers = described(to_arrays(numbers_of(mission.in_truth)))
    if plan.structure["fields"]["numbers"] != numbers.structure:
        return False
    return all(
        np.allclose(plan.leaves[f"numbers.{path}"], leaf, rtol=1e-9, atol=0.0, equal_nan=True)
        for path, leaf in numbers.leaves.items()
    )


def _damaged(path: str | Path, what: str) -> NoReturn:
    raise InputError(
        f"{path} cannot be read as a plan: {what}; copy it again from where it was made, or "
        f"{AGAIN}."
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
