"""A plan in a file: everything that flights of a mission need, with nothing left to be designed.

A ZIP archive without compression, which any program can read and which runs nothing:
`plan.json` (see `PlanHeader`), `mission.toml`, the whole mission as `perilune show` prints it, and
`<path>.npy` for each array of the plan, in NumPy's format, without pickles.
"""

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from perilune.atomic_files import replace_file
from perilune.design.build_sensors import KINDS, onboard_model
from perilune.design.flight_plan import FlightPlan
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.plan_archive import (
    ARRAY,
    FORMAT,
    HEADER,
    MISSION,
    PlanHeader,
    array_bytes,
    contents,
    damaged,
    names_in,
)
from perilune.design.plan_hash import sha256_of_described
from perilune.design.plan_tree import Described, described, rebuilt
from perilune.design.prepared import Prepared, prepare
from perilune.design.provenance import code_digest, host, now, version
from perilune.errors import InputError
from perilune.folders import unlike_file
from perilune.mission import Mission, resolved_text
from perilune.mission.load import load_mission_text

OTHER_CODE = "The plan was designed by another state of Perilune's code than the one that flies it."


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
    write_or_refuse(prepared, path)
    return prepared.plan_sha256


def check_plan_file(path: str | Path) -> None:
    """Raise InputError where a plan cannot be written: something that is no plan is there."""
    place = Path(path)
    if not place.parent.is_dir():
        raise InputError(f"{path} must be in a folder that is there; make {place.parent} first.")
    if place.exists() and (unlike_file(place) or HEADER not in names_in(place)):
        raise InputError(f"{path} is there already and is no plan; name another file with --out.")


def write_or_refuse(prepared: Prepared, path: str | Path) -> None:
    """`write_plan`, with an InputError where the file cannot be written."""
    try:
        write_plan(prepared, path)
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{path} cannot be written ({why}); name another with --out.") from error


def write_plan(prepared: Prepared, path: str | Path) -> None:
    """Keep a plan in a file: whole, or not at all."""
    plan, text = described(prepared.plan), resolved_text(prepared.mission)
    header = PlanHeader(
        format=FORMAT,
        perilune=version(),
        code=code_digest(),
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
                archive.writestr(name + ARRAY, array_bytes(leaf))

    replace_file(Path(path), write)


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
    header, text, leaves = contents(path)
    if _sha256(text) != header.mission_sha256:
        damaged(path, f"the hash of its {MISSION} is wrong")
    plan = Described(header.structure, leaves)
    for kind in KINDS:
        onboard_model(kind)  # loaded when a plan is built, with the records of its belief
    try:
        tree = rebuilt(plan.structure, plan.leaves)
        if not isinstance(tree, FlightPlan):
            raise ValueError("it is no flight plan")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        damaged(path, f"its plan cannot be put together: {error}")
    if sha256_of_described(plan) != header.plan_sha256:
        damaged(path, "the hash of its plan is wrong")
    mission = load_mission_text(text, f"{path}: {MISSION}")
    if not _is_of(plan, mission):
        damaged(path, f"its plan is not of its {MISSION}")
    return Prepared(
        mission=mission,
        plan=tree,
        plan_sha256=header.plan_sha256,
        epoch=header.epoch,
        terrain=header.terrain,
        gravity_name=header.gravity_name,
        notes=(*header.notes, *([OTHER_CODE] if header.code != code_digest() else [])),
        files=header.files,
        data_folder=header.data_folder,
        plan_file=str(path),
    )


def _is_of(plan: Described, mission: Mission) -> bool:
    """Whether the numbers that truth is built from are those of the mission."""
    numbers = described(to_arrays(numbers_of(mission.in_truth)))
    if plan.structure["fields"]["numbers"] != numbers.structure:
        return False
    return all(
        np.allclose(plan.leaves[f"numbers.{path}"], leaf, rtol=1e-9, atol=0.0, equal_nan=True)
        for path, leaf in numbers.leaves.items()
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
