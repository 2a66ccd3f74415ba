"""Flies batches in processes of this machine, one pinned to each core; a lost one is replaced."""

import ctypes
import hashlib
import os
import pickle
import time
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from perilune.campaign.run.worker_process import (
    Worker,
    bury,
    end_all,
    heard,
    hire,
    leave_with_parent,
    tell,
)
from perilune.errors import InputError

TRIES = 3
"""So many workers may die at one batch, or getting ready; then the campaign is given up."""
HEARTBEAT_S = 0.5
PLAIN_TASK = 2
"""(first run, points); a task with a lane too leaves the marks of that lane."""


@dataclass(frozen=True)
class Job:
    """What every worker is told once: the plan as bytes, the campaign's seed, lanes of a batch."""

    plan: bytes = field(repr=False)
    seed: int
    batch_size: int
    code: str
    libraries: tuple = ()
    """(name, version) of those that decide a row; machines of a cluster are held against them."""
    compiler: tuple = ()
    """(variable, value) of the environment that decides a row's bits; held against alike."""

    @property
    def digest(self):
        """Names the job by what is flown."""
        return hashlib.sha256(self.plan + repr(self).encode()).hexdigest()[:16]


@dataclass
class Crew:
    """Workers and what is known of their program."""

    job: Job
    workers: list = field(default_factory=list)
    compiled_s: float | None = None
    compiling: Worker | None = None
    lost: dict = field(default_factory=dict)


def cores():
    """Numbers of the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(core):
    """Keep this process on one core; before jax is imported, so that it sees one."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def packed(plan):
    """A plan as bytes another process can read: a pickle of NumPy leaves."""
    import jax
    import numpy as np

    return pickle.dumps(jax.tree.map(np.asarray, plan), protocol=5)


def flown_by_workers(job, tasks, count, hear):
    """Yield (first run, (values, summary)) of every task, in whatever order they are done.

    `tasks` yields (first run, points); `hear(name, value)` is told "compile_s" and "lost". Closing
    the generator ends the workers. Raises InputError when a batch has cost `TRIES` workers.
    """
    places = cores()
    crew, tasks = Crew(job), _Tasks(tasks)
    try:
        for index in range(count):
            crew.workers.append(hire(places[index % len(places)]))
        while tasks.is_left() or any(worker.task for worker in crew.workers):
            _hand_out(crew, tasks)
            for worker, said in _heard(crew):
                answer = _understand(crew, worker, said, (tasks, hear))
                if answer is not None:
                    yield answer
    finally:
        end_all(crew.workers)


class _Tasks:
    """The tasks still to be given out, those that came back first."""

    def __init__(self, tasks):
        self._coming, self._back = iter(tasks), []
        self._next = next(self._coming, None)

    def is_left(self):
        return bool(self._back) or self._next is not None

    def take(self):
        if self._back:
            return self._back.pop(0)
        task, self._next = self._next, next(self._coming, None)
        return task

    def give_back(self, task):
        self._back.append(task)


def _hand_out(crew, tasks):
    """One may compile at a time until the program is in the cache; whoever is ready gets a task."""
    for worker in crew.workers:
        if worker.waits == "compile" and (crew.compiled_s is not None or crew.compiling is None):
            tell(worker, "compile")
            worker.waits, crew.compiling = "answer", crew.compiling or worker
        elif worker.waits == "task" and tasks.is_left():
            worker.task = tasks.take()
            tell(worker, worker.task)
            worker.waits = "answer"


def _heard(crew):
    """(worker, (kind, value)) of those that spoke or died."""
    spoke = wait([worker.line for worker in crew.workers], HEARTBEAT_S)
    for worker in [each for each in crew.workers if each.line in spoke]:
        yield worker, heard(worker)


def _understand(crew, worker, said, listeners):
    """Act on one message; a flown batch is returned."""
    tasks, hear = listeners
    kind, value = said
    if kind == "lost":
        hear("lost", _replace(crew, worker, tasks))
    elif kind == "asks":
        tell(worker, crew.job)
    elif kind == "traced":
        worker.waits = "compile"
    elif kind == "ready":
        worker.waits = "task"
        if crew.compiled_s is None:
            crew.compiled_s, crew.compiling = value, None
            hear("compile_s", value)
    else:
        first_run = worker.task[0]
        worker.waits, worker.task = "task", None
        return first_run, value
    return None


def _replace(crew, worker, tasks):
    """Another process for one that died, and its task back on the pile; how it ended, in words."""
    end = bury(worker)
    what = worker.task[0] if worker.task else "ready"
    crew.lost[what] = crew.lost.get(what, 0) + 1
    if crew.lost[what] >= TRIES:
        crew.workers.remove(worker)
        doing = "getting ready" if what == "ready" else f"flying the batch of run {what}"
        raise InputError(
            f"{TRIES} worker processes died {doing} (the last {end}); see whether memory suffices, "
            "try fewer --workers, and add --resume to keep what is finished."
        )
    if worker.task:
        tasks.give_back(worker.task)
    if crew.compiling is worker:
        crew.compiling = None
    crew.workers[crew.workers.index(worker)] = hire(worker.core)
    return end


def serve(number, core):
    """A worker's life: pin, ask for the job, trace, compile when told to, then fly what comes."""
    leave_with_parent()
    pin(core)
    line = Connection(number)
    try:
        _work(line)
    except (EOFError, BrokenPipeError):
        return
    except InputError as error:
        line.send(("refused", str(error)))
    except Exception:
        line.send(("failed", traceback.format_exc()))


def _work(line):
    line.send(("asks", None))
    flyer = Flyer(line.recv())
    line.send(("traced", None))
    line.recv()
    flyer.compile()
    line.send(("ready", flyer.compile_s))
    while True:
        task = line.recv()
        line.send(
            ("flown", flyer.fly(*task) if len(task) == PLAIN_TASK else flyer.fly_marked(*task))
        )


class Flyer:
    """The compiled batch of one process, with the plan it flies."""

    def __init__(self, job):
        """Read the plan and trace; nothing is compiled yet."""
        from perilune.flight.compile_cache import use_cache

        use_cache(lambda _: None)
        import numpy as np

        from perilune.campaign.run.batch import arguments, campaign_batch
        from perilune.mission.dispersions import ROW_COUNT

        self._plan, self._seed, self.compile_s = pickle.loads(job.plan), job.seed, None
        blank = np.full((job.batch_size, ROW_COUNT), np.nan)
        self._traced = campaign_batch().lower(*arguments(self._plan, self._seed, 0, blank))

    def compile(self):
        """Compile, or fetch what another process has compiled."""
        start = time.perf_counter()
        self._compiled, self._traced = self._traced.compile(), None
        self.compile_s = time.perf_counter() - start
        _give_memory_back()

    def fly(self, first_run, points):
        """(values, summary) of one batch, NumPy."""
        from perilune.campaign.run.batch import arguments, on_host

        return on_host(self._compiled(*arguments(self._plan, self._seed, first_run, points)))

    def fly_marked(self, first_run, points, lane):
        """((values, summary), marks of one lane) of one batch, NumPy."""
        import jax
        import numpy as np

        from perilune.campaign.run.batch import arguments

        asked = arguments(self._plan, self._seed, first_run, points, lane)
        return jax.tree.map(np.asarray, self._compiled(*asked))


def _give_memory_back():
    """Hand the compiler's gigabyte back to the system, where the C library knows how (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
