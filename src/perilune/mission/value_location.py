"""How a sentence about a mission names one of its values: file, path as written, value in words."""

from typing import Any

from perilune.interfaces.quantities import in_words
from perilune.interfaces.table import unit_of_field
from perilune.mechanics.si_units import bare_name
from perilune.mission.mission import Mission
from perilune.mission.settings import is_in


def value(mission: Mission, path: str) -> Any:
    """The value at a path of a Mission, such as `lander.tanks.0.radius_m`.

    None inside an instrument that is not fitted.
    """
    found: Any = mission
    for step in path.split("."):
        if found is None:
            return None
        if isinstance(found, dict):
            found = found.get(step)
        else:
            found = found[int(step)] if step.isdigit() else getattr(found, step)
    return found


def key(path: str) -> str:
    """A path in a Mission as files and `--set` spell it: without the unit."""
    return bare_name(path)


def shown(mission: Mission, path: str) -> str:
    """The value at a path, with its unit."""
    return in_words(value(mission, path), unit_of_field(path.rpartition(".")[2]) or "")


def place(mission: Mission, path: str) -> str:
    """The file that set a value, or most of what is in it, and its path."""
    named = key(path)
    return f"{origin(mission, named)}: `{named}`"


def origin(mission: Mission, path: str) -> str:
    """The file that set a value or list, or the table that it is absent from; else the mission."""
    tables = path.split(".")
    for length in range(len(tables), 0, -1):
        above = ".".join(tables[:length])
        inside = (file for known, file in mission.origins.items() if is_in(known, above))
        if (file := next(inside, None)) is not None:
            return file
    return mission.name


def with_settings(mission: Mission, sentence: str) -> str:
    """A sentence about a mission, with what was set from outside where it names none of that."""
    settings = [path for path, origin in mission.origins.items() if origin == "--set"]
    if not settings or any(f"`{path}`" in sentence for path in settings):
        return sentence
    *others, last = [f"`{path}`" for path in settings]
    named = f"{', '.join(others)} and {last}" if others else last
    return f"{sentence} (Set from outside: {named}.)"
