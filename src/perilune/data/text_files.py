"""How a text file from outside is opened: what is not one is named before anything is read."""

import codecs
import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from perilune.errors import InputError

PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
OPENING_BYTES = 4096


@contextlib.contextmanager
def open_text(path: Path, what: str) -> Iterator[TextIO]:
    """A regular file opened as text, its byte order mark left out; `what` names what it should be.

    Raises InputError, one sentence, for a path that is absent, a folder, a pipe or a device, for
    an empty file, a Git LFS or git-annex pointer, a web page, a packed or a binary file. A pipe is
    never opened.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, socket or device"
            raise InputError(f"{path}: {what} must be a regular file, but this is {kind}.")
        with path.open("rb") as raw:
            unlike = _what_else(raw.read(OPENING_BYTES))
        if unlike:
            raise InputError(f"{path}: {what} must be a text file, but this {unlike}.")
        file = path.open(encoding="utf-8-sig", errors="replace")
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise InputError(
            f"{path}: {what} must be a readable file, but: {why}; correct the path."
        ) from problem
    with file:
        yield file


def _what_else(opening: bytes) -> str | None:
    """What a file is that holds no text of a field or a map, with the cure, by its first bytes."""
    start = opening.lstrip(codecs.BOM_UTF8).lstrip()[:200].lower()
    packed = next((name for magic, name in PACKED.items() if opening.startswith(magic)), None)
    pointer = "is a pointer to a file that was not fetched; run `{}` where it comes from"
    found = {
        "is empty; fetch it again": not start,
        pointer.format("git lfs pull"): start.startswith(b"version https://git-lfs"),
        pointer.format("git annex get"): b"annex/objects/" in start,
        "is a web page, as a failed download leaves it; fetch the file again": start.startswith(
            (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<error")
        ),
        f"is packed with {packed}; unpack it first": packed is not None,
        "is a binary file; name the text file of it": b"\0" in opening,
    }
    return next((words for words, is_so in found.items() if is_so), None)
