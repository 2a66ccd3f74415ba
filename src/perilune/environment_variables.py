"""The environment variables that name folders, checked; read by the front door and `app` alone."""

import os
from pathlib import Path

from perilune.errors import InputError
from perilune.folders import Folders, expanded

DATA, CATALOG = "PERILUNE_DATA", "PERILUNE_CATALOG"


def named_folders() -> Folders:
    """The folders that PERILUNE_DATA and PERILUNE_CATALOG name; None for one not set or empty.

    Raises InputError where one of them names anything but a folder that can be read.
    """
    return Folders(data=data_folder(), catalog=catalog_folder())


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


def _named_folder(variable: str, wanted: str) -> Path | None:
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
