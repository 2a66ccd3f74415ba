"""One flight from a mission to its three files: read, design, compile, fly, judge, write."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perilune.app.stages import Beside, Stages
from perilune.campaign.request import Engine, check_engine, check_source, plan_of
from perilune.environment_variables import named_folders
from perilune.folders import Folders
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    import pyarrow as pa

    from perilune.design.flight_plan import FlightPlan
    from perilune.design.prepared import Prepared
    from perilune.flight.fly import FlightSummary
    from perilune.mission import Mission
    from perilune.telemetry.samples import Samples


@dataclass(frozen=True)
class Request:
    """A flight to be flown, of a mission or of a plan file."""

    mission: str = ""
    _: KW_ONLY
    plan: str | Path | None = None
    seed: int = 0
    run: int = 0
    nominal: bool = False
    faults: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    engine: Engine | None = None
    out: str | None = None
    folders: Folders = field(default_factory=named_folders)


def fly_and_write(request: Request, notify: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """Fly, judge and write one run: (`result.json`'s document, the folder it is in).

    Raises InputError for what the user can correct, before anything is written; the three files
    appear together or not at all.
    """
    from perilune.report.write import only_writer

    check_source(request)
    check_engine(request.engine)
    stage = Stages(notify)
    with stage("read", "reading the mission"):
        planned = plan_of(request)
        mission = read(request) if planned is None else planned.mission
        folder = str(out_folder(request.out, Path(default_folder(mission, request))))
        check_out(folder)
    with only_writer(folder):
        return _flown_into(folder, planned or mission, request, stage), folder


def _flown_into(
    folder: str, source: "Prepared | Mission", request: Request, stage: Stages
) -> dict[str, Any]:
    from perilune.app.sampled_flight import compiled_flight
    from perilune.design import nominal
    from perilune.flight.compile_cache import use_cache
    from perilune.mechanics.randomness import run_key
    from perilune.report.write import write_run

    versions = Beside(versions_of_all)
    use_cache(stage.notify)
    design = prepared_from(source, stage)
    mission, plan = design.mission, nominal(design.plan) if request.nominal else design.plan
    for each in design.notes:
        stage.notify(f"note: {each}")
    with stage("compile", "compiling the flight, or loading it"):
        flight = Beside(compiled_flight, plan, request.engine, stage.notify).result()
    with stage("fly", "flying"):
        landed = Beside(flight.fly, plan, run_key(request.seed, request.run))
        extras = extras_for(mission, design)  # read while the flight flies
        values, summary, samples = landed.result()
    with stage("judge", "judging and drawing"):
        made_from = MadeFrom(versions.result(), stage.wall_s, flight.engine)
        result = result_of(mission, request, design, summary, made_from)
        extras |= draws_for(mission, plan, None if request.nominal else values)
        table, page = shown(plan, samples, result, extras)
    with stage("write", f"writing {folder}"):
        write_run(folder, result, table, page)
    return result


def read(request: Request) -> "Mission":
    """The mission with its faults and settings; InputError where anything is missing or wrong."""
    from perilune.mission import sound_mission

    return sound_mission(request.mission, request.settings, request.faults, request.folders)


def default_folder(mission: "Mission", request: Request) -> str:
    """`runs/<mission>[-<faults>]-s<S>-r<I>`, or `-nominal` in place of seed and run."""
    ending = ["nominal"] if request.nominal else [f"s{request.seed}", f"r{request.run}"]
    return str(Path("runs", "-".join([mission.name, *mission.faults, *ending])))


def check_out(folder: str) -> None:
    """Raise InputError where a run's files could not be written."""
    from perilune.report.write import check_writable

    check_writable(folder)


def versions_of_all() -> dict[str, str | None]:
    """Versions of what a flight is flown by, and the commit where there is one."""
    from perilune.design.provenance import software

    return software()


def prepared_from(source: "Prepared | Mission", stage: Stages) -> "Prepared":
    """What a plan file held, as it is, or the design of a mission."""
    from perilune.design.prepared import Prepared, prepare
    from perilune.mission import notes

    if isinstance(source, Prepared):
        return source
    for each in notes(source):
        stage.notify(f"note: {each}")
    with stage("design", "designing orbit, course and upload"):
        return prepare(source)


class MadeFrom(NamedTuple):
    """What a result came from: versions, how long each stage took, and which compiler's flight."""

    software: Mapping[str, str | None]
    wall_s: Mapping[str, float]
    engine: Engine


def result_of(
    mission: "Mission",
    request: Request,
    design: "Prepared",
    summary: "FlightSummary",
    made_from: MadeFrom,
) -> dict[str, Any]:
    """The document of `result.json`."""
    from perilune.report.flight_document import document_of
    from perilune.verdict import judge

    run = {
        "mission": mission.name,
        "lander": mission.lander.title or mission.lander.name,
        "seed": request.seed,
        "run": request.run,
        "faults": list(mission.faults),
    }
    provenance = _provenance(mission, request, design, made_from)
    return document_of(run, judge(summary, mission), summary, design.epoch, provenance)


def _provenance(
    mission: "Mission",
    request: Request,
    design: "Prepared",
    made_from: MadeFrom,
) -> dict[str, Any]:
    from perilune.design.provenance import host, now
    from perilune.mission.show import kind_counts, set_by_hand, tags_of
    from perilune.report.pages.flight_name import run_id

    return {
        "run_id": run_id(mission, request.seed, request.run, request.nominal),
        "flown": now(),
        "nominal": request.nominal,
        "settings": list(request.settings) if request.plan is None else set_by_hand(mission),
        "software": dict(made_from.software),
        "engine": made_from.engine,
        "files": design.files,
        "plan_sha256": design.plan_sha256,
        "host": host(),
        "data_folder": design.data_folder,
        "gravity": design.gravity_name,
        "terrain": design.terrain.statement,
        "value_sources": kind_counts(tags_of(mission).values()),
        "wall_time_s": dict(made_from.wall_s),
    }


def extras_for(mission: "Mission", design: "Prepared") -> dict[str, Any]:
    """What the page needs of mission and design; reads plotly's script and pyarrow on the way."""
    from perilune.interfaces.descent_phase import LANDED
    from perilune.report.pages.flight_extras import extras_of
    from perilune.report.pages.flight_page import plotly_js

    plotly_js()
    modes = {at: phase.name for at, phase in enumerate((*mission.descent.phases, LANDED))}
    return extras_of(mission, design, modes) | {"draws": []}


def draws_for(mission: "Mission", plan: "FlightPlan", values: Any) -> dict[str, Any]:
    """What the page needs of what a flight drew, the rows' `values` in SI; None: nothing."""
    from perilune.report.pages.flight_extras import draws_of, faults_of

    return {
        "draws": [] if values is None else draws_of(mission, plan, values),
        "faults": faults_of(mission, plan, values),
    }


def shown(
    plan: "FlightPlan",
    samples: "Samples",
    result: Mapping[str, Any],
    extras: dict[str, Any],
) -> "tuple[pa.Table, str]":
    """(telemetry table, page) of one flight."""
    from perilune.report.flight_parquet import telemetry_table
    from perilune.report.pages.flight_extras import legs_flown
    from perilune.report.pages.flight_page import report_html
    from perilune.telemetry.flight_columns import telemetry_columns

    about = {name: result[name] for name in ("mission", "seed", "run", "faults", "outcome")}
    about |= {"modes": extras["modes"], "engines": extras["engines"]}
    table = telemetry_table(telemetry_columns(plan, samples), about)
    legs = legs_flown(samples.vehicle.contact, extras["leg_count"])
    return table, report_html(result, table, extras | {"legs": legs})
