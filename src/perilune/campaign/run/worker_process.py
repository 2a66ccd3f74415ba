"""One worker process as its parent sees it: started, sent messages, ended, its end described.

A worker is a Python of its own that imports Perilune and nothing of the script that started the
campaign, so that a script needs no guard and may come from standard input. Ctrl-C does not reach
it. It lives as long as its standard input is open, which ends with the process that holds it.
"""

import contextlib
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, BinaryIO

from perilune.campaign.run.job import Task
from perilune.errors import InputError

START = """
import json, sys
number, core, sys.path[:] = json.loads(sys.argv[1])
from perilune.campaign.run.worker_main import serve
serve(number, core)
"""
LONGEST_QUOTE = 400


@dataclass(kw_only=True)
class Worker:
    """A process, the connection to it, what it writes to standard error, and what it does."""

    core: int
    process: subprocess.Popen
    line: Connection
    stderr: BinaryIO
    state: str = "starting"
    """"starting", "tracing", "traced" (may compile), "idle", or "busy" until it answers."""
    task: Task | None = None
    is_outdated: bool = False
    """Whether its next answer is to a job that is over."""


def start_worker(core: int) -> Worker:
    """Start a worker; raises InputError where the system starts no more processes."""
    ours, theirs = multiprocessing.Pipe()
    path = [each for each in sys.path if isinstance(each, str)]
    argument = json.dumps([theirs.fileno(), core, path])
    stderr = _unnamed_file()
    try:
        with _ctrl_c_blocked():
            process = subprocess.Popen(
                [sys.executable, "-c", START, argument],
                stdin=subprocess.PIPE,
                stdout=stderr,
                stderr=stderr,
                pass_fds=(theirs.fileno(),),
            )
    except OSError as error:
        ours.close()
        stderr.close()
        raise InputError(
            f"A worker process cannot be started ({error.strerror or error}); see how many "
            "processes and how much memory this user may have, or try fewer --workers."
        ) from error
    finally:
        theirs.close()
    return Worker(core=core, process=process, line=ours, stderr=stderr)


def send(worker: Worker, message: object) -> None:
    """Send a message; `receive` finds out where the worker has died."""
    with contextlib.suppress(OSError):
        worker.line.send(message)


def receive(worker: Worker) -> tuple[str, Any]:
    """(kind, value) of a worker's message, kind "lost" where it died.

    Raises InputError for what it refused, and RuntimeError with its traceback where it failed.
    """
    try:
        kind, value = worker.line.recv()
    except (EOFError, OSError, pickle.UnpicklingError):
        return "lost", None
    if kind == "refused":
        raise InputError(value)
    if kind == "failed":
        raise RuntimeError(f"A worker of the campaign failed:\n{value}")
    return kind, value


def end_of(worker: Worker) -> str:
    """Close a worker that died, and describe how: its exit code or signal and last words."""
    worker.line.close()
    worker.process.kill()  # where only its line was broken
    code = worker.process.wait()
    if code >= 0:
        end = f"with exit code {code}"
    else:
        known = -code in {int(each) for each in signal.Signals}
        end = f"by signal {-code}" + f", {signal.Signals(-code).name}" * known
    last = _last_line(worker)
    _close(worker)
    return end + (f', after "{last}"' if last else "")


def end_all(workers: list[Worker]) -> None:
    """End workers whatever they are doing."""
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.process.wait()
        worker.line.close()
        _close(worker)


def _unnamed_file() -> BinaryIO:
    """A file for what a worker writes to its standard error, in memory where that can be."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("perilune-worker"), "w+b")
    return tempfile.TemporaryFile()


def _last_line(worker: Worker) -> str:
    """The last line that a worker wrote to its standard error."""
    worker.stderr.seek(0)
    lines = worker.stderr.read().decode(errors="replace").split("\n")
    written = [line.strip() for line in lines if line.strip()]
    return written[-1][:LONGEST_QUOTE] if written else ""


def _close(worker: Worker) -> None:
    with contextlib.suppress(OSError):
        if worker.process.stdin is not None:
            worker.process.stdin.close()
    worker.stderr.close()


@contextlib.contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """A process started inside never receives Ctrl-C; ours does, a moment later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
