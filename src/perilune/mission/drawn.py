"""A mission's list of dispersions worked out: one row a number, in SI, checked against the mission.

A row knows its value in the file, how it is drawn, and the source of the figures behind it.
"""

import enum
import re
from dataclasses import dataclass
from math import inf, isfinite, isinf, log

from perilune.errors import InputError
from perilune.mission.amounts import WrongEntryError, amount, check_within, cholesky, sigma_si
from perilune.mission.explain import origin_of
from perilune.mission.files import nearest, tag_of
from perilune.mission.leaves import Leaf, design_time, leaves_of
from perilune.mission.quantities import in_words
from perilune.mission.table import NEVER

ROW_COUNT = 128
CHOICE_COUNT = 8
ONBOARD = "onboard."


class Kind(enum.IntEnum):
    """How a row is drawn; a normal one within bounds is truncated there."""

    NORMAL = 0
    LOG_NORMAL = 1
    UNIFORM = 2
    CHOICE = 3


@dataclass(frozen=True)
class Row:
    """One drawn number, SI."""

    leaf: Leaf
    kind: Kind
    scale: float = 0.0  # one sigma; of the logarithm where log-normal
    low: float = -inf
    high: float = inf
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    mix: tuple[float, ...] = (1.0,)  # this row of the group's Cholesky factor
    place: int = 0  # of this row in its group
    words: str = ""
    source: str = ""

    @property
    def path(self):
        """Its path, down to the component."""
        return self.leaf.path


def rows_of(mission, onboard=None):
    """Every row of the mission's list, in the list's order.

    `onboard` is path → Leaf of what the upload holds; where it is None, entries that name it are
    left out. Raises InputError, a sentence with file, place and cure, for the first wrong entry.
    """
    known = leaves_of(mission) | (onboard or {})
    rows = []
    for index, entry in enumerate(mission.dispersions):
        if onboard is None and any(path.startswith(ONBOARD) for path in entry.drawn):
            continue
        try:
            new = _rows(entry, known)
            _check_new(new, rows)
        except WrongEntryError as error:
            raise InputError(f"{_place(mission, index, entry)}: {error}") from error
        source = _source(mission, index)
        rows += [_with_source(row, source) for row in new]
    return rows


def mistakes(mission):
    """A sentence for the first entry of the list that is wrong; [] where none is."""
    try:
        rows_of(mission)
    except InputError as error:
        return [str(error)]
    return []


def _place(mission, index, entry):
    file = origin_of(["dispersions", str(index)], mission.origins)
    named = " and ".join(f"`{path}`" for path in entry.drawn[:2]) or f"entry {index + 1}"
    return f"{file}: dispersions: {named}"


def _source(mission, index):
    """The tags of an entry: on its line, or on those of its keys."""
    here = f"dispersions.{index}"
    inside = [tag for path, tag in mission.sources.items() if path.startswith(here + ".")]
    own = tag_of({here: mission.sources[here]}, here) if here in mission.sources else None
    return "; ".join(dict.fromkeys([own, *inside] if own else inside)) or "untagged"


def _with_source(row, source):
    return Row(**{**row.__dict__, "source": source})


def _check_new(new, rows):
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


def _rows(entry, known):
    if (entry.path is None) == (not entry.paths):
        raise WrongEntryError('give either `path = "…"` or `paths = ["…", …]`.')
    if entry.paths and entry.distribution != "normal":
        raise WrongEntryError(
            '`paths` are drawn together from `distribution = "normal"`; draw others alone.'
        )
    _check_keys(entry)
    leaves = [_components(path, known) for path in entry.drawn]
    if entry.paths:
        return _group(entry, leaves, known)
    each = _ROWS[entry.distribution]
    return [each(one, leaf, known) for one, leaf in _one_by_one(entry, leaves[0])]


def _one_by_one(entry, leaves):
    """The entry for each component of a list, which may have a sigma of its own."""
    for key in ("sigma", "sigma_fraction"):
        sigmas = getattr(entry, key)
        if isinstance(sigmas, tuple):
            if len(sigmas) != len(leaves):
                raise WrongEntryError(
                    f"`{key}` must be one or {len(leaves)}, but are {len(sigmas)}."
                )
            entries = (entry.model_copy(update={key: each}) for each in sigmas)
            return list(zip(entries, leaves, strict=True))
    return [(entry, leaf) for leaf in leaves]


_KEYS = {
    "normal": {"sigma", "sigma_fraction", "correlation"},
    "truncated-normal": {"sigma", "sigma_fraction", "low", "high"},
    "log-normal": {"sigma_factor"},
    "uniform": {"low", "high"},
    "choice": {"values", "weights"},
}


def _check_keys(entry):
    """No key that the distribution does not know, none missing that it needs."""
    knows = _KEYS[entry.distribution]
    for key in ("sigma", "sigma_fraction", "sigma_factor", "low", "high", "values", "weights"):
        given = getattr(entry, key) not in (None, ())
        if given and key not in knows:
            raise WrongEntryError(
                f"a {entry.distribution} draw has no `{key}`; it takes {_listed(knows)}."
            )
    if "sigma" in knows and (entry.sigma is None) == (entry.sigma_fraction is None):
        raise WrongEntryError("give either `sigma` or `sigma_fraction`.")
    if bool(entry.correlation) != bool(entry.paths):
        raise WrongEntryError(
            "`correlation` goes with `paths`, and `paths` with `correlation`; give both."
        )
    needed = {"uniform": ("low", "high"), "log-normal": ("sigma_factor",), "choice": ("values",)}
    for key in needed.get(entry.distribution, ()):
        if getattr(entry, key) in (None, ()):
            raise WrongEntryError(f"a {entry.distribution} draw needs `{key}`; add it.")
    if entry.distribution == "truncated-normal" and entry.low is None and entry.high is None:
        raise WrongEntryError("a truncated-normal draw needs `low`, `high` or both; add one.")


