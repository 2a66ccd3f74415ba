"""What a run of a campaign is flown again from, and how it compares with its row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from perilune.campaign.request import Order
from perilune.campaign.run import row_store
from perilune.campaign.run.flyer import Flyer
from perilune.campaign.run.job import Flown, Job, Task, cores, packed
from perilune.campaign.run.manifest import differences, order_document
from perilune.campaign.run.row_columns import Judging, table_of
from perilune.campaign.run.sampling import Span, hold, points_of
from perilune.campaign.run.worker_main import COMPILE
from perilune.campaign.run.worker_process import end_all, end_of, receive, send, start_worker
from perilune.design.plan_file import read_plan
from perilune.design.prepared import Prepared
from perilune.design.provenance import version
from perilune.errors import InputError
from perilune.mission.dispersions import ROW_COUNT

BUILT_WITH = ("perilune", "code", "libraries", "compiler")
"""Parts of the identity that may change the last digits of a row, and nothing more."""
ANOTHER_FLIGHT = ("mission", "seed", "faults", "sampling", "held", "data", "values")
"""Parts of the identity without which it would be another flight, and no replay."""
PLAN = ("plan",)
POLL_S = 0.2


@dataclass(frozen=True)
class Match:
    """How a row flown again compares with the one that was kept."""

    same: bool
    differences: tuple
    """(column, as kept, as flown again), the largest relative change first."""
    elsewhere: tuple[str, ...]
    """What is not as it was when the row was flown: version, libraries, compiler, processor."""


def order_of(folder: Path | str) -> tuple[Order, dict[str, Any]]:
    """(the `Order` of the campaign in a folder, its `order.json`)."""
    record = row_store.read_order(folder)
    try:
        kept = record["identity"]
        order = Order(
            record.get("mission") or kept["mission"],
            seed=kept["seed"],
            faults=tuple(kept["faults"]),
            settings=tuple(record["settings"]),
            runs=record["runs"],
            sampling=kept["sampling"],
            held=tuple(kept.get("held", {}).items()),
        )
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{folder}/{row_store.ORDER_FILE} must be what `perilune campaign` wrote, but is not."
        ) from error
    return order, record


def kept_plan(folder: Path | str, record: Mapping[str, Any]) -> Prepared | None:
    """What the campaign's own plan file holds; None where it has none, or one of another version.

    InputError where it is damaged.
    """
    path = Path(folder, row_store.PLAN_FILE)
    if not path.exists() or record["identity"].get("perilune") != version():
        return None
    return read_plan(path)


def row_of(folder: Path | str, run: int) -> pa.Table:
    """The row of one run as a `pyarrow.Table`; InputError where the campaign has no such run."""
    rows = row_store.read_rows(folder)
    runs = rows["run"].to_numpy()
    found = np.flatnonzero(runs == run)
    if len(found) == 0:
        raise InputError(
            f"RUN must be one that {folder} holds, 0 to {runs.max()}, but is {run}; name another."
        )
    return rows.slice(int(found[0]), 1)


def check_flight(
    folder: Path | str, record: Mapping[str, Any], order: Order, prepared: Prepared
) -> tuple[str, ...]:
    """What differs from when the campaign was flown, in words; InputError where it is the flight.

    Other code, libraries, compiler settings or processors may change the last digits, and so does a
    plan that had to be designed again: such a row is flown all the same, and the differences are
    returned. A plan file must hold the plan that was flown.
    """
    kept = record["identity"]
    asked = order_document(order, prepared, kept["batch_size"], kept.get("engine", "xla"))
    is_read = prepared.plan_file is not None
    flight = (*ANOTHER_FLIGHT, *PLAN) if is_read else ANOTHER_FLIGHT
    changed = next(_differences(record, asked, flight), None)
    if changed:
        what, old, new = changed
        raise InputError(
            f"{folder} was flown with another {what}: it was {old}, and now is {new}; put that "
            "back to replay its runs."
        )
    built = BUILT_WITH if is_read or "plan" not in record["identity"] else (*BUILT_WITH, *PLAN)
    found = [what for what, _, _ in _differences(record, asked, built)]
    processors = record["host"].get("processor"), asked["host"]["processor"]
    if processors[0] != processors[1]:
        found.append(f"processor ({processors[0]}, now {processors[1]})")
    return tuple(found)


def _differences(
    record: Mapping[str, Any], asked: Mapping[str, Any], names: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """`differences` of these parts of two identities."""
    return differences(record["identity"], {name: asked["identity"][name] for name in names})


def points_again(
    record: Mapping[str, Any], run: int, paths: Sequence[str]
) -> Float[np.ndarray, "lane row"]:
    """The points of the run's whole batch; `paths` are those of the inputs that are drawn."""
    kept = record["identity"]
    span = Span(first_of_batch(record, run), kept["batch_size"], record["runs"])
    points = points_of(kept["sampling"], kept["seed"], span, len(paths), ROW_COUNT)
    return hold(points, paths, kept.get("held", {}))


