"""A resolved mission as text: every value as its file has it, with the tag of its source."""

import json

from perilune.mission.files import tag_of
from perilune.mission.mission import Mission
from perilune.mission.quantities import is_quantity
from perilune.mission.settings import leaves

UNTAGGED = "untagged"


def resolved_text(mission: Mission) -> str:
    """The mission, whole, as text: `key = value   # [tag]`, one value a line, by tables.

    Every path is one that `--set` takes, every value one that it understands; the text as a whole
    is a mission file that gives this mission again. Numbers nobody gave a source are marked
    `[untagged]`; what `--set` changed is marked `[--set]`.
    """
    lines: list[str] = []
    tables: dict[str, list[str]] = {}
    for path, value in leaves(mission.written):
        table, _, key = path.rpartition(".")
        tables.setdefault(table, []).append(_line(path, key, value, mission.sources))
    for table in sorted(tables, key=_place):
        lines += ["", _head(table)] if table else []
        lines += tables[table]
    return "\n".join(lines) + "\n"


def _place(table):
    """What has no table first, then tables as the files have them, faults and draws last."""
    return (table != "", *(table.split(".")[0] == name for name in ("dispersions", "faults")))


def _head(table):
    """`[lander.mass]`, or `[[lander.tanks]]` for `lander.tanks.0`, which `--set` calls so."""
    steps = table.split(".")
    if not steps[-1].isdigit():
        return f"[{table}]"
    name = ".".join(step for step in steps if not step.isdigit())
    return f"{f'[[{name}]]':<48} # {table}"


def is_sourced(path, value):
    """Whether a value is one that needs a source: a number or a quantity, with or without unit."""
    if isinstance(value, list):
        return any(is_sourced(path, each) for each in value)
    return path != "schema" and is_quantity(value)


def _line(path, key, value, sources):
    shown = f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}"
    if isinstance(value, bool):
        return shown
    tag = tag_of(sources, path) or (UNTAGGED if is_sourced(path, value) else None)
    return f"{shown:<48} # [{tag}]" if tag else shown
