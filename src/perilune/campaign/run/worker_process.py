"""One worker process: how it is started, spoken to, ended, and named when it died by itself.

A worker is a Python of its own that imports Perilune and nothing of the script that asked for the
campaign, so that a script needs no guard, and may come from standard input. Ctrl-C does not reach
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
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, BinaryIO

from perilune.errors import InputError

START = """
import json, sys
number, core, sys.path[:] = json.loads(sys.argv[1])
from perilune.campaign.run.worker_pool import serve
serve(number, core)
"""
LONGEST_WORDS = 400


@dataclass
class Worker:
    """One process, the line to it, what it says for people, and what it is doing."""

    core: int
    process: subprocess.Popen
    line: Connection
    words: BinaryIO
    waits: str = "import"  # "import", "job", "trace", "compile", "task" or "answer"
    task: tuple | None = None


def hire(core: int) -> Worker:
    """Start a worker; raises InputError where the system starts no more processes."""
    ours, theirs = multiprocessing.Pipe()
    path = [each for each in sys.path if isinstance(each, str)]
    told = json.dumps([theirs.fileno(), core, path])
    words = _unnamed_file()
    try:
        with _ctrl_c_held_back():
            process = subprocess.Popen(
                [sys.executable, "-c", START, told],
                stdin=subprocess.PIPE,
                stdout=words,
                stderr=words,
                pass_fds=(theirs.fileno(),),
            )
    except OSError as error:
        ours.close()
        words.close()
        raise InputError(
            f"A worker process cannot be started ({error.strerror or error}); see how many "
            "processes and how much memory this user may have, or try fewer --workers."
        ) from error
    finally:
        theirs.close()
    return Worker(core, process, ours, words)


def tell(worker: Worker, words: object) -> None:
    """Say something to a worker; that one died is found out when it is listened to."""
    with contextlib.suppress(OSError):
        worker.line.send(words)


def heard(worker: Worker) -> tuple[str, Any]:
    """(kind, value) of what a worker said, kind "lost" where it died.

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


def bury(worker: Worker) -> str:
    """How a worker that died came to its end, in words."""
    worker.line.close()
    worker.process.kill()  # where only its line was broken
    code = worker.process.wait()
    if code >= 0:
        end = f"with exit code {code}"
    else:
        known = -code in {int(each) for each in signal.Signals}
        end = f"by signal {-code}" + f", {signal.Signals(-code).name}" * known
    last = _last_words(worker)
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


def leave_with_parent() -> None:
    """In a worker: end it as soon as whoever started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us

    def wait_for_the_end():
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=wait_for_the_end, daemon=True).start()


def _unnamed_file():
    """A file for what a worker writes to its standard error, in memory where that can be."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("perilune-worker"), "w+b")
    return tempfile.TemporaryFile()


def _last_words(worker):
    """The last line that a worker wrote to its standard error."""
    worker.words.seek(0)
    lines = worker.words.read().decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:LONGEST_WORDS] if said else ""


def _close(worker):
    with contextlib.suppress(OSError):
        worker.process.stdin.close()
    worker.words.close()


@contextlib.contextmanager
def _ctrl_c_held_back():
    """A process started inside never hears Ctrl-C; ours does, a moment later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
