"""Which reader a map file is for, and which files are no map at all, by their first bytes."""

import os
import stat
from pathlib import Path

from perilune.errors import InputError

HEAD_BYTES = 4_096
SUFFIXES = (".npz", ".img", ".lbl", ".tif", ".tiff", ".xml")
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NOT_MAPS = (
    (b"version https://git-lfs", "a Git LFS pointer, not the map", "run `git lfs pull`"),
    (b"/annex/objects/", "a git-annex pointer, not the map", "run `git annex get`"),
    (b"<!doctype html", "a web page, most likely of a failed download", "fetch the map again"),
    (b"<html", "a web page, most likely of a failed download", "fetch the map again"),
    (b"<error", "a server's error message", "fetch the map again"),
    (b"ehfa_header_tag", "an ERDAS Imagine file", "convert it with `gdal_translate`"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it with `gunzip`"),
    (b"bzh", "compressed with bzip2", "unpack it with `bunzip2`"),
    (b"\xfd7zxz", "compressed with xz", "unpack it with `unxz`"),
    (b"\x89png", "a PNG picture", "take the file of heights"),
    (b"\xff\xd8\xff", "a JPEG picture", "take the file of heights"),
    (b"%pdf", "a PDF document", "take the file of heights"),
)


def check_regular(path: Path) -> None:
    """Refuses whatever cannot be opened and read through: no file, a folder, a pipe, no leave."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else _why(error)
        raise InputError(
            f"{path}: the terrain map {reason}; set PERILUNE_DATA to the folder that holds "
            "`terrain/`, or take the map out of the site's `maps`."
        ) from error
    if not stat.S_ISREG(mode):
        kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
        what = next((word for test, word in kinds if test(mode)), "a device")
        raise InputError(f"{path}: a terrain map must be a file, but this is {what}; name a file.")
    if not os.access(path, os.R_OK):
        raise InputError(
            f"{path}: the terrain map must be readable, but permission is denied; change it with "
            "`chmod`."
        )


def _why(error: OSError) -> str:
    return f"cannot be reached ({error.strerror or error})"


def kind_of(path: Path) -> str:
    """`npz`, `tiff`, `pds3` or `pds4`; InputError where name or content is none of these."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"{path}: a terrain map must end in one of {', '.join(SUFFIXES)}, but this one ends in "
            f"`{path.suffix}`; convert it, for instance to GeoTIFF."
        )
    check_regular(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(f"{path}: the terrain map {_why(error)}; check the file.") from error
    _refuse(path, head)
    found = _by_content(head)
    named = {".npz": "npz", ".tif": "tiff", ".tiff": "tiff", ".xml": "pds4"}.get(suffix, "pds3")
    if found != named and not (suffix == ".img" and found in ("", "tiff")):
        what = f"holds {found}" if found else "does not hold that"
        cure = "give it the ending of what it is" if found else "fetch it again"
        if named != "pds3" or found:
            raise InputError(
                f"{path}: a map that ends in `{path.suffix}` must be {named}, but {what}; {cure}."
            )
    return "tiff" if found == "tiff" else named


def _refuse(path: Path, head: bytes) -> None:
    if not head:
        raise InputError(
            f"{path}: the terrain map must hold something, but is empty; fetch it again."
        )
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    for mark, what, cure in NOT_MAPS:
        if begin.startswith(mark) or (mark[0:1] == b"<" and mark in begin):
            raise InputError(f"{path}: the terrain map must hold heights, but is {what}; {cure}.")


def _by_content(head: bytes) -> str:
    if head[:4] in TIFF:
        return "tiff"
    if head[:2] == b"PK":
        return "npz"
    begin = head[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begin.startswith(b"<?xml") or b"Product_Observational" in begin:
        return "pds4"
    return "pds3" if b"PDS_VERSION_ID" in head.upper() or b"ODL_VERSION" in head.upper() else ""
