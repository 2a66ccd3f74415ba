"""The files that lunar heights are published in: `.npz`, GeoTIFF, and images of PDS3 and PDS4."""

import functools
import hashlib
from pathlib import Path

from perilune.data.maps.file_kinds import check_regular, kind_of
from perilune.data.maps.pixel_grid import SourceMap, sample_grid
from perilune.data.maps.pixel_reader import Opened
from perilune.errors import InputError

DATUM = "height above a 1737.4 km sphere, MOON_ME"

BREAKAGE = (ValueError, ArithmeticError, LookupError, TypeError, OSError, MemoryError, RuntimeError)


def open_source(path: str | Path) -> SourceMap:
    """One map as a `SourceMap`; `InputError`, one sentence, where it cannot be read as heights."""
    path = Path(path)
    found = _opened(path)
    return SourceMap(
        name=path.name,
        path=str(path),
        datum=DATUM,
        provenance=found.provenance,
        resolution_m=found.resolution_m,
        sample=functools.partial(sample_grid, found.grid),
        grid=found.grid,
        kind=found.kind,
        projection=found.projection,
        unit=found.unit,
        notes=found.notes,
    )


def _opened(path: Path) -> Opened:
    """A broken file may go wrong in ways that no reader foresees; that too is one sentence."""
    try:
        return READERS[kind_of(path)](path)
    except InputError as error:
        reason = " ".join(str(error).splitlines())
        raise InputError(reason if path.name in reason else f"{path}: {reason}") from error
    except BREAKAGE as error:
        raise InputError(
            f"{path}: the map must be a whole and well-formed file, but is not "
            f"({type(error).__name__}: {' '.join(str(error).split())}); fetch it again."
        ) from error


def _npz(path: Path) -> Opened:
    return _npz_of(path, hashlib.sha256(path.read_bytes()).hexdigest())


@functools.lru_cache(maxsize=4)
def _npz_of(path: Path, sha256: str) -> Opened:  # noqa: ARG001, another content is another map
    """Read and judged once: the missions of a sweep or an envelope lie on the same maps."""
    from perilune.data.maps import npz_maps

    return npz_maps.open_npz(path)


def _geotiff(path: Path) -> Opened:
    """Imported when first needed: rasterio and pyproj cost a third of a second."""
    from perilune.data.maps import geotiff

    return geotiff.open_raster(path)


def _pds4(path: Path) -> Opened:
    from perilune.data.maps import pds4

    return pds4.open_pds4(path)


def _pds3(path: Path) -> Opened:
    """By its label: the file itself, its head, or the label of the same name beside it."""
    from perilune.data.maps import pds3

    if path.suffix.lower() == ".lbl" or b"PDS_VERSION_ID" in _head(path):
        return pds3.open_pds3(path)
    label = pds3.beside(path, path.with_suffix(".lbl").name)
    if label is not None:
        check_regular(label)
        return pds3.open_pds3(label)
    label = pds3.beside(path, path.with_suffix(".xml").name)
    if label is not None:
        return _pds4(label)
    raise InputError(
        f"{path}: a PDS map must have its label beside it, {path.with_suffix('.LBL').name}, but "
        "there is none; fetch it from where the image came from."
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512).upper()


READERS = {"npz": _npz, "tiff": _geotiff, "pds3": _pds3, "pds4": _pds4}
