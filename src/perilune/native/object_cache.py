"""Compiled programs kept between runs: compiled once, and again where a file is damaged."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perilune.kept_files import kept_bytes
from perilune.native.arena_layout import Layout

ENDING = ".native"


@dataclass(frozen=True)
class Compiled:
    """A program's object files and the plan of its memory."""

    layout: Layout
    objects: Sequence[bytes]


def kept_or_made(folder: Path | None, key: str, make: Callable[[], Compiled]) -> Compiled:
    """The program kept under a key in a folder, else what `make` gives, which is then kept.

    By `kept_bytes`: a file that is damaged, or of another key, counts as none.
    """
    if folder is None:
        return make()
    return _unpacked(kept_bytes(folder, key, key, lambda: _packed(make()), ENDING))


def _packed(program: Compiled) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("layout.json", program.layout.to_json())
        for number, (_, table) in enumerate(program.layout.tables):
            array = io.BytesIO()
            np.save(array, table, allow_pickle=False)
            archive.writestr(f"table{number}.npy", array.getvalue())
        for number, code in enumerate(program.objects):
            archive.writestr(f"part{number}.o", code)
    return memory.getvalue()


def _unpacked(packed: bytes) -> Compiled:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = archive.namelist()
        tables = [
            np.load(io.BytesIO(archive.read(f"table{number}.npy")), allow_pickle=False)
            for number in range(sum(name.startswith("table") for name in names))
        ]
        layout = Layout.from_json(archive.read("layout.json").decode(), tables)
        count = sum(name.startswith("part") for name in names)
        return Compiled(layout, [archive.read(f"part{n}.o") for n in range(count)])
