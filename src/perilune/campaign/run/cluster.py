"""Flies batches on a Dask cluster: a lost worker's are flown again by another, rows unchanged."""

import concurrent.futures
import contextlib
import functools
import importlib.metadata
import itertools
import logging
import pickle
import queue
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perilune.campaign.run.flyer import Flyer
from perilune.campaign.run.job import Flown, Job, Task
from perilune.campaign.run.native_flyer import NativeFlyer
from perilune.errors import InputError
from perilune.flight.compile_cache import compile_for_one_core, compiler_settings

if TYPE_CHECKING:
    from distributed import Client, Future

BATCHES_A_TASK = 1
"""Aligned batches of one task; more of them make a slow network's part smaller."""
AHEAD = 2
"""Tasks on their way for every thread of the cluster: none waits, and few are lost."""
RETRIES = 2
CONNECT_S, SLACK_S = 10, 2
WAIT_S = 120
"""A scheduler without workers is given so long to get one."""
HEARTBEAT_S = 1.0
"""How often it is looked whether workers have come or gone."""

Report = Callable[[str, Any], None]
"""Called with ("workers", count), ("compile_s", seconds) and ("note", words)."""

_ONE_AT_A_TIME = threading.Lock()


def flown_by_cluster(
    job: Job, tasks: Iterable[Task], address: str, report: Report
) -> Generator[tuple[int, Flown]]:
    """Yield (first run, (values, summary)) of every task, in whatever order they are done.

    `tasks` yields (first run, points); `address` is a scheduler's, such as tcp://10.0.0.1:8786;
    `report(name, value)` is called with "workers", "compile_s" and "note". Every worker process
    must have this very code installed, and the libraries that decide a row. Closing the generator
    cancels what is on its way. Raises InputError where there is no scheduler, it has no workers for
    `WAIT_S`, its workers keep dying, or their code or libraries differ.
    """
    client = _client(address)
    try:
        with _logging_nothing():
            yield from _flown(_Cluster(client, address, report), job, _grouped(tasks))
    except (OSError, concurrent.futures.CancelledError) as error:
        raise InputError(
            f"The Dask scheduler at {address} does not answer any more; see whether it is running, "
            "and add --resume to continue."
        ) from error
    finally:
        with _logging_nothing():
            client.close(timeout=CONNECT_S)


@contextlib.contextmanager
def _logging_nothing() -> Iterator[None]:
    """What Dask logs on standard error is silent inside: what matters is reported in a sentence."""
    import distributed  # noqa: F401, sets the handlers up

    handlers = logging.getLogger("distributed").handlers
    levels = [each.level for each in handlers]
    for each in handlers:
        each.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for each, level in zip(handlers, levels, strict=True):
            each.setLevel(level)


class _Cluster:
    """A scheduler, and since when it has had no workers."""

    def __init__(self, client: "Client", address: str, report: Report) -> None:
        """Nothing known yet."""
        self.client, self.report = client, report
        self._address = address
        self._count: int | None = None
        self._empty_since_s = 0.0

    def threads(self) -> int:
        """How many threads its workers have now; InputError where there was none for too long."""
        threads = self.client.nthreads()
        if len(threads) != self._count:
            self._count = len(threads)
            self.report("workers", self._count)
            self._empty_since_s = time.monotonic()
            if not threads:
                self.report("note", self._waiting())
        if not threads and time.monotonic() - self._empty_since_s > WAIT_S:
            raise InputError(
                f"--cluster must be a scheduler that has workers, but {self._address} had none for "
                f"{WAIT_S:g} s; start some with `dask worker {self._address}`, or leave out "
                "--cluster."
            )
        return sum(threads.values())

    def _waiting(self) -> str:
        return (
            f"the scheduler at {self._address} has no workers; waiting at most {WAIT_S:g} s for "
            f"one (`dask worker {self._address}` starts it)"
        )


def _flown(
    cluster: _Cluster, job: Job, groups: Iterator[list[Task]]
) -> Generator[tuple[int, Flown]]:
    client, going = cluster.client, set[Any]()
    done: queue.SimpleQueue = queue.SimpleQueue()
    # A task of its own, so that it can be made again when the workers that hold it are lost.
    job_there = client.submit(_itself, job, key=f"perilune-job-{job.digest}")
    try:
        while True:
            room = AHEAD * cluster.threads() - len(going)
            for group in itertools.islice(groups, max(0, room)):
                going.add(_sent(client, job_there, group, done))
            if room > 0 and not going:
                return
            future = _next(done)
            if future is not None:
                answers, compile_s = _result(future)
                going.discard(future)
                future.release()
                yield from answers
                cluster.report("compile_s", compile_s)
    finally:
        client.cancel([*going, job_there])


