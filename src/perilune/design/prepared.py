"""What flights of a mission need, whether it was designed here or read from a plan file."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeAlias

from perilune.design.flight_plan import FlightPlan
from perilune.design.plan import Design, design
from perilune.design.plan_hash import plan_sha256
from perilune.design.provenance import files_behind, hashes_of
from perilune.design.terrain_report import TerrainReport
from perilune.mechanics.time import Epoch
from perilune.mission import Mission

Files: TypeAlias = dict[str, dict[str, dict[str, str | int]]]
"""{kind: {file name: {sha256, size_bytes}}}, as `hashes_of` gives them."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A mission ready to be flown: its plan, and what a report says of how that came about.

    `files` are those that the plan was made from, `plan_file` is the one it was read from, None
    where it was designed here. `gravity_name` and `terrain` say which field and which ground are in
    the plan, `notes` what the design has to say of them.
    """

    mission: Mission
    plan: FlightPlan
    plan_sha256: str
    epoch: Epoch
    terrain: TerrainReport
    gravity_name: str
    notes: tuple[str, ...]
    files: Files
    data_folder: Literal["given", "none"]
    plan_file: str | None = None


def prepare(mission: Mission) -> Prepared:
    """Design a mission, and hash meanwhile the files that it is made from.

    Raises InputError where it cannot be designed.
    """
    with ThreadPoolExecutor(1) as beside:
        files = beside.submit(lambda: hashes_of(files_behind(mission)))
        return _prepared(mission, design(mission), files.result)


def prepared_of(mission: Mission, designed: Design) -> Prepared:
    """The same of a mission that is designed already."""
    return _prepared(mission, designed, lambda: hashes_of(files_behind(mission)))


def _prepared(mission: Mission, designed: Design, files: Callable[[], Files]) -> Prepared:
    return Prepared(
        mission=mission,
        plan=designed.plan,
        plan_sha256=plan_sha256(designed.plan),
        epoch=designed.epoch,
        terrain=designed.terrain,
        gravity_name=designed.gravity_name,
        notes=designed.notes,
        files=files(),
        data_folder="given" if mission.folders.data else "none",
    )
