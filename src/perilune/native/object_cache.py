"""Compiled programs kept between runs: compiled once, and again where a file is damaged."""

import contextlib
import fcntl
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perilune.atomic_files import replace_file
from perilune.native.arena_layout import Layout

ENDING = ".native"


@dataclass(frozen=True)
class Compiled:
    """A program's object files and the plan of its memory."""

    layout: Layout
    objects: Sequence[bytes]


def kept_or_made(folder: Path | None, key: str, make: Callable[[], Compiled]) -> Compiled:
    """The program kept under a key in a folder, else what `make` gives, which is then kept.

    Processes that ask at once wait for the one that makes it. A file that is damaged, or of
    another key, counts as none; where the folder cannot be written, nothing is kept.
    """
    if folder is None:
        return make()
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    path = folder / (name + ENDING)
    found = _read(path, key)
    if found is not None:
        return found
    with alone(folder / (name + ".lock")):
        found = _read(path, key)
        if found is None:
            found = make()
            with contextlib.suppress(OSError):
                packed = _packed(found, key)
                replace_file(path, lambda aside: aside.write_bytes(packed))
    return found


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
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


def _packed(program: Compiled, key: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("key", key)
        archive.writestr("layout.json", program.layout.to_json())
        for number, (_, table) in enumerate(program.layout.tables):
            array = io.BytesIO()
            np.save(array, table, allow_pickle=False)
            archive.writestr(f"table{number}.npy", array.getvalue())
        for number, code in enumerate(program.objects):
            archive.writestr(f"part{number}.o", code)
    return memory.getvalue()


def _read(path: Path, key: str) -> Compiled | None:
    """The program in a file; None where it is not there, not whole, or another."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None or archive.read("key").decode() != key:
                return None
            names = archive.namelist()
            tables = [
                np.load(io.BytesIO(archive.read(f"table{number}.npy")), allow_pickle=False)
                for number in range(sum(name.startswith("table") for name in names))
            ]
            layout = Layout.from_json(archive.read("layout.json").decode(), tables)
            count = sum(name.startswith("part") for name in names)
            return Compiled(layout, [archive.read(f"part{n}.o") for n in range(count)])
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, EOFError):
        return None
