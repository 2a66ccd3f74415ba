"""Values set from outside: `PATH=VALUE`, with the paths of the resolved mission."""

import difflib
import tomllib
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from perilune.errors import InputError
from perilune.mission.mission_files import check_whole_numbers

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


def apply(values: dict[str, Any], path: str, value: Any) -> None:
    """Set one value in a resolved mission's nested tables, in place.

    Raises InputError, with the nearest path that exists, where there is none such.
    """
    steps = path.split(".")
    holder: Any = values
    try:
        for step in steps[:-1]:
            holder = holder[_key(holder, step)]
        last = _key(holder, steps[-1])
        holder[last]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(f"--set: there is no `{path}` here; {_cure(path, values)}") from error
    holder[last] = value


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
    return int(step) if isinstance(holder, list) else step


def _cure(path: str, values: dict[str, Any]) -> str:
    known = [each for each, _ in leaves(values)]
    above, _, key = path.rpartition(".")
    beside = [each for each in known if each.rpartition(".")[0] == above]
    same_key = [each for each in known if each.rpartition(".")[2] == key]
    close = difflib.get_close_matches(path, beside, n=1, cutoff=BESIDE_LIKENESS)
    close = close or difflib.get_close_matches(path, same_key or known, n=1, cutoff=LIKENESS)
    return f"did you mean `{close[0]}`?" if close else "`perilune show` prints every path."
