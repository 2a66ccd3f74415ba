"""The folders that a user names, measured data and a catalog of their own, and paths in them."""

import stat
from dataclasses import dataclass
from pathlib import Path

from perilune.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where a user's own files are; None where there are none.

    `data` holds `gravity/` and `terrain/`; `catalog` holds `missions/`, `landers/`, `sites/` or
    `faults/`, which come before those of the package.

    >>> import perilune, pathlib
    >>> perilune.load_mission("athena", folders=perilune.Folders(data=pathlib.Path("maps"))).name
    'athena'
    """

    data: Path | None = None
    catalog: Path | None = None


def expanded(named: str, what: str) -> Path:
    """A path with `~` as a user's home; InputError, naming `what`, where there is no such user."""
    try:
        return Path(named).expanduser()
    except RuntimeError as error:
        raise InputError(
            f"{what} names {named}, but there is no such home folder; write the whole path."
        ) from error


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
