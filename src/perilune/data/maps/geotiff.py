"""Height maps that GDAL reads, GeoTIFF and PDS4: the file's own projection, read by window."""

import dataclasses
import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from jaxtyping import Bool, Float, Float64, Shaped
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine
from rasterio.windows import Window

from perilune.data.maps import pixel_projections
from perilune.data.maps.height_units import Declared, Stored, metres_per_unit
from perilune.data.maps.pixel_grid import WHOLE_COUNT
from perilune.data.maps.pixel_reader import Opened, opened
from perilune.data.maps.raster_layout import layout_of, projection, sphere_radius_m
from perilune.errors import InputError

CACHE_BYTES = 24 * 2**20
"""What GDAL may keep of a file while it is read; its default is a twentieth of the machine."""
SETTINGS = {"GDAL_CACHEMAX": CACHE_BYTES}
SILENT = Declared()
"""Of a file that declares none of the three."""
NAMELESS = ("", "unknown", "unnamed")
"""What PROJ and GDAL call a CRS that has no name."""
DIRECT = {"GTIFF_DIRECT_IO": "YES"}
"""Reads parts of uncompressed rows by themselves, but fills up a file cut short with zeros."""


def open_raster(
    path: Path,
    driver: str = "GTiff",
    empty: tuple[float, ...] = (),
    transform: Affine | None = None,
    stated: Declared = SILENT,
) -> Opened:
    """Band 1 of a file whose projection is on a sphere of the Moon's size.

    GDAL gives the transform of pixel corners whatever AREA_OR_POINT is, so a centre is half a
    pixel in. `empty` are values of no height and `transform` is the place of the pixels where GDAL
    does not know of them; `stated` is what a label beside the file declares.
    """
    with _opened(path, driver, SETTINGS) as file:
        _check_kind(path, file)
        file.read(1, window=Window(file.width - 1, file.height - 1, 1, 1))
        crs = projection(path, file.crs)
        radius_m = sphere_radius_m(path, crs)
        flags = set(file.mask_flag_enums[0])
        masked = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
        alpha = next((i for i, use in enumerate(file.colorinterp, 1) if use.name == "alpha"), 0)
        declared = () if file.nodata is None else (file.nodata,)
        large = file.width * file.height > WHOLE_COUNT
        settings = SETTINGS | DIRECT if large else SETTINGS
        pixels = _Pixels(
            path, driver, (*empty, *declared), functools.partial(_hidden, masked, alpha), settings
        )
        layout = dataclasses.replace(
            layout_of(crs, radius_m, transform or file.transform, file.shape),
            rows_first=2 * file.block_shapes[0][1] > file.shape[1],
        )
        own = Declared(file.units[0] or "", file.scales[0], file.offsets[0])
        bands = file.count - (alpha > 0)
    agreed = _agreed(path, own, stated)
    stored = Stored(
        where=str(path),
        unit=agreed.unit,
        number_scale=agreed.scale,
        number_offset=agreed.offset,
        datum_radius_m=radius_m,
        nodata=declared,
    )
    kind = "GeoTIFF" if driver == "GTiff" else f"{driver} image"
    method = pixel_projections.method_in_words(crs)
    named = method if crs.name in NAMELESS else crs.name
    about = {"kind": kind, "projection": method, "provenance": f"{kind}, {named}"}
    notes = (f"{path}: of {bands} bands the first is read.",) if bands > 1 else ()
    return opened(layout, pixels.reading, stored, about, notes)


def _check_kind(path: Path, file: rasterio.DatasetReader) -> None:
    missing = [
        what
        for what, lacks in (("CRS", file.crs is None), ("geotransform", _unplaced(file)))
        if lacks
    ]
    if missing:
        raise InputError(
            f"{path}: a map must declare its projection and where its pixels lie, but has no "
            f"{' and no '.join(missing)}; add it, for instance with `gdal_edit.py -a_srs` and "
            "`-a_ullr`."
        )
    if file.dtypes[0] in ("uint8", "int8") and file.scales[0] == 1.0 and file.offsets[0] == 0.0:
        raise InputError(
            f"{path}: a map must hold heights, but its 8-bit values without a scale are those of a "
            "picture; take the file of heights, or declare scale and offset."
        )
    if file.dtypes[0].startswith("complex"):
        raise InputError(
            f"{path}: a map must hold real heights, but its values are complex numbers; take the "
            "file of heights."
        )