def _listed(keys):
    return " and ".join(f"`{key}`" for key in sorted(keys))


def _components(path, known):
    """The leaves that a path names: one, or those of a list."""
    said = design_time(path)
    if said:
        why, instead = said
        cure = f"; disperse `{instead}`" if instead else "; take the entry out"
        raise WrongEntryError(f"it cannot be drawn, because {why}{cure}.")
    if path in known:
        return [known[path]]
    inside = [
        leaf for each, leaf in known.items() if re.fullmatch(rf"{re.escape(path)}[.\d]+", each)
    ]
    if not inside:
        bare = {re.sub(r"[.\d]+$", "", each) for each in known} | set(known)
        cure = nearest(path, sorted(each for each in bare if not design_time(each)))
        raise WrongEntryError(
            f"there is no number at this path; {cure}" if len(cure) < 120 else _LOST
        )
    return inside


_LOST = "there is no number at this path; `perilune show` lists those there are."


def _sigma_of(entry, leaf, known):
    key = "sigma" if entry.sigma is not None else "sigma_fraction"
    return sigma_si(key, getattr(entry, key), leaf, known)


def _need_value(leaf):
    if isinf(leaf.value):
        raise WrongEntryError("it never comes, so nothing can be drawn about it; give it a value.")


def _normal(entry, leaf, known):
    _need_value(leaf)
    scale = _sigma_of(entry, leaf, known)
    words = f"normal, sigma {in_words(scale, leaf.unit)}"
    return Row(leaf, Kind.NORMAL, scale, leaf.low, leaf.high, words=words)


def _truncated(entry, leaf, known):
    row = _normal(entry, leaf, known)
    low = leaf.low if entry.low is None else amount("low", entry.low, leaf)
    high = leaf.high if entry.high is None else amount("high", entry.high, leaf)
    check_within(leaf, low, high)
    sides = ((low, "from"), (high, "to"))
    ends = [f"{word} {in_words(end, leaf.unit)}" for end, word in sides if isfinite(end)]
    return Row(leaf, Kind.NORMAL, row.scale, low, high, words=f"{row.words}, {' '.join(ends)}")


def _log_normal(entry, leaf, _):
    _need_value(leaf)
    if leaf.value == 0.0:
        raise WrongEntryError("its value is zero, which no factor changes; draw it otherwise.")
    words = f"log-normal, sigma factor {entry.sigma_factor:g}"
    scale = log(entry.sigma_factor)
    return Row(leaf, Kind.LOG_NORMAL, scale, leaf.low, leaf.high, words=words)


def _uniform(entry, leaf, _):
    low, high = amount("low", entry.low, leaf), amount("high", entry.high, leaf)
    check_within(leaf, low, high)
    if not isfinite(high - low):
        raise WrongEntryError("`low` and `high` must be moments that come.")
    words = f"uniform, {in_words(low, leaf.unit)} to {in_words(high, leaf.unit)}"
    return Row(leaf, Kind.UNIFORM, 0.0, low, high, words=words)


def _choice(entry, leaf, _):
    if not isinstance(entry.values, tuple) or not 1 <= len(entry.values) <= CHOICE_COUNT:
        raise WrongEntryError(f"`values` must be a list of 1 to {CHOICE_COUNT}.")
    values = tuple(amount("values", each, leaf) for each in entry.values)
    weights = entry.weights or (1.0,) * len(values)
    if len(weights) != len(values):
        raise WrongEntryError(
            f"`weights` must be as many as `values`, {len(values)}, but are {len(weights)}."
        )
    for value in values:
        check_within(leaf, value, inf)
        check_within(leaf, -inf, value)
    shares = tuple(weight / sum(weights) for weight in weights)
    named = (f"{_said(v, leaf)} ({s:.3g})" for v, s in zip(values, shares, strict=True))
    row = Row(leaf, Kind.CHOICE, 0.0, leaf.low, leaf.high, words=f"choice of {', '.join(named)}")
    return Row(**{**row.__dict__, "values": values, "weights": shares})


def _said(value, leaf):
    return NEVER if isinf(value) else in_words(value, leaf.unit)


_ROWS = {
    "normal": _normal,
    "truncated-normal": _truncated,
    "log-normal": _log_normal,
    "uniform": _uniform,
    "choice": _choice,
}


def _group(entry, leaves, known):
    """Several normal rows with one correlation between them."""
    key = "sigma" if entry.sigma is not None else "sigma_fraction"
    sigmas = getattr(entry, key)
    if not isinstance(sigmas, tuple):
        sigmas = (sigmas,) * len(leaves)
    if len(sigmas) != len(leaves):
        raise WrongEntryError(
            f"`{key}` must be as many as `paths`, {len(leaves)}, but are {len(sigmas)}."
        )
    flat = [(leaf, sigma) for some, sigma in zip(leaves, sigmas, strict=True) for leaf in some]
    factor = cholesky(entry.correlation, len(flat))
    rows = []
    for place, (leaf, sigma) in enumerate(flat):
        _need_value(leaf)
        scale = sigma_si(key, sigma, leaf, known)
        words = f"normal, sigma {in_words(scale, leaf.unit)}, correlated with {len(flat) - 1} more"
        row = Row(leaf, Kind.NORMAL, scale, leaf.low, leaf.high, words=words, place=place)
        rows.append(Row(**{**row.__dict__, "mix": factor[place]}))
    _check_new(rows, [])
    return rows
