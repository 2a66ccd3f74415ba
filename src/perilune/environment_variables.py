"""The environment variables that name folders: read here alone, and held against the disk."""

import os
import stat
from pathlib import Path

from perilune.errors import InputError

DATA, CATALOG, CACHE = "PERILUNE_DATA", "PERILUNE_CATALOG", "PERILUNE_CACHE"


def data_folder() -> Path | None:
    """The folder of measured data, or None where PERILUNE_DATA is not set or empty.

    Raises InputError where it names anything but a folder that can be read.
    """
    return _named_folder(DATA, "the folder that holds `gravity/` and `terrain/`")


def catalog_folder() -> Path | None:
    """The user's own catalog, or None where PERILUNE_CATALOG is not set or empty.

    Raises InputError where it names anything but a folder that can be read.
    """
    return _named_folder(CATALOG, "a folder with `missions/`, `landers/`, `sites/` or `faults/`")


def cache_folder() -> Path | None:
    """Where compiled programs are kept, there or not; None where this user has no home."""
    named = os.environ.get(CACHE)
    if named:
        return expanded(named, CACHE)
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        return Path(home or Path.home() / ".cache", "perilune")
    except RuntimeError:
        return None


def expanded(named: str, what: str) -> Path:
    """A path with `~` as a user's home; InputError, naming `what`, where there is no such user."""
    try:
        return Path(named).expanduser()
    except RuntimeError as error:
        raise InputError(
            f"{what} names {named}, but there is no such home folder; write the whole path."
        ) from error


def out_folder(out: str | None, usual: Path) -> Path:
    """The folder that --out names, or the usual one; InputError where it names none."""
    if out is None:
        return usual
    if not out.strip():
        raise InputError("--out must name a folder, but is empty; name one, or leave it out.")
    folder = expanded(out, "--out")
    try:
        folder.absolute().resolve().exists()
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "its links lead back to themselves"
        raise InputError(
            f"--out must be the path of a folder, but {out} cannot be followed ({why}); name "
            "another."
        ) from error
    return folder


def unlike_file(path: Path) -> str | None:
    """What a path is or has wrong instead of being a regular file; None where it is one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "is not there"
    except (OSError, ValueError) as error:
        return f"cannot be opened ({getattr(error, 'strerror', None) or error})"
    if stat.S_ISREG(mode):
        return None
    return "is a folder" if stat.S_ISDIR(mode) else "is a pipe or a device"


def _named_folder(variable, wanted):
    named = os.environ.get(variable)
    if not named:
        return None
    folder = expanded(named, variable)
    try:
        there = folder.stat() and True
    except OSError as error:
        there, why = False, error.strerror
    if not there:
        wrong = f"{named} cannot be found ({why})"
    elif not folder.is_dir():
        wrong = f"{named} is a file"
    elif not os.access(folder, os.R_OK | os.X_OK):
        wrong = f"{named} may not be read by this user"
    else:
        return folder
    raise InputError(f"{variable} must name {wanted}, but {wrong}; name another, or unset it.")
