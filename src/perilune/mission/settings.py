"""Values set from outside: `PATH=VALUE`, with the paths of the resolved mission."""

import difflib
import tomllib
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from perilune.errors import InputError
from perilune.interfaces.table import Table
from perilune.mission.declared_keys import (
    declared_key,
    keys_beside,
    may_be_left_out,
    takes_units,
)
from perilune.mission.mission_files import check_whole_numbers, nearest

LIKENESS = 0.4
"""Of two paths, from which on one is suggested for the other."""
BESIDE_LIKENESS = 0.9
"""Of two paths in the same table, from which on one is suggested before any of another table."""


def parse(setting: str) -> tuple[str, Any]:
    """The path and value of "lander.engine.max_thrust=3.6 kN"; the value is TOML or plain text."""
    path, equals, text = setting.partition("=")
    if not equals or not path.strip():
        raise InputError(
            f"--set: a setting must be PATH=VALUE such as "
            f'lander.engine.max_thrust="3.6 kN", but is "{setting}".'
        )
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text.strip()
    if isinstance(value, date | time):
        value = text.strip()  # instants are text in mission files
    check_whole_numbers(value, f"--set: `{path.strip()}`")
    return path.strip(), value


def apply(values: dict[str, Any], path: str, value: Any, model: type[Table] | None = None) -> None:
    """Set one value in a resolved mission's nested tables, in place.

    An entry of a list is named by its place or by its name. A key that the files leave out is put
    in where the `model` declares it. Raises InputError, with the nearest path that exists, where
    there is none such.
    """
    steps = path.split(".")
    holder: Any = values
    at = 0
    try:
        for at, step in enumerate(steps[:-1]):
            key = _key(holder, step)
            if _is_left_out(holder, key) and model and may_be_left_out(model, steps[: at + 1]):
                holder[key] = {}
            holder = holder[key]
        at, last = len(steps) - 1, _key(holder, steps[-1])
        if not (_is_left_out(holder, last) and model and declared_key(model, steps)):
            holder[last]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        cure = _of_a_list(holder, steps[at]) or _of_a_unit(values, steps, at, model)
        raise InputError(
            f"--set: there is no `{path}` here; {cure or _nearest(path, values, model)}"
        ) from error
    holder[last] = value


def numbered(values: dict[str, Any], path: str) -> str:
    """A path with places in lists where it has the names of their entries."""
    holder: Any = values
    steps = path.split(".")
    for at, step in enumerate(steps):
        try:
            key = _key(holder, step)
            steps[at], holder = str(key), holder[key]
        except (KeyError, IndexError, TypeError, ValueError):
            break
    return ".".join(steps)


def leaves(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every value of nested tables and lists of tables, as (path, value)."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    elif isinstance(values, list) and any(isinstance(each, dict) for each in values):
        for index, value in enumerate(values):
            yield from leaves(value, (*path, str(index)))
    else:
        yield ".".join(path), values


def is_in(path: str, beginning: str) -> bool:
    """Whether a path is another one or lies below it."""
    return f"{path}.".startswith(f"{beginning}.")


def _key(holder: Any, step: str) -> int | str:
    if not isinstance(holder, list):
        return step
    names = _names(holder)
    return names.index(step) if step in names else int(step)


def _names(entries: list[Any]) -> list[str]:
    """The name of each entry of a list of tables; none where they have none."""
    return [str(each["name"]) for each in entries if isinstance(each, dict) and "name" in each]


def _is_left_out(holder: Any, key: int | str) -> bool:
    return isinstance(holder, dict) and key not in holder


def _of_a_list(holder: Any, step: str) -> str:
    """The cure where a step is no name of an entry of a list."""
    if not isinstance(holder, list) or step.isdigit() or not _names(holder):
        return ""
    return f"`{step}` is no name in this list; {nearest(step, _names(holder))}"


def _of_a_unit(values: dict[str, Any], steps: list[str], at: int, model: type[Table] | None) -> str:
    """The cure where a unit is named and the lander has one of that kind, without a name."""
    kind, path = ".".join(steps[:at]), ".".join([*steps[:at], *steps[at + 1 :]])
    is_inside = model is not None and at < len(steps) - 1 and takes_units(model, steps[:at])
    if not is_inside or path not in dict(leaves(values)):
        return ""
    return f"`{kind}` is one unit without a name; did you mean `{path}`?"


def _nearest(path: str, values: dict[str, Any], model: type[Table] | None) -> str:
    """The path that is most like one that is not there, spelled with names where it is."""
    known = [each for each, _ in leaves(values)]
    above, _, key = path.rpartition(".")
    if (place := numbered(values, above)) != above:
        known = [above + each.removeprefix(place) if is_in(each, place) else each for each in known]
    beside = [each for each in known if each.rpartition(".")[0] == above]
    if beside and model:
        beside += [f"{above}.{each}" for each in keys_beside(model, path.split("."))]
    same_key = [each for each in known if each.rpartition(".")[2] == key]
    close = difflib.get_close_matches(path, beside, n=1, cutoff=BESIDE_LIKENESS)
    close = close or difflib.get_close_matches(path, same_key or known, n=1, cutoff=LIKENESS)
    return f"did you mean `{close[0]}`?" if close else "`perilune show` prints every path."
