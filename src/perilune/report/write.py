"""Where a run's three files are written, refusals in one sentence, and one writer at a time."""

import contextlib
import errno
import functools
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from perilune import signals
from perilune.atomic_files import FOLDER_ASIDE, home_of, replace_folder
from perilune.errors import InputError
from perilune.folder_lock import locked
from perilune.report.flight_parquet import write_telemetry
from perilune.report.result import result_text

FILES = ("telemetry.parquet", "report.html", "result.json")  # the order they are moved in


def write_run(folder: Path | str, result: Mapping, telemetry: pa.Table, html: str) -> Path:
    """Write `result.json`, `telemetry.parquet` and `report.html` into `folder`; give its path.

    The files are prepared in a folder aside and moved as one: a run that was there stays whole
    until the new one is. Where a folder cannot be swapped (a mount, the working folder), the
    old `result.json` goes first and the new one comes last, so that a folder with a
    `result.json` is always whole. Raises InputError when the place cannot be written, is full,
    or holds files that are not a run's.
    """
    place = _resolved(folder)
    try:
        _refuse_foreign(place)
        replace_folder(place, FILES, lambda aside: _prepare(aside, result, telemetry, html))
    except OSError as error:
        raise InputError(_cure(Path(folder), error)) from error
    return place


@contextlib.contextmanager
def only_writer(folder: Path | str) -> Iterator[None]:
    """Hold a run's folder, there or not: InputError naming the process that holds it already.

    The lock is a file beside the folder, or in the nearest one above that is there, for as long as
    it is held; one that a killed process left behind binds nobody.
    """
    place = _resolved(folder)
    name = f".{hashlib.sha256(os.fsencode(place)).hexdigest()[:12]}{FOLDER_ASIDE}lock"
    home = _nearest(home_of(place))
    above = [each / name for each in (place, *place.parents) if each != home]
    with contextlib.ExitStack() as held:
        for lock in [each for each in above if each.is_file()] + [home / name]:
            try:
                handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as error:
                raise InputError(_cure(Path(folder), error)) from error
            held.callback(os.close, handle)
            held.enter_context(locked(handle, Path(folder)))
            held.callback(lock.unlink, missing_ok=True)
            held.enter_context(signals.closing(functools.partial(lock.unlink, missing_ok=True)))
        yield


def check_writable(folder: Path | str) -> None:
    """Raise InputError now if `write_run` could not write there later; nothing is left behind."""
    place = _resolved(folder)
    try:
        _refuse_foreign(place)
        home = _nearest(home_of(place))
        with tempfile.TemporaryDirectory(prefix=FOLDER_ASIDE, dir=home):
            pass
    except OSError as error:
        raise InputError(_cure(Path(folder), error)) from error


def _resolved(folder: Path | str) -> Path:
    try:
        return Path(folder).absolute().resolve()
    except RuntimeError as error:  # links in a circle
        loop = OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        raise InputError(_cure(Path(folder), loop)) from error
    except OSError as error:
        raise InputError(_cure(Path(folder), error)) from error


def _prepare(staging: Path, result: Mapping, telemetry: pa.Table, html: str) -> None:
    write_telemetry(telemetry, staging / "telemetry.parquet")
    (staging / "report.html").write_text(html, encoding="utf-8")
    (staging / "result.json").write_text(result_text(result), encoding="utf-8")


def _nearest(place: Path) -> Path:
    return next(each for each in (place, *place.parents) if each.exists())


def _refuse_foreign(place: Path) -> None:
    """A folder with anything but a run in it is never replaced."""
    if not place.exists():
        return
    if not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))
    foreign = sorted(
        each.name
        for each in place.iterdir()
        if each.name not in FILES and FOLDER_ASIDE not in each.name
    )
    if foreign:
        raise InputError(
            f"--out must be a new folder or one that holds a run and nothing else, but `{place}` "
            f"also holds `{foreign[0]}`; give another folder."
        )


def _cure(folder: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        wrong, cure = f"the disk of `{folder}` is full", "free about 30 MB or give another folder"
    elif error.errno in {errno.ENOTDIR, errno.EEXIST}:
        wrong, cure = f"a part of the path `{folder}` is a file", "give another path"
    else:
        wrong, cure = f"`{folder}` is not ({error.strerror})", "give another folder"
    return f"--out must be a folder we can write, but {wrong}; {cure}."
