"""A linear covariance analysis of a mission as a document, made once for what decides it."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perilune.app.stages import Beside, Stages
from perilune.campaign.request import Engine
from perilune.errors import InputError
from perilune.folders import Folders

if TYPE_CHECKING:
    from perilune.campaign.covariance.reference_flight import Record
    from perilune.design.prepared import Prepared
    from perilune.mission import Mission


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be analysed, and the campaign that its figures are to stand beside."""

    mission: str
    beside: str | None
    seed: int
    faults: tuple[str, ...]
    settings: tuple[str, ...]
    scales: tuple[str, ...]
    engine: Engine | None
    out: str | None
    folders: Folders


def analysed(mission: "Mission", asked: Asked, stage: Stages) -> dict[str, Any]:
    """The document of an analysis, without what is set beside it: kept, or made here.

    It is kept under the mission as it is resolved and the hashes of its files, for this code.
    """
    from perilune.flight.compile_cache import kept_folder
    from perilune.flight.kept_programs import making
    from perilune.kept_files import kept_bytes

    def make() -> bytes:
        return json.dumps(_document(mission, asked, stage)).encode()

    with stage("find", "looking for this analysis among those kept"):
        key = _key(mission, asked)
    return dict(json.loads(kept_bytes(kept_folder(), key, making(), make)))


def _key(mission: "Mission", asked: Asked) -> str:
    """All that decides it beside the code that flies, by which it is made."""
    from perilune.design.provenance import files_behind, hashes_of, sha256_of
    from perilune.mission import resolved_text

    described = [resolved_text(mission), hashes_of(files_behind(mission)), sha256_of(__file__)]
    options = [list(mission.faults), asked.settings, asked.seed, asked.engine]
    return f"covariance {json.dumps([*described, *options], sort_keys=True)}"


def _document(mission: "Mission", asked: Asked, stage: Stages) -> dict[str, Any]:
    import numpy as np

    from perilune.campaign.covariance.drawn_errors import drawn_errors
    from perilune.campaign.covariance.epochs import (
        epochs_of,
        rows_over_time,
        since_ignition_s,
    )
    from perilune.campaign.covariance.error_budget import Along, budget_along
    from perilune.campaign.covariance.linear_flight import linear_flight
    from perilune.campaign.covariance.moments import moments_of
    from perilune.campaign.covariance.reference_flight import recorded, reference_plan
    from perilune.campaign.covariance_document import (
        SCHEMA,
        moments_document,
        over_time,
        ranked,
    )
    from perilune.design.prepared import prepare

    with stage("design", "designing orbit, course and upload"):
        design = prepare(mission)
    with stage("fly", "flying once, with no error drawn"):
        record = Beside(recorded, design.plan, asked.seed, asked.engine, stage.notify).result()
    _check_flown(record)
    with stage("linearise", "making truth and filter linear, cycle by cycle"):
        moment = moments_of(record, design.plan.upload)
        drawn = drawn_errors(mission, design.plan)
        plan = reference_plan(design.plan)
        linear = Beside(linear_flight, plan, moment, drawn).result()
    with stage("propagate", "taking each source through the flight"):
        epochs, along = epochs_of(plan, record), rows_over_time(record)
        rows = np.union1d(epochs.rows, along)
        whole = budget_along(plan, linear, Along(record, moment, drawn, rows))
        at_points = whole.at(np.searchsorted(rows, epochs.rows))
        budget = whole.at(np.searchsorted(rows, along))
    moments = moments_document(at_points, epochs.points, record.consistency)
    return {
        "schema": SCHEMA,
        "mission": mission.name,
        "title": mission.title or mission.name,
        "seed": asked.seed,
        "faults": list(mission.faults),
        "settings": list(asked.settings),
        "sources": ranked(moments),
        "moments": moments,
        "over_time": over_time(budget, since_ignition_s(record, budget.time_s)),
        "provenance": _provenance(design),
    }


def _check_flown(record: "Record") -> None:
    from perilune.interfaces.events import Event

    event_s = record.event_time_s
    if not event_s[Event.IGNITION] <= event_s[Event.CONTACT]:
        raise InputError(
            "The reference flight, with no error drawn, must come to the ground for an analysis "
            "along it, but does not; see why with `perilune fly --nominal` and the same options."
        )


def _provenance(design: "Prepared") -> dict[str, Any]:
    from perilune.design.provenance import now, software

    return {
        "made": now(),
        "software": software(),
        "files": design.files,
        "plan_sha256": design.plan_sha256,
        "data_folder": design.data_folder,
        "gravity": design.gravity_name,
        "terrain": design.terrain.statement,
    }
