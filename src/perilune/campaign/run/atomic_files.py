"""How a file of a campaign reaches the disk: whole or not at all; refusals become a sentence."""

import contextlib
import errno
import os

from perilune import signals
from perilune.errors import InputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def written_aside(path, write):
    """Write beside, force to the disk, rename: a reader sees the old file or the new one."""
    aside = path.with_name(f".{path.name}.aside")
    with signals.writing(path.parent), disk_refusals(path.parent):
        try:
            write(aside)
            _force_to_disk(aside)
            aside.replace(path)
            _force_to_disk(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            raise


def _force_to_disk(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def disk_refusals(folder):
    """Turn what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InputError(
                f"{folder}: the disk is full; the batches that are finished are kept. Make room "
                "and add --resume to go on."
            ) from error
        raise InputError(
            f"{folder} cannot be written ({error.strerror or error}); name another with --out."
        ) from error
