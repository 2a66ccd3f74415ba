"""One flight from a mission to its three files: read, design, compile, fly, judge, write."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perilune.app.stages import Beside, Stages
from perilune.campaign.request import check_source, plan_of
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
    out: str | None = None
    folders: Folders = field(default_factory=named_folders)


def fly_and_write(request: Request, notify: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """Fly, judge and write one run: (`result.json`'s document, the folder it is in).

    Raises InputError for what the user can correct, before anything is written; the three files
    appear together or not at all.
    """
    from perilune.report.write import only_writer

    check_source(request)
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
    from perilune.design import nominal
    from perilune.flight.compile_cache import use_cache
    from perilune.report.write import write_run

    versions = Beside(versions_of_all)
    use_cache(stage.notify)
    design = prepared_from(source, stage)
    mission, plan = design.mission, nominal(design.plan) if request.nominal else design.plan
    for each in design.notes:
        stage.notify(f"note: {each}")
    with stage("compile", f"compiling the flight{_first_time()}"):
        flight = Beside(sampled_flight(), plan, _key(request)).result()
    with stage("fly", "flying"):
        landed = Beside(_waited_for, flight)
        # The report is read while the flight flies.
        values = None if request.nominal else drawn_values()(plan.dispersions, _key(request))
        extras = extras_for(mission, design, values)
        summary, samples = landed.result()
    with stage("judge", "judging and drawing"):
        made_from = MadeFrom(versions.result(), stage.wall_s)
        result = result_of(mission, request, design, summary, made_from)
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


@functools.cache
def sampled_flight() -> "Callable[..., tuple[FlightSummary, Samples]]":
    """The compiled flight of this process: (plan, key) → (summary, samples).

    The plan is one of `plan` or `nominal`, the key one of `run_key`; the run is drawn inside. Gives
    the `FlightSummary` and every tick, SI. The first call compiles for up to half a minute, or
    finds the program in the cache of `use_cache`; every number is an argument, so that another
    mission of the same structure compiles nothing. Raises nothing.

    >>> import perilune
    >>> flight_plan = perilune.plan(perilune.load_mission("athena"))
    >>> summary, samples = perilune.sampled_flight()(flight_plan, perilune.run_key(0, 0))
    >>> float(summary.event_time_s[perilune.Event.CONTACT]) > 0.0
    True
    """
    import jax

    from perilune.flight.compile_cache import COMPILER_OPTIONS
    from perilune.flight.draw import draw
    from perilune.flight.fly import fly
    from perilune.telemetry.samples import keep

    def sampled_flight(plan: "FlightPlan", key: Any) -> "tuple[FlightSummary, Samples]":
        drawn = draw(plan, key)
        summary, samples = fly(drawn, key, sampled=True)
        return summary, keep(samples, drawn)

    return jax.jit(sampled_flight, compiler_options=COMPILER_OPTIONS)


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


def _key(request: Request) -> Any:
    from perilune.mechanics.randomness import run_key

    return run_key(request.seed, request.run)


def _waited_for(flight: Any) -> Any:
    """The flight under way, once it is over, on the host."""
    import jax
    import numpy as np

    return jax.tree.map(np.asarray, flight)


def _first_time() -> str:
    from perilune.flight.compile_cache import is_known

    known = is_known("sampled_flight")
    return "" if known else ", which takes up to half a minute the first time"


class MadeFrom(NamedTuple):
    """What a result came from: versions of software, and how long each stage took."""

    software: Mapping[str, str | None]
    wall_s: Mapping[str, float]


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
        "files": design.files,
        "plan_sha256": design.plan_sha256,
        "host": host(),
        "data_folder": design.data_folder,
        "gravity": design.gravity_name,
        "terrain": design.terrain.statement,
        "value_sources": kind_counts(tags_of(mission).values()),
        "wall_time_s": dict(made_from.wall_s),
    }


@functools.cache
def drawn_values() -> Callable[..., Any]:
    """The compiled draw: (dispersions, key) → the rows' values, SI."""
    import jax

    from perilune.flight.draw import sample

    return jax.jit(sample)


def extras_for(mission: "Mission", design: "Prepared", values: Any) -> dict[str, Any]:
    """What the page needs of mission and design; reads plotly's script and pyarrow on the way.

    `values` are what the flight drew, None where it drew nothing.
    """
    import numpy as np

    from perilune.interfaces.descent_phase import LANDED
    from perilune.report.pages.flight_extras import draws_of, extras_of
    from perilune.report.pages.flight_page import plotly_js

    plotly_js()
    extras = extras_of(
        mission,
        design,
        {at: phase.name for at, phase in enumerate((*mission.descent.phases, LANDED))},
    )
    drawn = [] if values is None else draws_of(mission, design.plan, np.asarray(values))
    return extras | {"draws": drawn}


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
