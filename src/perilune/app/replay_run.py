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
    fly_with_checkpoints,
    kept_plan,
    matched,
    order_of,
    row_again,
    row_of,
)
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    import pyarrow as pa

    from perilune.design.flight_plan import FlightPlan
    from perilune.design.prepared import Prepared

SHOWN = 3
"""Columns that are named in the sentence, where a row is not matched."""


class _Replayed(NamedTuple):
    """A run to fly again: its campaign's `order.json`, its row there, what differs since."""

    design: "Prepared"
    request: Request
    record: Mapping[str, Any]
    row: "pa.Table"
    elsewhere: tuple[str, ...]


def replay_and_write(
    folder: str, run: int, out: str | None, notify: Callable[[str], None]
) -> tuple[dict[str, Any], str]:
    """Fly a run of the campaign in `folder` again: (`result.json`'s document, its folder).

    The whole aligned batch is flown by the program that flew it, and the run then traced from the
    marks that program left, so that telemetry and report are of the flight in the row.
    `match_sentence` puts `provenance.replay` into words. Raises InputError for what a user can
    correct.
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
    mission, run, versions = design.mission, request.run, Beside(versions_of_all)
    judging = judging_of(mission, design)
    size = record["identity"]["batch_size"]
    first = run // size * size
    with stage("fly", f"flying runs {first} to {first + size - 1} again"):
        flown, marks = fly_with_checkpoints(design.plan, record, run, len(judging.inputs))
    match = matched(kept, row_again(judging, first, flown, run), elsewhere)
    with stage("trace", f"tracing run {run}{_first_time()}"):
        (values, summary) = _lane(flown, run - first)
        samples, gap_m = _traced(design.plan, record["identity"]["seed"], run, values, marks)
    with stage("judge", "judging and drawing"):
        made_from = MadeFrom(versions.result(), stage.wall_s)
        result = result_of(mission, request, design, summary, made_from)
        result["provenance"]["replay"] = _about(match, record, kept.num_columns, gap_m)
        table, page = shown(design.plan, samples, result, extras_for(mission, design, values))
    with stage("write", f"writing {place}"):
        write_run(place, result, table, page)
    return result


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
        samples, gap_m = fly_again(drawn, run_key(seed, run), marks)
        return keep(samples, drawn), gap_m

    return jax.jit(traced_flight, compiler_options=COMPILER_OPTIONS)


def _first_time() -> str:
    from perilune.flight.compile_cache import is_known

    known = is_known("traced_flight")
    return "" if known else ", which takes up to half a minute the first time"


def _about(match: Match, record: Mapping[str, Any], columns: int, gap_m: Any) -> dict[str, Any]:
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
        "telemetry_gap_m": float(gap_m),
    }
