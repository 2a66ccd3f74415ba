"""A linear covariance analysis from a mission to its files."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perilune.app.compare_campaigns import check_place
from perilune.app.stages import Beside, Stages
from perilune.campaign.request import Engine, check_engine
from perilune.campaign.run import row_store
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    import pyarrow as pa

    from perilune.campaign.covariance.reference_flight import Record
    from perilune.design.prepared import Prepared
    from perilune.mission import Mission

COVARIANCE_FILE, TABLE_FILE = "covariance.json", "covariance.csv"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be analysed, and the campaign that its figures are to stand beside."""

    mission: str
    beside: str | None
    seed: int
    faults: tuple[str, ...]
    settings: tuple[str, ...]
    engine: Engine | None
    out: str | None
    folders: Folders


def analyse_and_write(asked: Asked, notify: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """(`covariance.json`'s document, its folder). InputError for what a user can correct."""
    from perilune.campaign.covariance_document import CovarianceDocument
    from perilune.flight.compile_cache import use_cache
    from perilune.mission import sound_mission
    from perilune.report.pages.covariance_page import covariance_html
    from perilune.verdict.document import checked

    check_engine(asked.engine)
    use_cache(notify)
    stage = Stages(notify)
    with stage("read", "reading the mission"):
        mission = sound_mission(asked.mission, asked.settings, asked.faults, asked.folders)
        usual = "-".join([mission.name, *mission.faults, "covariance", f"s{asked.seed}"])
        place = out_folder(asked.out, Path("runs", usual))
        check_place(place, COVARIANCE_FILE)
        rows = None if asked.beside is None else _rows_beside(asked.beside, mission.name)
    document = checked(CovarianceDocument, _document(asked, mission, rows, stage))
    place.mkdir(parents=True, exist_ok=True)
    row_store.write_text(place, TABLE_FILE, table_text(document))
    row_store.write_text(place, row_store.PAGE_FILE, covariance_html(document, mission.summary))
    row_store.write_document(place, COVARIANCE_FILE, document)
    return document, str(place)


def _rows_beside(folder: str, mission: str) -> "pa.Table":
    """The rows of a campaign of the mission."""
    flown = row_store.read_order(Path(folder))["mission"]
    if Path(str(flown)).stem != mission:
        raise InputError(
            f"--beside must be a campaign of {mission}, but {folder} is one of {flown}; name "
            "another, or fly one with `perilune campaign`."
        )
    return row_store.read_rows(folder)


def _document(
    asked: Asked, mission: "Mission", rows: "pa.Table | None", stage: Stages
) -> dict[str, Any]:
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
        moment, drawn = moments_of(record, design.plan.upload), drawn_errors(mission, design.plan)
        plan = reference_plan(design.plan)
        linear = Beside(linear_flight, plan, moment, drawn).result()
    with stage("propagate", "taking each source through the flight"):
        epochs, along = epochs_of(plan, record), rows_over_time(record)
        at_points = budget_along(plan, linear, Along(record, moment, drawn, epochs.rows))
        budget = budget_along(plan, linear, Along(record, moment, drawn, along))
    return {
        "schema": SCHEMA,
        "mission": mission.name,
        "title": mission.title or mission.name,
        "seed": asked.seed,
        "faults": list(mission.faults),
        "settings": list(asked.settings),
        "sources": ranked(at_points),
        "moments": moments_document(at_points, epochs.points, record.consistency, rows),
        "over_time": over_time(budget, since_ignition_s(record, budget.time_s)),
        "wall_s": dict(stage.wall_s),
        "provenance": _provenance(design, asked),
    }


def _check_flown(record: "Record") -> None:
    from perilune.interfaces.events import Event

    event_s = record.event_time_s
    if not event_s[Event.IGNITION] <= event_s[Event.CONTACT]:
        raise InputError(
            "The reference flight, with no error drawn, must come to the ground for an analysis "
            "along it, but does not; see why with `perilune fly --nominal` and the same options."
        )


def _provenance(design: "Prepared", asked: Asked) -> dict[str, Any]:
    from perilune.design.provenance import now, software

    return {
        "made": now(),
        "software": software(),
        "files": design.files,
        "plan_sha256": design.plan_sha256,
        "data_folder": design.data_folder,
        "gravity": design.gravity_name,
        "terrain": design.terrain.statement,
        "beside": asked.beside,
    }


def table_text(document: Mapping[str, Any]) -> str:
    """`covariance.csv`: a row for each moment and source, with claimed, true and flown ones."""
    axes = list(document["moments"][0]["true"])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("point", "time_s", "source", *axes))
    for moment in document["moments"]:
        for name, figures in _figures(document, moment):
            values = (figures[axis] for axis in axes)
            writer.writerow((moment["point"], moment["time_s"], name, *values))
    return text.getvalue()


def _figures(
    document: Mapping[str, Any], moment: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, float]]]:
    yield from ((name, moment["by_source"][name]) for name in document["sources"])
    for name in ("true", "claimed", "reference", "flown"):
        if moment[name] is not None:
            yield name, moment[name]
