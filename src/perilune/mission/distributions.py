"""What each distribution makes of an entry: rows of one number each, SI."""

import enum
from dataclasses import dataclass, replace
from math import inf, isfinite, isinf, log

from perilune.interfaces.quantities import in_words
from perilune.interfaces.table import NEVER
from perilune.mission.amounts import (
    WrongEntryError,
    amount,
    check_sigma,
    check_within,
    cholesky,
    sigma_si,
)
from perilune.mission.parameters import Leaf

CHOICE_COUNT = 8


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


_KEYS = {
    "normal": {"sigma", "sigma_fraction", "correlation"},
    "truncated-normal": {"sigma", "sigma_fraction", "low", "high"},
    "log-normal": {"sigma_factor"},
    "uniform": {"low", "high"},
    "choice": {"values", "weights"},
}

LARGEST_FACTOR = 1_000.0
"""Of a log-normal draw, one sigma: its squares and fourth sigmas stay far inside the numbers."""


def check_keys(entry):
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


def _sigma_of(entry, leaf, known):
    key = "sigma" if entry.sigma is not None else "sigma_fraction"
    return sigma_si(key, getattr(entry, key), leaf, known)


def _need_value(leaf):
    if isinf(leaf.value):
        raise WrongEntryError("it never comes, so nothing can be drawn about it; give it a value.")


def _normal(entry, leaf, known):
    _need_value(leaf)
    scale = _sigma_of(entry, leaf, known)
    check_sigma(leaf, scale)
    words = f"normal, sigma {in_words(scale, leaf.unit)}"
    return Row(leaf, Kind.NORMAL, scale, leaf.low, leaf.high, words=words)


def _truncated(entry, leaf, known):
    row = _normal(entry, leaf, known)
    low = leaf.low if entry.low is None else amount("low", entry.low, leaf)
    high = leaf.high if entry.high is None else amount("high", entry.high, leaf)
    check_within(leaf, low, high)
    sides = ((low, "from"), (high, "to"))
    ends = [f"{word} {in_words(end, leaf.unit)}" for end, word in sides if isfinite(end)]
    return Row(
        leaf, Kind.NORMAL, row.scale, low, high, words=f"truncated {row.words}, {' '.join(ends)}"
    )


def _log_normal(entry, leaf, _):
    _need_value(leaf)
    if leaf.value == 0.0:
        raise WrongEntryError("its value is zero, which no factor changes; draw it otherwise.")
    if entry.sigma_factor > LARGEST_FACTOR:
        raise WrongEntryError(
            f"`sigma_factor` must be at most {LARGEST_FACTOR:g}, but is {entry.sigma_factor:g}."
        )
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
    return replace(row, values=values, weights=shares)


def _said(value, leaf):
    return NEVER if isinf(value) else in_words(value, leaf.unit)


LAWS = {
    "normal": _normal,
    "truncated-normal": _truncated,
    "log-normal": _log_normal,
    "uniform": _uniform,
    "choice": _choice,
}


def group_rows(entry, leaves, known):
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
        check_sigma(leaf, scale)
        words = f"normal, sigma {in_words(scale, leaf.unit)}, correlated with {len(flat) - 1} more"
        row = Row(leaf, Kind.NORMAL, scale, leaf.low, leaf.high, words=words, place=place)
        rows.append(replace(row, mix=factor[place]))

    return rows
