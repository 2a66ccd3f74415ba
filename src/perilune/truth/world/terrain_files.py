"""The files that lunar heights are published in: `.npz`, GeoTIFF and PDS3 images."""

import functools
import json
from pathlib import Path

import numpy as np

from perilune.environment import data_folder
from perilune.errors import InputError
from perilune.truth.world import map_projections, pds3
from perilune.truth.world.terrain_grid import PixelGrid, SourceMap, sample_grid

RADIUS_M = 1_737_400.0
DATUM = "height above a 1737.4 km sphere, MOON_ME"


def terrain_folder():
    """`$PERILUNE_DATA/terrain`, or None where that variable is not set."""
    root = data_folder()
    return root / "terrain" if root else None


def open_sources(names, folder):
    """The maps named, in that order; a relative name is looked for in `folder`.

    With no folder (None) only absolute names are opened: no data at all is not an error, the
    ground is then made up and the report says so. A file missing from a folder is an `InputError`.
    """
    paths = [Path(name) if folder is None else Path(folder) / name for name in names]
    return tuple(open_source(path) for path in paths if folder is not None or path.is_absolute())


def open_source(path):
    """One map as a `SourceMap`; `InputError` where the file or what it must declare is missing."""
    path = Path(path)
    readers = {".npz": _npz, ".img": _pds3, ".lbl": _pds3, ".tif": _geotiff, ".tiff": _geotiff}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: a terrain map must end in one of {', '.join(readers)}, but this one ends in "
            f"`{path.suffix}`; convert it, for instance to GeoTIFF."
        )
    if not path.is_file():
        raise InputError(
            f"{path}: the terrain map is not there; set PERILUNE_DATA to the folder that holds "
            "`terrain/`, or take the map out of the site's `maps`."
        )
    grid, resolution_m, provenance = reader(path)
    sample = functools.partial(sample_grid, grid)
    return SourceMap(path.name, str(path), DATUM, provenance, resolution_m, sample)


def _npz(path):
    """The project's own layout: `height_m`, `meta`, and axes in degrees, in metres, or none."""
    with np.load(path, allow_pickle=False) as file:
        held = {name: file[name] for name in file.files}
    if "height_m" not in held or "meta" not in held:
        raise InputError(
            f"{path}: a map of this kind must hold `height_m` and `meta`, but holds "
            f"{', '.join(sorted(held))}; write it as the data folder's README says."
        )
    meta = json.loads(str(held["meta"]))
    if "1737.4 km sphere" not in meta.get("datum", "") or "mean-Earth" not in meta.get("frame", ""):
        raise InputError(
            f"{path}: `meta` must declare a datum above the 1737.4 km sphere and the mean-Earth "
            f"frame, but says datum {meta.get('datum')!r}, frame {meta.get('frame')!r}; convert "
            "the heights and declare both."
        )
    if "x_m" in held:
        return _npz_polar(path, held, meta)
    return _npz_angles(path, held, meta)


def _npz_angles(path, held, meta):
    height = held["height_m"]
    if "lat_deg" in held:
        north, west = held["lat_deg"][0], held["lon_deg"][0]
        per_degree = (len(held["lat_deg"]) - 1) / (north - held["lat_deg"][-1])
    elif {"lat0", "lon0", "pixels_per_degree"} <= set(meta):
        north, west, per_degree = meta["lat0"], meta["lon0"], meta["pixels_per_degree"]
    else:
        raise InputError(
            f"{path}: the map must place its pixels by `lat_deg`, `lon_deg`, by `x_m`, `y_m`, "
            "or by lat0, lon0 and pixels_per_degree in `meta`, but has none of these; add one."
        )
    turn = round(360.0 * per_degree)
    angles = functools.partial(
        map_projections.pixel_from_angles, north, west, per_degree, height.shape[1]
    )
    grid = PixelGrid(
        height.shape, _window_of(height), angles, turn_count=turn * (height.shape[1] == turn)
    )
    return grid, np.radians(1.0 / per_degree) * RADIUS_M, meta.get("source", "undeclared")


def _npz_polar(path, held, meta):
    if "south polar stereographic" not in meta.get("projection", ""):
        raise InputError(
            f"{path}: `meta` must say which projection `x_m` and `y_m` are in, south polar "
            f"stereographic, but says {meta.get('projection')!r}; declare it."
        )
    x_m, y_m = held["x_m"], held["y_m"]
    step_m = float((x_m[-1] - x_m[0]) / (len(x_m) - 1))
    place = functools.partial(
        map_projections.pixel_from_polar, -1, RADIUS_M, (y_m[0] / step_m, -x_m[0] / step_m), step_m
    )
    grid = PixelGrid(held["height_m"].shape, _window_of(held["height_m"]), place, nodata=-32768)
    return grid, step_m, meta.get("source", "undeclared")


def _window_of(array):
    return lambda rows, columns: array[rows, columns]


def _pds3(path):
    """A PDS3 image: the label says everything, the image is read where it is needed."""
    label_path = path.with_suffix(".LBL" if path.suffix.isupper() else ".lbl")
    image_path = path.with_suffix(".IMG" if path.suffix.isupper() else ".img")
    for needed, what in ((label_path, "label"), (image_path, "image")):
        if not needed.is_file():
            raise InputError(
                f"{needed}: a PDS3 map must have its {what} beside it, but there is none; fetch it "
                "from where the other came from."
            )
    label = pds3.read_label(label_path)
    return pds3.pixel_grid(label, label_path, image_path)


def _geotiff(path):
    """Imported when first needed: rasterio and pyproj cost a third of a second."""
    from perilune.truth.world import geotiff

    return geotiff.pixel_grid(path)
