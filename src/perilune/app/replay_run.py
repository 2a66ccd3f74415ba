"""One run of a campaign flown again with full telemetry and its own report, beside its row."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perilune.app.run_flight import (
    MadeFrom,
    Request,
    check_out,
    draws_for,
    extras_for,
    prepared_from,
    read,
    result_of,
    shown,
    versions_of_all,
)
from perilune.app.stages import Beside, Stages
from perilune.campaign.run.batch_replay import (
    Match,
    check_flight,
    first_of_batch,
    fly_with_checkpoints,
    kept_plan,
    matched,
    order_of,
    points_again,
    row_again,
    row_of,
)
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    import pyarrow as pa

    from perilune.campaign.request import Engine
    from perilune.campaign.run.row_columns import Judging
    from perilune.design.flight_plan import FlightPlan
    from perilune.design.prepared import Prepared
    from perilune.flight.fly import FlightSummary
    from perilune.telemetry.samples import Samples

SHOWN = 3
"""Columns that are named in the sentence, where a row is not matched."""


class _Replayed(NamedTuple):
    """A run to fly again: its campaign's `order.json`, its row there, what differs since."""

    design: "Prepared"
    request: Request
    record: Mapping[str, Any]
    row: "pa.Table"
    elsewhere: tuple[str, ...]


class _FlownAgain(NamedTuple):
    """The run of a row flown again."""

    row: "pa.Table"
    values: Any  # what was drawn, SI
    summary: "FlightSummary"
    samples: "Samples"
    engine: "Engine"
    gap_m: float | None
    """How far pieces of its telemetry miss one another; None where it is of one piece."""


def replay_and_write(
    folder: str, run: int, out: str | None, notify: Callable[[str], None]
) -> tuple[dict[str, Any], str]:
    """Fly a run of the campaign in `folder` again: (`result.json`'s document, its folder).

    The native engine flies it alone, with telemetry. Of a campaign that XLA flew, the whole aligned
    batch is flown by the program that flew it, and the run then traced from the marks that program
    left. Either way telemetry and report are of the flight in the row. `match_sentence` puts
    `provenance.replay` into words. Raises InputError for what a user can correct.
    """
    from perilune.flight.compile_cache import use_cache
    from perilune.report.write import only_writer

    stage = Stages(notify)
    with stage("read", "reading the campaign"):
        kept, (order, record) = row_of(folder, run), order_of(folder)
        request = Request(
            order.mission,
            seed=order.seed,
            run=run,
            faults=order.faults,
            settings=order.settings,
            out=out,
        )
        place = str(out_folder(out, Path(folder, "replays", f"run-{run}")))
        check_out(place)
        source = kept_plan(folder, record) or read(request)
    use_cache(notify)
    design = prepared_from(source, stage)
    elsewhere = check_flight(folder, record, order, design)
    flight = _Replayed(design, request, record, kept, elsewhere)
    with only_writer(place):
        return _replayed_into(place, flight, stage), place


def _replayed_into(place: str, flight: _Replayed, stage: Stages) -> dict[str, Any]:
    from perilune.campaign.run.row_columns import judging_of
    from perilune.report.write import write_run

    design, request, record, kept, elsewhere = flight
    mission, versions = design.mission, Beside(versions_of_all)
    judging = judging_of(mission, design)
    is_native = record["identity"].get("engine") == "native"
    again = (_natively if is_native else _by_xla)(flight, judging, stage)
    match = matched(kept, again.row, elsewhere)
    with stage("judge", "judging and drawing"):
        made_from = MadeFrom(versions.result(), stage.wall_s, again.engine)
        result = result_of(mission, request, design, again.summary, made_from)
        result["provenance"]["replay"] = _about(match, record, kept.num_columns, again.gap_m)
        extras = extras_for(mission, design) | draws_for(mission, design.plan, again.values)
        table, page = shown(design.plan, again.samples, result, extras)
    with stage("write", f"writing {place}"):
        write_run(place, result, table, page)
    return result


