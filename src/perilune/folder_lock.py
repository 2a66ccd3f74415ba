"""One writer a folder: a lock that goes with its holder, however that ends, and says who it is."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from perilune.errors import InputError


@contextlib.contextmanager
def locked(handle: int, folder: Path) -> Iterator[None]:
    """Hold the lock on an open file or folder; InputError naming the process that has it.

    `folder` is what is written to, for the sentence. A system without such locks is written to
    without one.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            f"{folder}: another process{_named(_holder(handle))} is writing there; wait until it "
            "has ended, or name another folder with --out."
        ) from error
    except OSError:
        yield
        return
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _named(pid: int | None) -> str:
    return f" (pid {pid})" if pid else ""


def _holder(handle: int) -> int | None:
    """The process that holds the lock, as Linux lists it; None where that is not known."""
    node = os.fstat(handle).st_ino
    with contextlib.suppress(OSError):
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(node):
                return int(words[4]) if int(words[4]) > 0 else None
    return None
