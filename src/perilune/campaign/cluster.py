"""Flies batches on a Dask cluster: a lost worker's are flown again by another, rows unchanged."""

import functools
import importlib.metadata
import itertools
import os
import threading
import time

from perilune.campaign.identity import compiler_settings
from perilune.campaign.workers import Flyer
from perilune.errors import InputError

BATCHES_A_TASK = 1
"""Aligned batches of one task; more of them make a slow network's part smaller."""
AHEAD = 2
"""Tasks on their way for every thread of the cluster: none waits, and few are lost."""
RETRIES = 2
CONNECT_S = 20

_ONE_AT_A_TIME = threading.Lock()


def flown_by_cluster(job, tasks, address, hear):
    """Yield (first run, (values, summary)) of every task, in whatever order they are done.

    `tasks` yields (first run, points); `address` is a scheduler's, such as tcp://10.0.0.1:8786;
    `hear(name, value)` is told "workers" and "compile_s". Every worker process must have this very
    code installed, and the libraries that decide a row. Closing the generator cancels what is on
    its way. Raises InputError where there is no scheduler, its workers keep dying, or their code
    or libraries differ.
    """
    client = _client(address)
    try:
        hear("workers", len(client.scheduler_info(n_workers=-1)["workers"]))
        yield from _flown(client, job, _grouped(tasks), hear)
    finally:
        client.close()


def _flown(client, job, groups, hear):
    from distributed import KilledWorker, as_completed

    # A task of its own, so that it can be made again when the workers that hold it are lost.
    job_there = client.submit(_itself, job, key=f"perilune-job-{job.digest}")
    first = _sent(client, job_there, itertools.islice(groups, _room(client)))
    going = as_completed(first, loop=client.loop)
    try:
        for future in going:
            answers, compile_s = future.result()
            future.release()
            yield from answers
            hear("compile_s", compile_s)
            going.update(_sent(client, job_there, itertools.islice(groups, 1)))
    except KilledWorker as error:
        raise InputError(
            f"The batch of {error.task} has cost several workers of the cluster their lives; see "
            "whether their memory suffices, and add --resume to keep what is finished."
        ) from error
    finally:
        client.cancel([*going.futures, job_there])


def _sent(client, job_there, groups):
    return [
        client.submit(
            fly_group,
            job_there,
            group,
            key=f"perilune-run-{group[0][0]}-{time.monotonic_ns()}",
            retries=RETRIES,
        )
        for group in groups
    ]


def _room(client):
    """How many tasks are kept on their way."""
    return AHEAD * max(1, sum(client.nthreads().values()))


def _grouped(tasks):
    tasks = iter(tasks)
    while group := list(itertools.islice(tasks, BATCHES_A_TASK)):
        yield group


def _itself(job):
    return job


def fly_group(job, group):
    """What a worker of the cluster does: ([(first run, (values, summary))], seconds to compile)."""
    with _ONE_AT_A_TIME:  # one compilation a process, whatever its threads
        flyer = _flyer(job)
    return [(first_run, flyer.fly(first_run, points)) for first_run, points in group], (
        flyer.compile_s
    )


@functools.lru_cache(maxsize=1)
def _flyer(job):
    from perilune.design.provenance import code_digest

    os.environ.setdefault("NPROC", "1")  # the compiler sees one core, as in a pinned process

    if code_digest() != job.code:
        raise InputError(
            "The cluster's workers must run the same Perilune as this machine, but their code "
            "differs; install this version there."
        )
    _check_libraries(job.libraries)
    _check_compiler(dict(job.compiler))
    flyer = Flyer(job)
    flyer.compile()
    return flyer


def _check_libraries(libraries):
    for name, asked in libraries:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "absent"
        if found != asked:
            raise InputError(
                f"The cluster's workers must have the same {name} as this machine, {asked}, but "
                f"one has {found}; install that version there."
            )


def _check_compiler(asked):
    found = compiler_settings(os.environ)
    for name in {**asked, **found}:
        if asked.get(name) != found.get(name):
            raise InputError(
                f"The cluster's workers must be started with the same {name} as this machine, "
                f"{asked.get(name, 'none')}, but one has {found.get(name, 'none')}: it changes the "
                "last digits of rows; set it alike and start them again."
            )


def _client(address):
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--cluster needs Dask distributed, which is not installed; "
            "pip install 'perilune[cluster]'."
        ) from error
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"--cluster must be the address of a running Dask scheduler such as "
            f"tcp://127.0.0.1:8786, but nothing answers at {address} ({error})."
        ) from error
