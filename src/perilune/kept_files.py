"""Bytes kept between runs: made once, and again where they are damaged or of another making."""

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from perilune.atomic_files import replace_file

ENDING = ".kept"
_DIGEST = hashlib.sha256().digest_size


def kept_bytes(
    folder: Path | None, key: str, making: str, make: Callable[[], bytes], ending: str = ENDING
) -> bytes:
    """What is kept under a key in a folder, else what `make` gives, which is then kept.

    `making` is all that decides the bytes beside the key, such as the code: what was made otherwise
    counts as none and is written over, so that a key has one file. Processes that ask at once wait
    for the one that makes it; where the folder cannot be written, nothing is kept.
    """
    if folder is None:
        return make()
    path = folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + ending)
    made_by = hashlib.sha256(making.encode()).digest()
    found = _read(path, made_by)
    if found is not None:
        return found
    with _alone(path.with_suffix(".lock")):
        found = _read(path, made_by)
        if found is None:
            found = make()
            whole = made_by + hashlib.sha256(found).digest() + found
            with contextlib.suppress(OSError):
                replace_file(path, lambda aside: aside.write_bytes(whole))
    return found


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that goes with its holder; nothing where there can be none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError:
        yield
        return
    with file:
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read(path: Path, made_by: bytes) -> bytes | None:
    """The bytes in a file; None where it is not there, not whole, or made otherwise."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    body = whole[2 * _DIGEST :]
    right = made_by + hashlib.sha256(body).digest()
    return body if whole[: 2 * _DIGEST] == right else None