def _agreed(path: Path, own: Declared, stated: Declared) -> Declared:
    """Each from the one of file and label that declares it."""
    agreed: dict[str, Any] = {}
    for what, silent in SILENT._asdict().items():
        here, there = getattr(own, what), getattr(stated, what)
        differs = silent not in (here, there) and here != there
        if what == "unit" and differs:
            differs = len({metres_per_unit(str(path), each) for each in (here, there)}) > 1
        if differs:
            raise InputError(
                f"{path}: the file and its label must declare the same {what}, but the file has "
                f"{here} and the label {there}; correct the one that is wrong."
            )
        agreed[what] = there if here == silent else here
    return Declared(**agreed)


def _unplaced(file: rasterio.DatasetReader) -> bool:
    return file.transform.is_identity or file.transform.is_degenerate


@dataclass(frozen=True)
class _Pixels:
    """How stored values are read; `hidden(file, window)` is True where there is none."""

    path: Path
    driver: str
    nodata: tuple[float, ...]
    hidden: Callable
    settings: dict

    @contextmanager
    def reading(self) -> Iterator[Callable]:
        """The file held open, and how its stored values are read; see `PixelGrid`."""
        with _opened(self.path, self.driver, self.settings) as file:
            yield functools.partial(self._read, file)

    def _read(
        self, file: rasterio.DatasetReader, rows: slice, columns: slice
    ) -> Float[np.ndarray, "row column"]:
        window = Window.from_slices(rows, slice(columns.start, columns.stop))
        numbers = without(file.read(1, window=window)[:, :: columns.step], self.nodata)
        hidden = self.hidden(file, window)
        if hidden is not None:
            numbers[hidden[:, :: columns.step]] = np.nan
        return numbers


def _hidden(
    masked: bool, alpha: int, file: rasterio.DatasetReader, window: Window
) -> Bool[np.ndarray, "row column"] | None:
    """Where the file's own mask or its alpha band, by number, hides pixels; None: nowhere."""
    if alpha:
        return file.read(alpha, window=window) == 0
    return file.dataset_mask(window=window) == 0 if masked else None


def without(
    raw: Shaped[np.ndarray, "row column"], nodata: tuple[float, ...]
) -> Float64[np.ndarray, "row column"]:
    """Values as float64, not-a-number where equal to a nodata value as their own type holds it."""
    with np.errstate(invalid="ignore"):  # signalling not-a-numbers
        numbers = raw.astype(np.float64)
    for each in nodata:
        with np.errstate(over="ignore"):
            same = np.float64(np.float32(each)) if raw.dtype.itemsize == 4 else each
        numbers[(numbers == each) | (numbers == same)] = np.nan
    return numbers


@contextmanager
def _opened(path: Path, driver: str, settings: dict) -> Iterator[rasterio.DatasetReader]:
    """The file, with GDAL's cache small and its errors as ours."""
    try:
        with warnings.catch_warnings(), _quiet(), _proj_found(), rasterio.Env(**settings):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver=driver) as file:
                yield file
    except (OSError, rasterio.errors.RasterioError, ValueError) as error:
        raise InputError(
            f"{path}: the map must be a whole {driver} file, but GDAL cannot read it "
            f"({' '.join(str(error.__cause__ or error).split())}); fetch it again."
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on standard error where rasterio cannot decode what GDAL reports of a broken file."""
    before = sys.unraisablehook

    def hook(found: Any) -> None:
        if not isinstance(found.exc_value, UnicodeDecodeError):
            before(found)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextmanager
def _proj_found() -> Iterator[None]:
    """Names GDAL's own PROJ data, else it complains on standard error of units such as km."""
    named = {"PROJ_DATA", "PROJ_LIB"} & set(os.environ)
    if not named:
        os.environ["PROJ_DATA"] = str(Path(rasterio.__file__).parent / "proj_data")
    try:
        yield
    finally:
        if not named:
            os.environ.pop("PROJ_DATA", None)
