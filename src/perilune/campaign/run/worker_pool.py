"""Flies batches in processes of this machine, one pinned to each core; a lost one is replaced.

A pool may outlive a campaign: the next one of the same structure is flown by the program that its
workers have compiled already, which spares a sweep their start at every point.
"""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Any

from perilune.campaign.run.job import Flown, Job, Task, cores
from perilune.campaign.run.worker_main import COMPILE
from perilune.campaign.run.worker_process import (
    Worker,
    end_all,
    end_of,
    receive,
    send,
    start_worker,
)
from perilune.errors import InputError

TRIES = 3
"""So many workers may die at one batch, or getting ready; then the campaign is given up."""
POLL_S = 0.5

Report = Callable[[str, Any], None]
"""Called with ("compile_s", seconds) once the program is there, and ("lost", how a worker died)."""


@dataclass
class WorkerPool:
    """Workers, the job they fly now, and what is known of its program."""

    workers: list[Worker] = field(default_factory=list)
    job: Job | None = None
    compiled_s: float | None = None
    compiling: Worker | None = None
    lost_count: dict[int | str, int] = field(default_factory=dict)


@contextlib.contextmanager
def worker_pool() -> Iterator[WorkerPool]:
    """A pool without workers yet; they end with it."""
    pool = WorkerPool()
    try:
        yield pool
    finally:
        end_all(pool.workers)


def flown_by_workers(
    job: Job,
    tasks: Iterable[Task],
    count: int,
    report: Report,
    pool: WorkerPool | None = None,
) -> Generator[tuple[int, Flown]]:
    """Yield (first run, (values, summary)) of every task, in whatever order they are done.

    `count` workers at least fly them. Without a `pool`, closing the generator ends the workers.
    Raises InputError when a batch has cost `TRIES` workers.
    """
    with contextlib.nullcontext(pool) if pool is not None else worker_pool() as crew:
        left = _Tasks(tasks)
        _begin(crew, job, count)
        while left.is_left() or any(worker.task for worker in crew.workers):
            _hand_out(crew, left)
            for worker in _ready_to_read(crew):
                flown = _handle(crew, worker, *receive(worker), left, report)
                if flown is not None:
                    yield flown


class _Tasks:
    """The tasks still to be given out, those that came back first."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._coming, self._back = iter(tasks), list[Task]()
        self._next = next(self._coming, None)

    def is_left(self) -> bool:
        return bool(self._back) or self._next is not None

    def take(self) -> Task | None:
        if self._back:
            return self._back.pop(0)
        task, self._next = self._next, next(self._coming, None)
        return task

    def give_back(self, task: Task) -> None:
        self._back.append(task)


def _begin(pool: WorkerPool, job: Job, count: int) -> None:
    """Give the job to every worker, and start those that are missing.

    One that is still busy with a job that is over receives the new one when it answers.
    """
    pool.job, pool.compiled_s, pool.compiling, pool.lost_count = job, None, None, {}
    for worker in pool.workers:
        worker.task = None
        if worker.state in {"idle", "traced"}:
            _send_job(pool, worker)
        else:
            worker.is_outdated = worker.state != "starting"
    places = cores()
    while len(pool.workers) < count:
        pool.workers.append(start_worker(places[len(pool.workers) % len(places)]))


def _send_job(pool: WorkerPool, worker: Worker) -> None:
    send(worker, pool.job)
    worker.state, worker.is_outdated = "tracing", False


def _hand_out(pool: WorkerPool, tasks: _Tasks) -> None:
    """One worker compiles at a time until the program is in the cache; an idle one gets a task."""
    for worker in pool.workers:
        if worker.state == "traced" and (pool.compiled_s is not None or pool.compiling is None):
            send(worker, COMPILE)
            worker.state, pool.compiling = "busy", pool.compiling or worker
        elif worker.state == "idle" and tasks.is_left():
            worker.task = tasks.take()
            send(worker, worker.task)
            worker.state = "busy"


def _ready_to_read(pool: WorkerPool) -> list[Worker]:
    """Those that sent something or died."""
    readable = wait([worker.line for worker in pool.workers], POLL_S)
    return [worker for worker in pool.workers if worker.line in readable]


def _handle(
    pool: WorkerPool, worker: Worker, kind: str, value: Any, tasks: _Tasks, report: Report
) -> tuple[int, Flown] | None:
    """Act on one message; a flown batch is returned."""
    if kind == "lost":
        report("lost", _replace(pool, worker, tasks))
    elif kind == "started" or worker.is_outdated:
        _send_job(pool, worker)
    elif kind == "traced":
        worker.state = "traced"
    elif kind == "ready":
        worker.state = "idle"
        if pool.compiled_s is None:
            pool.compiled_s, pool.compiling = value, None
            report("compile_s", value)
    elif worker.task is not None:
        first_run = worker.task[0]
        worker.state, worker.task = "idle", None
        return first_run, value
    return None


def _replace(pool: WorkerPool, worker: Worker, tasks: _Tasks) -> str:
    """Start another process for one that died and give its task back; how it ended, in words."""
    end = end_of(worker)
    what: int | str = worker.task[0] if worker.task else "ready"
    pool.lost_count[what] = pool.lost_count.get(what, 0) + 1
    if pool.lost_count[what] >= TRIES:
        pool.workers.remove(worker)
        doing = "getting ready" if what == "ready" else f"flying the batch of run {what}"
        raise InputError(
            f"{TRIES} worker processes died {doing} (the last {end}); see whether memory suffices, "
            "try fewer --workers, and add --resume to keep what is finished."
        )
    if worker.task:
        tasks.give_back(worker.task)
    if pool.compiling is worker:
        pool.compiling = None
    pool.workers[pool.workers.index(worker)] = start_worker(worker.core)
    return end