def _natively(flight: _Replayed, judging: "Judging", stage: Stages) -> _FlownAgain:
    """The run by itself: with the native engine it is its row, whichever program flies it."""
    import jax

    from perilune.app.sampled_flight import compiled_flight
    from perilune.mechanics.randomness import run_key

    plan, run, record = flight.design.plan, flight.request.run, flight.record
    with stage("compile", "compiling the flight, or loading it"):
        compiled = Beside(compiled_flight, plan, "native", stage.notify).result()
    with stage("fly", f"flying run {run} again"):
        points = points_again(record, run, judging.paths)[run - first_of_batch(record, run)]
        key = run_key(record["identity"]["seed"], run)
        values, summary, samples = Beside(compiled.fly, plan, key, points).result()
    alone = jax.tree.map(lambda one: one[None], (values, summary))
    row = row_again(judging, run, alone, run)
    return _FlownAgain(row, values, summary, samples, compiled.engine, None)


def _by_xla(flight: _Replayed, judging: "Judging", stage: Stages) -> _FlownAgain:
    """The run's whole batch, then the run by the marks that it left."""
    plan, run, record = flight.design.plan, flight.request.run, flight.record
    first, seed = first_of_batch(record, run), record["identity"]["seed"]
    last = first + record["identity"]["batch_size"] - 1
    with stage("fly", f"flying runs {first} to {last} again"):
        flown, marks = fly_with_checkpoints(plan, record, run, judging.paths)
    with stage("trace", f"tracing run {run}{_first_time()}"):
        values, summary = _lane(flown, run - first)
        samples, gap_m = _traced(plan, seed, run, values, marks)
    row = row_again(judging, first, flown, run)
    return _FlownAgain(row, values, summary, samples, "xla", float(gap_m))


def match_sentence(result: Mapping[str, Any]) -> str:
    """Whether a replayed flight matches its row, in a sentence."""
    replay, run = result["provenance"]["replay"], result["run"]
    where = (
        f" Conditions differ from those of the campaign: {', '.join(replay['elsewhere'])}."
        * bool(replay["elsewhere"])
    )
    if replay["matches"]:
        return f"Run {run} matches its row to the bit, in all {replay['columns']} columns.{where}"
    changed = replay["differences"]
    most = "; ".join(f"{d['column']} was {d['row']} and is {d['again']}" for d in changed[:SHOWN])
    return (
        f"Run {run} differs from its row in {len(changed)} of {replay['columns']} columns, most "
        f"in: {most}.{where or ' Nothing is known that would explain it.'}"
    )


def _lane(tree: Any, lane: int) -> Any:
    import jax

    return jax.tree.map(lambda rows: rows[lane], tree)


def _traced(plan: "FlightPlan", seed: int, run: int, values: Any, marks: Any) -> Any:
    """(samples, m between pieces) of the flight with these drawn values and marks, on the host."""
    import jax
    import numpy as np

    arguments = (plan, np.int64(seed), np.int64(run), values, marks)
    return jax.tree.map(np.asarray, Beside(_waited_for, *arguments).result())


def _waited_for(*arguments: Any) -> Any:
    import jax

    return jax.block_until_ready(traced_flight()(*arguments))


@functools.cache
def traced_flight() -> Callable[..., Any]:
    """The compiled flight by its marks: (plan, seed, run, values, marks) → (samples, gap in m)."""
    import jax

    from perilune.flight.compile_cache import COMPILER_OPTIONS
    from perilune.flight.draw import disperse
    from perilune.flight.replay import fly_again
    from perilune.mechanics.randomness import run_key
    from perilune.telemetry.samples import keep

    def traced_flight(
        plan: "FlightPlan", seed: Any, run: Any, values: Any, marks: Any
    ) -> tuple[Any, Any]:
        drawn = disperse(plan, values)
        key = run_key(seed, run)
        samples, gap_m = fly_again(drawn, key, marks)
        return keep(samples, drawn, key), gap_m

    return jax.jit(traced_flight, compiler_options=COMPILER_OPTIONS)


def _first_time() -> str:
    from perilune.flight.compile_cache import is_known

    known = is_known("traced_flight")
    return "" if known else ", which takes up to half a minute the first time"


def _about(
    match: Match, record: Mapping[str, Any], columns: int, gap_m: float | None
) -> dict[str, Any]:
    """The content of `provenance.replay`."""
    found = dataclasses.asdict(match)
    return {
        "campaign": record["digest"],
        "matches": found["same"],
        "columns": columns,
        "differences": [
            {"column": name, "row": old, "again": new} for name, old, new in found["differences"]
        ],
        "elsewhere": list(found["elsewhere"]),
        "telemetry_gap_m": gap_m,
    }