def _sent(
    client: "Client", job_there: "Future", group: Sequence[Task], done: queue.SimpleQueue
) -> "Future":
    key = f"perilune-run-{group[0][0]}-{time.monotonic_ns()}"
    future = client.submit(fly_group, job_there, group, key=key, retries=RETRIES)
    future.add_done_callback(done.put)
    return future


def _next(done: queue.SimpleQueue) -> "Future | None":
    """The next task that is over, or None after `HEARTBEAT_S`."""
    try:
        return done.get(timeout=HEARTBEAT_S)
    except queue.Empty:
        return None


def _result(future: "Future") -> tuple[list[tuple[int, Flown]], float]:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise InputError(
            f"Several workers of the cluster died flying the batch of {error.task}; see "
            "whether their memory suffices, and add --resume to keep what is finished."
        ) from error
    except (ImportError, AttributeError, pickle.UnpicklingError) as error:
        raise InputError(
            "The cluster's workers must run the same Perilune as this machine, but one cannot "
            f"read what it is sent ({error}); install this version there."
        ) from error


def _grouped(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    tasks = iter(tasks)
    while group := list(itertools.islice(tasks, BATCHES_A_TASK)):
        yield group


def _itself(job: Job) -> Job:
    return job


def fly_group(job: Job, group: Sequence[Task]) -> tuple[list[tuple[int, Any]], float]:
    """What a worker of the cluster does: ([(first run, what a flyer gives)], s to compile)."""
    with _ONE_AT_A_TIME:  # one compilation a process, whatever its threads
        flyer = _flyer(job)
    return [(task[0], flyer.fly(Task(*task))) for task in group], (flyer.compile_s)


@functools.lru_cache(maxsize=1)
def _flyer(job: Job) -> Flyer | NativeFlyer:
    from perilune.design.provenance import code_digest

    compile_for_one_core()
    if code_digest() != job.code:
        raise InputError(
            "The cluster's workers must run the same Perilune as this machine, but the code of "
            f"{_this_worker()} differs; install this version there."
        )
    _check_libraries(job.libraries)
    if job.program is not None:
        return NativeFlyer(job)
    _check_compiler(dict(job.compiler))
    flyer = Flyer(job)
    flyer.compile()
    return flyer


def _check_libraries(libraries: Iterable[tuple[str, str]]) -> None:
    for name, asked in libraries:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "absent"
        if found != asked:
            raise InputError(
                f"The cluster's workers must have the same {name} as this machine, {asked}, but "
                f"{_this_worker()} has {found}; install that version there."
            )


def _this_worker() -> str:
    """How people find the worker that runs this: its machine, and its address in the cluster."""
    from distributed import get_worker

    try:
        return f"the worker {get_worker().address} on {socket.gethostname()}"
    except ValueError:  # none: called by itself
        return f"a worker on {socket.gethostname()}"


def _check_compiler(asked: Mapping[str, str]) -> None:
    found = compiler_settings()
    for name in {**asked, **found}:
        if asked.get(name) != found.get(name):
            raise InputError(
                f"The cluster's workers must be started with the same {name} as this machine, "
                f"{asked.get(name, 'none')}, but one has {found.get(name, 'none')}: it changes the "
                "last digits of rows; set it alike and start them again."
            )


def _client(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--cluster needs Dask distributed, which is not installed; "
            "pip install 'perilune[cluster]'."
        ) from error
    answers: queue.SimpleQueue = queue.SimpleQueue()
    # Beside, with a limit of ours: what listens there may be no scheduler and say nothing at all.
    threading.Thread(target=_connect, args=(Client, address, answers), daemon=True).start()
    try:
        client, why = answers.get(timeout=CONNECT_S + SLACK_S)
    except queue.Empty:
        client, why = None, "what listens there does not speak as a scheduler"
    if client is None:
        raise InputError(
            "--cluster must be the address of a running Dask scheduler such as "
            f"tcp://127.0.0.1:8786, but nothing answers at {address} ({why})."
        )
    return client


def _connect(client: "type[Client]", address: str, answers: queue.SimpleQueue) -> None:
    try:
        answers.put((client(address, timeout=CONNECT_S, set_as_default=False), ""))
    except Exception as error:  # of every kind, by what is wrong with the address
        answers.put((None, str(error) or "it is no address"))
