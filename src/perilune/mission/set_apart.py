"""The tables `truth` and `belief` of a draft: what only one side has, put in and taken out."""

import copy
from collections.abc import Mapping
from typing import Any

from perilune.errors import InputError
from perilune.mission import settings as outside
from perilune.mission.mission_files import Document
from perilune.mission.sides import NAMED_PATH, SIDES


def put_tables(draft: Any, tables: dict[str, Any], document: Document) -> None:
    """Put in what a mission's file has in `[truth…]` and `[belief…]`, by side."""
    for side, table in tables.items():
        if not isinstance(table, dict):
            raise InputError(
                f"{document.label}: `{side}` must be a table such as [{side}.lander.engine], but "
                f"is {table!r}."
            )
        for path, value in outside.leaves(table):
            draft.origins[put(draft, side, path, value, document.label)] = document.label


def put(draft: Any, side: str, path: str, value: object, label: str) -> str:
    """Put a value in at a path of one side; InputError, begun with `label`, where there is no such.

    The path with its side, with places in lists for names there.
    """
    try:
        outside.apply(copy.deepcopy(draft.shared), path, value, draft.model)
    except InputError as error:
        sentence = NAMED_PATH.sub(rf"`{side}.\1`", str(error))
        raise InputError(sentence.replace("--set", label)) from error
    own, path = draft.apart(side), outside.numbered(draft.shared, path)
    above, _, last = path.rpartition(".")
    if isinstance(own.get(above), list):
        own[above] = [value if str(at) == last else each for at, each in enumerate(own[above])]
    else:
        own = {each: kept for each, kept in own.items() if not each.startswith(f"{path}.")}
        own[path] = value
    _store(draft, side, own)
    return f"{side}.{path}"


def join_again(draft: Any, path: str, value: object) -> None:
    """End what a side has for itself at a path that is set for both."""
    for side in SIDES:
        own = draft.apart(side)
        above = path.rpartition(".")[0]
        if isinstance(own.get(above), list):
            put(draft, side, path, value, "--set")
        elif kept := {each: one for each, one in own.items() if not outside.is_in(each, path)}:
            _store(draft, side, kept)
        else:
            draft.values.pop(side, None)


def _store(draft: Any, side: str, own: Mapping[str, Any]) -> None:
    """Write paths and values down as nested tables."""
    table: dict[str, Any] = {}
    draft.values[side] = table
    for path, value in own.items():
        *steps, last = path.split(".")
        holder = table
        for step in steps:
            holder = holder.setdefault(step, {})
        holder[last] = value
