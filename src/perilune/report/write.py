"""How a run's three files reach the disk: prepared aside, then moved into place whole."""

import contextlib
import ctypes
import errno
import functools
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from perilune import signals
from perilune.errors import InputError
from perilune.folder_lock import locked
from perilune.report.flight_parquet import write_telemetry
from perilune.report.result import result_text

FILES = ("telemetry.parquet", "report.html", "result.json")  # the order they are moved in
_ASIDE = ".partial-"
_STALE_S = 3600.0
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def write_run(folder, result: Mapping, telemetry: pa.Table, html: str) -> Path:
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
        with signals.writing(folder), _aside(place) as staging:
            _prepare(staging, result, telemetry, html)
            _publish(staging, place)
    except OSError as error:
        raise InputError(_cure(Path(folder), error)) from error
    return place


@contextlib.contextmanager
def only_writer(folder):
    """Hold a run's folder, there or not: InputError naming the process that holds it already.

    The lock is a file beside the folder, or in the nearest one above that is there, for as long as
    it is held; one that a killed process left behind binds nobody.
    """
    place = _resolved(folder)
    name = f".{hashlib.sha256(os.fsencode(place)).hexdigest()[:12]}{_ASIDE}lock"
    home = _nearest(place if _in_place(place) else place.parent)
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


def check_writable(folder) -> None:
    """Raise InputError now if `write_run` could not write there later; nothing is left behind."""
    place = _resolved(folder)
    try:
        _refuse_foreign(place)
        home = _nearest(place if _in_place(place) else place.parent)
        with tempfile.TemporaryDirectory(prefix=_ASIDE, dir=home):
            pass
    except OSError as error:
        raise InputError(_cure(Path(folder), error)) from error


def _resolved(folder) -> Path:
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
    for name in FILES:
        with (staging / name).open("rb") as handle:
            os.fsync(handle.fileno())


@contextlib.contextmanager
def _aside(place: Path):
    """A new folder on the same disk as `place`, gone afterwards with whatever is left in it."""
    home = place if _in_place(place) else place.parent
    home.mkdir(parents=True, exist_ok=True)
    prefix = f".{place.name}{_ASIDE}"
    _sweep(home, prefix)
    staging = home / (prefix + secrets.token_hex(4))
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _publish(staging: Path, place: Path) -> None:
    if staging.parent != place.parent:
        _move_files(staging, place)
    elif not place.exists():
        staging.rename(place)
    elif not _exchanged(staging, place):
        _move_files(staging, place)


def _move_files(staging: Path, place: Path) -> None:
    (place / "result.json").unlink(missing_ok=True)
    for name in FILES:
        (staging / name).replace(place / name)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    paths = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    return swap(*paths, _RENAME_EXCHANGE) == 0


def _in_place(place: Path) -> bool:
    """Whether `place` is there and must stay the folder it is: a mount, or where we stand."""
    if not place.is_dir():
        return False
    return place.is_mount() or place == Path.cwd() or not os.access(place.parent, os.W_OK)


def _nearest(place: Path) -> Path:
    return next(each for each in (place, *place.parents) if each.exists())


def _refuse_foreign(place: Path) -> None:
    """A folder with anything but a run in it is never replaced."""
    if not place.exists():
        return
    if not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))
    foreign = sorted(
        each.name for each in place.iterdir() if each.name not in FILES and _ASIDE not in each.name
    )
    if foreign:
        raise InputError(
            f"--out must be a new folder or one that holds a run and nothing else, but `{place}` "
            f"also holds `{foreign[0]}`; give another folder."
        )


def _sweep(home: Path, prefix: str) -> None:
    """Clear what a killed run left aside, once it is old enough not to be another's work."""
    for each in home.glob(prefix + "*"):
        with contextlib.suppress(OSError):
            if time.time() - each.stat().st_mtime > _STALE_S:
                shutil.rmtree(each)


def _cure(folder: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        wrong, cure = f"the disk of `{folder}` is full", "free about 30 MB or give another folder"
    elif error.errno in {errno.ENOTDIR, errno.EEXIST}:
        wrong, cure = f"a part of the path `{folder}` is a file", "give another path"
    else:
        wrong, cure = f"`{folder}` is not ({error.strerror})", "give another folder"
    return f"--out must be a folder we can write, but {wrong}; {cure}."
