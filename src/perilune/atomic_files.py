"""How a file or a folder of files reaches the disk: prepared aside, then moved into place whole.

A reader sees the old one or the new one, never a part; a process that is killed leaves the old one
and a leftover aside. A signal that ends the command line waits while files go into place.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from perilune import signals

FILE_ASIDE = ".aside"
FOLDER_ASIDE = ".partial-"
STALE_S = 3600.0
"""A leftover aside is removed once it is older, and so no work of another process."""
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` write a file aside, force it to the disk, and rename it to `path`."""
    aside = path.with_name(f".{path.name}{FILE_ASIDE}")
    with signals.writing(path.parent):
        try:
            write(aside)
            _force_to_disk(aside)
            aside.replace(path)
            _force_to_disk(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            raise


def is_aside(name: str) -> bool:
    """Whether a file of this name is one that `replace_file` had not moved yet."""
    return name.startswith(".") and name.endswith(FILE_ASIDE)


def replace_folder(place: Path, names: Sequence[str], write: Callable[[Path], object]) -> None:
    """Let `write` write the files `names` into a folder aside, and move that to `place` as one.

    A folder that was there stays whole until the new one is. Where it cannot be swapped (a mount,
    the working folder), the last of `names` goes first and comes last: where it is, all are.
    """
    with signals.writing(place), _aside(place) as staging:
        write(staging)
        for name in names:
            _force_to_disk(staging / name)
        _publish(staging, place, names)


def home_of(place: Path) -> Path:
    """The folder, there or not, in which `replace_folder` prepares what goes to `place`."""
    return place if _stays(place) else place.parent


@contextlib.contextmanager
def _aside(place: Path) -> Iterator[Path]:
    """A new folder on the same disk as `place`, removed afterwards with whatever is left in it."""
    home = home_of(place)
    home.mkdir(parents=True, exist_ok=True)
    prefix = f".{place.name}{FOLDER_ASIDE}"
    _sweep(home, prefix)
    staging = home / (prefix + secrets.token_hex(4))
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _publish(staging: Path, place: Path, names: Sequence[str]) -> None:
    if staging.parent != place.parent:
        _move_files(staging, place, names)
    elif not place.exists():
        staging.rename(place)
    elif not _exchanged(staging, place):
        _move_files(staging, place, names)


def _move_files(staging: Path, place: Path, names: Sequence[str]) -> None:
    (place / names[-1]).unlink(missing_ok=True)
    for name in names:
        (staging / name).replace(place / name)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    paths = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    return swap(*paths, _RENAME_EXCHANGE) == 0


def _stays(place: Path) -> bool:
    """Whether `place` is there and must stay the folder it is: a mount, or the working folder."""
    if not place.is_dir():
        return False
    return place.is_mount() or place == Path.cwd() or not os.access(place.parent, os.W_OK)


def _sweep(home: Path, prefix: str) -> None:
    for each in home.glob(prefix + "*"):
        with contextlib.suppress(OSError):
            if time.time() - each.stat().st_mtime > STALE_S:
                shutil.rmtree(each)


def _force_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
