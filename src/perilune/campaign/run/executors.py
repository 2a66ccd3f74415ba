"""Who flies the batches of a campaign: processes of this machine, a GPU of it, or a cluster."""

import contextlib
import time
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from perilune.campaign.request import most_runs
from perilune.campaign.run.campaign import Campaign
from perilune.campaign.run.job import Flown, Job, Task, cores, packed
from perilune.campaign.run.native_campaign import numbers_of, with_shapes
from perilune.campaign.run.sampling import Span, hold, points_of
from perilune.campaign.run.throughput import Session
from perilune.flight.native_flight import NativeFlight
from perilune.mission.dispersions import ROW_COUNT

if TYPE_CHECKING:
    from perilune.campaign.run.worker_pool import WorkerPool
    from perilune.native.object_cache import Compiled


def flown_batches(
    campaign: Campaign,
    missing: Sequence[int],
    session: Session,
    pool: "WorkerPool | None" = None,
) -> Generator[tuple[int, Flown]]:
    """Yield (first run, (values, summary)) of the batches in `missing`, in any order.

    Closing the generator ends what it started; the workers of a `pool` live on.
    """
    import jax

    order = campaign.order
    tasks = _tasks(campaign, missing)
    if order.cluster is not None:
        return _by_cluster(campaign, tasks, session, order.cluster)
    if campaign.flight is None and jax.default_backend() == "gpu":
        if order.workers not in (None, 1):
            session.watch.say("note: --workers has no effect: one process flies all on the GPU")
        return _in_this_process(campaign, tasks, session)
    return _by_workers(campaign, tasks, len(missing), session, pool)


def _tasks(campaign: Campaign, missing: Sequence[int]) -> Iterator[Task]:
    order, identity = campaign.order, campaign.record["identity"]
    paths, held = campaign.judging.paths, dict(order.held)
    for first in missing:
        span = Span(first, identity["batch_size"], most_runs(order))
        points = points_of(order.sampling, order.seed, span, len(paths), ROW_COUNT)
        yield Task(first, hold(points, paths, held))


def _native_job(campaign: Campaign, program: "Compiled | bytes", compile_s: float = 0.0) -> Job:
    """The job of workers that have the flight's program from here, and need no JAX."""
    identity = campaign.record["identity"]
    return Job(
        plan=numbers_of(campaign.design.plan, campaign.order.seed),
        seed=campaign.order.seed,
        batch_size=identity["batch_size"],
        code=identity["code"],
        libraries=tuple(identity["libraries"].items()),
        program=program,
        compile_s=compile_s,
    )


def _job(campaign: Campaign) -> Job:
    identity = campaign.record["identity"]
    return Job(
        plan=packed(campaign.design.plan),
        seed=campaign.order.seed,
        batch_size=identity["batch_size"],
        code=identity["code"],
        libraries=tuple(identity["libraries"].items()),
        compiler=tuple(identity["compiler"].items()),
    )


def _by_workers(
    campaign: Campaign,
    tasks: Iterator[Task],
    task_count: int,
    session: Session,
    pool: "WorkerPool | None",
) -> Generator[tuple[int, Flown]]:
    from perilune.campaign.run.worker_pool import flown_by_workers

    stopwatch = session.stopwatch
    workers = min(campaign.order.workers or len(cores()), task_count)
    stopwatch.note("workers", workers)

    def report(name: str, value: Any) -> None:
        if name == "lost":
            stopwatch.note("lost_workers", stopwatch.facts.get("lost_workers", 0) + 1)
            session.watch.say(f"note: a worker died {value}; another one flies its batch again")
        else:
            stopwatch.note(name, round(value, 3))

    ready = f"the flight program for {workers} worker{'s'[: workers > 1]}"
    flight = campaign.flight
    if flight is None:
        session.watch.say(f"tracing and loading {ready}")
        yield from flown_by_workers(_job(campaign), tasks, workers, report, pool)
        return
    session.watch.say(f"compiling or loading {ready}")
    start_s = time.perf_counter()
    program = flight.compiled(workers)
    job = _native_job(campaign, program, time.perf_counter() - start_s)
    yield from _shaped(flight, flown_by_workers(job, tasks, workers, report, pool))


def _by_cluster(
    campaign: Campaign, tasks: Iterator[Task], session: Session, address: str
) -> Generator[tuple[int, Flown]]:
    from perilune.campaign.run.cluster import flown_by_cluster

    stopwatch = session.stopwatch

    def report(name: str, value: Any) -> None:
        if name == "note":
            session.watch.say(f"note: {value}")
        elif name == "workers":
            stopwatch.note(name, max(value, stopwatch.facts.get(name, 0)))
        elif name not in stopwatch.facts:
            stopwatch.note(name, round(value, 3))

    session.watch.say(f"asking the cluster at {address}")
    flight = campaign.flight
    if flight is None:
        yield from flown_by_cluster(_job(campaign), tasks, address, report)
    else:
        job = _native_job(campaign, flight.packed_text())
        yield from _shaped(flight, flown_by_cluster(job, tasks, address, report))


def _shaped(
    flight: NativeFlight, batches: Generator[tuple[int, Any]]
) -> Generator[tuple[int, Flown]]:
    """Batches as their workers send them, as (first run, (values, summary))."""
    with contextlib.closing(batches):
        for batch in batches:
            yield with_shapes(flight, batch)


def _in_this_process(
    campaign: Campaign, tasks: Iterator[Task], session: Session
) -> Generator[tuple[int, Flown]]:
    from perilune.campaign.run.flyer import Flyer

    session.stopwatch.note("workers", 1)
    flyer = Flyer(_job(campaign))
    flyer.compile()
    session.stopwatch.note("compile_s", round(flyer.compile_s, 3))
    for task in tasks:
        yield task.first_run, flyer.fly(task)
