"""A resolved mission as text: every value as its file has it, with the tag of its source."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from perilune.interfaces.quantities import is_quantity
from perilune.mission.mission import Mission
from perilune.mission.mission_files import tag_of
from perilune.mission.settings import leaves
from perilune.mission.sides import SIDES

UNTAGGED = "untagged"
DOUBT = ("untagged", "--set", "assumed", "inferred", "recalled", "default", "computed", "sourced")
"""Kinds of source, the most doubtful first."""
PROVEN = ("sourced", "computed")
"""The kinds that count as a source: published, or worked out from what is."""

_KIND = re.compile(r"(?:^|; )\[?(" + "|".join(DOUBT) + r")\b")


def resolved_text(mission: Mission) -> str:
    """The mission, whole, as text: `key = value   # [tag]`, one value a line, by tables.

    Every path is one that `--set` takes, every value one that it understands; the text as a whole
    is a mission file that gives this mission again. Numbers nobody gave a source are marked
    `[untagged]`; what `--set` changed is marked `[--set]`.

    >>> import perilune
    >>> text = perilune.resolved_text(perilune.load_mission("athena"))
    >>> "[lander.engine]" in text
    True
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


def _place(table: str) -> tuple[bool, ...]:
    """What has no table first, then tables as the files have them, faults and draws last."""
    return (table != "", *(table.partition(".")[0] == name for name in ("dispersions", "faults")))


def _head(table: str) -> str:
    """`[lander.mass]`; for `lander.tanks.0`, as `--set` calls it, `[[lander.tanks]]`.

    A table within an element of a list has the name that TOML gives it: `[descent.phases.ends]`
    for `descent.phases.0.ends`. What one side has apart of a list stands in a table of its place:
    `[truth.lander.tanks.0]`.
    """
    steps = table.split(".")
    name = ".".join(step for step in steps if not step.isdigit())
    if name == table or steps[0] in SIDES:
        return f"[{table}]"
    head = f"[[{name}]]" if steps[-1].isdigit() else f"[{name}]"
    return f"{head:<48} # {table}"


def is_sourced(path: str, value: object) -> bool:
    """Whether a value is one that needs a source: a number or a quantity, with or without unit."""
    if isinstance(value, list):
        return any(is_sourced(path, each) for each in value)
    return path != "schema" and is_quantity(value)


def kind_of_tag(tag: str | None) -> str:
    """The kind of source that a tag names, of several the most doubtful; `untagged` for none."""
    kinds = _KIND.findall(tag or "")
    return min(kinds, key=DOUBT.index, default=UNTAGGED)


def tags_of(mission: Mission) -> dict[str, str]:
    """Path → tag of every value of a mission that needs a source."""
    return {
        path: tag_of(mission.sources, path) or UNTAGGED
        for path, value in leaves(mission.written)
        if is_sourced(path, value)
    }


def set_by_hand(mission: Mission) -> list[str]:
    """What `--set` changed of a mission, as PATH=VALUE."""
    return [
        f"{path}={value}"
        for path, value in leaves(mission.written)
        if tag_of(mission.sources, path) == "--set"
    ]


def kind_counts(tags: Iterable[str]) -> dict[str, int]:
    """Kind of source → how many of these tags are of it, the most doubtful kind first."""
    counts = Counter(map(kind_of_tag, tags))
    return {kind: counts[kind] for kind in DOUBT if counts[kind]}


def sourcing_sentence(counts: Mapping[str, int]) -> str:
    """How many values have a source and how many have none, kind by kind, in words."""
    proven, doubtful = (
        {kind: count for kind, count in counts.items() if (kind in PROVEN) == has}
        for has in (True, False)
    )
    total, lacking = sum(counts.values()), sum(doubtful.values())
    if not lacking:
        return f"All {total} values have a source: {_listed(proven)}."
    had = f" ({_listed(proven)})" if proven else ""
    return (
        f"Of {total} values {total - lacking} have a source{had}; {lacking} have none: "
        f"{_listed(doubtful)}."
    )


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return ", ".join(f"{count:,} {_SPOKEN.get(kind, kind)}" for kind, count in ordered)


_SPOKEN = {"--set": "set by hand with --set", "default": "left at the format's default"}


def _line(path: str, key: str, value: Any, sources: Mapping[str, str]) -> str:
    shown = f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}"
    if isinstance(value, bool):
        return shown
    tag = tag_of(sources, path) or (UNTAGGED if is_sourced(path, value) else None)
    return f"{shown:<48} # [{tag}]" if tag else shown
