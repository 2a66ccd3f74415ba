"""What the disk refuses a campaign, as one sentence with its cure."""

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

from perilune.atomic_files import FILE_ASIDE
from perilune.errors import InputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def try_to_write(folder: Path | str) -> None:
    """Raise OSError now where a folder, there or not, could not be written later.

    A folder is made in the nearest one that is there, and removed again.
    """
    place = Path(folder).absolute()
    nearest = next(each for each in (place, *place.parents) if each.exists())
    with tempfile.TemporaryDirectory(prefix=".perilune-", suffix=FILE_ASIDE, dir=nearest):
        pass


@contextlib.contextmanager
def disk_refusals(folder: Path | str) -> Iterator[None]:
    """Inside, an OSError becomes an InputError that names `folder`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InputError(
                f"{folder}: the disk is full; the batches that are finished are kept. Make room "
                "and add --resume to continue."
            ) from error
        raise InputError(
            f"{folder} cannot be written ({error.strerror or error}); name another with --out."
        ) from error
