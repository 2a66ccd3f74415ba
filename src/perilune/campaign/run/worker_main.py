"""What a worker process does: pin itself, receive a job, trace, compile, then fly its tasks."""

import os
import signal
import threading
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, cast

from perilune.campaign.run.job import Job, Task, pin
from perilune.errors import InputError

if TYPE_CHECKING:
    from perilune.campaign.run.flyer import Flyer
    from perilune.campaign.run.native_flyer import NativeFlyer

COMPILE = "compile"
"""The message after which a worker compiles what it has traced."""


def serve(number: int, core: int) -> None:
    """Serve the connection of file descriptor `number` until its other end closes."""
    _exit_with_parent()
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


def _work(line: Connection) -> None:
    """Answer each message: a job "traced" or "ready", `COMPILE` "ready", a task "flown"."""
    line.send(("started", None))
    flyer = _flyer(line.recv())
    line.send(("traced", None))
    while True:
        message = line.recv()
        if isinstance(message, Job):
            if flyer.suits(message):
                flyer.take(message)
            else:
                flyer = _flyer(message)
            line.send(("ready", 0.0) if flyer.is_compiled else ("traced", None))
        elif message == COMPILE:
            flyer.compile()
            line.send(("ready", flyer.compile_s))
        else:
            task = Task(*message)
            line.send(("flown", _flown(flyer, task)))


def _flown(flyer: "Flyer | NativeFlyer", task: Task) -> Any:
    if task.lane is None:
        return flyer.fly(task)
    return cast("Flyer", flyer).fly_with_checkpoints(task)  # only replays by XLA ask for them


def _flyer(job: Job) -> "Flyer | NativeFlyer":
    if job.program is not None:
        from perilune.campaign.run.native_flyer import NativeFlyer  # imports no jax

        return NativeFlyer(job)
    from perilune.campaign.run.flyer import Flyer  # imports jax, after the process is pinned

    return Flyer(job)


def _exit_with_parent() -> None:
    """End this process as soon as the one that started it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us

    def wait_for_the_end() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
