"""A mission's list of dispersions worked out: one row a number, in SI, checked against the mission.

A row knows its value in the file, how it is drawn, and the source of the figures behind it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from perilune.errors import InputError
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.mission.amounts import WrongEntryError
from perilune.mission.dispersion_entry import Dispersion, Normal
from perilune.mission.distributions import Row, group_rows, row_of
from perilune.mission.lander import Lander
from perilune.mission.mission import Mission
from perilune.mission.mission_files import nearest, tag_of
from perilune.mission.parameters import Leaf, design_time, leaves_of
from perilune.mission.sides import side_of
from perilune.mission.validation_messages import origin_of

ROW_COUNT = 128
ONBOARD = "onboard."


def rows_of(mission: Mission, onboard: Mapping[str, Leaf] | None = None) -> list[Row]:
    """Every row of the mission's list, in the list's order.

    `onboard` is path → Leaf of what the upload holds; where it is None, entries that name it are
    left out. So are entries that draw errors of an instrument the lander does not have. Raises
    InputError, a sentence with file, place and cure, for the first wrong entry.
    """
    known = {**leaves_of(mission), **(onboard or {})}
    rows: list[Row] = []
    for index, entry in enumerate(mission.dispersions):
        if onboard is None and any(path.startswith(ONBOARD) for path in entry.drawn):
            continue
        if _is_of_a_missing_instrument(mission.lander, entry):
            continue
        try:
            new = _rows(entry, known)
            _check_new(new, rows)
        except WrongEntryError as error:
            raise InputError(f"{_place(mission, index, entry)}: {error}") from error
        source = _source(mission, index)
        rows += [replace(row, source=source, is_epistemic=entry.is_epistemic) for row in new]
    return rows


def _is_of_a_missing_instrument(lander: Lander, entry: Dispersion) -> bool:
    missing = [each.kind for each in SENSORS if getattr(lander, each.kind) is None]
    beginnings = tuple(f"{above}.{kind}." for above in ("lander", "errors") for kind in missing)
    return any(path.startswith(beginnings) for path in entry.drawn)


def undrawn(mission: Mission) -> list[str]:
    """The paths of entries that are left out because the lander lacks their instrument."""
    lander = mission.lander
    left_out = [e for e in mission.dispersions if _is_of_a_missing_instrument(lander, e)]
    return [path for entry in left_out for path in entry.drawn]


def mistakes(mission: Mission) -> list[str]:
    """A sentence for the first entry of the list that is wrong; [] where none is."""
    try:
        rows_of(mission)
    except InputError as error:
        return [str(error)]
    return []


def _place(mission: Mission, index: int, entry: Dispersion) -> str:
    file = origin_of(["dispersions", str(index)], mission.origins)
    named = " and ".join(f"`{path}`" for path in entry.drawn[:2]) or f"entry {index + 1}"
    return f"{file}: dispersions: {named}"


def _source(mission: Mission, index: int) -> str:
    """The tags of an entry: on its line, or on those of its keys."""
    here = f"dispersions.{index}"
    inside = [tag for path, tag in mission.sources.items() if path.startswith(here + ".")]
    own = tag_of({here: mission.sources[here]}, here) if here in mission.sources else None
    return "; ".join(dict.fromkeys([own, *inside] if own else inside)) or "untagged"


def _check_new(new: Sequence[Row], rows: Sequence[Row]) -> None:
    """No number is drawn twice, and there is room."""
    paths = [row.path for row in rows]
    for row in new:
        if row.path in paths:
            raise WrongEntryError(f"`{row.path}` is drawn twice; keep one of the entries.")
        paths.append(row.path)
    if len(paths) > ROW_COUNT:
        raise WrongEntryError(
            f"at most {ROW_COUNT} numbers can be drawn; take some out of the list."
        )


def _rows(entry: Dispersion, known: Mapping[str, Leaf]) -> list[Row]:
    leaves = [_components(path, known) for path in entry.drawn]
    if isinstance(entry, Normal) and entry.paths:
        return group_rows(entry, leaves, known)
    return [row_of(one, leaf, known) for one, leaf in _one_by_one(entry, leaves[0])]


def _one_by_one(entry: Dispersion, leaves: Sequence[Leaf]) -> list[tuple[Dispersion, Leaf]]:
    """The entry for each component of a list, which may have a sigma of its own."""
    for key in ("sigma", "sigma_fraction"):
        sigmas = getattr(entry, key, None)
        if isinstance(sigmas, tuple):
            if len(sigmas) != len(leaves):
                raise WrongEntryError(
                    f"`{key}` must be one or {len(leaves)}, but are {len(sigmas)}."
                )
            entries = (entry.model_copy(update={key: each}) for each in sigmas)
            return list(zip(entries, leaves, strict=True))
    return [(entry, leaf) for leaf in leaves]


def _components(path: str, known: Mapping[str, Leaf]) -> list[Leaf]:
    """The leaves that a path names: one, or those of a list."""
    side, shared = side_of(path)
    if side is not None:
        raise WrongEntryError(
            f"a draw moves truth alone; write `{shared}`, or `{ONBOARD}…` for a number of the "
            "upload."
        )
    settled = design_time(path)
    if settled:
        why, instead = settled
        cure = f"; disperse `{instead}`" if instead else "; take the entry out"
        raise WrongEntryError(f"it cannot be drawn, because {why}{cure}.")
    if path in known:
        return [known[path]]
    inside = [
        leaf
        for each, leaf in known.items()
        if each.startswith(path + ".") and re.fullmatch(r"[.\d]+", each[len(path) :])
    ]
    if not inside:
        bare = {re.sub(r"[.\d]+$", "", each) for each in known} | set(known)
        cure = nearest(path, sorted(each for each in bare if not design_time(each)))
        raise WrongEntryError(
            f"there is no number at this path; {cure}" if len(cure) < 120 else _LOST
        )
    return inside


_LOST = "there is no number at this path; `perilune show` lists those there are."
