"""What the disk refuses a campaign, as one sentence with its cure."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from perilune.errors import InputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