def first_of_batch(record: Mapping[str, Any], run: int) -> int:
    """The first run of a run's batch."""
    return run - run % record["identity"]["batch_size"]


def fly_with_checkpoints(
    plan: Any, record: Mapping[str, Any], run: int, paths: Sequence[str]
) -> tuple[Flown, Any]:
    """((values, summary) of the run's whole batch, checkpoints of its lane), as XLA's worker flies.

    `paths` are those of the inputs that are drawn. A process of its own, pinned to a core, so that
    the program is the very one that the campaign's workers were given.
    """
    kept, first = record["identity"], first_of_batch(record, run)
    task = Task(first, points_again(record, run, paths), run - first)
    job = Job(
        plan=packed(plan), seed=kept["seed"], batch_size=kept["batch_size"], code=kept["code"]
    )
    if _has_gpu():
        flyer = Flyer(job)
        flyer.compile()
        return flyer.fly_with_checkpoints(task)
    return _by_a_worker(job, task)


def matched(kept: pa.Table, again: pa.Table, elsewhere: Sequence[str]) -> Match:
    """The `Match` of two rows, `pyarrow.Table`s of one row each."""
    old, new = (each.to_pylist()[0] for each in (kept, again))
    changed = [(n, old.get(n), new.get(n)) for n in {**old, **new} if not _same(old, new, n)]
    changed.sort(key=lambda each: -_change(*each[1:]))
    return Match(not changed, tuple(changed), tuple(elsewhere))


def row_again(judging: Judging, first: int, flown: Flown, run: int) -> pa.Table:
    """The row of a run out of flights from run `first` on, a `pyarrow.Table`."""
    table = table_of(judging, first, flown, len(flown[0]))
    return table.slice(run - first, 1)


def _same(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> bool:
    return name in old and name in new and old[name] == new[name]


def _change(old: Any, new: Any) -> float:
    """How large a change is beside the number: infinite where one is no number."""
    if not all(isinstance(each, (int, float)) for each in (old, new)):
        return np.inf
    return abs(new - old) / max(abs(old), abs(new), 1e-300)


def _has_gpu() -> bool:
    import jax

    return jax.default_backend() == "gpu"


def _by_a_worker(job: Job, task: Task) -> tuple[Flown, Any]:
    answers = {"started": job, "traced": COMPILE, "ready": task}
    worker = start_worker(cores()[0])
    try:
        while True:
            while not wait([worker.line], POLL_S):
                pass  # for a moment at a time, so that Ctrl-C is noticed
            kind, value = receive(worker)
            if kind == "flown":
                return value
            if kind == "lost":
                raise InputError(
                    f"The process that flew the batch again died {end_of(worker)}; see whether "
                    "memory suffices, and try again."
                )
            send(worker, answers[kind])
    finally:
        end_all([worker])
